"""A strict reader of one media playlist as it changes: every MUST of 8216bis that concerns us."""

import re
from dataclasses import dataclass, field

from rostra.domain.grid import PART_SAMPLES, SAMPLE_RATE_HZ, us_of_samples
from rostra.wire.playlist import TARGET_DURATION_S, MediaPlaylist, Part, Segment
from rostra.wire.playlist_read import read_media

TARGET_SAMPLES = TARGET_DURATION_S * SAMPLE_RATE_HZ
NEAR_TARGET = 0.85
"""A part that is not its segment's last is at least so much of the target (4.4.4.9)."""
HOLDS = re.compile(r"HOLD-BACK=([0-9.]+),PART-HOLD-BACK=([0-9.]+)")


@dataclass
class Watched:
    """One playlist, read again and again."""

    last: MediaPlaylist | None = None
    sequence_of: dict[int, int] = field(default_factory=dict)
    """Discontinuity sequence number by segment."""
    dates: dict[int, int] = field(default_factory=dict)
    reads: int = 0

    def see(self, text: str) -> MediaPlaylist:
        """Read the next version; AssertionError names the rule that it breaks."""
        now = read_media(text)
        self._alone(now, text)
        if self.last is not None:
            self._after(self.last, now)
        self._sequences(now)
        self.last = now
        self.reads += 1
        return now

    def _alone(self, now: MediaPlaylist, text: str) -> None:
        hold, part_hold = (float(one) for one in HOLDS.findall(text)[0])
        assert hold >= 3 * TARGET_DURATION_S, "4.4.3.8: HOLD-BACK"
        assert part_hold >= 3 * PART_SAMPLES / SAMPLE_RATE_HZ, "4.4.3.8: PART-HOLD-BACK"
        assert text.count("#EXT-X-PRELOAD-HINT") <= 1, "6.2.6-S6"
        assert not (now.over and now.preload_hint), "4.4.5.3: nothing follows"
        assert not (now.over and now.next_parts), "6.2.1: a part of no segment"
        for segment in now.segments:
            assert round(segment.duration_samples / SAMPLE_RATE_HZ) <= TARGET_DURATION_S, "M1"
            assert segment.program_date_time_utc_us is not None, "B.1: a date on each"
            if segment.parts:
                _parts(segment.parts, whole=True)
                length = sum(part.duration_samples for part in segment.parts)
                assert length == segment.duration_samples, "4.4.4.9: parts make the segment"
        _parts(now.next_parts, whole=False)
        names = [part.name for part in _all_parts(now)] + [one.name for one in now.segments]
        assert len(names) == len(set(names)), "one name, one thing"
        assert now.preload_hint not in names, "6.2.6: hinted and out"
        self._places(now)

    def _places(self, now: MediaPlaylist) -> None:
        """Parts only at the end, and no further back than three target durations (6.2.2-S1)."""
        has = [bool(segment.parts) for segment in now.segments]
        assert has == sorted(has), "6.2.2-M5: parts go in order"
        behind = sum(part.duration_samples for part in now.next_parts)
        for segment in reversed(now.segments):
            assert not segment.parts or behind <= 3 * TARGET_SAMPLES, "6.2.2-S1"
            behind += segment.duration_samples

    def _after(self, before: MediaPlaylist, now: MediaPlaylist) -> None:
        first, newest = _first(before), before.segments[-1].number
        assert _first(now) >= first, "6.2.2-M3"
        assert now.segments[-1].number >= newest
        assert now.discontinuity_sequence >= before.discontinuity_sequence, "6.2.2-M11"
        if _first(now) > first:
            length = sum(segment.duration_samples for segment in now.segments)
            assert length >= 3 * TARGET_SAMPLES, "6.2.2-M6"
        assert _first(now) <= newest + 1, "6.2.2-M2: removed, not leapt over"
        known = {segment.number: segment for segment in now.segments}
        for old in before.segments:
            if old.number in known:
                self._same(old, known[old.number])
        self._begun(before, known.get(newest + 1), now)

    @staticmethod
    def _same(old: Segment, new: Segment) -> None:
        assert new.name == old.name, "6.2.1-M10"
        assert new.duration_samples == old.duration_samples, "6.2.1-M10"
        assert new.discontinuity == old.discontinuity, "6.2.1-M10"
        assert new.program_date_time_utc_us == old.program_date_time_utc_us, "6.2.1-M14"
        assert new.parts in {old.parts, ()}, "6.2.1-M10"

    @staticmethod
    def _begun(before: MediaPlaylist, closed: Segment | None, now: MediaPlaylist) -> None:
        """What was listed of a segment that was not whole is how it still begins."""
        if not before.next_parts:
            return
        if closed is None:
            assert now.segments[-1].number == before.segments[-1].number
            assert now.next_parts[: len(before.next_parts)] == before.next_parts, "M10"
            assert now.next_discontinuity == before.next_discontinuity, "M10"
        else:
            assert closed.parts[: len(before.next_parts)] in {before.next_parts, ()}, "M10"
            assert closed.discontinuity == before.next_discontinuity, "M10"
            assert closed.program_date_time_utc_us == before.next_date_utc_us, "M10"

    def _sequences(self, now: MediaPlaylist) -> None:
        sequence = now.discontinuity_sequence
        for segment in now.segments:
            sequence += segment.discontinuity
            assert self.sequence_of.setdefault(segment.number, sequence) == sequence, "6.2.2-M10"
            date = segment.program_date_time_utc_us or 0
            before = self.dates.get(segment.number - 1)
            self.dates[segment.number] = date
            if before is not None:
                step = date - before - us_of_samples(segment.duration_samples)
                assert segment.number == now.segments[-1].number or abs(step) <= 1_000, "M14"


def _first(playlist: MediaPlaylist) -> int:
    return playlist.segments[0].number


def _all_parts(playlist: MediaPlaylist) -> list[Part]:
    return [*(p for one in playlist.segments for p in one.parts), *playlist.next_parts]


def _parts(parts: tuple[Part, ...], *, whole: bool) -> None:
    for at, part in enumerate(parts):
        assert part.duration_samples <= PART_SAMPLES, "4.4.3.7: PART-TARGET"
        last = whole and at == len(parts) - 1
        assert last or part.duration_samples >= NEAR_TARGET * PART_SAMPLES, "4.4.4.9"
