"""Moments as feeds, documents and people read them, from microseconds since 1970."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Final

US_PER_S: Final = 1_000_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def moment(utc_us: int) -> datetime:
    """An aware time in UTC; OverflowError beyond the year 9999."""
    return _EPOCH + timedelta(microseconds=utc_us)


def iso_ms(utc_us: int) -> str:
    """`2026-11-29T20:05:00.000Z` (RFC 3339), always with milliseconds, as Statuspage has it."""
    return moment(utc_us).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def iso_s(utc_us: int) -> str:
    """`2026-11-29T20:05:00Z` (RFC 3339)."""
    return moment(utc_us).isoformat(timespec="seconds").replace("+00:00", "Z")


def rfc822(utc_us: int) -> str:
    """`Sun, 29 Nov 2026 20:05:00 GMT`, as RSS wants it."""
    return format_datetime(moment(utc_us), usegmt=True)


def clock(utc_us: int) -> str:
    """`20:05 UTC`."""
    return f"{moment(utc_us):%H:%M} UTC"


def day_and_clock(utc_us: int) -> str:
    """`2026-11-29 20:05 UTC`: one order in every language."""
    return f"{moment(utc_us):%Y-%m-%d %H:%M} UTC"
