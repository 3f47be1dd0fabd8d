"""Every plain way to listen, for thirty seconds, in FFmpeg's own demuxers and decoders."""

import asyncio
import time
from dataclasses import asdict, dataclass
from fractions import Fraction

import av
import httpx
import numpy as np
import pytest
from tests.figures import show
from tests.house import House
from tests.integration.house.on_stage import speaking

pytestmark = [pytest.mark.house, pytest.mark.timeout(120)]

STREAMS = ("stream.aac", "stream.mp3", "master.m3u8")
PLAY_S = 30
CLOCK_STEP_MAX_S = 0.001
"""What rounding to a container's clock may add between two frames."""
AHEAD_MAX_S = 12.0
"""A joiner is given a second of push, or HLS's window, at once; all else comes as it happens."""
LATE_MAX_S = 5.0
LOUD_MIN = 0.05
HEARD_MIN = 0.8
"""A machine with far too much to do loses a second here and there; a stage that fell silent has
a tenth of this."""
FIRST_SEGMENT_S = 15.0


@dataclass
class Played:
    """What a player made of a stream."""

    seconds: float
    took_s: float
    largest_step_s: float
    heard_share: float
    """Of its seconds, those in which somebody is heard: a voice pauses, but not for so long."""


async def first_segment(base: str) -> None:
    """Return when HLS has something to play: a player that is told 503 asks again, as here."""
    async with httpx.AsyncClient() as http, asyncio.timeout(FIRST_SEGMENT_S):
        while True:
            answer = await http.get(f"{base}/master.m3u8")
            if answer.status_code == 200:
                media = answer.text.split()[-1]
                answer = await http.get(f"{base}/{media}")
                if answer.status_code == 200:
                    return
            assert answer.status_code == 503, answer.text
            assert int(answer.headers["retry-after"]) > 0
            await asyncio.sleep(0.2)


def play(url: str) -> Played:
    """Decode PLAY_S; any error of demuxer or decoder is raised."""
    began = time.monotonic()
    due: Fraction | None = None
    seconds, largest, heard = 0.0, 0.0, set[int]()
    with av.open(url, timeout=20) as container:
        for frame in container.decode(audio=0):
            assert frame.pts is not None
            assert frame.time_base is not None
            at = frame.pts * frame.time_base
            if due is not None:
                largest = max(largest, abs(float(at - due)))
            due = at + Fraction(frame.samples, frame.sample_rate)
            if float(np.abs(frame.to_ndarray()).max()) > LOUD_MIN:
                heard.add(int(seconds))
            seconds += frame.samples / frame.sample_rate
            if seconds >= PLAY_S:
                break
    return Played(seconds, time.monotonic() - began, largest, len(heard) / PLAY_S)


async def test_all_of_them_play_for_thirty_seconds(house: House) -> None:
    made = house.create_space("Thirty seconds")
    speaker = await speaking(house, made.speaker_url)
    base = f"{house.origin}/live/{made.id}"
    await first_segment(base)
    before = av.logging.get_level()
    av.logging.set_level(av.logging.ERROR)
    try:
        with av.logging.Capture(local=False) as complaints:
            players = (asyncio.to_thread(play, f"{base}/{name}") for name in STREAMS)
            played = dict(zip(STREAMS, await asyncio.gather(*players), strict=True))
    finally:
        av.logging.set_level(before)
        await speaker.close()
    house.cli("space", "end", made.id)
    for name, one in played.items():
        show({"stream": name, "decoder_errors": len(complaints), **asdict(one)})
    assert not complaints
    for name, one in played.items():
        assert one.seconds >= PLAY_S, name
        assert one.largest_step_s <= CLOCK_STEP_MAX_S, (name, one)
        assert PLAY_S - AHEAD_MAX_S <= one.took_s <= PLAY_S + LATE_MAX_S, (name, one)
        assert one.heard_share >= HEARD_MIN, (name, one)
