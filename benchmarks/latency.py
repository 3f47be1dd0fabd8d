"""Latency from a speaker's Chromium to a listener's, by tick and by transport; click to sound.

    python -m benchmarks.latency [--quick] [--rounds 2] [--seconds 40]

A speaker's page says bursts at uneven moments; a listener's page records what it plays. Push by the
house's own page at each tick; LL-HLS and HLS by hls.js with `lowLatencyMode` on and off. Then
how long from the click on "Listen" until there is sound: on loopback, and through a proxy of 50 ms
each way and 1 Mbit/s, by TLS where the edge speaks it. Every way has a Chromium of its own.
"""

import asyncio
import json
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import uvloop
from benchmarks import bench, faults, onsets
from benchmarks.bench import MESSAGE_MS, Bench
from benchmarks.figures import Case, summary_ms
from benchmarks.house import DemoHouse, knows
from benchmarks.joins import certificate, knows_tls
from benchmarks.machine import ROOT
from benchmarks.push import PRESENT_TICK, TICKS, settings_of
from playwright.async_api import Browser, Page, async_playwright
from scripts import chromium
from tests.browser import hearing
from tests.browser.waiting import until

from rostra.programme.drivers.decode import write_wav

HLS_JS = ROOT / "frontend" / "node_modules" / "hls.js" / "dist" / "hls.min.js"
UNASKED = "--autoplay-policy=no-user-gesture-required"
ANY_CERTIFICATE = "--ignore-certificate-errors"
WAIT_S = 60
SETTLE_S = 10.0
"""Of playing, until the player has found its distance."""
HLS_SETTLE_S = 20.0
HLS_LONGER_S = 10.0
"""Recorded in addition, because the listener is this far behind what the speaker's page records."""
FAR = faults.Way(0.05, 125_000)
"""100 ms round trip, 1 Mbit/s."""
CLICKS = 7
SOUND_S = 30.0

HLS_PAGE = """
async ([url, low]) => {
  const audio = document.body.appendChild(document.createElement('audio'));
  const hls = new Hls({ lowLatencyMode: low, backBufferLength: 10 });
  hls.loadSource(url);
  hls.attachMedia(audio);
  window.__hls = hls;
  await new Promise((done) => hls.on(Hls.Events.MANIFEST_PARSED, done));
  await audio.play();
}
"""

FIRST_SOUND = """
() => {
  const audio = document.querySelector('audio');
  const context = new AudioContext();
  const source = context.createMediaElementSource(audio);
  const tap = context.createAnalyser();
  tap.fftSize = 256;
  source.connect(tap);
  tap.connect(context.destination);
  const samples = new Float32Array(256);
  let clicked = 0;
  document.addEventListener('click', () => { clicked ||= performance.now(); }, true);
  window.__first_sound = 0;
  const look = setInterval(() => {
    tap.getFloatTimeDomainData(samples);
    if (!clicked || !samples.some((one) => Math.abs(one) > 0.005)) return;
    window.__first_sound = performance.now() - clicked;
    clearInterval(look);
  }, 4);
  return context.resume();
}
"""
"""From the click to the first sample that is not silence, looked at every 4 ms."""


def murmur(seconds: float) -> hearing.Pcm:
    """Noise that swells and sinks like speech and is never silent."""
    at = np.arange(int(seconds * hearing.RATE_HZ)) / hearing.RATE_HZ
    noise = np.random.default_rng(3).normal(0, 0.12, len(at))
    return (noise * (0.7 + 0.3 * np.sin(2 * np.pi * 4 * at))).astype(np.float32)


