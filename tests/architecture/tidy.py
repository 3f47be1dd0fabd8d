"""What import contracts cannot see: small checks over one module, each a list of complaints."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from typing import Final

SOURCE_LINES_MAX: Final = 400
"""A file that a person reads from top to bottom at 3 a.m."""

TEST_LINES_MAX: Final = 600
"""Tests repeat their settings, and are read one function at a time."""

FUNCTION_LINES_MAX: Final = 69
"""A function fits a screen."""

LINE_CHARS_MAX: Final = 100
"""Two files fit side by side."""

MACHINE_FOLDERS: Final = frozenset({"drivers", "store", "web", "app"})
"""Where the machine's disk, clock and chance may be used."""

DISK_METHODS: Final = frozenset({"read_text", "read_bytes", "write_text", "write_bytes"})
MACHINE_CALLS: Final = frozenset({"open", "io.open"})
MACHINE_METHODS: Final = frozenset(
    {"time.sleep", "datetime.now", "datetime.utcnow", "datetime.today", "date.today"}
)
CHANCE_MODULES: Final = frozenset({"numpy.random", "np.random"})

NOQA = re.compile(r"#\s*noqa\b(?P<codes>:\s*[A-Z]+[0-9]+(?:\s*,\s*[A-Z]+[0-9]+)*)?(?P<rest>.*)")
REASON = re.compile(r"\s+-\s+\S.*\S")
PRAGMA = re.compile(r"\s+#\s*(noqa|type:).*")
MAX_NAME = re.compile(r"_?[A-Z][A-Z0-9_]*_MAX")


def may_touch_the_machine(parts: tuple[str, ...]) -> bool:
    """Whether a module at `parts` below the package may use disk, clock and chance."""
    return bool(MACHINE_FOLDERS.intersection(parts[:-1])) or parts == ("__main__.py",)


def machine_uses(source: str) -> list[str]:
    """Uses of disk, clock, chance and sleep that need no import of a forbidden module."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            found += [f"{node.lineno}: calls {name}" for name in _machine_call(node.func)]
        elif isinstance(node, ast.Attribute) and ast.unparse(node) in CHANCE_MODULES:
            found.append(f"{node.lineno}: uses {ast.unparse(node)}")
        elif isinstance(node, ast.Import | ast.ImportFrom):
            found += [f"{node.lineno}: imports {name}" for name in _chance_imported(node)]
    return found


def _machine_call(function: ast.expr) -> Iterator[str]:
    dotted = ast.unparse(function)
    last_two = ".".join(dotted.split(".")[-2:])
    on_disk = isinstance(function, ast.Attribute) and function.attr in DISK_METHODS
    if on_disk or dotted in MACHINE_CALLS or last_two in MACHINE_METHODS:
        yield dotted


def _chance_imported(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    origin = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
    for alias in node.names:
        name = origin + alias.name
        if name.startswith("numpy.random"):
            yield name


def sizes(source: str, lines_max: int) -> list[str]:
    """Files, functions and lines that are too long to be read at once.

    A checker's comment at the end of a line does not count, as it does not for ruff.
    """
    lines = source.splitlines()
    found = [f"{len(lines)} lines, of {lines_max} at most"] if len(lines) > lines_max else []
    found += [
        f"{number}: {len(line)} characters, of {LINE_CHARS_MAX} at most"
        for number, line in enumerate(lines, start=1)
        if len(PRAGMA.sub("", line)) > LINE_CHARS_MAX
    ]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES_MAX:
                found.append(f"{node.lineno}: {node.name} has {length} lines")
    return found


def first_sentence(source: str) -> list[str]:
    """A module without one sentence on the first line that says what it does."""
    docstring = ast.get_docstring(ast.parse(source)) or ""
    first = docstring.split("\n", maxsplit=1)[0]
    word = first.split(" ", maxsplit=1)[0]
    if first.endswith(".") and (word.startswith("`") or word != word.lower()):
        return []
    return [f"1: starts with no sentence that says what it does: {first!r}"]


def noqas_without_reason(source: str) -> list[str]:
    """`noqa` comments that name no rule, or say not why (`# noqa: RULE - the reason`)."""
    found = []
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        match = NOQA.search(token.string) if token.type == tokenize.COMMENT else None
        if match and not (match["codes"] and REASON.fullmatch(match["rest"])):
            found.append(f"{token.start[0]}: {token.string}")
    return found


def limits_in(source: str) -> set[str]:
    """Names of the module's and its classes' `*_MAX` limits."""
    tree = ast.parse(source)
    bodies = [tree.body, *(node.body for node in ast.walk(tree) if isinstance(node, ast.ClassDef))]
    return {
        target.id
        for body in bodies
        for node in body
        for target in _targets(node)
        if isinstance(target, ast.Name) and MAX_NAME.fullmatch(target.id)
    }


def _targets(node: ast.stmt) -> list[ast.expr]:
    if isinstance(node, ast.Assign):
        return node.targets
    return [node.target] if isinstance(node, ast.AnnAssign) else []


def names_in(source: str) -> set[str]:
    """Every name that the code of a module uses; comments and strings do not count."""
    return {
        token.string
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.NAME
    }
