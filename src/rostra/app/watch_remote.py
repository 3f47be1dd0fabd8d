"""`rostra watch --probe-for URL`: a place that probes what another watch lists, and tells it."""

import asyncio
import contextlib
import signal
from collections.abc import Iterable
from typing import Any, Final

import structlog
import uvloop

from rostra.app.config import Settings
from rostra.app.endings import end_all
from rostra.app.watch_probes import Prober
from rostra.app.watch_teller import Refused, Remote, patience_s, watch_base
from rostra.app.watch_tokens import own_token
from rostra.domain.errors import HouseError, MalformedError
from rostra.watch.drivers.probe_net import Means
from rostra.watch.telling import Listed

LIST_EVERY_S: Final = 300.0
"""How often a place asks whether the list of components is another one."""

_log = structlog.get_logger("probes")


async def probe_for(
    remote: Remote, controls: Iterable[str] = (), means: Means | None = None
) -> None:
    """Probe what the watch lists and tell it, for ever; the list is asked for again and again."""
    again = asyncio.Event()
    telling = asyncio.create_task(remote.post_on(again.set))
    probing: list[asyncio.Task[None]] = []
    listed: Listed | None = None
    try:
        while True:
            now = await _listed(remote)
            remote.only(now.components)
            if listed is None or now.components != listed.components:
                await end_all(*probing)
                listed = now
                prober = _prober(remote, now, controls, means)
                probing = [asyncio.create_task(prober.run())]
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LIST_EVERY_S):
                    await again.wait()
            again.clear()
    finally:
        await end_all(telling, *probing)


def _prober(remote: Remote, listed: Listed, controls: Iterable[str], means: Means | None) -> Prober:
    _log.info(
        "probing for a watch",
        place=listed.place,
        components=len(listed.components),
        clock_ahead_s=round(remote.clock.own_error_s, 3),
    )
    return Prober(
        listed.components,
        listed.place,
        remote.tell,
        controls=controls,
        means=means,
        utc_us=remote.clock.utc_us,
    )


async def _listed(remote: Remote) -> Listed:
    """The list, however long it takes to get it."""
    failures = 0
    while True:
        try:
            return await remote.listed()
        except (Refused, HouseError, MalformedError) as error:
            failures += 1
            if failures == 1:
                _log.warning("the watch's list is not to be had yet", why=error.sentence)
            await asyncio.sleep(patience_s(failures, error))


def run(settings: Settings, url: str) -> int:
    """Probe for the watch at `url` until SIGTERM or SIGINT; the exit code.

    Raises PeerError for an address that is none, HouseError where this place has no word.
    """
    watch_base(url)
    uvloop.run(_until_told(settings, url, own_token(settings)))
    return 0


async def _until_told(settings: Settings, url: str, token: str) -> None:
    ending = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ending.set)
    remote = Remote(url, token)
    work: list[asyncio.Task[Any]] = [
        asyncio.create_task(probe_for(remote, settings.watch.controls)),
        asyncio.create_task(ending.wait()),
    ]
    try:
        done, _ = await asyncio.wait(work, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        await end_all(*work)
        await remote.close()