class Stage:
    """A house with a space of our own, and browsers for it."""

    def __init__(self, house: DemoHouse, wav: Path) -> None:
        self.house = house
        self.made = json.loads(
            house.rostra("space", "create", "--title", "Late", "--at", "now", "--json")
        )
        self._wav = wav

    @asynccontextmanager
    async def browser(self, *flags: str) -> AsyncIterator[Browser]:
        """One more Chromium."""
        async with async_playwright() as play:
            browser = await play.chromium.launch(
                executable_path=chromium.found(), args=[*chromium.FLAGS, UNASKED, *flags]
            )
            try:
                yield browser
            finally:
                await browser.close()

    @asynccontextmanager
    async def speaker(self) -> AsyncIterator[Page]:
        """Somebody on stage whose microphone plays the file for ever."""
        flags = (
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-audio-capture={self._wav}",
        )
        async with self.browser(*flags) as browser:
            page = await browser.new_page()
            await page.add_init_script(hearing.BARE_MICROPHONE)
            await page.goto(self.made["speaker_url"])
            await page.get_by_label("Your name").fill("Ada")
            await page.get_by_role("button", name="Check the microphone").click()
            await page.get_by_role("button", name="Go on stage", exact=True).click()
            await until(page, "window.__rostra?.facts().phase === 'on'", WAIT_S)
            yield page

    async def push(self, browser: Browser) -> Page:
        """The house's page, playing by push."""
        page = await browser.new_page()
        await page.goto(self.made["listen_url"] + "?transport=push")
        await page.get_by_role("button", name="Listen").click()
        await until(page, f"window.__rostra.facts().current_s > {SETTLE_S}", WAIT_S)
        return page

    async def hls(self, browser: Browser, *, low: bool) -> Page:
        """A bare page of the same origin with hls.js."""
        page, port = await browser.new_page(), self.house.edge_port()
        await page.goto(f"http://127.0.0.1:{port}/live/edges.json")
        await page.add_script_tag(path=HLS_JS)
        await page.evaluate(HLS_PAGE, [f"/live/{self.made['id']}/master.m3u8", low])
        await until(page, f"document.querySelector('audio').currentTime > {HLS_SETTLE_S}", WAIT_S)
        return page


async def delays(speaker: Page, listener: Page, seconds: float) -> list[float]:
    """Record both and find each burst again."""
    await speaker.evaluate(f"({hearing.RECORD})(window.__microphone)")
    await listener.evaluate(f"({hearing.RECORD})(document.querySelector('audio'))")
    enough = f"window.__heard_s() > {seconds}"
    await asyncio.gather(*(until(page, enough, 3 * seconds) for page in (speaker, listener)))
    said, heard = [
        hearing.onsets_ms(hearing.taken(await page.evaluate("window.__heard()")))
        for page in (speaker, listener)
    ]
    return onsets.delays_ms(said, heard)


async def one_way(stage: Stage, name: str, seconds: float) -> list[float]:
    """A fresh speaker and a fresh listener by one transport."""
    async with stage.speaker() as speaker, stage.browser() as browser:
        if name == "push":
            listener = await stage.push(browser)
        else:
            listener = await stage.hls(browser, low=name == "LL-HLS")
        return await delays(speaker, listener, seconds)


async def click(browser: Browser, base: str, space: str, port: int) -> float:
    """One newcomer: milliseconds from the click to sound."""
    context = await browser.new_context(ignore_https_errors=True)
    page = await context.new_page()
    edges = {"edges": [{"id": "edge-0", "bases": [f":{port}"], "weight": 1}]}
    await page.route("**/live/edges.json", lambda route: route.fulfill(json=edges))
    await page.goto(f"{base}/s/{space}?transport=push")
    await page.get_by_role("button", name="Listen").wait_for()
    await page.evaluate(f"({FIRST_SOUND})()")
    await page.get_by_role("button", name="Listen").click()
    await until(page, "window.__first_sound > 0", WAIT_S)
    ms = float(await page.evaluate("window.__first_sound"))
    await context.close()
    return ms


