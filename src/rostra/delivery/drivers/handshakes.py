"""Connections between the door and their first request: TLS handshakes, some a turn, in time."""

import contextlib
import socket
import ssl
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import islice, takewhile
from typing import Final, cast

from rostra.delivery.answers import sentence
from rostra.delivery.drivers import poller
from rostra.delivery.drivers.door import ACCEPT_BATCH_MAX
from rostra.delivery.drivers.poller import Poller
from rostra.delivery.drivers.tls import TlsSocket
from rostra.delivery.refusals import Code, RefusedError
from rostra.delivery.service import Now
from rostra.delivery.sources import LOOPBACK, Proxies, is_among

STEPS_MAX: Final = 8
"""Steps of handshakes in one turn of the loop. The dearest, with the signature, takes about half a
millisecond: a tick that is due waits for 5 ms at most, a twentieth of the shortest."""

HANDSHAKE_TIMEOUT_NS: Final = 10_000_000_000
"""From the connection to the end of its handshake: two round trips of a very bad network."""

HANDSHAKES_MAX: Final = 1_024
"""Handshakes under way at once, each up to 50 kB; 1,400 a second over 300 ms are 420. With so many
newcomers wait in the kernel's queue."""

PATIENCE_NS: Final = 3_000_000_000
"""A handshake that has taken so long makes room for a newcomer: silent peers keep nobody out for
longer, and a crowd that we are slow to serve is through by then."""

PAUSE_NS: Final = 20_000_000
"""How long nobody is accepted when there is no room: some fifty handshakes."""

HELLO: Final = b"\x16"
"""The first byte of a TLS connection: a handshake record (RFC 8446, section 5.1)."""

Admit = Callable[[socket.socket, str, Now], None]


@dataclass(slots=True)
class Tls:
    """How one edge speaks TLS, and what became of its handshakes."""

    context: ssl.SSLContext
    ready: bool = False
    """Whether there is a certificate."""
    full: int = 0
    resumed: int = 0
    failed: int = 0
    late: int = 0
    crowded: int = 0
    """Ended unfinished to make room for others."""
    plain: int = 0
    """Plain HTTP from elsewhere, refused."""
    not_after_s: float = 0.0
    """Unix time at which the certificate ends."""
    kind: str = ""
    """Its key's algorithm."""
    fingerprint: str = ""
    files_refused: int = 0
    """Times that its files had changed and were no good."""


@dataclass(slots=True)
class _Handshake:
    sock: socket.socket
    address: str
    begun_ns: int
    fd: int
    tls: TlsSocket | None = None
    interest: int = poller.READ


