"""Pages of a house as a person opens them: what they complain of is kept, who speaks is real."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypedDict, Unpack

from playwright.async_api import Browser, ConsoleMessage, Error, Page
from tests.house import ROOT, Created, House

SPEECH = ROOT / "tests" / "data" / "speech.opus"
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
LEAVES_S_MAX = 10.0
FACTS = "window.__rostra.facts()"
PLAYING = f"{FACTS}.phase === 'playing'"
HEARD = "(() => {{ const f = {facts}; return f.phase === 'playing' && f.current_s > {past}; }})()"

SERIOUS = """
async () => {
  const { violations } = await window.axe.run();
  return violations
    .filter((one) => one.impact === 'serious' || one.impact === 'critical')
    .map((one) => `${one.id}: ${one.help} ${one.nodes.map((node) => node.html).join(' ')}`);
}
"""


class Reader(TypedDict, total=False):
    """Who opens a page: their language, window, what they told their system, and their browser's
    own ways, as a script that runs before the page's."""

    locale: str
    width: int
    color_scheme: Literal["light", "dark"]
    reduced_motion: Literal["reduce"]
    script: str


@dataclass
class Visit:
    """One page, and what its console complained of (a failed load is the test's own business)."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    async def facts(self) -> dict[str, Any]:
        """What the page says of its own playing."""
        facts: dict[str, Any] = await self.page.evaluate(FACTS)
        return facts

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)

    def _failed(self, error: Error) -> None:
        self.complaints.append(str(error))


async def visit(browser: Browser, url: str, **reader: Unpack[Reader]) -> Visit:
    """Open `url` as a stranger would."""
    context = await browser.new_context(
        timezone_id="Etc/UTC",
        locale=reader.get("locale", "en-GB"),
        viewport={"width": reader.get("width", 390), "height": 800},
        color_scheme=reader.get("color_scheme"),
        reduced_motion=reader.get("reduced_motion"),
    )
    page = await context.new_page()
    await page.add_init_script(reader.get("script", ""))
    one = Visit(page)
    page.on("console", one._heard)
    page.on("pageerror", one._failed)
    await page.goto(url)
    return one


def heard_past(seconds: float) -> str:
    """The condition that the page plays and its sound has got beyond `seconds`."""
    return HEARD.format(facts=FACTS, past=seconds)


async def violations(page: Page) -> list[str]:
    """What axe-core finds serious or critical on the page as it stands."""
    await page.evaluate(AXE.read_text())
    found: list[str] = await page.evaluate(SERIOUS)
    return found


async def overflow_px(page: Page) -> int:
    """By how much the page is wider than its window."""
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    return int(await page.evaluate(wide))


@contextlib.contextmanager
def talking(house: House, made: Created, name: str) -> Iterator[None]:
    """Somebody on stage who never stops, as `rostra speak` brings them."""
    words = ["speak", made.speaker_url, "--file", str(SPEECH), "--loop", "--name", name]
    with subprocess.Popen(
        [sys.executable, "-m", "rostra", *words],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        cwd=house.log_path.parent,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as speaker:
        try:
            yield
        finally:
            speaker.send_signal(signal.SIGINT)
            try:
                speaker.wait(LEAVES_S_MAX)
            except subprocess.TimeoutExpired:
                speaker.kill()


def kill(house: House, role: str, address_end: str = "") -> None:
    """End one process as the machine's memory guard would."""
    rows = [row for row in house.ps() if row["role"] == role]
    pid = next(row["pid"] for row in rows if row["address"].endswith(address_end))
    os.kill(pid, signal.SIGKILL)


@contextlib.contextmanager
def without_edges(house: House) -> Iterator[None]:
    """Every edge is dead, and nobody starts them again before the end."""
    assert house.process is not None
    edges = [row["pid"] for row in house.ps() if row["role"] in {"edges", "edge"}]
    house.process.send_signal(signal.SIGSTOP)
    try:
        for pid in edges:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        yield
    finally:
        house.process.send_signal(signal.SIGCONT)


def owner_link(house: House) -> str:
    """The one-time link of a house without an owner, from where the house says that it is."""
    said = next(line for line in house.printed if line.startswith("Become its owner"))
    return Path(said.rpartition("the link in ")[2]).read_text().strip()
