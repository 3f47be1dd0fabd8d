"""Reads the delivery directives of a playlist's query (RFC 8216bis, 6.2.5), strictly.

Everything else in a query is somebody else's, and ignored. `_HLS_skip` is too: no playlist here
offers delta updates, which save nothing on a window of 15 s.
"""

import re
from dataclasses import dataclass
from typing import Final

from rostra.delivery.refusals import Code, RefusedError

_NUMBER: Final = re.compile(rb"[0-9]{1,12}")
"""A decimal integer; twelve digits last for 60,000 years of programme."""

MSN: Final = b"_HLS_msn"
PART: Final = b"_HLS_part"


@dataclass(frozen=True, slots=True)
class Reload:
    """A playlist with segment `msn` is asked for, or with its part `part`."""

    msn: int
    part: int | None = None


def read(target: bytes) -> Reload | None:
    """What a request's target asks to wait for; None for a plain reload.

    Raises RefusedError: 400 for a directive that is no number or comes twice, and for a part
    without its segment.
    """
    found: dict[bytes, int] = {}
    for pair in target.partition(b"?")[2].split(b"&"):
        name, _, value = pair.partition(b"=")
        if name not in {MSN, PART}:
            continue
        if name in found or not _NUMBER.fullmatch(value):
            raise RefusedError(Code.BAD_DIRECTIVE)
        found[name] = int(value)
    if not found:
        return None
    if MSN not in found:
        raise RefusedError(Code.BAD_DIRECTIVE)
    return Reload(found[MSN], found.get(PART))
