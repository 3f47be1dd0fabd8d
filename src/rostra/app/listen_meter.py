"""What a headless listener measures: first sound, latency, missing sound, moments of silence.

Pure: every moment comes in as an argument, so that the figures themselves are tested.
"""

from collections import deque
from dataclasses import dataclass
from statistics import median
from typing import Final

from rostra.domain.grid import SAMPLE_RATE_HZ, us_of_samples

NS_PER_S: Final = 1_000_000_000
US_PER_S: Final = 1_000_000

BURST_NS: Final = 100_000_000
"""A joiner gets the newest second at once; what arrives within one message (107 ms) of the first
piece is that burst, and says nothing about how late the stream runs."""

ARRIVALS_MAX: Final = 36_000
"""Arrivals kept for the median: the last hour at a tick of 107 ms."""

NEW_TIMELINE_SAMPLES: Final = 60 * SAMPLE_RATE_HZ
"""A step back by more than the minute that edges keep is another run, and no repetition."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What one listener found. Figures that its transport cannot give are None.

    `latency_s` is the median age of a piece's first sample when the piece has arrived, encoder
    and tick included; it needs pts, which AAC and MP3 streams do not have. `gaps` are jumps
    in pts, `gap_ms` what they skipped. `stalls` are moments at which a player without any
    buffer, started on the first sound, would have fallen silent; `stall_ms` for how long.
    """

    transport: str
    url: str
    time_to_first_sound_s: float
    latency_s: float | None
    gaps: int | None
    gap_ms: float | None
    stalls: int
    stall_ms: float
    bytes: int
    heard_s: float
    decode_errors: int
    reconnects: int


class Meter:
    """Takes every piece of a stream with its arrival and keeps the sums."""

    def __init__(self) -> None:
        self.bytes = 0
        self.gaps = 0
        self.gap_samples = 0
        self.stalls = 0
        self.stall_ns = 0
        self.samples = 0
        self.decode_errors = 0
        self.timed = False
        """Whether the stream has pts."""
        self.first_sound_ns: int | None = None
        self._first_ns: int | None = None
        self._next_pts: int | None = None
        self._dry_ns = 0
        self._arrivals: deque[tuple[int, int]] = deque(maxlen=ARRIVALS_MAX)

    def fresh(self, arrived_ns: int, pts_samples: int, samples: int) -> int:
        """Note a piece with a place on the timeline; return how many samples of it are new.

        What was heard already (a reconnect begins with a burst) is not new.
        """
        self.timed = True
        if self._first_ns is None:
            self._first_ns = arrived_ns
        if arrived_ns - self._first_ns > BURST_NS:
            self._arrivals.append((arrived_ns, pts_samples))
        end = pts_samples + samples
        if self._next_pts is None or end < self._next_pts - NEW_TIMELINE_SAMPLES:
            self._next_pts = end
            return samples
        if pts_samples > self._next_pts:
            self.gaps += 1
            self.gap_samples += pts_samples - self._next_pts
        new = max(0, min(samples, end - self._next_pts))
        self._next_pts = max(end, self._next_pts)
        return new

    def sound(self, arrived_ns: int, samples: int) -> None:
        """Note decoded sound; the first that is not empty is the first sound."""
        if not samples:
            return
        if self.first_sound_ns is None:
            self.first_sound_ns = self._dry_ns = arrived_ns
        elif arrived_ns > self._dry_ns:
            self.stalls += 1
            self.stall_ns += arrived_ns - self._dry_ns
            self._dry_ns = arrived_ns
        self._dry_ns += samples * NS_PER_S // SAMPLE_RATE_HZ
        self.samples += samples

    def latency_s(self, epoch_utc_us: int, house_minus_mono_us: int) -> float | None:
        """Median age of what arrived, in seconds; None without pts or past the burst.

        `house_minus_mono_us` turns this machine's monotonic clock into the house's UTC.
        """
        ages = [
            arrived_ns // 1_000 + house_minus_mono_us - epoch_utc_us - us_of_samples(pts)
            for arrived_ns, pts in self._arrivals
        ]
        return median(ages) / US_PER_S if ages else None

    def heard(
        self, transport: str, url: str, started_ns: int, latency_s: float | None, reconnects: int
    ) -> Heard:
        """The sums as a report; call it when there was a first sound."""
        first_ns = self.first_sound_ns if self.first_sound_ns is not None else started_ns
        return Heard(
            transport=transport,
            url=url,
            time_to_first_sound_s=round((first_ns - started_ns) / NS_PER_S, 3),
            latency_s=None if latency_s is None else round(latency_s, 3),
            gaps=self.gaps if self.timed else None,
            gap_ms=round(us_of_samples(self.gap_samples) / 1_000, 1) if self.timed else None,
            stalls=self.stalls,
            stall_ms=round(self.stall_ns / 1_000_000, 1),
            bytes=self.bytes,
            heard_s=round(self.samples / SAMPLE_RATE_HZ, 3),
            decode_errors=self.decode_errors,
            reconnects=reconnects,
        )
