"""The edges of one machine: a parent opens their sockets, forks one process each, keeps them up."""

import gc
import os
import signal
import socket
import sys
import time
from dataclasses import dataclass, field
from typing import Final

import structlog

from rostra.app.backoff import Backoff
from rostra.app.config import Settings
from rostra.app.edge_certificate import LOOK_S
from rostra.app.edge_child import DRAINED, Stock, access_of, run_child
from rostra.app.edge_files import read_loop, read_page
from rostra.app.edge_rows import EdgeRow, EdgesState, write_edges
from rostra.app.edge_tls import keeper_of, tls_of
from rostra.app.house_state import began_at
from rostra.app.parents import die_with, orders_wait
from rostra.delivery.drivers.sockets import listen, raise_file_limit
from rostra.delivery.elastic import Relief, ladder
from rostra.domain.errors import HouseError

STOP_WAIT_S: Final = 2.5
"""How long edges may take to end before they are killed; the house waits three seconds."""

WATCH_S: Final = 0.1
"""How often the parent looks for an edge that died."""

_log = structlog.get_logger("edges")


@dataclass
class _Child:
    index: int
    server: socket.socket
    pid: int = 0
    started_s: float = 0.0
    backoff: Backoff = field(default_factory=Backoff)
    due_s: float = 0.0
    restarts: int = 0
    drained: bool = False


class Parent:
    """Forks edges and restarts them. It never has a thread, so that forking stays safe."""

    def __init__(self, settings: Settings, servers: list[socket.socket], stock: Stock) -> None:
        self._settings = settings
        self._stock = stock
        self._children = [_Child(index, server) for index, server in enumerate(servers)]
        self._certificate = keeper_of(settings, stock.tls) if stock.tls else None
        self._look_s = 0.0
        self._stopping = False
        self._resuming = False

    def run(self) -> int:
        """Keep the edges up until SIGTERM or SIGINT; 0 when all ended by themselves.

        An edge that was drained stays away until SIGUSR1.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        signal.signal(signal.SIGUSR1, self._resume)
        while not self._stopping:
            now_s = time.monotonic()
            self._look(now_s)
            if self._resuming:
                self._open_again()
            for child in self._children:
                if not child.pid and not child.drained and now_s >= child.due_s:
                    self._fork(child, now_s)
            self._reap()
            time.sleep(WATCH_S)
        return self._end()

    def _look(self, now_s: float) -> None:
        """Take a new certificate, for edges that are forked from now on; the others do so alone."""
        if self._certificate is not None and now_s >= self._look_s:
            self._look_s = now_s + LOOK_S
            self._certificate.take(self._certificate.look())

    def _stop(self, _number: int, _frame: object) -> None:
        self._stopping = True

    def _resume(self, _number: int, _frame: object) -> None:
        self._resuming = True

    def _open_again(self) -> None:
        self._resuming = False
        for child in [one for one in self._children if one.drained]:
            try:
                port = self._settings.edge_port(child.index)
                child.server = listen(self._settings.edge_bind, port)
            except HouseError as error:
                _log.error("an edge stays drained", edge=child.index, why=error.sentence)
                continue
            child.drained = False

    def _tell(self) -> None:
        rows = tuple(
            EdgeRow(
                one.index,
                one.pid,
                one.restarts,
                self._settings.edge_id(one.index),
                began_at(one.pid) if one.pid else 0.0,
                one.drained,
            )
            for one in self._children
        )
        own = os.getpid()
        write_edges(self._settings, EdgesState(own, began_at(own), self._settings.port, rows))

    def _fork(self, child: _Child, now_s: float) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        parent = os.getpid()
        with orders_wait():
            pid = os.fork()
            if pid == 0:
                os._exit(self._be(child, parent))
        child.pid, child.started_s = pid, now_s
        self._tell()

    def _be(self, child: _Child, parent: int) -> int:
        """The life of a forked edge; its exit code."""
        try:
            die_with(parent)
            for other in self._children:
                if other is not child:
                    other.server.close()
            return run_child(self._settings, child.index, child.server, self._stock)
        except BaseException:  # noqa: BLE001 - a fork's last frame: nothing may pass it
            _log.exception("an edge ended by a mistake", edge=child.index)
            return 1

    def _reap(self) -> None:
        for child in self._children:
            ended, status = os.waitpid(child.pid, os.WNOHANG) if child.pid else (0, 0)
            if ended and os.waitstatus_to_exitcode(status) == DRAINED:
                self._drained(child)
            elif ended:
                now_s = time.monotonic()
                child.backoff = child.backoff.after_death(now_s - child.started_s)
                child.due_s = now_s + child.backoff.delay_s
                child.restarts += 1
                _log.warning(
                    "an edge died and is started again",
                    edge=child.index,
                    was_pid=child.pid,
                    again_in_s=child.backoff.delay_s,
                )
                child.pid = 0

    def _drained(self, child: _Child) -> None:
        """Give up its port, so that who knocks there is told at once that nobody is in."""
        child.pid, child.drained = 0, True
        child.server.close()
        self._tell()
        _log.info("an edge was drained and stays away", edge=self._settings.edge_id(child.index))

    def _end(self) -> int:
        for child in self._children:
            if child.pid:
                os.kill(child.pid, signal.SIGTERM)
        deadline_s = time.monotonic() + STOP_WAIT_S
        killed = False
        while any(child.pid for child in self._children):
            late = time.monotonic() > deadline_s
            for child in self._children:
                if child.pid and os.waitpid(child.pid, os.WNOHANG)[0]:
                    child.pid = 0
                elif child.pid and late:
                    os.kill(child.pid, signal.SIGKILL)
                    killed = True
            time.sleep(WATCH_S / 10)
        return 1 if killed else 0


def run(settings: Settings, count: int | None = None) -> int:
    """Run `count` edges (default: as configured) until told to end; the exit code.

    Raises HouseError when a port cannot be taken.
    """
    raise_file_limit()
    edges = range(count or settings.edge_count)
    servers = [listen(settings.edge_bind, settings.edge_port(index)) for index in edges]
    template, assets = read_page()
    steps = ladder(settings.edge.ticks, [Relief(name) for name in settings.edge.relief])
    tls = tls_of(settings)
    if tls is not None:
        keeper_of(settings, tls).first()
    stock = Stock(template, assets, read_loop(), access_of(settings), steps, tls)
    # What was made so far is never collected, so its pages stay shared with the children.
    gc.collect()
    gc.freeze()
    return Parent(settings, servers, stock).run()
