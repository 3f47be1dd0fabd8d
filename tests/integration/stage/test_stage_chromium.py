"""A real browser on the stage: its sound arrives, it hears others, and its names need no mDNS."""

import asyncio
from typing import Any

import numpy as np
import pytest
from playwright.async_api import async_playwright
from scripts import chromium
from tests.integration.stage.stage_rig import Ear, power_db, stage, tone

from rostra.domain.space import Role
from rostra.wire.stagelink import Hello, Levels, read_down

HZ = 880.0

PAGE = """
async () => {
  const context = new AudioContext();
  const tone = context.createOscillator();
  tone.frequency.value = 880;
  const gain = context.createGain();
  gain.gain.value = 0.3;
  const out = context.createMediaStreamDestination();
  tone.connect(gain).connect(out);
  tone.start();
  const pc = new RTCPeerConnection();
  const words = [];
  const channel = pc.createDataChannel("rostra");
  channel.onmessage = event => words.push(event.data);
  pc.addTrack(out.stream.getAudioTracks()[0]);
  await pc.setLocalDescription();
  await new Promise(done => {
    pc.onicegatheringstatechange = () => pc.iceGatheringState === "complete" && done();
    setTimeout(done, 500);
  });
  const answer = await window.join(pc.localDescription.sdp);
  await pc.setRemoteDescription({type: "answer", sdp: answer});
  window.pc = pc;
  window.words = words;
}
"""

STATS = """
async () => {
  const found = {};
  (await window.pc.getStats()).forEach(report => {
    if (report.type === "inbound-rtp") Object.assign(found, report);
    if (report.type === "codec") found.fmtp = report.sdpFmtpLine;
  });
  return {stats: found, words: window.words, state: window.pc.connectionState};
}
"""


@pytest.mark.browser
async def test_chromium_speaks_and_hears() -> None:
    async with stage() as rig, async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium.found(),
            args=[*chromium.FLAGS, "--autoplay-policy=no-user-gesture-required"],
            timeout=chromium.LAUNCH_MS_MAX,
        )
        page = await browser.new_page()

        async def join(sdp: str) -> str:
            return await rig.room.join("page", "Page", Role.SPEAKER, sdp, "again")

        await page.expose_function("join", join)
        ear = Ear()
        anna = await rig.speaker("anna", tone(440.0, 30), ear)
        await page.evaluate(PAGE)
        await anna.word(Levels, lambda word: word.l.get("page", -90) > -25)
        await ear.next(50)
        heard = await ear.next(50)
        assert power_db(heard, HZ) > -20
        assert power_db(heard, 440.0) < power_db(heard, HZ) - 25
        seen: dict[str, Any] = await page.evaluate(STATS)
        assert seen["state"] == "connected"
        assert isinstance(read_down(seen["words"][0]), Hello)
        assert seen["stats"]["packetsReceived"] > 50
        assert seen["stats"]["packetsLost"] == 0
        assert "useinbandfec=1" in seen["stats"]["fmtp"]
        assert np.abs(rig.mixes[-1]).max() > 0.1
        await asyncio.gather(browser.close(), anna.close())
