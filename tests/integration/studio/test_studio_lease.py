"""Who has a space, on a real backbone: whatever is lost, one studio and no other."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.nats_server import Server

from rostra.app import studio_lease
from rostra.app.studio_lease import Lease
from rostra.domain.errors import HouseError
from rostra.wire.drivers.nats import NatsBackbone, furnish
from rostra.wire.drivers.nats_streams import LEASE_TTL_S

WAIT_S = 10.0


class Forgetful:
    """A backbone whose answers to updates get lost on the way, as often as `losses` says."""

    def __init__(self, backbone: NatsBackbone) -> None:
        self._backbone = backbone
        self.losses = 0
        self.lost = asyncio.Event()
        self.put, self.watch, self.publish = backbone.put, backbone.watch, backbone.publish
        self.get, self.create, self.delete = backbone.get, backbone.create, backbone.delete
        self.subscribe, self.serve, self.ask = backbone.subscribe, backbone.serve, backbone.ask
        self.recent, self.close = backbone.recent, backbone.close
        self.put_object, self.get_object = backbone.put_object, backbone.get_object

    @property
    def connected(self) -> bool:
        return self._backbone.connected

    async def update(self, bucket: str, key: str, value: bytes, revision: int) -> int | None:
        written = await self._backbone.update(bucket, key, value, revision)
        if self.losses:
            self.losses -= 1
            self.lost.set()
            sentence = "The backbone did not answer within 2 s (a test lost it)."
            raise HouseError(sentence)
        return written


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    one = Server(tmp_path)
    await one.start()
    await furnish(await one.client("studio"))
    yield one
    await one.close()


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(studio_lease, "RENEW_S", 0.2)
    monkeypatch.setattr(studio_lease, "YIELD_S", 1.0)


async def held(server: Server, name: str) -> tuple[NatsBackbone, Lease]:
    backbone = await server.client("studio")
    lease = Lease(backbone, "tea", name)
    await asyncio.wait_for(lease.taken(), WAIT_S)
    return backbone, lease


async def renewed(backbone: NatsBackbone, times: int = 2) -> None:
    """Return when the lease was written so many times more."""
    entries = backbone.watch("leases")
    async with asyncio.timeout(WAIT_S):
        for _ in range(times + 1):
            await anext(entries)
    await entries.aclose()


def test_a_lease_is_held_as_long_as_its_key_lives() -> None:
    assert studio_lease.HELD_S == LEASE_TTL_S


async def test_a_renewal_whose_answer_is_lost_loses_no_lease(server: Server) -> None:
    backbone = await server.client("studio")
    forgetful = Forgetful(backbone)
    lease = Lease(forgetful, "tea", "first")
    await lease.taken()
    forgetful.losses = 2
    losing = asyncio.create_task(lease.lost())
    await asyncio.wait_for(forgetful.lost.wait(), WAIT_S)
    await renewed(backbone, 3)
    assert not losing.done()
    assert lease.holds
    losing.cancel()


async def test_what_another_studio_holds_is_lost_and_left_alone(server: Server) -> None:
    backbone, first = await held(server, "first")
    await backbone.put("leases", "tea", b"second")  # as if the first had slept for long
    await asyncio.wait_for(first.lost(), WAIT_S)
    await first.release()
    assert not first.holds
    kept = await backbone.get("leases", "tea")
    assert kept is not None
    assert kept.value == b"second"


async def test_a_release_that_comes_too_late_deletes_nothing(server: Server) -> None:
    backbone, first = await held(server, "first")
    await backbone.put("leases", "tea", b"second")
    await first.release()
    assert await backbone.get("leases", "tea") is not None


async def test_a_released_lease_is_taken_at_once_and_a_held_one_is_not(server: Server) -> None:
    backbone, first = await held(server, "first")
    taking = asyncio.create_task(held(server, "second"))
    losing = asyncio.create_task(first.lost())
    await renewed(backbone)
    assert not taking.done()
    losing.cancel()
    await first.release()
    _, second = await taking
    assert second.holds


async def test_a_studio_that_was_killed_takes_its_own_lease_at_once(server: Server) -> None:
    await held(server, "first")
    async with asyncio.timeout(LEASE_TTL_S / 2):
        await held(server, "first")


async def test_a_silent_studio_loses_its_lease_to_another(server: Server) -> None:
    _, first = await held(server, "first")
    _, second = await held(server, "second")
    assert second.holds
    await asyncio.wait_for(first.lost(), WAIT_S)


async def test_after_an_absence_the_space_stays_where_it_was(
    server: Server, tmp_path: Path
) -> None:
    backbone, first = await held(server, "first")
    losing = asyncio.create_task(first.lost())
    other = await server.client("studio")
    taking = asyncio.create_task(Lease(other, "tea", "second").taken())
    server.kill()
    while backbone.connected or other.connected:  # noqa: ASYNC110 - states without events
        await asyncio.sleep(0.01)
    await asyncio.sleep(2 * studio_lease.RENEW_S)  # longer than the other sleeps between tries
    [kept] = (tmp_path / "nats").rglob("KV_leases")
    shutil.rmtree(kept)  # what a long absence does to a lease
    await server.start()
    await furnish(await server.client("studio"))
    await renewed(backbone, 8)
    assert not losing.done()
    assert not taking.done()
    losing.cancel()
    taking.cancel()
