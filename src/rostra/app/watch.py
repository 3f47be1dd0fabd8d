"""The watch's process: its own store, port and page; it needs nothing of the house to run."""

import asyncio
import contextlib
import signal
import socket
import sys
from types import FrameType
from typing import TYPE_CHECKING, Final

import structlog
import uvloop

from rostra.app.config import Settings
from rostra.app.endings import end_all
from rostra.app.locks import only_one
from rostra.app.machine import MachineClock
from rostra.app.secrets import bootstrap_watch
from rostra.app.watch_doors import Door, loopback_socket, public_sockets
from rostra.app.watch_health import Health, Inside
from rostra.app.watch_loops import Loops
from rostra.app.watch_parts import Parts, assemble
from rostra.app.watch_record import told
from rostra.delivery.drivers.sockets import raise_file_limit
from rostra.store.watch_opening import open_watch_store
from rostra.web.watch_factory import create_watch_app

if TYPE_CHECKING:
    from rostra.app.watch_tls import Certificates

SWITCH_S: Final = 0.000_5
"""How long a thread that computes keeps the interpreter when the loop wants it back. Each call to
the system gives it away for a moment: at the usual 5 ms the few calls of one request would cost it
a tenth of a second beside a look or a chart."""

_log = structlog.get_logger("watch")


class _Ending:
    """Hears the word to end from the first moment on."""

    def __init__(self) -> None:
        self.told = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self)

    def __call__(self, _number: int, _frame: FrameType | None) -> None:
        """The signal came, perhaps before there is a loop."""
        self.told = True

    async def wait(self) -> None:
        """Return when it has come."""
        word = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, word.set)
        if not self.told:
            await word.wait()


def run(settings: Settings) -> int:
    """The watch's process, until SIGTERM or SIGINT; HouseError says why it cannot start.

    It needs its store and its ports, and no desk, backbone or edge.
    """
    ending = _Ending()
    sys.setswitchinterval(SWITCH_S)
    bootstrap_watch(settings)
    raise_file_limit()
    with contextlib.ExitStack() as stack:
        stack.enter_context(only_one("A watch", settings.data, "watch"))
        store = open_watch_store(settings.data)
        stack.callback(store.close)
        public, inside = public_sockets(settings), loopback_socket(settings)
        parts = assemble(settings, store, MachineClock())
        stack.callback(parts.close)
        stack.enter_context(told(settings))
        _log.info("the watch is open", page=f"{settings.watch_url}/status")
        uvloop.run(_serve(settings, parts, public, inside, ending))
    return 0


async def _serve(
    settings: Settings,
    parts: Parts,
    public: list[socket.socket],
    inside: socket.socket,
    ending: _Ending,
) -> None:
    loops = Loops(parts.loops)
    app = create_watch_app(parts.site)
    inner = Inside(app, Health(parts.site, loops.failures))
    doors = (Door(app, public, settings), Door(inner, [inside], settings))
    certificates = _certificates(settings)
    serving = [
        asyncio.create_task(doors[0].serve(certificates)),
        asyncio.create_task(doors[1].serve()),
    ]
    working = [asyncio.create_task(ending.wait()), asyncio.create_task(loops.run())]
    if certificates is not None:
        working.append(asyncio.create_task(certificates.run()))
    try:
        await asyncio.wait({working[0], *serving}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for door in doors:
            door.end()
        ended = await asyncio.gather(*serving, return_exceptions=True)
        await end_all(*working)
    for error in ended:
        if isinstance(error, BaseException):
            raise error


def _certificates(settings: Settings) -> "Certificates | None":
    """What makes the public port HTTPS; nothing for a house that is plain HTTP."""
    if not (settings.domain or settings.edge.tls_cert):
        return None
    from rostra.app.watch_tls import Certificates  # noqa: PLC0415 - half a second to load

    return Certificates(settings)
