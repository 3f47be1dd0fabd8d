"""The howl guard: hears a loop through the house begin, and turns down the source it goes through.

Two devices in one room, or a loudspeaker beside a microphone, hear the mix and send it again.
The guard is the last in a voice's chain: what it compares with the mix has the gain that the
loop has, and no automatic gain undoes what it takes away.
"""

from collections.abc import Set as AbstractSet
from typing import Final

from rostra.stage.howl_echo import SentMix
from rostra.stage.howl_source import Source
from rostra.stage.levels import Block

SHARED_FOR_BLOCKS: Final = 100
"""Two seconds: for so long a howl that was found in one source is looked for in the others."""


class HowlGuard:
    """One stage's guard, on the clock's thread: state by source, and the mix that was sent out.

    For each block of 20 ms: `heard` for each source, then `mixed` once.
    """

    def __init__(self) -> None:
        self._sent = SentMix()
        self._sources: dict[str, Source] = {}
        self._told: dict[str, bool] = {}
        self._block = 0
        self._howl_bin = 0
        self._howl_block = 0

    def heard(self, participant: str, block: Block) -> Block:
        """Guard a source's block, float32[960]; the same object comes back while it is innocent."""
        source = self._sources.get(participant)
        if source is None:
            source = self._sources[participant] = Source(self._sent, len(self._sources))
        suspect = any(self._told.values())
        guarded, found = source.heard(block, self._howl_bin, suspect=suspect)
        if found:
            self._howl_bin, self._howl_block = found, self._block
        return guarded

    def mixed(self, mix: Block) -> None:
        """Learn what was sent out: the sum of all guarded sources, float32[960]."""
        self._sent.take(mix)
        self._block += 1
        if self._block > self._howl_block + SHARED_FOR_BLOCKS:
            self._howl_bin = 0

    def gain(self, participant: str) -> float:
        """How far a source is turned down, as a factor; 1 if it is not."""
        source = self._sources.get(participant)
        return source.gain if source is not None else 1.0

    def flips(self) -> tuple[tuple[str, bool], ...]:
        """Who began (True) or ceased (False) to howl since this was asked last."""
        now = {name: source.howls for name, source in self._sources.items()}
        flips = tuple((n, howls) for n, howls in now.items() if howls != self._told.get(n, False))
        self._told = now
        return flips

    def keep(self, participants: AbstractSet[str]) -> None:
        """Forget everybody else."""
        for gone in self._sources.keys() - participants:
            self.forget(gone)

    def forget(self, participant: str) -> None:
        """Somebody has left."""
        self._sources.pop(participant, None)
        self._told.pop(participant, None)
