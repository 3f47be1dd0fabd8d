"""Takes written questions, and the voices of who wants them asked, for the next tally."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Annotated, Final

import msgspec

from rostra.delivery.allowance import NS_PER_S, Allowance, Rate
from rostra.delivery.bodies import WRITTEN_BYTES_MAX, ListenerId, Voice, Within, line, read
from rostra.delivery.hands import Source
from rostra.delivery.refusals import Code, RefusedError
from rostra.domain.limits import NAME_CHARS_MAX
from rostra.domain.voices import (
    HASHES_PER_TALLY_MAX,
    QUESTION_CHARS_MAX,
    QUESTION_ID,
    QUESTION_ID_CHARS,
    QUESTIONS_PER_TALLY_MAX,
)
from rostra.wire.states import SpaceState

QUESTIONS_PER_LISTENER: Final = Rate(per_s=1 / 30, burst=3)
"""A person who has thought of something; three at once, corrected ones among them."""

QUESTIONS_PER_SOURCE: Final = Rate(per_s=1 / 5, burst=20)
"""From one address: a class behind one line writes once each."""

QUESTIONS_PER_PREFIX: Final = Rate(per_s=1, burst=50)
"""From one IPv4 /24 or IPv6 /48."""

QUESTIONS_PER_EDGE: Final = Rate(per_s=20, burst=60)
"""From all: more than hosts can read, and what a tally carries."""

BACKS_PER_LISTENER: Final = Rate(per_s=1, burst=10)
"""As many as a page lists, at once."""

BACKS_PER_SOURCE: Final = Rate(per_s=2, burst=200)
"""From one address, whose listeners may all be one script: ten questions for a class of 20."""

BACKS_PER_PREFIX: Final = Rate(per_s=10, burst=1_000)
"""From one IPv4 /24 or IPv6 /48."""

LISTENERS_MAX: Final = 20_000
"""Listeners whose pace is remembered, about 4 MB; it is forgotten for who was silent longest."""

SOURCES_MAX: Final = 20_000
"""Addresses, and prefixes, whose pace is remembered."""

QUESTION_EXAMPLE: Final = '{"text": "…", "name": "…", "listener": "…"}'
BACK_EXAMPLE: Final = '{"question": "…", "listener": "…"}'


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `POST /live/SPACE/questions`."""

    text: str
    listener: ListenerId
    name: str = ""


