"""Set-up takes the first browser that plays, and says in a sentence why none will do."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from scripts import chromium


def _way(path: str | None, asked: list[str]) -> Callable[[], str | None]:
    def answer() -> str | None:
        asked.append(path or "nothing")
        return path

    return answer


def _only(good: str) -> Callable[[str], str | None]:
    return lambda path: None if path == good else "does not play it"


def test_the_first_that_plays_is_taken_and_nothing_more_is_fetched() -> None:
    asked: list[str] = []
    ways = (_way(None, asked), _way("/mute", asked), _way("/good", asked), _way("/more", asked))
    assert chromium.choose(ways, _only("/good")) == "/good"
    assert asked == ["nothing", "/mute", "/good"]


def test_where_none_plays_the_sentence_names_each_and_the_remedy() -> None:
    ways = (_way("/one", []), _way("/one", []), _way("/two", []))
    with pytest.raises(chromium.SetupError) as caught:
        chromium.choose(ways, _only("/good"))
    said = str(caught.value)
    assert said.count("/one does not play it") == 1
    assert "/two does not play it" in said
    assert "apt-get install chromium" in said


def test_where_there_is_none_the_sentence_says_so() -> None:
    with pytest.raises(chromium.SetupError, match="none was found"):
        chromium.choose((_way(None, []),), _only("/good"))


def test_the_browser_that_set_up_noted_is_found_again(tmp_path: Path) -> None:
    browser, stamp = tmp_path / "chromium", tmp_path / "stamp"
    browser.touch()
    stamp.write_text(f"{browser}\n")
    assert chromium.found(stamp) == str(browser)
    browser.unlink()
    with pytest.raises(chromium.SetupError, match="make setup"):
        chromium.found(stamp)


def test_the_environment_names_a_browser_before_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROSTRA_CHROMIUM", "/mine")
    assert chromium.on_path() == "/mine"


def test_a_playwright_that_does_not_start_is_lent_a_node(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PLAYWRIGHT_NODEJS_PATH", "")
    monkeypatch.delenv("PLAYWRIGHT_NODEJS_PATH")
    chromium.lend_node(Path("/bin/true"))
    assert "PLAYWRIGHT_NODEJS_PATH" not in os.environ
    chromium.lend_node(tmp_path / "absent")
    assert Path(os.environ["PLAYWRIGHT_NODEJS_PATH"]).name == "node"
