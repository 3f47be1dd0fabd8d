"""What a listener would call broken in what a probe has heard: gaps, a late T0, silence.

Pure: sound, states and times come in as arguments. Silence before the start or while nobody
speaks is no fault; digital silence while the house says that somebody speaks is one.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from rostra.domain.space import Reason, State
from rostra.watch.moments import US_PER_S
from rostra.wire.states import SpaceState

SILENCE_S: Final = 2.0
"""Digital silence for so long while somebody is said to speak: no pause for breath is that still,
for a room's own noise lies above it."""

SILENCE_PEAK: Final = 1e-4
"""-80 dB of full scale: what AAC makes of nothing lies below, a quiet room above."""

SLOW_MS_MAX: Final = 5_000.0
"""Joining takes under a second; after five people try again."""

STALL_MS_MAX: Final = 1_000.0
"""A player holds about a second; an edge's longest tick of 1.92 s stays below after its burst."""

T0_ERROR_MS_MAX: Final = 250.0
"""A start that is further off its second than this is heard to be."""

T0_LATE_S: Final = 5.0
"""A space still in its lobby so long after its own T0, which nobody has moved, does not begin."""

SAMPLES_PER_S: Final = 48_000
US_PER_MS: Final = 1_000


class Stillness:
    """The longest digital silence in sound at 48 kHz that comes in pieces."""

    def __init__(self) -> None:
        self.longest_s = 0.0
        self._samples = 0

    def take(self, pcm: NDArray[np.float32]) -> None:
        """Hear the next piece."""
        loud = np.flatnonzero(np.abs(pcm) >= SILENCE_PEAK)
        if not len(loud):
            self._samples += len(pcm)
        else:
            between = int(np.diff(loud).max(initial=1)) - 1
            self._note(max(self._samples + int(loud[0]), between))
            self._samples = len(pcm) - 1 - int(loud[-1])
        self._note(self._samples)

    def _note(self, samples: int) -> None:
        self.longest_s = max(self.longest_s, samples / SAMPLES_PER_S)


def somebody_speaks(state: SpaceState) -> bool:
    """Whether the stage is on and somebody on it is heard to speak."""
    on = state.state is State.LIVE and state.source == "stage"
    heard = (one.speaking and one.here and not one.muted for one in state.stage)
    return on and any(
        speaks and one.where == "stage" for speaks, one in zip(heard, state.stage, strict=True)
    )


def silent(longest_s: float, before: SpaceState, after: SpaceState) -> str:
    """What is wrong with the silence that was heard, or nothing."""
    if longest_s < SILENCE_S or not (somebody_speaks(before) and somebody_speaks(after)):
        return ""
    return f"Nothing was heard for {longest_s:.1f} s while somebody spoke on stage."


def slow(first_ms: float) -> str:
    """What is wrong with the time to the first sound, or nothing."""
    if first_ms <= SLOW_MS_MAX:
        return ""
    return f"The first sound took {first_ms / 1_000:.1f} s."


def torn(gap_ms: float, stall_ms: float, errors: int) -> str:
    """What is wrong with how the sound came, or nothing."""
    if gap_ms > 0:
        return f"{gap_ms:.0f} ms of sound were missing."
    if stall_ms > STALL_MS_MAX:
        return f"The sound stood still for {stall_ms:.0f} ms."
    return f"{errors} frames of sound could not be decoded." if errors else ""


def t0_error_ms(before: SpaceState, after: SpaceState) -> float | None:
    """How late a space went live that was seen in its lobby, by the house's own clock.

    None where the clock did not start it: a host who begins early is no fault.
    """
    begun = before.state is State.LOBBY and after.state is State.LIVE
    if not begun or after.reason != Reason.CLOCK or not after.since_utc_us:
        return None
    return (after.since_utc_us - after.t0_utc_us) / US_PER_MS


def off_its_second(error_ms: float) -> str:
    """What is wrong with T0, or nothing."""
    if abs(error_ms) <= T0_ERROR_MS_MAX:
        return ""
    return f"The start was {abs(error_ms):.0f} ms {'late' if error_ms > 0 else 'early'}."


def not_begun(state: SpaceState, now_utc_us: int) -> str:
    """What is wrong with a space whose T0 has passed and that still waits, or nothing."""
    late_s = (now_utc_us - state.t0_utc_us) / US_PER_S
    if state.state is not State.LOBBY or not state.t0_utc_us or late_s <= T0_LATE_S:
        return ""
    return f"T0 was {late_s:.0f} s ago, and the space has not begun."
