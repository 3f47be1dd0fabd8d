"""A place looks at itself when a probe fails: loop, clock, resolver, route, other addresses."""

import asyncio
import contextlib
import ipaddress
import socket
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from rostra.domain.ports import Clock, Moment
from rostra.watch.drivers.probe_net import Means, host_and_port
from rostra.watch.drivers.probe_steps import FailedError, OwnTroubleError, Trail
from rostra.watch.own_fault import Health

CONTROLS_MAX: Final = 5
"""Control addresses that are tried: they belong to others, who owe us nothing."""

CONTROL_S: Final = 3.0
"""For one control address, or one lookup: a lost packet is sent again after a second."""

TICK_S: Final = 0.25
"""How often the loop's own lateness is measured."""

TICKS_KEPT: Final = 480
"""Two minutes, longer than any probe."""

LATELY_S: Final = 120.0
"""How long a look at another target counts."""

_FAR: Final = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))
"""Addresses for documentation (RFC 5737, RFC 3849): a route to them is a route to the world, and
a connected datagram socket sends nothing."""

NS_PER_MS: Final = 1_000_000
US_PER_MS: Final = 1_000


@dataclass(frozen=True, slots=True)
class _Reached:
    host: str
    well: bool
    mono_s: float


class PlaceHealth:
    """What one place knows about itself."""

    def __init__(self, means: Means, controls: Iterable[str], clock: Clock) -> None:
        self._means = means
        self._controls = tuple(controls)[:CONTROLS_MAX]
        self._clock = clock
        self._late: deque[tuple[float, float]] = deque(maxlen=TICKS_KEPT)
        self._reached: dict[str, _Reached] = {}

    async def run(self) -> None:
        """Measure how late this loop is, for ever."""
        while True:
            began = time.monotonic()
            await asyncio.sleep(TICK_S)
            now = time.monotonic()
            self._late.append((now, max(0.0, now - began - TICK_S)))

    def note(self, component: str, host: str, trail: Trail) -> None:
        """Remember whether a target was reached at all."""
        well = any(step.name == "connect" and step.ok for step in trail.steps)
        self._reached[component] = _Reached(host, well, time.monotonic())

    async def look(self, host: str, trail: Trail, before: Moment) -> Health:
        """What this place finds about itself after a probe of `host` that began at `before`."""
        now = self._clock.now()
        failed = next((step.name for step in trail.steps if not step.ok), "")
        step_us = (now.utc_us - before.utc_us) - (now.mono_us - before.mono_us)
        others = [one for one in self._reached.values() if one.host != host and _lately(one)]
        near = await self._near(host)
        # A target on this machine needs no network.
        well = 0 if near else sum(await self._ask_controls())
        return Health(
            timed_out=trail.timed_out,
            loop_late_ms=self._late_ms(before),
            clock_step_ms=step_us / US_PER_MS,
            routed=near or _routed(),
            controls=0 if near else len(self._controls),
            controls_well=well,
            others=0 if near else len(others),
            others_well=sum(one.well for one in others),
            resolver=await self._resolver(host) if failed == "resolve" else None,
            resolver_silent=trail.resolver_silent,
            crowded=trail.crowded,
        )

    def _late_ms(self, before: Moment) -> float:
        began_s = before.mono_ns / 1e9
        return max((late for at, late in self._late if at >= began_s), default=0.0) * 1_000

    async def _near(self, host: str) -> bool:
        """Whether a host is this machine itself."""
        addresses = [(host, 0)] if _is_address(host) else await self._addresses(host)
        return any(_is_loopback(address) for address, _ in addresses)

    async def _addresses(self, host: str) -> list[tuple[str, int]]:
        with contextlib.suppress(FailedError, OwnTroubleError, TimeoutError):
            async with asyncio.timeout(CONTROL_S):
                return await self._means.lookups.addresses(host, 80)
        return []

    async def _ask_controls(self) -> list[bool]:
        return await asyncio.gather(*(self._reaches(one) for one in self._controls))

    async def _reaches(self, control: str) -> bool:
        try:
            endpoint = host_and_port(control, 443)
            async with asyncio.timeout(CONTROL_S):
                _, writer = await asyncio.open_connection(endpoint.host, endpoint.port)
        except (FailedError, OSError):
            return False
        writer.transport.abort()
        return True

    async def _resolver(self, host: str) -> bool | None:
        """Whether another name than this one is resolved; None without another name."""
        names = [one.host for one in self._reached.values()] + [
            _host_of(control) for control in self._controls
        ]
        others = [one for one in dict.fromkeys(names) if one not in {host, "localhost", ""}]
        others = [one for one in others if not _is_address(one)][:CONTROLS_MAX]
        if not others:
            return None
        found = await asyncio.gather(*(self._addresses(one) for one in others))
        return any(found)


def _lately(one: _Reached) -> bool:
    return time.monotonic() - one.mono_s <= LATELY_S


def _host_of(control: str) -> str:
    try:
        return host_and_port(control, 443).host
    except FailedError:
        return ""


def _is_address(host: str) -> bool:
    with contextlib.suppress(ValueError):
        ipaddress.ip_address(host)
        return True
    return False


def _is_loopback(address: str) -> bool:
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(address.partition("%")[0]).is_loopback
    return False


def _routed() -> bool:
    """Whether there is a way out of this machine, by either protocol."""
    for family, address in _FAR:
        with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as ask:
            ask.connect((address, 9))
            return True
    return False
