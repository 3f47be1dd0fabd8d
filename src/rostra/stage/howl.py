"""The howl guard: hears a loop through the house begin, and turns down the source it goes through.

Two devices in one room, or a loudspeaker beside a microphone, hear the mix and send it again.
"""

from typing import Final

import numpy as np

from rostra.stage.howl_echo import Echo, EchoFinder, Frames, SentMix
from rostra.stage.howl_filter import DuckAndNotch
from rostra.stage.howl_guard import Ducking
from rostra.stage.levels import Block

SILENT: Final = 1e-3
"""-60 dBFS: a source that stays below it is not looked at."""

LOOK_BLOCKS: Final = 4
"""80 ms between two looks at a source."""

LIKENESS_MIN: Final = 0.14
CONTRAST_MIN: Final = 1.7
GAIN_MIN_DB: Final = -13.0
SAME_POINTS: Final = 12
LOOKS_MIN: Final = 2
ROOM_PEAK_DB: Final = 10.0


class _Source:
    def __init__(self, sent: SentMix, turn: int) -> None:
        self.frames = Frames()
        self.finder = EchoFinder(sent)
        self.filter = DuckAndNotch()
        self.ducking = Ducking()
        self.turn = turn
        self.last: Echo | None = None
        self.same = 0
        self.told = False
        self.log = []

    def look(self) -> None:
        echo = self.finder.find()
        sure = (
            echo.likeness >= LIKENESS_MIN
            and echo.contrast >= CONTRAST_MIN
            and echo.gain_db >= GAIN_MIN_DB
        )
        steady = self.last is not None and abs(echo.delay - self.last.delay) <= SAME_POINTS
        self.same = self.same + 1 if sure and steady else int(sure)
        self.last = echo
        self.log.append(echo)


class HowlGuard:
    """One stage's guard: state by source, and the mix that was sent out."""

    def __init__(self) -> None:
        self._sent = SentMix()
        self._sources: dict[str, _Source] = {}
        self._flips: list[tuple[str, bool]] = []

    def heard(self, participant: str, block: Block) -> Block:
        """Guard a source's block, float32[960]."""
        source = self._sources.get(participant)
        if source is None:
            source = self._sources[participant] = _Source(self._sent, len(self._sources))
        source.turn += 1
        source.finder.take(source.frames.take(block))
        if source.turn % LOOK_BLOCKS == 0:
            source.look()
            if source.same >= LOOKS_MIN and source.last:
                source.ducking.alarm(source.last.gain_db + ROOM_PEAK_DB)
        source.ducking.turn(heard_again=source.same > 0)
        if source.ducking.howls != source.told:
            source.told = source.ducking.howls
            self._flips.append((participant, source.told))
        source.filter.gain = 10 ** (source.ducking.gain_db / 20)
        return source.filter(block)

    def mixed(self, mix: Block) -> None:
        """Learn what was sent out after this block."""
        self._sent.take(mix)

    def gain(self, participant: str) -> float:
        """How far a source is turned down, as a factor."""
        source = self._sources.get(participant)
        return source.filter.gain if source is not None else 1.0

    def flips(self) -> tuple[tuple[str, bool], ...]:
        """Who began or ceased to howl since this was asked last."""
        flips, self._flips = tuple(self._flips), []
        return flips

    def forget(self, participant: str) -> None:
        """Somebody has left."""
        self._sources.pop(participant, None)
