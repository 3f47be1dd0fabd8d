"""A studio is paused, another takes its space and ends it, and the first one wakes up."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.fakes.backbone import FakeBackbone
from tests.fakes.engine import MemoryEngine
from tests.until import until

from rostra.app import studio as studio_module
from rostra.app import studio_lease, studio_telling
from rostra.app.studio import Card, Studio
from rostra.app.studio_calls import Keys
from rostra.app.studio_space import StudioSpace
from rostra.domain.ports import Entry, Handler, Responder
from rostra.domain.space import Cause, State
from rostra.programme.drivers.journal import check_journal, journal_path, read_journal
from rostra.wire.messages import (
    BUCKET_DEFS,
    BUCKET_LEASES,
    BUCKET_STATE,
    from_json,
    programme_subject,
    to_json,
)
from rostra.wire.states import SpaceDef, SpaceState

SPACE = "tea"
KEYS = Keys(Ed25519PrivateKey.generate().public_key(), Ed25519PrivateKey.generate())


class Line:
    """One studio's line to the backbone; while it is paused nothing passes, in its order."""

    connected = True

    def __init__(self, backbone: FakeBackbone) -> None:
        self._backbone = backbone
        self.goes = asyncio.Event()
        self.goes.set()
        self.waiting: list[str] = []

    async def _pass(self, what: str) -> None:
        self.waiting.append(what)
        await self.goes.wait()
        self.waiting.remove(what)

    async def publish(self, subject: str, payload: bytes) -> None:
        await self._pass(f"publish {subject}")
        await self._backbone.publish(subject, payload)

    async def get(self, bucket: str, key: str) -> Entry | None:
        await self._pass(f"get {bucket}")
        return await self._backbone.get(bucket, key)

    async def put(self, bucket: str, key: str, value: bytes) -> int:
        await self._pass(f"put {bucket}")
        return await self._backbone.put(bucket, key, value)

    async def create(self, bucket: str, key: str, value: bytes) -> int | None:
        await self._pass(f"create {bucket}")
        return await self._backbone.create(bucket, key, value)

    async def update(self, bucket: str, key: str, value: bytes, revision: int) -> int | None:
        await self._pass(f"update {bucket}")
        return await self._backbone.update(bucket, key, value, revision)

    async def delete(self, bucket: str, key: str, revision: int | None = None) -> None:
        await self._pass(f"delete {bucket}")
        await self._backbone.delete(bucket, key, revision)

    async def serve(self, subject: str, responder: Responder) -> Callable[[], Awaitable[None]]:
        return await self._backbone.serve(subject, responder)

    async def subscribe(self, subject: str, handler: Handler) -> None:
        await self._backbone.subscribe(subject, handler)

    async def ask(self, subject: str, payload: bytes, timeout_s: float) -> bytes:
        return await self._backbone.ask(subject, payload, timeout_s)

    async def recent(self, subject: str) -> list[bytes]:
        return await self._backbone.recent(subject)

    def watch(self, bucket: str, told: Callable[[], None] | None = None) -> AsyncIterator[Entry]:
        return self._backbone.watch(bucket, told)

    async def put_object(self, name: str, data: bytes) -> None:
        await self._backbone.put_object(name, data)

    async def get_object(self, name: str) -> bytes | None:
        return await self._backbone.get_object(name)

    async def close(self) -> None: ...


class House:
    """A backbone and studios that share a disk."""

    def __init__(self, data: Path) -> None:
        self.backbone = FakeBackbone()
        self.data = data
        self.running: list[tuple[Studio, asyncio.Task[None]]] = []

    def start(self, name: str) -> tuple[Studio, Line]:
        line = Line(self.backbone)
        engine: Any = MemoryEngine()
        studio = Studio(line, engine, self.data, KEYS, Card(name))
        self.running.append((studio, asyncio.create_task(studio.run())))
        return studio, line

    async def state(self) -> SpaceState | None:
        entry = await self.backbone.get(BUCKET_STATE, SPACE)
        return None if entry is None or entry.value is None else from_json(SpaceState, entry.value)

    async def until_state(self, state: State) -> None:
        found: list[SpaceState | None] = []

        async def look() -> None:
            while not (found and found[-1] is not None and found[-1].state is state):
                found.append(await self.state())
                await asyncio.sleep(0.005)

        await asyncio.wait_for(look(), 10)