async def clicks(stage: Stage, scheme: str, count: int) -> list[Case]:
    """Newcomers on loopback and through the proxy, each with a page and cache of its own."""
    space, edge = stage.made["id"], stage.house.edge_port()
    out = []
    async with stage.browser(ANY_CERTIFICATE) as browser, faults.proxy(edge, FAR) as far:
        for name, port in (("loopback", edge), ("100 ms, 1 Mbit/s", far)):
            base = f"{scheme}://127.0.0.1:{port}"
            values = [await click(browser, base, space, port) for _ in range(count)]
            out.append({"way": name, "tls": scheme == "https", **summary_ms(values)})
            print(out[-1], flush=True)
    return out


def at_ticks(kit: Bench, rounds: int, seconds: float, wav: Path) -> list[Case]:
    """Each transport at each tick that this tree has."""
    found: dict[tuple[str, int], list[float]] = {}
    for number in range(rounds):
        for tick in TICKS if knows("edge.ticks") else (PRESENT_TICK,):
            with a_house(kit, settings_of(tick)) as house:
                stage = Stage(house, wav)
                for name in ("push", "LL-HLS", "HLS") if tick == PRESENT_TICK else ("push",):
                    longer = 0.0 if name == "push" else HLS_LONGER_S
                    values = uvloop.run(one_way(stage, name, seconds + longer))
                    found.setdefault((name, tick), []).extend(values)
                    middle = round(statistics.median(values)) if values else "nothing"
                    words = f"round {number + 1}: {name} at {tick} messages: {middle} ms"
                    print(words, file=sys.stderr, flush=True)
    return [
        {"transport": name, "tick_ms": round(tick * MESSAGE_MS), **summary_ms(values)}
        for (name, tick), values in found.items()
        if values
    ]


def a_house(kit: Bench, settings: dict[str, str]) -> DemoHouse:
    """A house in a new folder; its browsers are on both cores, as on a listener's machine."""
    return DemoHouse(Path(tempfile.mkdtemp(dir=kit.folder)), kit.load_core, settings)


def first_sounds(kit: Bench, count: int) -> list[Case]:
    """Click to sound, plain and by TLS where it is there; the demo's voices are not always loud."""
    wav = kit.folder / "murmur.wav"
    write_wav(wav, murmur(SOUND_S))
    out = []
    for scheme in ("http", *(["https"] if knows_tls() else [])):
        settings = certificate(kit.folder) if scheme == "https" else {}
        with a_house(kit, settings) as house:
            out += uvloop.run(_murmured(Stage(house, wav), scheme, count))
    return out


async def _murmured(stage: Stage, scheme: str, count: int) -> list[Case]:
    async with stage.speaker():
        return await clicks(stage, scheme, count)


def measure(kit: Bench, rounds: int, seconds: float, count: int) -> Case:
    """Everything; what this tree has not is left out and said."""
    wav = kit.folder / "bursts.wav"
    write_wav(wav, hearing.bursts(onsets.LOOP_S, onsets.pattern()))
    left_out = []
    if not knows("edge.ticks"):
        left_out.append("107 and 960 ms are left out: this edge has one tick, 320 ms.")
    if not knows_tls():
        left_out.append("First sound by TLS is left out: this edge does not speak it yet.")
    cases = at_ticks(kit, rounds, seconds, wav)
    return {"cases": cases, "first_sound": first_sounds(kit, count), "left_out": left_out}


def main() -> None:
    """Measure, keep the line, write the page."""
    parser = bench.options(__doc__)
    parser.add_argument("--rounds", type=int, help="joins of each way (2; quick: 1)")
    parser.add_argument("--seconds", type=float, help="recorded each time (40; quick: 20)")
    given = parser.parse_args()
    rounds = given.rounds or (1 if given.quick else 2)
    seconds = given.seconds or (20.0 if given.quick else 40.0)
    count = 2 if given.quick else CLICKS
    bench.run("latency", lambda kit: measure(kit, rounds, seconds, count), dry=given.dry)


if __name__ == "__main__":
    main()
