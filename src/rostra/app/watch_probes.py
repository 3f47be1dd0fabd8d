"""Probes every component from this place, each at its pace, and tells whose fault a failure is."""

import asyncio
import random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, Protocol

import structlog

from rostra.app.machine import MachineClock
from rostra.app.watch_decode import loudness
from rostra.app.watch_place_health import PlaceHealth
from rostra.app.watch_probe_space import SpaceProbe
from rostra.domain.ports import Clock, Moment
from rostra.watch.components import Component, Target
from rostra.watch.drivers.probe_kinds import Probe, probe_of, run
from rostra.watch.drivers.probe_net import PORTS, Means, host_and_port
from rostra.watch.drivers.probe_steps import FailedError, OwnTroubleError, Trail
from rostra.watch.own_fault import own_fault
from rostra.watch.probing import Result, Step, sentence

AT_ONCE: Final = 8
"""Probes under way at once from one place: more would measure each other."""

AGAIN_S: Final = 5.0
"""After a first failure the next probe comes so soon: two in a row are a word."""

SPREAD_S: Final = 5.0
"""Over how long the first probes of a place are spread."""

JITTER: Final = 0.05
"""A part of the interval by which probes vary, so that places do not fall into step."""

_log = structlog.get_logger("probes")


class _Timed(Protocol):
    """A probe that may wish to be made at a certain time."""

    def next_in_s(self) -> float | None:
        """In how many seconds, or None."""
        ...


@dataclass(slots=True)
class _Watched:
    component: Component
    host: str
    probe: Probe
    timed: _Timed | None = None
    well: bool = True
    blamed: str = ""


class Prober:
    """The probes of one place; `take` is given each result, and must not block.

    Args:
        components: What is watched; those without a target are left out.
        place: This place's name.
        take: Where results go.
        controls: `HOST:PORT` that are reached whenever this place's own network is well.
        means: Resolver and trust; the machine's own by default.
        clock: The machine's.
        utc_us: The time that results are stamped with: the machine's, unless a place knows better.
    """

    def __init__(  # noqa: PLR0913 - what a prober is made of, each by name
        self,
        components: Iterable[Component],
        place: str,
        take: Callable[[Result], None],
        *,
        controls: Iterable[str] = (),
        means: Means | None = None,
        clock: Clock | None = None,
        utc_us: Callable[[], int] | None = None,
    ) -> None:
        self._place = place
        self._take = take
        self._means = means or Means()
        self._clock = clock or MachineClock()
        self._utc_us = utc_us or (lambda: self._clock.now().utc_us)
        self._health = PlaceHealth(self._means, controls, self._clock)
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._watched = [self._made(one) for one in components if one.target is not Target.NONE]

    async def run(self) -> None:
        """Probe for ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._health.run())
            for watched in self._watched:
                group.create_task(self._keep(watched))

    async def once(self) -> list[Result]:
        """One probe of each component, all at once; results are handed to `take`, too."""
        return await asyncio.gather(*(self._turn(one) for one in self._watched))

    def _made(self, component: Component) -> _Watched:
        host = _host(component)
        if component.target is Target.SPACE:
            probe = SpaceProbe(component.address, self._means)
            return _Watched(component, host, probe.probe, probe)
        return _Watched(component, host, probe_of(component, self._means, loudness))

    async def _keep(self, watched: _Watched) -> None:
        every_s = watched.component.every_s
        await asyncio.sleep(random.uniform(0, min(every_s, SPREAD_S)))  # noqa: S311 - spreads
        while True:
            began_s, was_well = time.monotonic(), watched.well
            await self._turn(watched)
            wait_s = every_s * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - as above
            if was_well != watched.well:
                wait_s = min(wait_s, AGAIN_S)
            wish_s = watched.timed.next_in_s() if watched.timed is not None else None
            left_s = max(0.0, wait_s - (time.monotonic() - began_s))
            await asyncio.sleep(left_s if wish_s is None else min(left_s, wish_s))

    async def _turn(self, watched: _Watched) -> Result:
        async with self._turns:
            result = await self._probe(watched)
        if not result.own_fault:
            watched.well = result.ok
        self._take(result)
        return result

    async def _probe(self, watched: _Watched) -> Result:
        component, trail, before = watched.component, Trail(), self._clock.now()
        ok = await self._run(watched, trail)
        self._health.note(component.id, watched.host, trail)
        blamed = "" if ok else await self._blamed(watched, trail, before)
        if blamed != watched.blamed and blamed:
            _log.warning("a probe is in trouble itself", component=component.id, why=blamed)
        watched.blamed = blamed
        steps = tuple(_accused(step, blamed) for step in trail.steps)
        utc_us = self._utc_us()
        return Result(component.id, self._place, utc_us, ok, steps, bool(blamed), trail.listening)

    async def _run(self, watched: _Watched, trail: Trail) -> bool:
        try:
            return await run(watched.probe, trail, watched.component.timeout_s)
        except OwnTroubleError:
            return False
        except Exception:  # noqa: BLE001 - a fault of ours accuses no target and ends no other probe
            _log.exception("a probe has a fault", component=watched.component.id)
            trail.crowded = True
            return False

    async def _blamed(self, watched: _Watched, trail: Trail, before: Moment) -> str:
        step = next((one.name for one in trail.steps if not one.ok), "")
        health = await self._health.look(watched.host, trail, before)
        return own_fault(step, health)


def _accused(step: Step, blamed: str) -> Step:
    """A failed step with what the place found about itself in the place of what it saw."""
    return step if step.ok or not blamed else Step(step.name, step.ms, False, sentence(blamed))


def _host(component: Component) -> str:
    try:
        return host_and_port(component.address, PORTS["https"]).host
    except FailedError:
        return ""
