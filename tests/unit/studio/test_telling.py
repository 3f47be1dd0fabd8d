"""What a space tells the house, over a backbone made of memory that can be taken down."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs
from tests.fakes.backbone import FakeBackbone
from tests.until import until

from rostra.app import studio_telling
from rostra.app.studio_telling import HURRY_EVERY_S, OUTBOX_MAX, TRIED_MAX, Outbox, StateBoard
from rostra.domain.errors import HouseError
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


async def put_until_told(board: StateBoard, state: bytes) -> None:
    board.show(state, at_once=True)
    await asyncio.wait_for(board.told(), WAIT_S)


async def there(backbone: FakeBackbone) -> bytes | None:
    entry = await backbone.get(BUCKET_STATE, "tea")
    return entry.value if entry is not None else None


async def test_dropped_messages_are_worth_a_line_at_first_and_then_one_a_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(studio_telling, "SAY_EVERY_S", 0.05)
    outbox = Outbox(FakeBackbone(), "tea", lambda: True)
    with capture_logs() as lines:
        for number in range(OUTBOX_MAX + 100):
            outbox.send(b"%d" % number)
        assert [line["dropped"] for line in lines] == [1]
        async with asyncio.timeout(WAIT_S):
            while len(lines) < 2:
                outbox.send(b"more")
                await asyncio.sleep(0.001)
    assert lines[1]["dropped"] == outbox.dropped


async def test_a_state_is_put_until_the_backbone_has_it(
    tasks: list[asyncio.Task[None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studio_telling, "TELL_EVERY_S", 0.05)
    backbone = FakeBackbone()
    board = StateBoard(backbone, "tea", lambda: True, 0)
    tasks.append(asyncio.create_task(board.run()))
    backbone.down = True
    board.show(b"live", at_once=True)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(board.told(), 0.2)
    board.show(b"ended", at_once=True)
    backbone.down = False
    await asyncio.wait_for(board.told(), WAIT_S)
    assert await there(backbone) == b"ended"


async def test_states_are_told_once_a_second_and_a_turn_at_once(
    tasks: list[asyncio.Task[None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studio_telling, "TELL_EVERY_S", 3_600.0)
    backbone = FakeBackbone()
    board = StateBoard(backbone, "tea", lambda: True, 0)
    tasks.append(asyncio.create_task(board.run()))
    board.show(b"1")
    await asyncio.wait_for(board.told(), WAIT_S)
    board.show(b"2")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(board.told(), 0.3)
    await put_until_told(board, b"3")
    assert await there(backbone) == b"3"


async def test_a_flood_of_turns_is_told_ten_times_a_second(
    tasks: list[asyncio.Task[None]],
) -> None:
    backbone = FakeBackbone()
    board = StateBoard(backbone, "tea", lambda: True, 0)
    tasks.append(asyncio.create_task(board.run()))
    began, number = asyncio.get_running_loop().time(), 0
    while (lasted := asyncio.get_running_loop().time() - began) < 0.5:
        number += 1
        board.show(b"%d" % number, at_once=True)
        await asyncio.sleep(0)
    entry = await backbone.get(BUCKET_STATE, "tea")
    assert entry is not None
    assert 2 <= entry.revision <= 1 + lasted / HURRY_EVERY_S
    assert number > 50


async def test_a_board_goes_on_where_the_last_studio_stopped(
    tasks: list[asyncio.Task[None]],
) -> None:
    backbone = FakeBackbone()
    revision = await backbone.put(BUCKET_STATE, "tea", b"left")
    board = StateBoard(backbone, "tea", lambda: True, revision)
    tasks.append(asyncio.create_task(board.run()))
    await put_until_told(board, b"taken over")
    assert await there(backbone) == b"taken over"


async def test_a_studio_that_slept_writes_nothing(tasks: list[asyncio.Task[None]]) -> None:
    backbone = FakeBackbone()
    board = StateBoard(backbone, "tea", lambda: False, 0)
    tasks.append(asyncio.create_task(board.run()))
    board.show(b"stale", at_once=True)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(board.told(), 0.3)
    assert await there(backbone) is None


async def test_a_write_that_was_on_its_way_does_not_land_on_the_successors(
    tasks: list[asyncio.Task[None]],
) -> None:
    backbone = FakeBackbone()
    board = StateBoard(backbone, "tea", lambda: True, 0)
    tasks.append(asyncio.create_task(board.run()))
    await put_until_told(board, b"live")
    await backbone.put(BUCKET_STATE, "tea", b"ended by the successor")
    board.show(b"still live", at_once=True)
    with pytest.raises(HouseError, match="Another studio"):
        await asyncio.wait_for(board.told(), WAIT_S)
    assert board.overruled
    assert await there(backbone) == b"ended by the successor"


class LosesAnswers(FakeBackbone):
    """Does what it is asked and does not say so, as often as `losses` says."""

    losses = 0

    async def update(self, bucket: str, key: str, value: bytes, revision: int) -> int | None:
        written = await super().update(bucket, key, value, revision)
        if self.losses:
            self.losses -= 1
            sentence = "The backbone did not answer (a test lost it)."
            raise HouseError(sentence)
        return written


async def test_a_write_whose_answer_was_lost_is_known_as_ours(
    tasks: list[asyncio.Task[None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studio_telling, "TELL_EVERY_S", 0.05)
    backbone = LosesAnswers()
    board = StateBoard(backbone, "tea", lambda: True, 0)
    tasks.append(asyncio.create_task(board.run()))
    await put_until_told(board, b"1")
    backbone.losses = 3
    board.show(b"2", at_once=True)
    await until(lambda: backbone.losses <= 1)
    await put_until_told(board, b"3")
    assert await there(backbone) == b"3"
    assert not board.overruled


async def test_a_bucket_that_lost_its_contents_is_filled_again(
    tasks: list[asyncio.Task[None]],
) -> None:
    backbone = FakeBackbone()
    board = StateBoard(backbone, "tea", lambda: True, 0)
    tasks.append(asyncio.create_task(board.run()))
    await put_until_told(board, b"1")
    await backbone.delete(BUCKET_STATE, "tea")
    await put_until_told(board, b"2")
    assert await there(backbone) == b"2"


async def test_so_many_lost_answers_are_known(
    tasks: list[asyncio.Task[None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studio_telling, "TELL_EVERY_S", 0.001)
    monkeypatch.setattr(studio_telling, "HURRY_EVERY_S", 0.001)
    backbone = LosesAnswers()
    board = StateBoard(backbone, "tea", lambda: True, 0)
    tasks.append(asyncio.create_task(board.run()))
    await put_until_told(board, b"0")
    backbone.losses, number = 3 * TRIED_MAX, 0
    async with asyncio.timeout(WAIT_S):
        while backbone.losses:
            number += 1
            board.show(b"%d" % number, at_once=True)
            assert len(board._tried) <= TRIED_MAX
            await asyncio.sleep(0.001)
