"""`rostra listen` over real sockets: what it hears and measures, and what it says of failures."""

import wave
from pathlib import Path

import numpy as np
import pytest
from tests.integration.listen.small_house import TONE_HZ, SmallHouse

from rostra.app.listen import listen
from rostra.domain.errors import HouseError, MalformedError, NotFoundError, PeerError
from rostra.domain.grid import SAMPLE_RATE_HZ

NOBODY = "http://127.0.0.1:9"
"""The discard port: nothing listens there."""


def loudest_hz(path: Path) -> float:
    with wave.open(str(path), "rb") as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 48_000)
        pcm = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    spectrum = np.abs(np.fft.rfft(pcm * np.hanning(len(pcm))))
    return float(np.argmax(spectrum) * SAMPLE_RATE_HZ / len(pcm))


async def test_push_is_heard_measured_and_written(house: SmallHouse, tmp_path: Path) -> None:
    out = tmp_path / "heard.wav"
    heard = await listen(f"{house.url}/s/talk", 1.5, out)
    assert heard.transport == "push"
    assert heard.time_to_first_sound_s < 1
    assert heard.latency_s is not None
    assert 0.32 <= heard.latency_s < 0.6
    assert (heard.gaps, heard.decode_errors, heard.reconnects) == (0, 0, 0)
    assert heard.heard_s >= 1.5
    assert heard.bytes > 6_000
    assert loudest_hz(out) == pytest.approx(TONE_HZ, abs=5)


async def test_a_missing_part_is_a_gap_of_its_length(house: SmallHouse) -> None:
    house.lost_parts = frozenset({4})
    heard = await listen(f"{house.url}/live/talk/push.mp4", 1.2, None)
    assert (heard.gaps, heard.gap_ms) == (1, 320.0)


async def test_a_lost_connection_comes_back_without_a_gap(house: SmallHouse) -> None:
    house.parts_per_connection = 5
    heard = await listen(f"{house.url}/s/talk", 2.0, None)
    assert heard.reconnects >= 1
    assert house.connections >= 2
    assert heard.gaps == 0


async def test_a_draining_edge_is_left_without_a_gap(house: SmallHouse, tmp_path: Path) -> None:
    out = tmp_path / "heard.wav"
    async with SmallHouse() as other:
        other.epoch_us = house.epoch_us
        old = {"id": "a", "bases": [house.url], "draining": True}
        house.moves_to = [old, {"id": "b", "bases": [other.url], "weight": 1}]
        heard = await listen(f"{house.url}/s/talk", 2.0, out)
        assert heard.url.startswith(other.url), "it ended at the other edge"
        assert (house.connections, other.connections) == (1, 1)
    assert (heard.gaps, heard.decode_errors, heard.reconnects) == (0, 0, 0)
    assert loudest_hz(out) == pytest.approx(TONE_HZ, abs=5)


async def test_who_finds_no_other_edge_stays(house: SmallHouse) -> None:
    house.moves_to = [{"id": "a", "bases": [NOBODY], "weight": 1}]
    heard = await listen(f"{house.url}/s/talk", 2.0, None)
    assert (house.connections, heard.gaps, heard.reconnects) == (1, 0, 0)


@pytest.mark.parametrize("transport", ["opus", "aac", "mp3", "hls"])
async def test_the_other_transports(house: SmallHouse, tmp_path: Path, transport: str) -> None:
    out = tmp_path / "heard.wav"
    heard = await listen(f"{house.url}/s/talk", 1.5, out, transport)
    assert (heard.transport, heard.decode_errors) == (transport, 0)
    assert heard.gaps == (0 if transport in {"opus", "hls"} else None)
    assert loudest_hz(out) == pytest.approx(TONE_HZ, abs=5)


async def test_a_stream_in_opus_is_named_by_its_address(house: SmallHouse) -> None:
    heard = await listen(f"{house.url}/live/talk/push-opus.mp4", 0.5, None)
    assert (heard.transport, heard.gaps, heard.decode_errors) == ("opus", 0, 0)
    assert heard.latency_s is not None


async def test_a_dead_edge_is_passed_over(house: SmallHouse) -> None:
    house.edges = [{"id": "dead", "bases": [NOBODY], "weight": 1}]
    heard = await listen(f"{house.url}/s/talk", 0.2, None)
    assert heard.url == f"{house.url}/live/talk/push.mp4"


async def test_an_edge_may_be_named_by_its_way_through_the_front_door(house: SmallHouse) -> None:
    house.edges = [{"id": "e1", "bases": [NOBODY, "/"], "weight": 1}]
    assert (await listen(f"{house.url}/s/talk", 0.2, None)).heard_s > 0


async def test_an_unknown_space_is_a_sentence(house: SmallHouse) -> None:
    with pytest.raises(NotFoundError, match="404: There is no space of this name here"):
        await listen(f"{house.url}/s/nothing", 1, None)


@pytest.mark.parametrize(("state", "status"), [("ended", 410), ("scheduled", 409)])
async def test_a_space_without_sound_says_why(house: SmallHouse, state: str, status: int) -> None:
    house.state = state
    with pytest.raises(PeerError, match=state) as caught:
        await listen(f"{house.url}/s/talk", 1, None)
    assert caught.value.status == status


async def test_what_is_no_stream_of_ours_is_refused(house: SmallHouse) -> None:
    house.garbage = True
    with pytest.raises(MalformedError, match="not a stream of ours"):
        await listen(f"{house.url}/s/talk", 1, None)


async def test_nobody_there_is_a_sentence() -> None:
    with pytest.raises(HouseError, match="does not answer"):
        await listen(f"{NOBODY}/s/talk", 1, None)


async def test_a_place_that_cannot_be_written_is_a_sentence(house: SmallHouse) -> None:
    with pytest.raises(HouseError, match="cannot be written"):
        await listen(f"{house.url}/s/talk", 1, Path("/proc/heard.wav"))
