"""Streams of HLS probed over real sockets: whole, truncated, standing still, torn, silent."""

from functools import lru_cache

import numpy as np
import pytest
from tests.fakes.faulty_server import FaultyServer, answer

from rostra.app.watch_decode import loudness
from rostra.programme.drivers.encode import AacEncoder
from rostra.watch.drivers import probe_hls
from rostra.watch.drivers.probe_hls import (
    PLAYLIST_BYTES_MAX,
    SEGMENT_BYTES_MAX,
    SILENT_PROBES,
    HlsProbe,
)
from rostra.watch.drivers.probe_kinds import run
from rostra.watch.drivers.probe_net import Means
from rostra.watch.drivers.probe_steps import FailedError, Trail
from rostra.watch.probing import Step
from rostra.wire import adts, mp4

MEANS = Means()
MASTER = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=9\nhigh.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=5\n"


def playlist(
    first: int, count: int, end: str = "", head: str = "", extension: str = "aac"
) -> bytes:
    rows = "".join(f"#EXTINF:2.0,\nseg{first + at}.{extension}\n" for at in range(count))
    top = f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:{first}\n{head}"
    return answer(f"{top}{rows}{end}".encode())


@lru_cache
def units(loud: float) -> list[bytes]:
    at = np.arange(48_000) / 48_000
    return AacEncoder().feed((loud * np.sin(2 * np.pi * 440 * at)).astype(np.float32))[4:40]


@lru_cache
def segment(loud: float = 0.3) -> bytes:
    return answer(b"".join(map(adts.frame, units(loud))))


async def probed(probe: HlsProbe) -> dict[str, Step]:
    trail = Trail()
    await run(probe.probe, trail, 5.0)
    return {step.name: step for step in trail.steps}


def wrong(steps: dict[str, Step]) -> tuple[str, str]:
    return next(((one.name, one.why) for one in steps.values() if not one.ok), ("", ""))


async def test_a_stream_that_moves_is_well_and_costs_three_requests() -> None:
    async with FaultyServer() as web:
        web.paths["/live/main.m3u8"] = answer(f"{MASTER}low/audio.m3u8\n".encode())
        probe = HlsProbe(f"{web.url}/live/main.m3u8", MEANS, loudness)
        for first in (10, 12):
            web.paths["/live/low/audio.m3u8"] = playlist(first, 5)
            web.paths[f"/live/low/seg{first + 4}.aac"] = segment()
            steps = await probed(probe)
            assert list(steps) == ["resolve", "connect", "page", "first_sound", "gap", "silence"]
            assert wrong(steps) == ("", "")
    assert len(web.asked) == 6


async def test_a_playlist_that_stands_still_is_told_once_players_run_dry(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now_s = [100.0]
    async with FaultyServer() as web:
        web.paths = {"/a.m3u8": playlist(3, 4), "/seg6.aac": segment()}
        probe = HlsProbe(f"{web.url}/a.m3u8", MEANS)
        monkeypatch.setattr(probe_hls, "now_s", lambda: now_s[0])
        assert wrong(await probed(probe)) == ("", "")
        now_s[0] += 6.0
        assert wrong(await probed(probe)) == ("", "")
        now_s[0] += 14.0
        said = ("gap", "The playlist has named nothing new for 20 s.")
        assert wrong(await probed(probe)) == said
        web.paths["/a.m3u8"] = playlist(3, 4, "#EXT-X-ENDLIST\n")
        assert wrong(await probed(probe)) == ("", "")


async def test_going_back_and_changed_segments_are_torn() -> None:
    async with FaultyServer() as web:
        web.paths = {f"/seg{number}.aac": segment() for number in range(20)}
        web.paths["/a.m3u8"] = playlist(10, 4)
        probe = HlsProbe(f"{web.url}/a.m3u8", MEANS)
        await probed(probe)
        web.paths["/a.m3u8"] = playlist(0, 4)
        assert wrong(await probed(probe)) == ("gap", "The playlist went back by 10 segments.")
        web.paths["/a.m3u8"] = playlist(2, 4).replace(b"seg3", b"seg9")
        assert (
            wrong(await probed(probe))[1] == "Segment 3 of the playlist is another one than it was."
        )


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (answer(b"<html>"), "does not begin with #EXTM3U"),
        (answer(b"#EXTM3U\n#EXT-X-TARGETDURATION:2\n"), "names no segment"),
        (answer(b"#EXTM3U\n#EXTINF:2,\na.ts\n"), "is no duration"),
        (answer(b"#EXTM3U\n#EXT-X-TARGETDURATION:2\na.ts\n"), "has no duration"),
        (answer(f"{MASTER}a.m3u8\n".encode()), "names further encodings"),
        (playlist(1, 3)[:-5], "closed before"),
        (answer(b"#EXTM3U\n" + b"#\n" * (PLAYLIST_BYTES_MAX // 2)), "exceeds"),
    ],
)
async def test_a_bad_playlist_has_its_sentence(said: bytes, why: str) -> None:
    async with FaultyServer() as web:
        web.paths["/a.m3u8"] = said
        name, words = wrong(await probed(HlsProbe(f"{web.url}/a.m3u8", MEANS)))
    assert name == "page"
    assert why in words


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (answer(b"", "404 Not Found"), "status 404"),
        (answer(b""), "is empty"),
        (segment()[:-50], "closed before"),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (SEGMENT_BYTES_MAX + 1), "exceeds"),
    ],
)
async def test_a_newest_segment_that_is_not_there_fails_at_the_first_sound(
    said: bytes, why: str
) -> None:
    async with FaultyServer() as web:
        web.paths = {"/a.m3u8": playlist(1, 3), "/seg3.aac": said}
        name, words = wrong(await probed(HlsProbe(f"{web.url}/a.m3u8", MEANS)))
    assert name == "first_sound"
    assert why in words


async def test_a_silent_stream_is_told_after_some_probes_and_a_pause_is_not() -> None:
    async with FaultyServer() as web:
        web.paths = {"/a.m3u8": playlist(1, 3), "/seg3.aac": segment(0.0)}
        probe = HlsProbe(f"{web.url}/a.m3u8", MEANS, loudness)
        for _ in range(SILENT_PROBES - 1):
            assert wrong(await probed(probe)) == ("", "")
        assert wrong(await probed(probe))[0] == "silence"
        web.paths["/seg3.aac"] = segment()
        assert wrong(await probed(probe)) == ("", "")


async def test_our_own_mp4_is_decoded_and_strange_formats_are_not_judged() -> None:
    fragment = mp4.fragment(0, 0, units(0.3))
    peak = loudness(mp4.init_segment(), fragment)
    assert peak is not None
    assert 0.2 < peak < 0.6
    assert loudness(mp4.init_segment(), mp4.fragment(0, 0, units(0.0))) == 0
    assert loudness(b"", b"\x47" + b"\xff" * 187) is None
    assert loudness(mp4.init_segment()[:-9], fragment) is None
    with pytest.raises(FailedError, match="no sound"):
        loudness(b"", adts.frame(b"\x00"))
