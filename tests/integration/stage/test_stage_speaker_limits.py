"""Each limit of the headless speaker, reached on a real stage."""

import asyncio
import time
from pathlib import Path

import pytest
from tests.integration.stage.stage_rig import Rig, stage, tone
from tests.integration.stage.test_stage_speaks_files import door, written

from rostra.domain.errors import HouseError
from rostra.domain.space import Role
from rostra.stage.drivers import speaker as driver
from rostra.stage.drivers.speaker import BLOCK_S, LAG_S_MAX, WORDS_MAX, Speaker, speak
from rostra.wire import stagelink
from rostra.wire.messages import Answer
from rostra.wire.stagelink import Ack

WAIT_S = 10.0


async def test_an_answer_without_a_connection_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(driver, "CONNECT_S_MAX", 0.5)
    async with stage() as rig:

        async def post(sdp: str) -> Answer:
            answer = await rig.room.join("anna", "Anna", Role.SPEAKER, sdp, "again")
            rig.room.leave("anna", None)
            return Answer(sdp=answer, participant="anna", resume="again")

        speaker, began = Speaker(iter(())), time.monotonic()
        with pytest.raises(HouseError, match="no connection came of it"):
            await speaker.connect(post)
        assert time.monotonic() - began >= driver.CONNECT_S_MAX
        assert speaker.gone.is_set()


async def test_a_stalled_speaker_sends_no_burst(monkeypatch: pytest.MonkeyPatch) -> None:
    async with stage() as rig:
        speaker = await rig.speaker("anna", tone(500.0, 30.0))
        pushed: list[float] = []
        push = speaker._outlet.push

        def watched(payload: bytes, timestamp: int) -> None:
            pushed.append(time.monotonic())
            push(payload, timestamp)

        monkeypatch.setattr(speaker._outlet, "push", watched)
        time.sleep(5 * LAG_S_MAX)  # noqa: ASYNC251 - the stall itself
        await asyncio.sleep(10 * BLOCK_S)  # what would be a burst has its time
        missed = 5 * LAG_S_MAX / BLOCK_S
        assert 1 <= len(pushed) <= LAG_S_MAX / BLOCK_S + 15 < missed
        await speaker.close()


async def test_a_studio_that_does_not_let_go_is_left_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(driver, "LEAVE_S_MAX", 0.2)
    async with stage() as rig:
        speaker = await rig.speaker("anna", tone(500.0, 30.0))
        monkeypatch.setattr(rig.room, "link_message", lambda _link, _text: None)
        began = time.monotonic()
        await speaker.leave()
        assert driver.LEAVE_S_MAX <= time.monotonic() - began < WAIT_S
        assert not speaker.gone.is_set()
        await speaker.close()


async def coming(rig: Rig, talk: Path) -> tuple["asyncio.Queue[Speaker]", "asyncio.Task[str]"]:
    connected: asyncio.Queue[Speaker] = asyncio.Queue()
    speaking = speak(door(rig, "file", []), talk, loop=True, on_connected=connected.put_nowait)  # type: ignore[arg-type]
    return connected, asyncio.create_task(speaking)


async def test_a_studio_that_falls_silent_is_joined_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver, "QUIET_S_MAX", 0.5)
    async with stage() as rig:
        connected, speaking = await coming(rig, written(tmp_path / "talk.wav", 2.0))
        first = await asyncio.wait_for(connected.get(), WAIT_S)
        monkeypatch.setattr(rig.room, "_deliver", lambda _delivery: None)
        second = await asyncio.wait_for(connected.get(), WAIT_S)
        assert first.quiet_s > driver.QUIET_S_MAX
        assert second is not first
        speaking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await speaking


async def test_a_studio_that_stays_away_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver, "RETRIES_MAX", 3)
    monkeypatch.setattr(driver, "RETRY_S", 0.01)
    async with stage() as rig:
        asked = 0
        inner = door(rig, "file", [])

        async def post(sdp: str) -> Answer:
            nonlocal asked
            asked += 1
            if asked > 1:
                sentence = "Nobody answers at the moment."
                raise HouseError(sentence)
            answer: Answer = await inner(sdp)  # type: ignore[operator]
            return answer

        talk = written(tmp_path / "talk.wav", 2.0)
        on_stage = asyncio.Event()
        speaking = speak(post, talk, loop=True, on_connected=lambda _: on_stage.set())
        task = asyncio.create_task(speaking)
        await asyncio.wait_for(on_stage.wait(), WAIT_S)
        await rig.engine.close()
        with pytest.raises(HouseError, match=f"after {driver.RETRIES_MAX} attempts"):
            await asyncio.wait_for(task, WAIT_S)
        assert asked == 1 + driver.RETRIES_MAX


async def test_unread_words_are_the_newest() -> None:
    speaker = Speaker(iter(()))
    for number in range(WORDS_MAX + 10):
        speaker._on_message(stagelink.pack(Ack(n=number)))
    assert (await speaker.word(Ack)).n == 10
    assert (await speaker.word(Ack, lambda ack: ack.n >= WORDS_MAX)).n == WORDS_MAX
    await speaker.close()
