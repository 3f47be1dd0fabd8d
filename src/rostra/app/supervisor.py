"""`rostra serve`: the whole house on one machine, started together and ended together."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from rostra.app.addresses import addresses, require_free
from rostra.app.children import Child, argv, infrastructure, roles
from rostra.app.config import Settings
from rostra.app.disk import require_room, trouble
from rostra.app.house_metrics import HouseAdmin
from rostra.app.house_state import HouseState, began_at, state_path, write_state
from rostra.app.keeper import Keeper
from rostra.app.locks import only_one
from rostra.app.secrets import bootstrap, storage_sentence
from rostra.app.watch_keeper import WatchKeeper
from rostra.app.watch_record import ROLE
from rostra.domain.errors import HouseError

READY_WAIT_S: Final = 30.0
"""A house is ready in two to five seconds; after this long, and again, somebody must look."""
ROLES_END_S: Final = 3.0
"""Desk, studio, edges and front door say goodbye within this time…"""
BACKBONE_END_S: Final = 1.5
"""…and the backbone, which carried their goodbyes, within this: five seconds in all."""
STATE_EVERY_S: Final = 0.5
"""How old the answer of `rostra ps` may be."""

_log = structlog.get_logger("house")


class House:
    """A running house: its keepers, and the moment when it shall end."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.ending = asyncio.Event()
        self._started = began_at(os.getpid())
        self._keepers: list[Keeper] = []
        self._watch = WatchKeeper(settings, argv(settings, ROLE)) if settings.watch.on else None
        self._opened = False
        self._told: HouseState | None = None

    def add(self, children: list[Child]) -> list[Keeper]:
        """Start children and keep them alive."""
        added = [Keeper(child) for child in children]
        for keeper in added:
            keeper.start()
        self._keepers += added
        return added

    async def begin(self) -> None:
        """Start everything; returns when all are healthy, or the house shall end.

        All start at once: a role needs longer to load than the backbone to open, and waits for
        it by itself where it is the other way round. The watch is not waited for.
        """
        try:
            found = infrastructure(self.settings)
        except OSError as error:
            raise HouseError(storage_sentence(self.settings.data, error)) from error
        first = self.add(found)
        rest = self.add(roles(self.settings))
        if self._watch is not None:
            self._watch.start()
        await self._wait_ready([*first, *rest])
        self._opened = True

    async def tell(self) -> None:
        """Keep `house.json` true for as long as the house lives; say once that the disk is full."""
        said = ""
        while True:
            unwritten = self.tell_now()
            sentence = trouble(self.settings.data) or unwritten
            if sentence and sentence != said:
                _log.error(sentence)
            said = sentence
            await asyncio.sleep(STATE_EVERY_S)

    def tell_now(self) -> str:
        """Write `house.json` if there is news; the sentence for a disk that takes none, or ""."""
        state = self.state()
        try:
            if state != self._told:
                write_state(self.settings, state)
                self._told = state
        except OSError as error:
            return storage_sentence(self.settings.data, error)
        return ""

    async def end(self) -> None:
        """End every process; the backbone last.

        The watch ends with a house that was told to end, and one that never opened; a house that
        fails leaves it to tell of that.
        """
        last = [keeper for keeper in self._keepers if keeper.child.role == "nats"]
        rest = [keeper for keeper in self._keepers if keeper not in last]
        work = [keeper.end(ROLES_END_S) for keeper in rest]
        if self._watch is not None:
            failed = self._opened and not self.ending.is_set()
            work.append(self._watch.leave() if failed else self._watch.end())
        await asyncio.gather(*work)
        await asyncio.gather(*(keeper.end(BACKBONE_END_S) for keeper in last))
        state_path(self.settings).unlink(missing_ok=True)

    async def _wait_ready(self, keepers: list[Keeper]) -> None:
        tasks = {
            asyncio.create_task(_all_ready(keepers)),
            asyncio.create_task(self.ending.wait()),
        }
        try:
            while not any(task.done() for task in tasks):
                await asyncio.wait(tasks, timeout=READY_WAIT_S, return_when=asyncio.FIRST_COMPLETED)
                late = [keeper.child.role for keeper in keepers if not keeper.ready.is_set()]
                if late and not self.ending.is_set():
                    _log.error("not ready yet; see the lines above", processes=", ".join(late))
        finally:
            for task in tasks:
                task.cancel()

    def state(self) -> HouseState:
        """What the house tells about itself."""
        watch = () if self._watch is None else (self._watch.state,)
        return HouseState(
            os.getpid(),
            self._started,
            self.settings.port,
            self.settings.origin,
            tuple(keeper.state for keeper in self._keepers) + watch,
        )


async def _all_ready(keepers: list[Keeper]) -> None:
    for keeper in keepers:
        await keeper.ready.wait()


Then = Callable[[House], Awaitable[None]]


def run(settings: Settings, then: Then) -> int:
    """Serve until SIGINT or SIGTERM; `then(house)` is called once the house is ready.

    Returns the exit code. HouseError before anything is started if a port, a folder or a
    program is missing.
    """
    bootstrap(settings)
    require_room(settings)
    with only_one("A house", settings.data, "house"):
        require_free(addresses(settings))
        return asyncio.run(_serve(settings, then))


async def _serve(settings: Settings, then: Then) -> int:
    house = House(settings)
    loop = asyncio.get_running_loop()
    numbers = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup(1) means it
        numbers.append(signal.SIGHUP)
    for number in numbers:
        loop.add_signal_handler(number, house.ending.set)
    admin = HouseAdmin(settings, house.state)
    await admin.open()
    telling = asyncio.create_task(house.tell())
    going = asyncio.create_task(_go(house, then))
    ending = asyncio.create_task(house.ending.wait())
    try:
        await asyncio.wait({going, ending}, return_when=asyncio.FIRST_COMPLETED)
        if going.done() and not house.ending.is_set():
            going.result()
        await ending
    finally:
        for task in (going, telling, ending):
            task.cancel()
        await asyncio.gather(going, telling, ending, return_exceptions=True)
        admin.close()
        await house.end()
    return 0


async def _go(house: House, then: Then) -> None:
    await house.begin()
    if not house.ending.is_set():
        house.tell_now()  # who reads "open" may ask `rostra ps` at once
        await then(house)
