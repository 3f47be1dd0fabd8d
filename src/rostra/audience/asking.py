"""Written questions of a space: merged from the edges, shown by the hosts, backed by listeners."""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from rostra.audience.ballots import NEW, Ballots
from rostra.domain.errors import PeerError
from rostra.domain.limits import NOTICE_BYTES_MAX
from rostra.domain.voices import QUESTION_MODES, QUESTIONS_LISTED
from rostra.wire.states import Question

PENDING_MAX: Final = 200
"""Questions that wait for a host; beyond them new ones are counted and left out: who came first
is heard first, and a flood pushes nobody out."""

SHOWN_MAX: Final = 100
"""Questions that are shown or answered; in mode `open` the next ones wait for a host."""

DISMISSED_MAX: Final = 1_000
"""Dismissed ids that stay so when they are told again; beyond it the oldest are forgotten."""

DISMISSED_KEPT: Final = 100
"""Of these a next studio is told, 2 kB."""

BACKS_MAX: Final = 1_000_000
"""Voices for questions of one space, 16 MB; those beyond are not counted."""

FRESH_LISTED: Final = 3
"""Places of the list for those that were shown last: else who is not among the most backed would
never be seen, and never be backed."""

LIST_BYTES_MAX: Final = NOTICE_BYTES_MAX - 512
"""Of the audience's list in JSON: the notice has other fields."""

HOSTS_BYTES_MAX: Final = 32 * 1024
"""Of a host's view in JSON, sent twice a second at most: some 200 questions of usual length."""

KEPT_BYTES_MAX: Final = 16 * 1024
"""Of what a next studio is left, in JSON: every edge is sent it with the space's state."""


@dataclass(slots=True)
class _Asked:
    text: str
    name: str
    state: str
    backs: int = 0
    shown_as: int = 0
    """The how manieth one to be shown."""

    def told(self, name: str) -> Question:
        return Question(name, self.text, self.name, self.backs, self.state)


