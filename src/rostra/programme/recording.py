"""A recording's format: what was sent, message by message, so that a torn end is found.

A file is a row of records: the mark `RREC`, the payload's length and its CRC-32 (both four bytes,
big-endian), the payload. The first payload is the head (JSON); each later one is a message of the
programme just as listeners were sent it (`wire.messages`), with every encoding and notice. What
is damaged is passed over up to the next record whose check holds.
"""

import zlib
from dataclasses import dataclass
from typing import Final

import msgspec

from rostra.domain.errors import MalformedError
from rostra.domain.limits import MESSAGE_BYTES_MAX
from rostra.wire.messages import Id

MARK: Final = b"RREC"

FRAME_BYTES: Final = len(MARK) + 8
"""Mark, length, check."""

VERSION: Final = 1

PAYLOAD_BYTES_MAX: Final = MESSAGE_BYTES_MAX
"""A longer one is a damaged length: nothing larger is ever sent."""


class Head(msgspec.Struct, frozen=True):
    """What a recording is of."""

    space: Id
    run: Id
    epoch_utc_us: int
    version: int = VERSION


class Place(msgspec.Struct, frozen=True, array_like=True):
    """The first fields of a packed `ProgrammeMessage`, read without the rest."""

    space: Id
    run: Id
    epoch_utc_us: int
    number: int


_PLACE: Final = msgspec.msgpack.Decoder(Place)
_HEAD: Final = msgspec.json.Decoder(Head)


def place_of(message: bytes) -> Place:
    """Where a packed message belongs; MalformedError if it is none."""
    try:
        return _PLACE.decode(message)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        sentence = f"This is no message of a programme: {error}."
        raise MalformedError(sentence) from error


def record(payload: bytes) -> bytes:
    """One record, at most PAYLOAD_BYTES_MAX of payload (ValueError)."""
    if not 1 <= len(payload) <= PAYLOAD_BYTES_MAX:
        sentence = f"a record of {len(payload)} bytes"
        raise ValueError(sentence)
    check = zlib.crc32(payload)
    return MARK + len(payload).to_bytes(4, "big") + check.to_bytes(4, "big") + payload


def head_record(head: Head) -> bytes:
    """The record that a file begins with."""
    return record(msgspec.json.encode(head))


def read_head(payload: bytes) -> Head:
    """The head from the first payload; MalformedError for anything else."""
    try:
        head = _HEAD.decode(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        sentence = f"This file is no recording: {error}."
        raise MalformedError(sentence) from error
    if head.version != VERSION:
        sentence = f"This recording has version {head.version}; this rostra reads {VERSION}."
        raise MalformedError(sentence)
    return head


@dataclass(frozen=True, slots=True)
class Found:
    """A whole record, and where it ends in the file."""

    payload: bytes
    end: int


class Reader:
    """Finds the whole records in a file that is fed piece by piece, from its beginning."""

    def __init__(self) -> None:
        self._pending = bytearray()
        self._start = 0
        self._whole = 0
        self.end = 0
        """Where the last whole record ends: whoever goes on writing does so here."""

    @property
    def damaged(self) -> int:
        """Bytes so far that belong to no whole record; after `finish`, all of them."""
        return self._start - self._whole

    def feed(self, data: bytes) -> list[Found]:
        """Take some bytes; the records that they complete."""
        self._pending += data
        found: list[Found] = []
        at = done = 0
        while (at := self._next(at)) >= 0:
            length = int.from_bytes(self._pending[at + 4 : at + 8], "big")
            end = at + FRAME_BYTES + length
            possible = 1 <= length <= PAYLOAD_BYTES_MAX
            if possible and end > len(self._pending):
                self._drop(at)
                return found
            payload = bytes(self._pending[at + FRAME_BYTES : end]) if possible else b""
            check = int.from_bytes(self._pending[at + 8 : at + 12], "big")
            if not payload or zlib.crc32(payload) != check:
                at += 1
                continue
            at = done = end
            self.end = self._start + end
            self._whole += FRAME_BYTES + length
            found.append(Found(payload, self.end))
        self._drop(max(done, self._rest()))
        return found

    def finish(self) -> list[Found]:
        """The file is over: records behind a mark that promised more than there was."""
        found: list[Found] = []
        while self._pending:
            self._drop(1)
            found += self.feed(b"")
            if self._next(0) < 0:
                self._drop(len(self._pending))
        return found

    def _next(self, at: int) -> int:
        """Where a whole frame of a record begins; below 0 if none does."""
        found = self._pending.find(MARK, at)
        return found if found >= 0 and found + FRAME_BYTES <= len(self._pending) else -1

    def _rest(self) -> int:
        """How much may be forgotten: all but what may be the beginning of a record."""
        mark = self._pending.rfind(MARK)
        if mark >= 0 and mark + FRAME_BYTES > len(self._pending):
            return mark
        return max(0, len(self._pending) - len(MARK) + 1)

    def _drop(self, count: int) -> None:
        del self._pending[:count]
        self._start += count