@dataclass(slots=True)
class Handshakes:
    """Takes connections from the door and gives them to `admit` when their handshake is done.

    Plain HTTP from one of `proxies` is admitted as it is (the front door on loopback speaks it);
    from elsewhere it is told to come by HTTPS. The loop watches `fileno` and calls `turn`.
    """

    tls: Tls
    admit: Admit
    gone: Callable[[int], None]
    """Told the descriptor of one that ended before it was admitted."""
    proxies: Proxies = LOOPBACK
    watch: Poller = field(default_factory=poller.best)
    unread: set[int] = field(default_factory=set)
    """Admitted connections with data that no poller can see: the loop reads them again."""
    behind: bool = False
    """More can go on than a turn takes."""
    under_way: dict[int, _Handshake] = field(default_factory=dict)

    def fileno(self) -> int:
        """Readable when a handshake can go on."""
        return self.watch.fileno()

    def room(self, now: Now) -> int:
        """How many newcomers can be taken, where need be in the place of those that take long.

        While we are behind it is one at a time: a crowd waits in the kernel's queue, where it
        costs nothing and is in nobody's budget of unfinished heads.
        """
        most, self.behind = 1 if self.behind else ACCEPT_BATCH_MAX, False
        if len(self.under_way) >= HANDSHAKES_MAX:
            begun_ns = now.mono_ns - PATIENCE_NS
            old = takewhile(lambda one: one.begun_ns < begun_ns, self._by_age())
            for one in list(islice(old, most)):
                self._crowd_out(one)
        return min(most, HANDSHAKES_MAX - len(self.under_way))

    def make_room(self, fd: int) -> None:
        """End this one for others, without a word: TLS has none before a handshake is done."""
        one = self.under_way.get(fd)
        if one is not None:
            self._crowd_out(one)

    def begin(self, sock: socket.socket, address: str, now: Now) -> None:
        """Take a new connection; its first byte decides."""
        sock.setblocking(False)
        fd = sock.fileno()
        one = _Handshake(sock, address, now.mono_ns, fd)
        self.under_way[fd] = one
        self.watch.add(fd, poller.READ)

    def turn(self, now: Now) -> None:
        """Go on with those that can, `STEPS_MAX` of them; the others are next."""
        ready = self.watch.wait(0, STEPS_MAX)
        self.behind = len(ready) == STEPS_MAX
        for fd, _ in ready:
            one = self.under_way.get(fd)
            if one is None:  # made room for one that was admitted in this very turn
                continue
            try:
                done = self._step(one)
            except OSError:
                self.tls.failed += 1
                self._end(one)
                continue
            if done:
                self._release(one)
                self.admit(one.sock, one.address, now)

    def sweep(self, now: Now) -> None:
        """End those whose time is up."""
        begun_ns = now.mono_ns - HANDSHAKE_TIMEOUT_NS
        for one in list(takewhile(lambda one: one.begun_ns < begun_ns, self._by_age())):
            self.tls.late += 1
            self._end(one)

    def take_unread(self) -> set[int]:
        """Admitted connections that must be read again; each is named once."""
        taken = set(self.unread)
        self.unread.clear()
        return taken

    def close(self) -> None:
        """End all."""
        for one in list(self.under_way.values()):
            self._end(one)
        self.watch.close()

    def _by_age(self) -> Iterable[_Handshake]:
        return self.under_way.values()  # a dict keeps the order in which they came

    def _step(self, one: _Handshake) -> bool:
        """Go on with one; True when it is to be admitted, and OSError when it is over."""
        if one.tls is None:
            first = one.sock.recv(1, socket.MSG_PEEK)
            if first != HELLO:
                return self._plain(one, first)
            if not self.tls.ready:
                raise ConnectionAbortedError
            one.sock = one.tls = self._wrapped(one.sock)
        try:
            one.tls.do_handshake()
        except ssl.SSLWantReadError:
            self._want(one, poller.READ)
        except ssl.SSLWantWriteError:
            self._want(one, poller.WRITE)
        else:
            self.tls.resumed += one.tls.session_reused is True
            self.tls.full += one.tls.session_reused is not True
            return True
        return False

    def _wrapped(self, sock: socket.socket) -> TlsSocket:
        made = self.tls.context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
        secure = cast("TlsSocket", made)  # the context's own class of sockets
        secure.unread = self.unread
        return secure

    def _want(self, one: _Handshake, interest: int) -> None:
        if one.interest != interest:
            one.interest = interest
            self.watch.change(one.fd, interest)

    def _plain(self, one: _Handshake, first: bytes) -> bool:
        if first and is_among(one.address, self.proxies):
            return True
        if not first:
            raise ConnectionResetError
        self.tls.plain += 1
        words = RefusedError(Code.PLAIN_HTTP)
        with contextlib.suppress(OSError):
            one.sock.recv(4_096)  # unread bytes would take the answer back (RFC 9112, 9.6)
            one.sock.send(sentence(words.status, words.sentence, words.code).bytes(keep=False))
        self._end(one)
        return False

    def _release(self, one: _Handshake) -> None:
        del self.under_way[one.fd]
        with contextlib.suppress(OSError):  # a socket that failed while it was wrapped is closed
            self.watch.remove(one.fd)

    def _crowd_out(self, one: _Handshake) -> None:
        self.tls.crowded += 1
        self._end(one)

    def _end(self, one: _Handshake) -> None:
        self._release(one)
        self.gone(one.fd)
        # Nothing was said that a goodbye could end: the plain way closes without one.
        socket.socket.close(one.sock)
