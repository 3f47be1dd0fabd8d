"""One poll of a space: who chose what, over all edges, one voice each; a later vote counts."""

from collections.abc import Mapping
from typing import Final

import msgspec

from rostra.audience.ballots import FULL, NEW, Ballots
from rostra.domain.errors import PeerError
from rostra.domain.texts import is_shown, one_line
from rostra.domain.voices import (
    CHOICE_CHARS_MAX,
    POLL_CHOICES_MAX,
    POLL_CHOICES_MIN,
    POLL_QUESTION_CHARS_MAX,
)
from rostra.wire.states import Poll

VOTERS_MAX: Final = 1_000_000
"""Voices of one poll, 16 MB; those beyond are not counted, which `refused` tells."""


class Polling:
    """The poll of one space, and its votes."""

    def __init__(self) -> None:
        self._poll: Poll | None = None
        self._counts: list[int] = []
        self._ballots = Ballots(VOTERS_MAX)
        self.refused = 0
        """Votes beyond `VOTERS_MAX`."""

    @property
    def poll(self) -> Poll | None:
        """The poll as everybody may see it, or None."""
        if self._poll is None:
            return None
        return msgspec.structs.replace(self._poll, votes=tuple(self._counts))

    def open(self, name: str, question: str, choices: tuple[str, ...]) -> None:
        """Ask the audience; PeerError (422) for what is no poll, 409 while another one is open."""
        asked = checked(question, "poll's question", POLL_QUESTION_CHARS_MAX)
        if not POLL_CHOICES_MIN <= len(choices) <= POLL_CHOICES_MAX:
            sentence = f"A poll has {POLL_CHOICES_MIN} to {POLL_CHOICES_MAX} choices."
            raise PeerError(sentence, status=422)
        kept = tuple(checked(one, "choice", CHOICE_CHARS_MAX) for one in choices)
        if len(set(kept)) < len(kept):
            sentence = "Two choices of this poll are the same. Change one of them."
            raise PeerError(sentence, status=422)
        if self._poll is not None and self._poll.open:
            sentence = "Another poll is open. Close it first."
            raise PeerError(sentence, status=409)
        self._counts = [0] * len(kept)
        self._poll = Poll(name, asked, kept, tuple(self._counts))
        self._ballots = Ballots(VOTERS_MAX)

    def close(self) -> None:
        """Count no more votes; once more takes the result away. PeerError (409) without a poll."""
        if self._poll is None:
            sentence = "There is no poll to close."
            raise PeerError(sentence, status=409)
        if not self._poll.open:
            self._poll = None
            return
        self._poll = msgspec.structs.replace(self._poll, open=False)
        self._ballots = Ballots(VOTERS_MAX)

    def take(self, votes: Mapping[str, Mapping[int, tuple[int, ...]]]) -> bool:
        """What one edge heard; whether anything changed. Votes of another poll are left out."""
        if self._poll is None or not self._poll.open:
            return False
        counts = list(self._counts)
        for choice, voices in votes.get(self._poll.id, {}).items():
            if not 0 <= choice < len(counts):
                continue
            for before, number in self._ballots.put(voices, choice).items():
                if before == FULL:
                    self.refused += number
                    continue
                counts[choice] += number
                if before != NEW:
                    counts[before] -= number
        changed, self._counts = counts != self._counts, counts
        return changed

    def restore(self, kept: Poll | None) -> None:
        """Go on where another studio left: its counts stay, later votes are added to them."""
        self._poll = kept
        self._counts = [] if kept is None else list(kept.votes)
        self._ballots = Ballots(VOTERS_MAX)


def checked(text: str, what: str, chars_max: int) -> str:
    """A line as it is kept; PeerError (422) where it is empty, too long, or cannot be shown."""
    kept = one_line(text)
    if not kept:
        sentence = f"The {what} is empty. Give at least one letter."
        raise PeerError(sentence, status=422)
    if len(kept) > chars_max:
        sentence = f"The {what} has {len(kept)} characters; at most {chars_max} fit."
        raise PeerError(sentence, status=422)
    if not is_shown(kept):
        sentence = f"The {what} holds a character that cannot be shown. Type it anew."
        raise PeerError(sentence, status=422)
    return kept
