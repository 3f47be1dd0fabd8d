"""Adds the voices of a stage: one mix for the programme, and for each listener all but their own.

Rights are enforced here: what a participant sends while muted is in no mix, and what is said
backstage is heard there alone, whatever a page claims. A change of mute or seat fades over one
block, so that it does not click.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rostra.domain.grid import MIX_BLOCK_SAMPLES
from rostra.stage.levels import Block
from rostra.stage.seating import ON_STAGE_ALL, Seating

CEILING: Final = 0.95
"""Peak of what a listener on stage gets: headroom for the codec's overshoot."""

RELEASE: Final = 0.02
"""How much of a limiter's reduction returns each block: back to full gain in about one second."""

_BEHIND: Final = " behind"
"""The limiter of the mix for those backstage: no participant has a space in the name."""

_FADE_IN: Final[Block] = np.linspace(0.0, 1.0, MIX_BLOCK_SAMPLES, dtype=np.float32)
_FADE_OUT: Final[Block] = _FADE_IN[::-1].copy()


@dataclass(frozen=True, slots=True)
class Mixed:
    """One block of a stage, float32[960] each.

    `mix` is the sum of all who are heard on stage, not limited: the programme has a limiter of its
    own. `minus` holds a limited mix without the own voice for each who is heard; `shared` is the
    limited mix for all on stage who are not, and is therefore the same for them all, `behind` that
    for those backstage.
    """

    mix: Block
    minus: Mapping[str, Block]
    shared: Block
    voices: Mapping[str, Block]
    """What each contributed, after fades."""
    behind: Block


@dataclass(slots=True)
class Mixer:
    """The mixing desk of one stage; remembers who was heard, and where, in the block before."""

    _heard: frozenset[str] = frozenset()
    _seats: Seating = ON_STAGE_ALL
    _gains: dict[str, float] = field(default_factory=dict)

    def wants(self, participant: str, *, muted: bool) -> bool:
        """Whether this participant's sound is needed for the next block (the fade included)."""
        return not muted or participant in self._heard

    def mix(
        self,
        sounds: Mapping[str, Block],
        muted: AbstractSet[str],
        seats: Seating = ON_STAGE_ALL,
    ) -> Mixed:
        """Mix one block.

        Args:
            sounds: what each participant sends now, float32[960]; absent is silent.
            muted: who may not be heard.
            seats: who is heard on stage, and who backstage alone.
        """
        before, self._seats = self._seats, seats
        voices = self._faded(sounds, muted)
        ids = list(voices)
        rows = np.empty((len(ids), MIX_BLOCK_SAMPLES), dtype=np.float32)
        for index, voice in enumerate(voices.values()):
            rows[index] = voice
        whole = rows.sum(axis=0, dtype=np.float32)
        if not (before.backstage or seats.backstage):  # one group: by far the most blocks
            limited = self._limit(np.vstack((whole[np.newaxis], whole - rows)), ["", *ids])
            minus = dict(zip(ids, limited[1:], strict=True))
            return Mixed(whole, minus, limited[0], voices, behind=limited[0])
        staged = self._staged(ids, rows, before, seats)
        mix = staged.sum(axis=0, dtype=np.float32)
        shared = _faded_over(mix, whole, then=before.together, now=seats.together)
        own = [
            _faded_over(
                mix - staged[index],
                whole - rows[index],
                then=before.hears_all(one),
                now=seats.hears_all(one),
            )
            for index, one in enumerate(ids)
        ]
        limited = self._limit(np.vstack((shared, whole, *own)), ["", _BEHIND, *ids])
        minus = dict(zip(ids, limited[2:], strict=True))
        return Mixed(mix, minus, limited[0], voices, behind=limited[1])

    def _staged(
        self, ids: Sequence[str], rows: NDArray[np.float32], before: Seating, seats: Seating
    ) -> NDArray[np.float32]:
        """What each gives to the stage: nothing from backstage, a fade where a seat changes."""
        staged = rows.copy()
        for index, one in enumerate(ids):
            was, is_now = one in before.backstage, one in seats.backstage
            if was and is_now:
                staged[index] = 0.0
            elif was or is_now:
                staged[index] *= _FADE_OUT if is_now else _FADE_IN
        return staged

    def _faded(self, sounds: Mapping[str, Block], muted: AbstractSet[str]) -> dict[str, Block]:
        heard = frozenset(sounds) - muted
        voices: dict[str, Block] = {}
        for participant, sound in sounds.items():
            if participant in heard:
                new = participant not in self._heard
                voices[participant] = sound * _FADE_IN if new else sound
            elif participant in self._heard:
                voices[participant] = sound * _FADE_OUT
        self._heard = heard
        return voices

    def _limit(self, rows: NDArray[np.float32], names: Sequence[str]) -> NDArray[np.float32]:
        """Turn rows down where they would clip, at once; and up again slowly."""
        peaks = np.abs(rows).max(axis=1)
        before = np.array([self._gains.get(name, 1.0) for name in names], dtype=np.float32)
        wanted = np.minimum(1.0, CEILING / np.maximum(peaks, 1e-9))
        after = np.minimum(wanted, before + RELEASE).astype(np.float32)
        self._gains = dict(zip(names, after.tolist(), strict=True))
        if after.min() == before.min() == 1.0:
            return rows
        ramp = before[:, np.newaxis] + np.outer(after - before, _FADE_IN)
        limited: NDArray[np.float32] = np.clip(rows * ramp, -1.0, 1.0).astype(np.float32)
        return limited


def _faded_over(stage: Block, whole: Block, *, then: bool, now: bool) -> Block:
    """What a listener gets who heard the whole `then` or not, and hears it `now` or not."""
    if then == now:
        return whole if now else stage
    faded: Block = whole * (_FADE_IN if now else _FADE_OUT) + stage * (
        _FADE_OUT if now else _FADE_IN
    )
    return faded
