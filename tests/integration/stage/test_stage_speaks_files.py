"""The headless speaker: a file is heard on stage, and a lost studio is found again."""

import asyncio
import random
import wave
from pathlib import Path

import av
import pytest
from tests.integration.stage.stage_rig import Ear, Rig, power_db, stage, tone
from tests.until import until

from rostra.domain.errors import HouseError, PeerError
from rostra.domain.space import Role
from rostra.stage.drivers.speaker import Speaker, speak
from rostra.wire.messages import Answer

HZ = 700.0


def written(path: Path, seconds: float) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes((tone(HZ, seconds) * 32_767).astype("<i2").tobytes())
    return path


def door(rig: Rig, participant: str, answered: list[str]) -> object:
    async def post(sdp: str) -> Answer:
        answer = await rig.room.join(participant, participant, Role.SPEAKER, sdp, "again")
        answered.append(participant)
        return Answer(sdp=answer, participant=participant, resume="again")

    return post


async def test_a_file_is_heard_and_its_speaker_leaves_at_its_end(tmp_path: Path) -> None:
    talk = written(tmp_path / "talk.wav", 2.5)
    async with stage() as rig:
        ear = Ear()
        listener = await rig.speaker("listener", tone(100.0, 0.1), ear)
        answered: list[str] = []
        speaking = asyncio.create_task(speak(door(rig, "file", answered), talk))  # type: ignore[arg-type]
        while not answered:
            await ear.next(1)
        await ear.next(50)
        assert power_db(await ear.next(25), HZ) > -20
        assert await asyncio.wait_for(speaking, 10) == "You have left the stage."
        assert [person.id for person in rig.room.people()] == ["listener"]
        await listener.close()


async def test_a_speaker_comes_back_when_the_connection_is_lost(tmp_path: Path) -> None:
    talk = written(tmp_path / "talk.wav", 2.5)
    async with stage() as rig:
        answered: list[str] = []
        connected: asyncio.Queue[Speaker] = asyncio.Queue()
        speaking = asyncio.create_task(
            speak(
                door(rig, "file", answered),  # type: ignore[arg-type]
                talk,
                loop=True,
                on_connected=connected.put_nowait,
            )
        )
        await connected.get()
        await rig.engine.close()
        again = await asyncio.wait_for(connected.get(), 8)
        assert len(answered) == 2
        assert not again.gone.is_set()
        speaking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await speaking
        assert rig.room.people() == ()


async def test_text_is_refused_before_anybody_is_asked(tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("not a sound\n" * 100)

    async def post(_: str) -> Answer:
        raise AssertionError

    with pytest.raises(PeerError, match="is not audio"):
        await speak(post, notes)


async def test_an_unreachable_studio_is_one_sentence(tmp_path: Path) -> None:
    talk = written(tmp_path / "talk.wav", 0.5)

    async def post(_: str) -> Answer:
        sentence = "The studio does not answer."
        raise HouseError(sentence)

    with pytest.raises(HouseError, match="does not answer"):
        await speak(post, talk)


def damaged(path: Path) -> Path:
    """Six seconds of AAC of which the second half is noise."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=48_000)
        stream.layout = "mono"
        frame = av.AudioFrame.from_ndarray(
            (tone(HZ, 6.0) * 32_767).astype("<i2").reshape(1, -1), format="s16", layout="mono"
        )
        frame.sample_rate = 48_000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    written = bytearray(path.read_bytes())
    begin, end = written.index(b"mdat") + 4, written.index(b"moov") - 8
    middle = (begin + end) // 2
    written[middle:end] = random.Random(1).randbytes(end - middle)
    path.write_bytes(written)
    return path


async def test_a_file_with_a_damaged_tail_ends_with_its_sentence(tmp_path: Path) -> None:
    async with stage() as rig:
        speaking = speak(door(rig, "file", []), damaged(tmp_path / "talk.m4a"))  # type: ignore[arg-type]
        with pytest.raises(PeerError, match=r"talk\.m4a is damaged"):
            await asyncio.wait_for(speaking, 20)
        await until(lambda: rig.room.people() == ())  # it has left, and is not missed


async def test_a_file_that_is_taken_away_ends_its_loop_with_a_sentence(tmp_path: Path) -> None:
    async with stage() as rig:
        talk = written(tmp_path / "talk.wav", 1.0)
        speaking = speak(
            door(rig, "file", []),  # type: ignore[arg-type]
            talk,
            loop=True,
            on_connected=lambda _: talk.unlink(),
        )
        with pytest.raises(PeerError, match="There is no file"):
            await asyncio.wait_for(speaking, 10)
