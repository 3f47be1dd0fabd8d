"""Measures speaker to speaker through a real Chromium, its own jitter buffer included.

One page is two speakers: the first sends a click-like chirp every half second from WebAudio, the
second receives the stage's mix. Both are recorded side by side on one audio clock, so that the
distance between a chirp and its echo is the whole way: encoder, network, studio, jitter buffer,
decoder. Sound hardware is not in it. Needs `make setup`'s Chromium. Usage:

    python -m benchmarks.stage_chromium [--joins 3] [--seconds 12]
"""

import argparse
import base64
import json
import statistics
import threading
import time

import numpy as np
import uvloop
from numpy.typing import NDArray
from playwright.async_api import Page, async_playwright
from scripts import chromium

from rostra.domain.space import Role
from rostra.stage.drivers.room import StageRoom
from rostra.stage.drivers.talk import OfStudio
from rostra.stage.drivers.webrtc import WebRtcEngine
from rostra.stage.facts import StageFacts
from rostra.stage.floor import Floor

WARM_S = 5.0
EVERY_S = 0.5

PAGE = """
async ([seconds, warm]) => {
  const context = new AudioContext({sampleRate: 48000});
  const chirp = context.createBuffer(1, 24000, 48000);
  const samples = chirp.getChannelData(0);
  for (let i = 0; i < 2400; i++) {
    const t = i / 48000;
    samples[i] = 0.5 * Math.sin(Math.PI * i / 2400) ** 2
      * Math.sin(2 * Math.PI * (500 * t + 15000 * t * t));
  }
  const source = new AudioBufferSourceNode(context, {buffer: chirp, loop: true});
  const out = context.createMediaStreamDestination();
  source.connect(out);
  const quiet = context.createMediaStreamDestination();
  async function connect(name, stream) {
    const pc = new RTCPeerConnection();
    pc.createDataChannel("rostra");
    const track = new Promise(done => { pc.ontrack = event => done(event.track); });
    pc.addTrack(stream.getAudioTracks()[0]);
    await pc.setLocalDescription();
    await new Promise(done => setTimeout(done, 300));
    const answer = await window.join(name, pc.localDescription.sdp);
    await pc.setRemoteDescription({type: "answer", sdp: answer});
    return [pc, new MediaStream([await track])];
  }
  const [first] = await connect("first", out.stream);
  const [second, heard] = await connect("second", quiet.stream);
  const element = new Audio();
  element.muted = true;
  element.srcObject = heard;
  await element.play();
  const merger = context.createChannelMerger(2);
  source.connect(merger, 0, 0);
  context.createMediaStreamSource(heard).connect(merger, 0, 1);
  const tape = context.createScriptProcessor(4096, 2, 2);
  const said = [], came = [];
  tape.onaudioprocess = event => {
    said.push(event.inputBuffer.getChannelData(0).slice());
    came.push(event.inputBuffer.getChannelData(1).slice());
  };
  source.start();
  await new Promise(done => setTimeout(done, warm * 1000));
  merger.connect(tape);
  tape.connect(context.destination);
  await new Promise(done => setTimeout(done, seconds * 1000));
  tape.onaudioprocess = null;
  let buffer = {};
  (await second.getStats()).forEach(report => {
    if (report.type === "inbound-rtp") buffer = report;
  });
  first.close();
  second.close();
  const pack = parts => {
    const all = new Float32Array(parts.length * 4096);
    parts.forEach((part, index) => all.set(part, index * 4096));
    const bytes = new Uint8Array(all.buffer);
    let text = "";
    for (let i = 0; i < bytes.length; i += 8192)
      text += String.fromCharCode(...bytes.subarray(i, i + 8192));
    return btoa(text);
  };
  return {
    said: pack(said), came: pack(came),
    buffer_ms: 1000 * buffer.jitterBufferDelay / buffer.jitterBufferEmittedCount,
    concealed: buffer.concealedSamples / buffer.totalSamplesReceived,
  };
}
"""

Samples = NDArray[np.float32]


def tick(room: StageRoom, stop: threading.Event) -> None:
    """The studio's clock."""
    start, block = time.monotonic_ns(), 0
    while not stop.wait(max(0.0, (start + block * 20_000_000 - time.monotonic_ns()) / 1e9)):
        room.step(block, time.monotonic_ns())
        block += 1


def lags_ms(said: Samples, came: Samples) -> list[float]:
    """The delay of each chirp: where what came fits best to what was said just before."""
    half = int(48_000 * EVERY_S)
    onsets = np.flatnonzero(np.abs(said) > 0.01)
    lags: list[float] = []
    position = int(onsets[0])
    while position + 2 * half < len(said):
        wave = said[position : position + 2_400]
        match = np.correlate(came[position : position + half], wave, mode="valid")
        lags.append(float(np.argmax(np.abs(match))) / 48.0)
        position += half
    return lags


async def one_join(page: Page, seconds: float) -> dict[str, float]:
    """One stage, two speakers in one page, and what the page recorded."""

    async def refuse(_: str, __: OfStudio) -> None:
        return None

    engine = WebRtcEngine()
    room = StageRoom(engine, Floor(), StageFacts, refuse, lambda: None)
    stop = threading.Event()
    clock = threading.Thread(target=tick, args=(room, stop))
    clock.start()

    async def join(name: str, sdp: str) -> str:
        return await room.join(name, name, Role.SPEAKER, sdp)

    await page.expose_function("join", join)
    seen = await page.evaluate(PAGE, [seconds, WARM_S])
    said, came = (
        np.frombuffer(base64.b64decode(seen[name]), dtype=np.float32) for name in ("said", "came")
    )
    await room.close()
    await engine.close()
    stop.set()
    clock.join()
    lags = lags_ms(said, came)
    return {
        "latency_ms_median": round(statistics.median(lags), 1),
        "latency_ms_min": round(min(lags), 1),
        "latency_ms_max": round(max(lags), 1),
        "chirps": len(lags),
        "browser_buffer_ms": round(seen["buffer_ms"], 1),
        "concealed_share": round(seen["concealed"], 5),
    }


async def measure(joins: int, seconds: float) -> dict[str, object]:
    """Several joins, each a new page, stage and connection."""
    async with async_playwright() as play:
        browser = await play.chromium.launch(
            executable_path=chromium.found(),
            args=[*chromium.FLAGS, "--autoplay-policy=no-user-gesture-required"],
        )
        runs = []
        for _ in range(joins):
            page = await browser.new_page()
            runs.append(await one_join(page, seconds))
            await page.close()
        await browser.close()
    medians = [run["latency_ms_median"] for run in runs]
    return {"latency_ms_median_over_joins": statistics.median(medians), "joins": runs}


def main() -> None:
    """Read the options and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--joins", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=12.0)
    options = parser.parse_args()
    print(json.dumps(uvloop.run(measure(options.joins, options.seconds)), indent=2))


if __name__ == "__main__":
    main()
