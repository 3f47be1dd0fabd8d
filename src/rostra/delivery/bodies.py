"""Reads what listeners post: strict, bounded, and refused with an example of what belongs there."""

import hashlib
from collections.abc import Callable
from typing import Annotated, Final, TypeVar

import msgspec

from rostra.delivery.refusals import Code, RefusedError
from rostra.domain.texts import is_shown, one_line
from rostra.domain.voices import LISTENER

VOICE_BYTES_MAX: Final = 1_024
"""Of a reaction, a back or a vote, which have at most 150 bytes as our page writes them."""

WRITTEN_BYTES_MAX: Final = 3_072
"""Of what holds text: a note and a name have 200 characters, of which JSON may make 12 bytes each,
and an edge reads no longer body than 4 kB."""

ListenerId = Annotated[str, msgspec.Meta(pattern=rf"\A{LISTENER}\Z")]

Voice = Callable[[str, str], int]
"""Who a listener of a space is in votes and backs: a hash that is the same at each edge."""

Within = Callable[[str, int], None]
"""Count and refuse (429) what the limit of this name lets wait so many nanoseconds."""

_T = TypeVar("_T")


def read(
    decoder: msgspec.json.Decoder[_T], body: bytes, example: str, bytes_max: int = VOICE_BYTES_MAX
) -> _T:
    """Parse strictly; RefusedError (400, 413) for everything else."""
    if len(body) > bytes_max:
        raise RefusedError(Code.TOO_LARGE, limit=bytes_max)
    try:
        return decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise RefusedError(Code.BAD_BODY, example=example) from error


def line(text: str, chars_max: int, example: str) -> str:
    """A line as it is kept; RefusedError (400) where it is too long or cannot be shown."""
    kept = one_line(text)
    if len(kept) > chars_max or not is_shown(kept):
        raise RefusedError(Code.BAD_BODY, example=example)
    return kept


def voice_of(key: bytes, space: str, listener: str) -> int:
    """`Voice` of a house whose edges share the key: nobody without it finds the listener's id."""
    who = f"{space}\0{listener}".encode()
    return int.from_bytes(hashlib.blake2b(who, digest_size=8, key=key).digest())
