"""Times as people and programs write them in requests, and as answers show them."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from rostra.domain.errors import PeerError

NOW: Final = "now"

AT_CHARS_MAX: Final = 40
"""`2026-11-23T20:00:00.000000+01:00` has 32."""

AHEAD_MAX_S: Final = 2 * 366 * 86_400
"""Two years: further plans are most likely a slip in the year."""

LATE_MAX_S: Final = 300
"""A form that was filled in slowly still means now."""

US_PER_S: Final = 1_000_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SHAPE: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})", re.ASCII
)


def parse_at(text: str, now_utc_us: int) -> int:
    """T0 in microseconds since 1970 from `now` or ISO 8601 with an offset (RFC 3339).

    Raises PeerError (422) for anything else, for the past, and for more than two years ahead.
    """
    if text.strip().lower() == NOW:
        return now_utc_us
    t0_utc_us = _read(text.strip())
    ahead_us = t0_utc_us - now_utc_us
    if ahead_us < -LATE_MAX_S * US_PER_S:
        sentence = f"The time {text.strip()} is in the past. Give one that is to come, or 'now'."
        raise PeerError(sentence, status=422)
    if ahead_us > AHEAD_MAX_S * US_PER_S:
        sentence = f"The time {text.strip()} is more than two years ahead. See the year."
        raise PeerError(sentence, status=422)
    return t0_utc_us


def iso(utc_us: int) -> str:
    """`2026-11-23T20:00:00Z`, with a fraction only where there is one."""
    moment = _EPOCH + timedelta(microseconds=utc_us)
    return moment.isoformat().replace("+00:00", "Z")


def _read(text: str) -> int:
    if len(text) > AT_CHARS_MAX or not _SHAPE.fullmatch(text):
        raise _unreadable()
    try:
        moment = datetime.fromisoformat(text)
        return (moment - _EPOCH) // timedelta(microseconds=1)
    except (ValueError, OverflowError) as error:
        raise _unreadable() from error


def _unreadable() -> PeerError:
    sentence = (
        "The time is neither 'now' nor ISO 8601 with an offset, such as 2026-11-23T20:00:00+01:00."
    )
    return PeerError(sentence, status=422)
