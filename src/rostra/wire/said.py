"""Limits on what an edge tells of its audience beside plain counts."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from rostra.domain.limits import NAME_CHARS_MAX, SPACE_ID_CHARS_MAX
from rostra.domain.voices import (
    ASKS_PER_TALLY_MAX,
    CLAIM,
    HANDS_PER_TALLY_MAX,
    HASH_MAX,
    HASHES_PER_TALLY_MAX,
    LISTENER_CHARS_MAX,
    NOTE_CHARS_MAX,
    POLL_CHOICES_MAX,
    POLL_ID_CHARS_MAX,
    QUESTION_CHARS_MAX,
    QUESTION_ID,
    QUESTIONS_PER_TALLY_MAX,
    REGISTER_MAX,
    REGISTERS,
)

REACTION_KINDS_MAX: Final = 16
"""There are five; a later edge may know some more."""

REACTION_CHARS_MAX: Final = 16
"""Of a reaction's name: one short word."""

REACTIONS_MAX: Final = 1_000_000
"""Of one kind, in one space, at one edge, in one second: an edge takes two thousand."""

POLLS_PER_TALLY_MAX: Final = 2
"""The one that is open, and the one before on its way."""

_CLAIM: Final = re.compile(CLAIM)
_QUESTION: Final = re.compile(QUESTION_ID)
_VALUES: Final = bytes(range(REGISTER_MAX + 1))


def fault_of(
    run: str, unique: bytes, reactions: Mapping[str, int], hands: Mapping[str, bool]
) -> str:
    """What is wrong with them, or an empty string."""
    if len(run) > SPACE_ID_CHARS_MAX or (unique and not is_sketch(unique)):
        return "what is no run or no sketch"
    known = all(len(kind) <= REACTION_CHARS_MAX for kind in reactions)
    bounded = all(0 <= count <= REACTIONS_MAX for count in reactions.values())
    if len(reactions) > REACTION_KINDS_MAX or not (known and bounded):
        return "reactions beyond a limit"
    if len(hands) > HANDS_PER_TALLY_MAX or any(len(one) > LISTENER_CHARS_MAX for one in hands):
        return "hands beyond a limit"
    return ""


def fault_of_written(
    asks: Mapping[str, tuple[str, str, str]],
    questions: Mapping[str, tuple[str, str]],
    backs: Mapping[str, tuple[int, ...]],
    votes: Mapping[str, Mapping[int, tuple[int, ...]]],
) -> str:
    """What is wrong with what listeners wrote and chose, or an empty string."""
    if len(asks) > ASKS_PER_TALLY_MAX or not all(map(_is_ask, asks, asks.values())):
        return "hands with words beyond a limit"
    if len(questions) > QUESTIONS_PER_TALLY_MAX or not all(
        map(_is_question, questions, questions.values())
    ):
        return "questions beyond a limit"
    if not all(map(_QUESTION.fullmatch, backs)) or not _are_hashes(backs.values()):
        return "backs beyond a limit"
    if len(votes) > POLLS_PER_TALLY_MAX or not all(map(_are_votes, votes, votes.values())):
        return "votes beyond a limit"
    return ""


def _is_ask(listener: str, ask: tuple[str, str, str]) -> bool:
    claim, name, note = ask
    fits = len(name) <= NAME_CHARS_MAX and len(note) <= NOTE_CHARS_MAX
    return len(listener) <= LISTENER_CHARS_MAX and fits and _CLAIM.fullmatch(claim) is not None


def _is_question(name: str, question: tuple[str, str]) -> bool:
    text, author = question
    fits = 0 < len(text) <= QUESTION_CHARS_MAX and len(author) <= NAME_CHARS_MAX
    return fits and _QUESTION.fullmatch(name) is not None


def _are_votes(poll: str, chosen: Mapping[int, tuple[int, ...]]) -> bool:
    known = all(0 <= choice < POLL_CHOICES_MAX for choice in chosen)
    return 0 < len(poll) <= POLL_ID_CHARS_MAX and known and _are_hashes(chosen.values())


def _are_hashes(groups: Iterable[tuple[int, ...]]) -> bool:
    every = [one for group in groups for one in group]
    return len(every) <= HASHES_PER_TALLY_MAX and all(0 <= one <= HASH_MAX for one in every)


def is_sketch(registers: bytes) -> bool:
    """Whether these bytes can be the registers of a `wire.sketch.Sketch`."""
    return len(registers) == REGISTERS and not registers.translate(None, _VALUES)
