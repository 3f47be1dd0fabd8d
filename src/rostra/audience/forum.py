"""The forum of a space: written questions and the poll, and what is told of them to whom, when."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

import msgspec

from rostra.audience.asking import Asking
from rostra.audience.polling import Polling
from rostra.wire.messages import SpaceTally
from rostra.wire.stagelink import AudienceView, ClosePoll, OnQuestion, OpenPoll, Questions
from rostra.wire.states import Poll, Question, SpaceState

QUESTIONS_EVERY_NS: Final = 2_000_000_000
"""The audience's list changes at most this often: it is up to 8 kB to every listener."""

POLL_EVERY_NS: Final = 1_000_000_000
"""A poll's counts change at most this often."""

HOSTS_EVERY_NS: Final = 500_000_000
"""What hosts see changes at most this often."""

ForumOrder = Questions | OnQuestion | OpenPoll | ClosePoll
_T = TypeVar("_T")


_NO_POLL: Final = Poll("", "", (), ())


@dataclass(frozen=True, slots=True)
class ForumState:
    """The fields of `SpaceState` that a forum fills."""

    mode: str
    questions: tuple[Question, ...]
    poll: Poll | None
    kept: dict[str, Any]


class _Paced(Generic[_T]):
    """A view that is made anew when something changed, and not too often."""

    def __init__(self, make: Callable[[], _T], every_ns: int) -> None:
        self._make = make
        self._every_ns = every_ns
        self._at_ns = -every_ns
        self._seen = -1
        self._views: list[_T] = []

    def at(self, revision: int, now_ns: int) -> _T:
        ripe = revision != self._seen and now_ns - self._at_ns >= self._every_ns
        if not self._views or ripe:
            self._views, self._seen, self._at_ns = [self._make()], revision, now_ns
        return self._views[0]


class _Kept(msgspec.Struct, frozen=True):
    """`SpaceState.audience` as it is read; what another version left may lack fields."""

    by: str = ""
    """The forum that wrote it."""
    questions: tuple[tuple[str, str, str, int, str], ...] = ()
    dismissed: tuple[str, ...] = ()


class Forum:
    """What listeners of one space write and choose; times are readings of the monotonic clock."""

    def __init__(self) -> None:
        self.asking = Asking()
        self.polling = Polling()
        self._revision = 0
        self._name = ""
        self._list = _Paced(self._listed, QUESTIONS_EVERY_NS)
        self._poll = _Paced(self._poll_seen, POLL_EVERY_NS)
        self._hosts = _Paced(self._hosts_view, HOSTS_EVERY_NS)
        self._left = _Paced(self._kept, QUESTIONS_EVERY_NS)
        self._spoken: set[str] = set()

    def take(self, row: SpaceTally) -> None:
        """What one edge heard in one second."""
        if row.questions or row.backs:
            self._revision += self.asking.take(row.questions, row.backs)
        if row.votes:
            self._revision += self.polling.take(row.votes)

    def obey(self, order: ForumOrder, fresh: str) -> None:
        """Carry out a host's command; PeerError says why not. `fresh` names a new poll."""
        match order:
            case Questions():
                self.asking.set_mode(order.mode)
            case OnQuestion():
                self.asking.act(order.id, order.act)
            case OpenPoll():
                self.polling.open(fresh, order.question, order.choices)
            case ClosePoll():
                self.polling.close()
        self._revision += 1

    def notices(self, now_ns: int) -> tuple[tuple[str, dict[str, Any]], ...]:
        """Kinds and bodies as the audience may know them now; none before anything happened."""
        mode, listed = self._list.at(self._revision, now_ns)
        poll = self._poll.at(self._revision, now_ns)
        if listed or mode != "approved":
            self._spoken.add("questions")
        if poll is not None:
            self._spoken.add("poll")
        questions = {"mode": mode, "list": msgspec.to_builtins(listed)}
        bodies = {"questions": questions, "poll": msgspec.to_builtins(poll or _NO_POLL)}
        return tuple((kind, body) for kind, body in bodies.items() if kind in self._spoken)

    def view(self, now_ns: int) -> AudienceView:
        """What hosts may know now."""
        return self._hosts.at(self._revision, now_ns)

    def state(self, now_ns: int) -> ForumState:
        """What of it belongs into the space's state."""
        mode, listed = self._list.at(self._revision, now_ns)
        poll = self._poll.at(self._revision, now_ns)
        return ForumState(mode, listed, poll, self._left.at(self._revision, now_ns))

    def restore(self, state: SpaceState, name: str) -> None:
        """Go on where another studio left; where it was this one, it knows more itself.

        `name` is this studio's word for what it writes from now on, and nobody else's.
        """
        try:
            kept = msgspec.convert(state.audience, _Kept)
        except msgspec.ValidationError:
            kept = _Kept()
        if self._name and kept.by == self._name:
            return
        self._name = name
        rows = tuple(Question(*one) for one in kept.questions)
        self.asking.restore(state.questions_mode, rows, kept.dismissed)
        self.polling.restore(state.poll)
        self._revision += 1

    def _listed(self) -> tuple[str, tuple[Question, ...]]:
        return self.asking.mode, self.asking.listed()

    def _kept(self) -> dict[str, Any]:
        return {"by": self._name} | self.asking.kept()

    def _poll_seen(self) -> Poll | None:
        return self.polling.poll

    def _hosts_view(self) -> AudienceView:
        return AudienceView(self.asking.mode, self.asking.every(), self.polling.poll)
