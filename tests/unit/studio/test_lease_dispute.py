"""When a space may be another studio's: after a sleep, and not while the backbone is away."""

import asyncio

import pytest
from tests.fakes.backbone import FakeBackbone
from tests.until import until

from rostra.app import studio_lease
from rostra.app.studio_lease import Lease


async def test_a_lease_that_was_not_renewed_in_time_is_in_dispute_until_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(studio_lease, "HELD_S", 0.1)
    monkeypatch.setattr(studio_lease, "RENEW_S", 0.05)
    lease = Lease(FakeBackbone(), "tea", "first")
    assert lease.disputed
    await lease.taken()
    assert lease.holds
    assert not lease.disputed
    await until(lambda: lease.disputed)  # nobody renews: as if the process slept
    assert not lease.holds
    losing = asyncio.create_task(lease.lost())
    await until(lambda: lease.holds)
    assert not lease.disputed
    losing.cancel()


async def test_while_the_backbone_is_away_nobody_can_have_taken_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(studio_lease, "HELD_S", 0.1)
    monkeypatch.setattr(studio_lease, "RENEW_S", 0.05)
    backbone = FakeBackbone()
    lease = Lease(backbone, "tea", "first")
    await lease.taken()
    losing = asyncio.create_task(lease.lost())
    backbone.down = True
    await until(lambda: not lease.holds)
    assert not lease.disputed
    losing.cancel()