@pytest.fixture
async def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    monkeypatch.setattr(studio_lease, "RENEW_S", 0.1)
    monkeypatch.setattr(studio_lease, "HELD_S", 1.0)
    monkeypatch.setattr(studio_telling, "TELL_EVERY_S", 0.2)
    monkeypatch.setattr(studio_module, "AGAIN_S", 0.1)
    one = House(tmp_path)
    plan = SpaceDef(SPACE, "Tea", 0, start_at_once=True)
    await one.backbone.put(BUCKET_DEFS, SPACE, to_json(plan))
    yield one
    for studio, _ in one.running:
        studio.stop()
    await asyncio.gather(*(task for _, task in one.running))


async def taken_over(
    house: House, *, told_late: bool = False
) -> tuple[StudioSpace, Line, StudioSpace]:
    """The first studio's space while it is paused, and the second's that runs."""
    first, line = house.start("first")
    await house.until_state(State.LIVE)
    await until(lambda: house.backbone.published[programme_subject(SPACE)])
    [old] = first.spaces()
    line.goes.clear()
    if told_late:
        old.define(msgspec.structs.replace(old.space, title="Late news"))
        await until(lambda: f"update {BUCKET_STATE}" in line.waiting)
    await until(lambda: f"publish {programme_subject(SPACE)}" in line.waiting)
    await until(lambda: f"update {BUCKET_LEASES}" in line.waiting)
    await until(lambda: not old._hold.holds)
    await house.backbone.delete(BUCKET_LEASES, SPACE)  # it expires, which is always later
    second, _ = house.start("second")
    await until(second.spaces)
    [new] = second.spaces()
    await until(lambda: new.outbox.published)
    return old, line, new


async def test_who_wakes_up_revives_no_space_that_has_ended(house: House) -> None:
    _, line, new = await taken_over(house)
    new.command("end", Cause.HOST)
    await house.until_state(State.ENDED)
    await until(lambda: not house.running[1][0].spaces())
    line.goes.set()
    await until(lambda: not house.running[0][0].spaces())
    state = await house.state()
    assert state is not None
    assert state.state is State.ENDED
    finding = check_journal(journal_path(house.data, SPACE))
    assert (finding.broken_at, finding.torn) == (None, 0)


async def test_what_was_on_its_way_does_not_land_on_the_successors_state(house: House) -> None:
    _, line, new = await taken_over(house, told_late=True)
    line.goes.set()
    await until(lambda: not house.running[0][0].spaces())
    state = await house.state()
    assert state is not None
    assert (state.state, state.title) == (State.LIVE, "Tea")
    assert house.running[1][0].spaces() == (new,)


async def test_who_wakes_up_is_silent_while_another_runs_the_space(house: House) -> None:
    old, line, new = await taken_over(house)
    published, before = new.outbox.published, old.outbox.published
    line.goes.set()
    await until(lambda: not house.running[0][0].spaces())
    await until(lambda: new.outbox.published > published + 5)
    assert old.outbox.published - before <= 1  # the one that was on its way when it fell asleep
    assert house.running[1][0].spaces() == (new,)
    new.command("end", Cause.HOST)
    await house.until_state(State.ENDED)
    await until(lambda: not house.running[1][0].spaces())
    kinds = [entry.kind for entry in read_journal(journal_path(house.data, SPACE))]
    assert kinds.count("restart") == 1
    assert check_journal(journal_path(house.data, SPACE)).broken_at is None
