"""Requests and answers on a connection that is not a listener yet: read, answer, time out."""

from collections.abc import Callable
from typing import Final

from rostra.delivery.answers import Answer, sentence
from rostra.delivery.drivers import poller
from rostra.delivery.drivers.connection import Connection
from rostra.delivery.drivers.gate import retry_s
from rostra.delivery.drivers.poller import Poller
from rostra.delivery.drivers.requests import PIPELINED_MAX
from rostra.delivery.drivers.stats import Stats
from rostra.delivery.holding import Hold, Holds
from rostra.delivery.refusals import Code
from rostra.delivery.refusing import passes, refusal
from rostra.delivery.service import Now, Request, Service
from rostra.delivery.streams import Join
from rostra.domain.errors import PeerError
from rostra.domain.limits import REQUEST_HEAD_BYTES_MAX

_LATE_HEAD: Final = (
    f"The request's head, at most {REQUEST_HEAD_BYTES_MAX} bytes, did not come in time."
)


class Exchange:
    """Serves connections; `join` makes a listener of one, `drop` ends one.

    Every method may raise OSError where the connection is gone: the caller ends it.
    """

    def __init__(
        self,
        service: Service,
        stats: Stats,
        watch: Poller,
        join: Callable[[Connection, Join, Now], None],
        drop: Callable[[Connection], None],
    ) -> None:
        self._service = service
        self._stats = stats
        self._poller = watch
        self._join = join
        self._drop = drop
        self.holds: Holds[Connection] = Holds()

    def ready(self, peer: Connection, now: Now) -> None:
        """The connection can be read, or written where an answer is under way."""
        if peer.out is None:
            self._read(peer, now)
        else:
            self._flush(peer, now)

    def say(self, peer: Connection, answer: Answer, now: Now) -> None:
        """The last words on a connection."""
        self._write(peer, answer.bytes(keep=False), now, close=True)

    def overdue(self, peer: Connection, now: Now) -> None:
        """Its time is up: say so where a request was begun, and end it."""
        if peer.held is not None:
            self.holds.remove(peer)
            self._stats.holds_expired += 1
            self._resume(peer, self._service.refuse(Code.HELD_TOO_LONG, peer.held), now)
            return
        if peer.idle or peer.out is not None or peer.then_close:
            self._drop(peer)
            return
        self._stats.refused_heads += 1
        late = sentence(408, _LATE_HEAD) if peer.over is None else refusal(peer.over, retry_s())
        self.say(peer, late, now)

    def ripe(self) -> list[Connection]:
        """Some whose wait is over, each to be given to `release`."""
        return self._service.ripe(self.holds) if self.holds else []

    def release(self, peer: Connection, now: Now) -> None:
        """Answer what waited, and what was asked behind it."""
        if peer.held is not None:
            self._resume(peer, self._service.answer(peer.held, now), now)

    def _read(self, peer: Connection, now: Now) -> None:
        try:
            data = peer.sock.recv(peer.room)
        except BlockingIOError:
            return
        if not data:
            self._drop(peer)
            return
        if peer.then_close:
            if peer.enough(len(data)):
                self._drop(peer)
            return
        peer.begun(now.mono_ns)
        try:
            requests = peer.reader.feed(data)
        except PeerError as error:
            self._stats.refused_heads += 1
            if peer.held is None:
                self.say(peer, sentence(error.status, error.sentence), now)
            else:  # a word now would be taken for the answer that is held
                self._drop(peer)
            return
        peer.asked.extend(requests)
        if peer.held is None:
            self._serve(peer, now)
        elif len(peer.asked) > PIPELINED_MAX:
            self._stats.refused_heads += 1
            self._drop(peer)

    def _serve(self, peer: Connection, now: Now) -> None:
        """Answer what was asked, as far as the peer takes the answers."""
        while peer.asked and self._answer(peer, peer.asked.popleft(), now):
            pass

    def _answer(self, peer: Connection, request: Request, now: Now) -> bool:
        """Answer one request; True while the connection waits for the next."""
        self._stats.requests += 1
        answer = self._service.answer(request, now)
        if peer.over is not None and not passes(request, answer):
            self.say(peer, refusal(peer.over, retry_s(), request.language), now)
            return False
        return self._give(peer, request, answer, now)

    def _resume(self, peer: Connection, answer: Answer | Join | Hold, now: Now) -> None:
        request, peer.held = peer.held, None
        if request is not None and self._give(peer, request, answer, now):
            self._serve(peer, now)

    def _give(
        self, peer: Connection, request: Request, answer: Answer | Join | Hold, now: Now
    ) -> bool:
        if isinstance(answer, Hold):
            if self.holds.add(peer, answer):
                self._stats.holds += 1
                peer.wait(request, now.mono_ns)
                return False
            self._stats.refused_holds += 1
            answer = self._service.refuse(Code.HOLDS_FULL, request)
        if isinstance(answer, Join):
            if answer.head_only:
                self._write(peer, answer.head, now, close=True)
            else:
                self._join(peer, answer, now)
            return False
        data = answer.bytes(keep=request.keep, with_body=request.method != "HEAD")
        return self._write(peer, data, now, close=not request.keep)

    def _write(self, peer: Connection, data: bytes, now: Now, *, close: bool) -> bool:
        peer.then_close = close
        self._stats.file_bytes_sent += len(data)
        peer.push(data, now.mono_ns)
        if peer.out is not None:
            self._poller.change(peer.fd, poller.WRITE)
            return False
        return self._written(peer, now)

    @staticmethod
    def _written(peer: Connection, now: Now) -> bool:
        if peer.then_close:
            peer.farewell(now.mono_ns)
            return False
        peer.answered(now.mono_ns)
        return True

    def _flush(self, peer: Connection, now: Now) -> None:
        if peer.flush():
            self._poller.change(peer.fd, poller.READ)
            if self._written(peer, now):
                self._serve(peer, now)