class Back(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `POST /live/SPACE/backs`: a listener wants this question asked."""

    question: Annotated[str, msgspec.Meta(pattern=rf"\A{QUESTION_ID}\Z")]
    listener: ListenerId


_QUESTION: Final = msgspec.json.Decoder(Question)
_BACK: Final = msgspec.json.Decoder(Back)


def read_question(body: bytes) -> Question:
    """Parse strictly, the text as it is kept; RefusedError (400, 413) for everything else."""
    one = read(_QUESTION, body, QUESTION_EXAMPLE, WRITTEN_BYTES_MAX)
    text = line(one.text, QUESTION_CHARS_MAX, QUESTION_EXAMPLE)
    if not text:
        raise RefusedError(Code.BAD_BODY, example=QUESTION_EXAMPLE)
    return Question(text, one.listener, line(one.name, NAME_CHARS_MAX, QUESTION_EXAMPLE))


def read_back(body: bytes) -> Back:
    """Parse strictly; RefusedError (400, 413) for everything else."""
    return read(_BACK, body, BACK_EXAMPLE)


def question_id(listener: str, text: str) -> str:
    """The same for the same words of the same listener, whichever edge hears them, and again."""
    mark = hashlib.sha256(f"{listener}\0{text}".encode()).digest()
    return urlsafe_b64encode(mark)[:QUESTION_ID_CHARS].decode()


def check_asking(state: SpaceState) -> None:
    """RefusedError (409) while the hosts take no questions."""
    if state.questions_mode == "off":
        raise RefusedError(Code.NO_QUESTIONS)


def check_listed(state: SpaceState, question: str) -> None:
    """RefusedError (409) for a question that nobody is shown."""
    check_asking(state)
    if all(one.id != question for one in state.questions):
        raise RefusedError(Code.OLD_QUESTION)


class Asking:
    """Questions and backs since the last tally, by space; every limit is kept here."""

    def __init__(self, voice: Voice, within: Within, everybody: Allowance) -> None:
        self._voice = voice
        self._within = within
        self._everybody = everybody
        self._asking = Allowance(QUESTIONS_PER_LISTENER, LISTENERS_MAX)
        self._ask_sources = Allowance(QUESTIONS_PER_SOURCE, SOURCES_MAX)
        self._ask_prefixes = Allowance(QUESTIONS_PER_PREFIX, SOURCES_MAX)
        self._ask_all = Allowance(QUESTIONS_PER_EDGE, 1)
        self._backing = Allowance(BACKS_PER_LISTENER, LISTENERS_MAX)
        self._back_sources = Allowance(BACKS_PER_SOURCE, SOURCES_MAX)
        self._back_prefixes = Allowance(BACKS_PER_PREFIX, SOURCES_MAX)
        self._questions: dict[str, dict[str, tuple[str, str]]] = {}
        self._backs: dict[str, dict[str, set[int]]] = {}

    def ask(self, space: str, one: Question, source: Source, now_ns: int) -> str:
        """A question, which its own listener backs; its id. RefusedError where it is too many."""
        self._within("listener", self._asking.take(one.listener, now_ns))
        self._within("source", self._ask_sources.take(source.address, now_ns))
        self._within("prefix", self._ask_prefixes.take(source.prefix, now_ns))
        self._within("edge", self._ask_all.take(None, now_ns))
        self._within("edge", self._everybody.take(None, now_ns))
        self._within("edge", 0 if self._room() else NS_PER_S)
        name = question_id(one.listener, one.text)
        self._questions.setdefault(space, {})[name] = one.text, one.name
        self._note(space, name, one.listener)
        return name

    def back(self, space: str, one: Back, source: Source, now_ns: int) -> None:
        """Somebody wants a question asked; RefusedError where it is too many."""
        self._within("listener", self._backing.take(one.listener, now_ns))
        self._within("source", self._back_sources.take(source.address, now_ns))
        self._within("prefix", self._back_prefixes.take(source.prefix, now_ns))
        self._within("edge", self._everybody.take(None, now_ns))
        full = _hashes(self._backs) >= HASHES_PER_TALLY_MAX
        self._within("edge", NS_PER_S if full else 0)
        self._note(space, one.question, one.listener)

    def told(self, space: str) -> tuple[dict[str, tuple[str, str]], dict[str, tuple[int, ...]]]:
        """Questions by id, and who backs which, since this was last asked."""
        backs = self._backs.pop(space, {})
        return self._questions.pop(space, {}), {one: tuple(who) for one, who in backs.items()}

    def untold(
        self,
        space: str,
        questions: Mapping[str, tuple[str, str]],
        backs: Mapping[str, tuple[int, ...]],
    ) -> None:
        """These were told and did not arrive: tell them again, as far as there is room."""
        for name, words in questions.items():
            if self._room():
                self._questions.setdefault(space, {}).setdefault(name, words)
        for name, who in backs.items():
            if _hashes(self._backs) + len(who) <= HASHES_PER_TALLY_MAX:
                self._backs.setdefault(space, {}).setdefault(name, set()).update(who)

    def _room(self) -> bool:
        return sum(map(len, self._questions.values())) < QUESTIONS_PER_TALLY_MAX

    def _note(self, space: str, question: str, listener: str) -> None:
        backs = self._backs.setdefault(space, {})
        backs.setdefault(question, set()).add(self._voice(space, listener))


def _hashes(backs: Mapping[str, Mapping[str, set[int]]]) -> int:
    return sum(len(who) for rows in backs.values() for who in rows.values())
