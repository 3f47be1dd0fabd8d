"""One probe for each kind of target but a space: a page, a port, a certificate, a stream."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

from rostra.watch.components import Component, Target
from rostra.watch.drivers.probe_hls import HlsProbe
from rostra.watch.drivers.probe_http import page
from rostra.watch.drivers.probe_net import PORTS, Means, connected, host_and_port
from rostra.watch.drivers.probe_steps import FailedError, OwnTroubleError, Trail

EXPIRY_DAYS: Final = 7.0
"""Certificates of 90 days are renewed a month before; a week before the end it has gone wrong."""

DAY_S: Final = 86_400

Probe = Callable[[Trail], Awaitable[None]]
"""Makes its steps on the trail; FailedError or OwnTroubleError ends it early."""

Loudness = Callable[[bytes, bytes], float | None]
"""Decodes a segment after its beginning (`init`): the loudest sample, 0 for none that is not
silent; None when it is in no format that can be judged. FailedError for damage."""


def probe_of(component: Component, means: Means, loudness: Loudness | None = None) -> Probe:
    """How this component is probed from this place, again and again."""
    if component.target is Target.TCP:
        return lambda trail: _port(component, means, trail)
    if component.target is Target.TLS:
        return lambda trail: _certificate(component, means, trail)
    if component.target is Target.HLS:
        return HlsProbe(component.address, means, loudness).probe
    return lambda trail: _page(component, means, trail)


async def run(probe: Probe, trail: Trail, timeout_s: float) -> bool:
    """One probe within its time; True when all of its steps went well.

    Raises OwnTroubleError when the place could not probe.
    """
    try:
        async with asyncio.timeout(timeout_s):
            await probe(trail)
    except TimeoutError:
        trail.timed_out = True
    except OwnTroubleError:
        raise
    except FailedError as error:
        if all(step.ok for step in trail.steps):
            # An address that is none, before there was a step to fail.
            trail.took("resolve", 0.0, error.sentence)
    return bool(trail.steps) and all(step.ok for step in trail.steps)


async def _page(component: Component, means: Means, trail: Trail) -> None:
    await page(means, component.address, trail)


async def _port(component: Component, means: Means, trail: Trail) -> None:
    async with connected(means, host_and_port(component.address), trail):
        pass


async def _certificate(component: Component, means: Means, trail: Trail) -> None:
    named = host_and_port(component.address, PORTS["https"])
    endpoint = type(named)(named.host, named.port, tls=True)
    async with connected(means, endpoint, trail) as line:
        with trail.step("expiry"):
            end_s = line.certificate_end_s()
            days = ((end_s or 0) - time.time()) / DAY_S
            if days < EXPIRY_DAYS:
                words = f"The certificate is over in {days:.1f} days."
                raise FailedError(words)
