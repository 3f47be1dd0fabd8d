"""Finds or fetches the Chromium that the browser tests drive, and proves that it plays AAC.

Run as `python -m scripts.chromium FILE`; FILE receives the path of the browser.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import playwright
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import sync_playwright

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
"""What Debian, Ubuntu and Google call it."""

MIME: Final = 'audio/mp4; codecs="mp4a.40.2"'
"""What the page plays: AAC-LC in fragmented MP4."""

FLAGS: Final = ("--no-sandbox",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()
"""Chromium refuses its sandbox to root, which is what a container gives."""

ROOT: Final = Path(__file__).resolve().parents[1]
STAMP: Final = ROOT / ".setup" / "chromium"

LAUNCH_MS_MAX: Final = 60_000
"""A cold start from a slow disk takes seconds; a minute is a browser that hangs."""


class SetupError(Exception):
    """The set-up cannot go on; the message is a sentence with the remedy."""


def on_path() -> str | None:
    """The browser that is installed already, if any: `ROSTRA_CHROMIUM` comes first."""
    named = os.environ.get("ROSTRA_CHROMIUM")
    return named or next((path for path in map(shutil.which, NAMES) if path), None)


def by_apt() -> str | None:
    """Debian's, where this user may install packages without being asked for a password."""
    prefix = _as_root()
    if prefix is None or shutil.which("apt-get") is None:
        return None
    print("Installing Debian's chromium ...", flush=True)
    quiet = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    for words in (["update"], ["install", "--yes", "--no-install-recommends", "chromium"]):
        done = subprocess.run(
            [*prefix, "apt-get", "-qq", *words], env=quiet, check=False, stdout=subprocess.DEVNULL
        )
        if done.returncode:
            print(f"'apt-get {words[0]}' ended with {done.returncode}.", file=sys.stderr)
    return shutil.which("chromium")


def by_playwright() -> str | None:
    """The one that Playwright keeps, downloaded where it is not there yet."""
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    if _as_root() is not None and shutil.which("apt-get") is not None:
        command.insert(4, "--with-deps")
    print("Fetching Playwright's chromium ...", flush=True)
    if subprocess.run(command, check=False).returncode:
        return None
    with sync_playwright() as play:
        path = play.chromium.executable_path
    return path if Path(path).is_file() else None


def _as_root() -> list[str] | None:
    """How to run a command as root without a password, or None."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") is None:
        return None
    asked = subprocess.run(["sudo", "-n", "true"], check=False, capture_output=True)
    return ["sudo", "-n"] if asked.returncode == 0 else None


def lend_node(driver: Path = Path(playwright.__file__).parent / "driver" / "node") -> None:
    """Give Playwright another Node where the one that it brings does not start.

    Its own wants libatomic, which a bare Debian has not; set-up has one that runs there.
    """
    if "PLAYWRIGHT_NODEJS_PATH" in os.environ or _starts(driver):
        return
    asked = [str(ROOT / "scripts" / "with_node.sh"), "bash", "-c", "command -v node"]
    found = subprocess.run(asked, check=False, capture_output=True, text=True)
    if found.returncode:
        sentence = f"Playwright's Node does not start, and there is no other: {found.stderr}"
        raise SetupError(sentence)
    os.environ["PLAYWRIGHT_NODEJS_PATH"] = found.stdout.strip()


def _starts(program: Path) -> bool:
    try:
        return not subprocess.run(
            [program, "--version"], check=False, capture_output=True
        ).returncode
    except OSError:
        return False


def objection(path: str) -> str | None:
    """Why the browser at `path` will not do, as the end of a sentence; None if it will."""
    try:
        with sync_playwright() as play:
            browser = play.chromium.launch(
                executable_path=path, args=list(FLAGS), timeout=LAUNCH_MS_MAX
            )
            page = browser.new_page()
            plays = page.evaluate("mime => window.MediaSource?.isTypeSupported(mime)", MIME)
            browser.close()
    except PlaywrightError as error:
        return f"does not start: {str(error).splitlines()[0]}"
    return None if plays else f"does not play {MIME}"


def choose(ways: tuple[Callable[[], str | None], ...], judge: Callable[[str], str | None]) -> str:
    """The first browser that a way gives and the judge has nothing against, or SetupError."""
    objections = []
    for path in _tried(ways):
        against = judge(path)
        if against is None:
            return path
        objections.append(f"{path} {against}")
    found = "; ".join(objections) or "none was found and none could be fetched"
    sentence = (
        f"The browser tests need a Chromium that plays AAC: {found}. Install one"
        " ('apt-get install chromium' as root), or name it in ROSTRA_CHROMIUM, and make again."
    )
    raise SetupError(sentence)


def _tried(ways: tuple[Callable[[], str | None], ...]) -> Iterator[str]:
    seen: set[str] = set()
    for way in ways:
        path = way()
        if path is not None and path not in seen:
            seen.add(path)
            yield path


def found(stamp: Path = STAMP) -> str:
    """The browser that set-up proved, as `stamp` names it, else one that is installed.

    Playwright can be started afterwards (see `lend_node`).
    """
    path = stamp.read_text().strip() if stamp.is_file() else on_path()
    if not path or not Path(path).is_file():
        sentence = "There is no Chromium for the browser tests: run 'make setup'."
        raise SetupError(sentence)
    lend_node()
    return path


def main(arguments: list[str]) -> int:
    """Choose, prove and note the browser; 0 if there is one, else 1 and a sentence."""
    try:
        lend_node()
        path = choose((on_path, by_apt, by_playwright), objection)
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    stamp = Path(arguments[0]) if arguments else STAMP
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(path + "\n")
    print(f"{path} plays {MIME}.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
