"""A real house, probed: its pages, whatever is open in it, its stream of HLS."""

import asyncio

import pytest
from tests.figures import show
from tests.house import House

from rostra.app import watch_probe_space
from rostra.app.watch_probes import Prober
from rostra.watch.components import Component, Target
from rostra.watch.probing import Result

pytestmark = [pytest.mark.house, pytest.mark.timeout(60)]

FIRST_SEGMENT_S = 15.0


async def test_a_house_is_well_in_every_way_that_it_is_probed(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_probe_space, "HEAR_S", 0.5)
    made = house.create_space("Probed")
    stream = f"{house.origin}/live/{made.id}/master.m3u8"
    components = [
        Component("page", "Pages", Target.HTTP, f"{house.origin}/"),
        Component("port", "Port", Target.TCP, f"localhost:{house.port}"),
        Component("house", "Whatever is open", Target.SPACE, house.origin, timeout_s=20),
        Component("space", "Space", Target.SPACE, f"{house.origin}/s/{made.id}", timeout_s=20),
        Component("hls", "HLS", Target.HLS, stream),
    ]
    prober = Prober(components, "here", lambda _: None)
    async with asyncio.timeout(FIRST_SEGMENT_S):
        # A stream that has only just begun has no segment yet, which a probe says of it.
        while not (found := {one.component: one for one in await prober.once()})["hls"].ok:
            assert not found["hls"].own_fault
    for name, result in found.items():
        show({"component": name, **{step.name: step.ms for step in result.steps}})
    assert all(one.ok for one in found.values()), [one.failed for one in found.values()]
    assert _names(found["space"])[-4:] == ["first_sound", "slow", "gap", "silence"]
    assert _names(found["house"]) == _names(found["space"])
    assert _names(found["hls"])[-2:] == ["gap", "silence"]
    assert found["space"].listening >= 0


def _names(result: Result) -> list[str]:
    return [step.name for step in result.steps]
