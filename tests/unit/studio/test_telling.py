"""What a space tells the house, over a backbone made of memory that can be taken down."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from tests.fakes.backbone import FakeBackbone

from rostra.app import studio_telling
from rostra.app.studio_telling import OUTBOX_MAX, Outbox, StateBoard
from rostra.wire.messages import BUCKET_STATE, programme_subject

WAIT_S = 5.0
SUBJECT = programme_subject("tea")


@pytest.fixture
async def tasks() -> AsyncIterator[list[asyncio.Task[None]]]:
    running: list[asyncio.Task[None]] = []
    yield running
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)


async def test_of_too_many_messages_the_oldest_go(tasks: list[asyncio.Task[None]]) -> None:
    backbone = FakeBackbone()
    outbox = Outbox(backbone, "tea", lambda: True)
    for number in range(OUTBOX_MAX + 3):
        outbox.send(b"%d" % number)
    tasks.append(asyncio.create_task(outbox.run()))
    await asyncio.wait_for(outbox.emptied(), WAIT_S)
    assert backbone.published[SUBJECT] == [b"%d" % number for number in range(3, OUTBOX_MAX + 3)]
    assert (outbox.dropped, outbox.published) == (3, OUTBOX_MAX)


async def test_what_the_backbone_does_not_take_is_counted(
    tasks: list[asyncio.Task[None]],
) -> None:
    backbone = FakeBackbone()
    outbox = Outbox(backbone, "tea", lambda: True)
    tasks.append(asyncio.create_task(outbox.run()))
    backbone.down = True
    outbox.send(b"lost")
    await asyncio.wait_for(outbox.emptied(), WAIT_S)
    backbone.down = False
    outbox.send(b"heard")
    await asyncio.wait_for(outbox.emptied(), WAIT_S)
    assert backbone.published[SUBJECT] == [b"heard"]
    assert (outbox.dropped, outbox.published) == (1, 1)


async def test_a_space_that_another_studio_may_have_says_nothing(
    tasks: list[asyncio.Task[None]],
) -> None:
    backbone, holds = FakeBackbone(), [False]
    outbox = Outbox(backbone, "tea", lambda: holds[0])
    tasks.append(asyncio.create_task(outbox.run()))
    outbox.send(b"stale")
    await asyncio.wait_for(outbox.emptied(), WAIT_S)
    holds[0] = True
    outbox.send(b"ours")
    await asyncio.wait_for(outbox.emptied(), WAIT_S)
    assert backbone.published[SUBJECT] == [b"ours"]
    assert outbox.dropped == 1


async def test_a_state_is_put_until_the_backbone_has_it(
    tasks: list[asyncio.Task[None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studio_telling, "TELL_EVERY_S", 0.05)
    backbone = FakeBackbone()
    board = StateBoard(backbone, "tea")
    tasks.append(asyncio.create_task(board.run()))
    backbone.down = True
    board.show(b"live", at_once=True)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(board.told(), 0.2)
    board.show(b"ended", at_once=True)
    backbone.down = False
    await asyncio.wait_for(board.told(), WAIT_S)
    entry = await anext(aiter(backbone.watch(BUCKET_STATE)))
    assert (entry.key, entry.value) == ("tea", b"ended")


async def test_states_are_told_once_a_second_and_a_turn_at_once(
    tasks: list[asyncio.Task[None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studio_telling, "TELL_EVERY_S", 3_600.0)
    backbone = FakeBackbone()
    board = StateBoard(backbone, "tea")
    tasks.append(asyncio.create_task(board.run()))
    board.show(b"1")
    await asyncio.wait_for(board.told(), WAIT_S)
    board.show(b"2")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(board.told(), 0.1)
    board.show(b"3", at_once=True)
    await asyncio.wait_for(board.told(), WAIT_S)
    entry = await anext(aiter(backbone.watch(BUCKET_STATE)))
    assert entry.value == b"3"
