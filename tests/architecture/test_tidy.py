"""The whole tree is tidy, and the checker that says so sees each kind of mess."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.architecture import tidy

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "rostra"
FOLDERS = ("src", "tests", "benchmarks", "scripts", "deploy")


def _modules(*folders: str) -> Iterator[tuple[Path, str]]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path.relative_to(ROOT), path.read_text(encoding="utf-8")


def _listed(complaints: list[str]) -> str:
    return "\n".join(["", *complaints])


def test_rules_leave_the_machine_alone() -> None:
    found = [
        f"{path}:{use}"
        for path, source in _modules("src")
        if not tidy.may_touch_the_machine((ROOT / path).relative_to(PACKAGE).parts)
        for use in tidy.machine_uses(source)
    ]
    assert not found, _listed(found)


def test_nothing_is_too_long_to_be_read_at_once() -> None:
    found = []
    for path, source in _modules(*FOLDERS):
        most = tidy.TEST_LINES_MAX if path.parts[0] == "tests" else tidy.SOURCE_LINES_MAX
        found += [f"{path}:{complaint}" for complaint in tidy.sizes(source, most)]
    assert not found, _listed(found)


def test_every_module_says_first_what_it_does() -> None:
    found = [
        f"{path}:{complaint}"
        for path, source in _modules(*FOLDERS)
        if source.strip() and not path.name.startswith("test_")  # its tests' names say it
        for complaint in tidy.first_sentence(source)
    ]
    assert not found, _listed(found)


def test_every_exception_from_a_rule_says_why() -> None:
    found = [
        f"{path}:{complaint}"
        for path, source in _modules(*FOLDERS)
        for complaint in tidy.noqas_without_reason(source)
    ]
    assert not found, _listed(found)


def test_every_limit_is_named_in_a_test() -> None:
    tested = set().union(*(tidy.names_in(source) for _, source in _modules("tests")))
    found = [
        f"{path}: {name}"
        for path, source in _modules("src")
        for name in sorted(tidy.limits_in(source) - tested)
    ]
    assert not found, _listed(found)


@pytest.mark.parametrize(
    "source",
    [
        "open('x')",
        "import io\nio.open('x')",
        "Path('x').read_text()",
        "Path('x').write_bytes(b'')",
        "datetime.now(UTC)",
        "datetime.datetime.now()",
        "date.today()",
        "time.sleep(1)",
        "np.random.default_rng()",
        "numpy.random.seed(1)",
        "from numpy.random import default_rng",
        "from numpy import random",
        "import numpy.random",
    ],
)
def test_a_use_of_the_machine_is_seen(source: str) -> None:
    assert tidy.machine_uses(source)


@pytest.mark.parametrize(
    "source",
    ["reader.open()", "messages.read_programme(b'')", "now(3)", "import numpy as np", "'open(x)'"],
)
def test_what_only_looks_like_it_is_not(source: str) -> None:
    assert tidy.machine_uses(source) == []


def test_drivers_store_web_and_app_may() -> None:
    assert tidy.may_touch_the_machine(("stage", "drivers", "engine.py"))
    assert tidy.may_touch_the_machine(("app", "config.py"))
    assert tidy.may_touch_the_machine(("__main__.py",))
    assert not tidy.may_touch_the_machine(("stage", "mixer.py"))
    assert not tidy.may_touch_the_machine(("stage", "app.py"))


def test_a_file_may_have_its_last_line_and_no_more() -> None:
    assert tidy.sizes("x = 1\n" * tidy.SOURCE_LINES_MAX, tidy.SOURCE_LINES_MAX) == []
    assert tidy.sizes("x = 1\n" * (tidy.SOURCE_LINES_MAX + 1), tidy.SOURCE_LINES_MAX)


def test_a_function_may_have_its_last_line_and_no_more() -> None:
    full = "async def f():\n" + "    x = 1\n" * (tidy.FUNCTION_LINES_MAX - 1)
    assert tidy.sizes(full, tidy.TEST_LINES_MAX) == []
    assert tidy.sizes(full + "    x = 1\n", tidy.TEST_LINES_MAX)


def test_a_line_may_have_its_last_character_and_no_more() -> None:
    full = "#" * tidy.LINE_CHARS_MAX
    assert tidy.sizes(full, 1) == []
    assert tidy.sizes(full + "#", 1)
    assert tidy.sizes("x = 1  # noqa: S101 - " + full, 1) == []


@pytest.mark.parametrize("source", ["x = 1", '"""lower case."""', '"""No full stop"""', '""""""'])
def test_a_module_without_its_sentence_is_seen(source: str) -> None:
    assert tidy.first_sentence(source)


@pytest.mark.parametrize("first", ["Says what.", "`rostra ps`: what runs.", "fMP4 as written."])
def test_a_module_with_its_sentence_passes(first: str) -> None:
    assert tidy.first_sentence(f'"""{first}\n\nAnd more.\n"""') == []


@pytest.mark.parametrize("tail", ["", ": S101", ": S101,", ": S101 reason", ": S101 - ", " - why"])
def test_an_exception_without_rule_or_reason_is_seen(tail: str) -> None:
    assert tidy.noqas_without_reason("x = 1  # " + "noqa" + tail)


def test_an_exception_with_both_passes() -> None:
    assert tidy.noqas_without_reason("x = 1  # noqa: S101, PLR2004 - the reason") == []
    assert tidy.noqas_without_reason("x = '# noqa'") == []


def test_limits_are_found_in_modules_and_classes() -> None:
    source = "A_MAX = 1\nB_MAX: Final = 2\nc_max = 3\nclass K:\n    D_MAX = 4\n_E_MAX = 5\n"
    assert tidy.limits_in(source) == {"A_MAX", "B_MAX", "D_MAX", "_E_MAX"}


def test_a_limit_in_a_comment_is_not_tested() -> None:
    assert tidy.names_in("x = 'A_MAX'  # A_MAX") == {"x"}