class Asking:
    """The questions of one space; what comes first and what later makes no difference to a list."""

    def __init__(self) -> None:
        self.mode = "approved"
        self.refused = 0
        """Questions beyond `PENDING_MAX`."""
        self._all: dict[str, _Asked] = {}
        self._dismissed: OrderedDict[str, None] = OrderedDict()
        self._ballots = Ballots(BACKS_MAX)
        self._shows = 0

    def take(
        self, questions: Mapping[str, tuple[str, str]], backs: Mapping[str, tuple[int, ...]]
    ) -> bool:
        """What one edge heard; whether anything changed."""
        before = len(self._all)
        if self.mode != "off":
            for name, (text, author) in questions.items():
                self._ask(name, text, author)
        changed = len(self._all) != before
        for name, voices in backs.items():
            one = self._all.get(name)
            if one is not None and one.state != "answered":
                mark = _mark(name)
                fresh = self._ballots.put((voice ^ mark for voice in voices), 1)[NEW]
                one.backs += fresh
                changed = changed or fresh > 0
        return changed

    def set_mode(self, mode: str) -> None:
        """What becomes of new questions; PeerError (422) for what is no mode."""
        if mode not in QUESTION_MODES:
            sentence = "Questions are off, approved or open."
            raise PeerError(sentence, status=422)
        self.mode = mode

    def act(self, name: str, what: str) -> None:
        """Show, mark as answered, or dismiss a question; PeerError where that cannot be."""
        one = self._all.get(name)
        if one is None:
            sentence = "This question is not here any more."
            raise PeerError(sentence, status=404)
        match what:
            case "show":
                self._show(one)
            case "answer":
                self._count(one)
                one.state = "answered"
            case "dismiss":
                self._dismiss(name)
            case _:
                sentence = "A question can be shown, answered or dismissed."
                raise PeerError(sentence, status=422)

    def listed(self) -> tuple[Question, ...]:
        """What the audience sees: the most backed, and some that were shown last."""
        if self.mode == "off":
            return ()
        shown = [name for name, one in self._all.items() if one.state == "shown"]
        ranked = sorted(shown, key=self._rank)
        most = QUESTIONS_LISTED - FRESH_LISTED
        best, others = ranked[:most], ranked[most:]
        fresh = sorted(others, key=lambda name: -self._all[name].shown_as)[:FRESH_LISTED]
        answered = [name for name, one in self._all.items() if one.state == "answered"]
        done = sorted(answered, key=lambda name: -self._all[name].shown_as)
        names = [*best, *sorted(fresh, key=self._rank), *done][:QUESTIONS_LISTED]
        return self._fit(names, LIST_BYTES_MAX)

    def every(self) -> tuple[Question, ...]:
        """What hosts see: shown and answered ones, most backed first, then those that wait."""
        return self._fit(self._in_order(), HOSTS_BYTES_MAX)

    @property
    def waiting(self) -> int:
        """How many wait for a host."""
        return sum(one.state == "pending" for one in self._all.values())

    def kept(self) -> dict[str, Any]:
        """What a next studio needs: questions with their counts, without who backed them."""
        rows = self._fit(self._in_order(), KEPT_BYTES_MAX)
        questions = [[q.id, q.text, q.name, q.backs, q.state] for q in rows]
        return {"questions": questions, "dismissed": list(self._dismissed)[-DISMISSED_KEPT:]}

    def restore(
        self, mode: str, questions: tuple[Question, ...], dismissed: tuple[str, ...]
    ) -> None:
        """Go on where another studio left: later backs are added to its counts."""
        self.mode = mode if mode in QUESTION_MODES else self.mode
        self._ballots = Ballots(BACKS_MAX)
        self._all = {}
        self._dismissed = OrderedDict.fromkeys(dismissed[-DISMISSED_MAX:])
        for one in questions[: PENDING_MAX + SHOWN_MAX]:
            self._shows += one.state != "pending"
            self._all[one.id] = _Asked(one.text, one.name, one.state, one.backs, self._shows)

    def _ask(self, name: str, text: str, author: str) -> None:
        if name in self._all or name in self._dismissed:
            return
        one = _Asked(text, author, "pending")
        if self.mode == "open" and self._seen < SHOWN_MAX:
            self._count(one)
            one.state = "shown"
        elif self.waiting >= PENDING_MAX:
            self.refused += 1
            return
        self._all[name] = one

    def _show(self, one: _Asked) -> None:
        self._count(one)
        one.state = "shown"

    def _count(self, one: _Asked) -> None:
        """A place among the shown ones; PeerError (409) where there is none."""
        if one.state != "pending":
            return
        if self._seen >= SHOWN_MAX:
            sentence = f"{SHOWN_MAX} questions are shown already. Dismiss some first."
            raise PeerError(sentence, status=409)
        self._shows += 1
        one.shown_as = self._shows

    def _dismiss(self, name: str) -> None:
        del self._all[name]
        self._dismissed[name] = None
        if len(self._dismissed) > DISMISSED_MAX:
            self._dismissed.popitem(last=False)

    @property
    def _seen(self) -> int:
        return len(self._all) - self.waiting

    def _rank(self, name: str) -> tuple[int, str]:
        return -self._all[name].backs, name

    def _in_order(self) -> list[str]:
        seen = [name for name, one in self._all.items() if one.state != "pending"]
        waiting = [name for name, one in self._all.items() if one.state == "pending"]
        return [*sorted(seen, key=self._rank), *waiting]

    def _fit(self, names: list[str], bytes_max: int) -> tuple[Question, ...]:
        """The first of them that fit."""
        fitting: list[Question] = []
        left = bytes_max
        for name in names:
            one = self._all[name].told(name)
            left -= len(msgspec.json.encode(one)) + 1
            if left < 0:
                break
            fitting.append(one)
        return tuple(fitting)


def _mark(question: str) -> int:
    """What makes a voice another one for each question."""
    return int.from_bytes(hashlib.sha256(question.encode()).digest()[:8])
