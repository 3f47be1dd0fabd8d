"""Says when the next 20 ms of programme are to be made, and what a late studio leaves out."""

from dataclasses import dataclass
from typing import Final

from rostra.domain.grid import HOLD_LOOP_SAMPLES, MESSAGE_SAMPLES, MIX_BLOCK_SAMPLES
from rostra.programme.timeline import Timeline

SKIP_SAMPLES: Final = HOLD_LOOP_SAMPLES
"""A studio skips in steps of 0.96 s: nine messages, 48 mixes, 45 AAC, 40 MP3 and 48 Opus
frames, so that every encoder's frames stay whole and the sound goes on without a click."""

SKIP_BLOCKS: Final = SKIP_SAMPLES // MIX_BLOCK_SAMPLES
SKIP_MESSAGES: Final = SKIP_SAMPLES // MESSAGE_SAMPLES

CATCH_UP_SAMPLES_MAX: Final = SKIP_SAMPLES
"""Below 0.96 s behind, the studio makes block after block without a pause: the speakers' packets
of that time wait in their buffers and nothing is lost. Beyond it, whole messages are skipped."""

CAPTURE_SAMPLES: Final = 2_880
"""60 ms from a microphone to the mix: 20 ms until a packet is full, 6.5 ms in the Opus encoder, the
network, and the jitter buffer (56 to 77 ms were measured from speaker to speaker). A block is made
so much after its time, so that pts tell when something was said and T0 lies where it was."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What to do now: wait `wait_ns`, then make `block`; `skipped_messages` are left out."""

    wait_ns: int
    block: int
    skipped_messages: int = 0


class Pace:
    """The metronome of one run, without a clock of its own.

    Each block is made `after_samples` after its time.
    """

    def __init__(self, timeline: Timeline, first_block: int, after_samples: int = 0) -> None:
        self._timeline = timeline
        self._block = first_block
        self._after = after_samples
        self.skipped_messages = 0
        """Messages left out since the run began here."""

    def turn(self, mono_ns: int) -> Turn:
        """Plan the next block; to be called again after each `made` or after the wait."""
        behind = self._timeline.pts_at(mono_ns) - self._after - self._block * MIX_BLOCK_SAMPLES
        skips = max(0, behind // CATCH_UP_SAMPLES_MAX)
        self._block += skips * SKIP_BLOCKS
        self.skipped_messages += skips * SKIP_MESSAGES
        due_ns = self._timeline.due_mono_ns(self._block * MIX_BLOCK_SAMPLES + self._after)
        return Turn(max(0, due_ns - mono_ns), self._block, skips * SKIP_MESSAGES)

    def made(self) -> None:
        """The block of the last turn is made; the next one follows."""
        self._block += 1


def first_block(timeline: Timeline, mono_ns: int) -> int:
    """The first block that a studio which begins now can make in time."""
    return -(-timeline.pts_at(mono_ns) // MIX_BLOCK_SAMPLES)
