"""Keeps what each of very many voices has said, one thing each, in nine bytes a voice."""

from collections import Counter
from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

RECENT_MAX: Final = 65_536
"""Voices kept in a dictionary, about 7 MB, before they are merged into the sorted arrays: a merge
of a million takes some 20 ms."""

NEW: Final = -1
FULL: Final = -2
"""What a voice had said before: nothing, or nothing since there is no room for it."""


class Ballots:
    """Voices (64-bit hashes) and what each said last, a number from 0 to 255; exact, and bounded.

    Most voices lie in two arrays, sorted by hash; those that came lately in a dictionary.
    """

    def __init__(self, voices_max: int) -> None:
        self._max = voices_max
        self._voices: NDArray[np.uint64] = np.empty(0, np.uint64)
        self._said: NDArray[np.uint8] = np.empty(0, np.uint8)
        self._recent: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._voices) + len(self._recent)

    def put(self, voices: Iterable[int], said: int) -> Counter[int]:
        """These voices say this now: how many of them had said what before, NEW and FULL too."""
        every = list(dict.fromkeys(voices))
        before: Counter[int] = Counter()
        places, known = self._find(every)
        for index, voice in enumerate(every):
            if known[index]:
                place = places[index]
                before[int(self._said[place])] += 1
                self._said[place] = said
            elif voice in self._recent:
                before[self._recent[voice]] += 1
                self._recent[voice] = said
            elif len(self) < self._max:
                before[NEW] += 1
                self._recent[voice] = said
            else:
                before[FULL] += 1
        if len(self._recent) >= RECENT_MAX:
            self._merge()
        return before

    def _find(self, voices: list[int]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        """Where these are in the arrays, and whether they are."""
        asked = np.array(voices, np.uint64)
        places = np.searchsorted(self._voices, asked)
        inside = places < len(self._voices)
        known = np.zeros(len(voices), np.bool_)
        known[inside] = self._voices[places[inside]] == asked[inside]
        return places, known

    def _merge(self) -> None:
        fresh = np.fromiter(self._recent.keys(), np.uint64, len(self._recent))
        words = np.fromiter(self._recent.values(), np.uint8, len(self._recent))
        voices = np.concatenate((self._voices, fresh))
        order = np.argsort(voices, kind="stable")
        self._voices = voices[order]
        self._said = np.concatenate((self._said, words))[order]
        self._recent = {}
