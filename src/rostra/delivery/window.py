"""The last minute of one run as this edge sent it: real messages, filled ones, and known holes."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from rostra.domain.grid import MESSAGES_PER_SEGMENT, MP3_FRAME_SAMPLES, message_at, mp3_frames_of
from rostra.domain.limits import MESSAGE_WINDOW
from rostra.domain.media import Codec
from rostra.wire.messages import ProgrammeMessage

CODECS_MESSAGES: Final = 9
"""Opus is on offer while one of this many newest messages has it: a joiner's burst."""


@dataclass(frozen=True, slots=True)
class Step:
    """One message as it goes out: from the studio (`real`), or filled from the hold loop."""

    message: ProgrammeMessage
    real: bool


class Window:
    """Messages of one run by number, the newest `size` of them; a new run empties it."""

    def __init__(self, size: int = MESSAGE_WINDOW) -> None:
        self._size = size
        self._steps: dict[int, Step] = {}
        self._order: deque[int] = deque()
        self.run = ""
        self.epoch_utc_us = 0

    def put(self, step: Step) -> bool:
        """Add what has just gone out; True when it opens a new run.

        Numbers of a run must rise; a hole stays a hole.
        """
        message = step.message
        fresh = message.run != self.run
        if fresh:
            self._steps.clear()
            self._order.clear()
            self.run, self.epoch_utc_us = message.run, message.epoch_utc_us
        self._steps[message.number] = step
        self._order.append(message.number)
        if len(self._order) > self._size:
            del self._steps[self._order.popleft()]
        return fresh

    def mend(self, message: ProgrammeMessage) -> bool:
        """Put a late real message where a filled one went out; True if it was taken.

        Refused when its segment may already be listed: what a playlist named never changes.
        """
        held = self._steps.get(message.number)
        if held is None or held.real or message.run != self.run:
            return False
        if message.number // MESSAGES_PER_SEGMENT < (self.newest + 1) // MESSAGES_PER_SEGMENT:
            return False
        self._steps[message.number] = Step(message, real=True)
        return True

    def get(self, number: int) -> Step | None:
        """What went out as `number`, or None."""
        return self._steps.get(number)

    @property
    def newest(self) -> int:
        """Number of the newest message, -1 when there is none."""
        return self._order[-1] if self._order else -1

    @property
    def oldest(self) -> int:
        """Number of the oldest message held, -1 when there is none."""
        return self._order[0] if self._order else -1

    def stretches(self, first: int, last: int) -> Iterator[list[ProgrammeMessage]]:
        """Messages `first`…`last` in groups without holes; holes lie between the groups."""
        group: list[ProgrammeMessage] = []
        for number in range(first, last + 1):
            step = self._steps.get(number)
            if step is not None:
                group.append(step.message)
            elif group:
                yield group
                group = []
        if group:
            yield group

    def whole(self, numbers: Iterable[int]) -> bool:
        """Whether each of `numbers` is held and real."""
        return all((step := self._steps.get(n)) is not None and step.real for n in numbers)

    def opus(self, numbers: Iterable[int]) -> Iterator[bool]:
        """For each of `numbers` that is held, whether it has Opus."""
        steps = (self._steps.get(number) for number in numbers)
        return (bool(step.message.opus) for step in steps if step is not None)

    def codecs(self) -> tuple[Codec, ...]:
        """What a joiner may ask for in MP4: AAC always, Opus if the newest messages have it."""
        newest = range(self.newest - CODECS_MESSAGES + 1, self.newest + 1)
        return (Codec.AAC, Codec.OPUS) if any(self.opus(newest)) else (Codec.AAC,)

    def mp3_frame(self, index: int) -> bytes | None:
        """The MP3 frame whose pts is `index` x 1,152, or None where it is not held."""
        number = message_at(index * MP3_FRAME_SAMPLES)
        step = self._steps.get(number)
        if step is None:
            return None
        first = mp3_frames_of(number).start
        return step.message.mp3[index - first]
