"""The journal's lines: append-only JSON, each carrying the SHA-256 of the line before it.

Whoever holds the last line's hash can tell whether anything before it was changed, taken out or
put in. What a crash tore stays where it is; the next line, of kind `recovered`, chains on the
torn bytes and says so.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from rostra.domain.errors import HouseError, MalformedError

LINE_BYTES_MAX: Final = 64 * 1024
"""A line is under 1 kB; a whole configuration fits. Also how far back a start looks."""

KIND_CHARS_MAX: Final = 40
"""Kinds are words such as `doors`, `t0`, `counts`, `clock_step`."""

ORIGIN: Final = "0" * 64
"""What the first line carries in place of a hash."""

RECOVERED: Final = "recovered"
"""The kind of the line after torn bytes."""


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line: number from 0, microseconds of UTC, what happened, and the chain."""

    n: int
    utc_us: int
    kind: str
    body: dict[str, Any]
    prev: str


@dataclass(frozen=True, slots=True)
class Link:
    """Where the chain stands: the number that the next line gets, and what it chains on."""

    n: int = 0
    prev: str = ORIGIN


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check of a journal found.

    `broken_at` is the number (from 0) of the first line that does not continue the chain, or
    None; `torn` counts places cut short by a crash; `head` is the hash that a next line carries.
    """

    lines: int
    torn: int
    broken_at: int | None
    head: str

    @property
    def sentence(self) -> str:
        """The finding for a person."""
        if self.broken_at is not None:
            return f"The journal was changed: line {self.broken_at + 1} does not follow."
        torn = f"; {self.torn} cut short by a crash" if self.torn else ""
        return f"The journal is whole: {self.lines} lines{torn}."


_DECODER: Final = msgspec.json.Decoder(Entry)


def link_of(line: bytes) -> str:
    """The SHA-256 of a line's bytes, without its line end, in hex."""
    return hashlib.sha256(line).hexdigest()


def write_line(link: Link, utc_us: int, kind: str, body: dict[str, Any]) -> tuple[bytes, Link]:
    """Make the next line (with its line end) and where the chain stands after it.

    Raises HouseError for a line beyond LINE_BYTES_MAX or a kind beyond KIND_CHARS_MAX.
    """
    line = msgspec.json.encode(Entry(link.n, utc_us, kind, body, link.prev))
    if len(line) >= LINE_BYTES_MAX or not 1 <= len(kind) <= KIND_CHARS_MAX:
        sentence = f"A journal line of kind {kind[:KIND_CHARS_MAX]!r} has {len(line)} bytes."
        raise HouseError(sentence)
    return line + b"\n", Link(link.n + 1, link_of(line))


def read_line(line: bytes) -> Entry:
    """Decode one line without its line end; MalformedError if it is none."""
    if len(line) > LINE_BYTES_MAX:
        sentence = f"A journal line of {len(line)} bytes exceeds {LINE_BYTES_MAX}."
        raise MalformedError(sentence, status=413)
    try:
        return _DECODER.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        sentence = f"This is not a line of a journal: {error}."
        raise MalformedError(sentence) from error


def verify(lines: Iterable[bytes]) -> Finding:
    """Check a whole journal, given its lines in order without their line ends.

    Lines that cannot be read are torn if they are the last ones or if a `recovered` line chains
    on their bytes (joined by line ends); otherwise the chain is broken there.
    """
    torn_lines: list[bytes] = []
    count, torn, next_n, prev = 0, 0, 0, ORIGIN
    for line in lines:
        count += 1
        try:
            entry = read_line(line)
        except MalformedError:
            torn += not torn_lines
            torn_lines.append(line)
            prev = link_of(b"\n".join(torn_lines))
            continue
        recovered = entry.kind == RECOVERED or not torn_lines
        if entry.prev != prev or entry.n != next_n or not recovered:
            return Finding(count, torn, count - 1 - len(torn_lines), prev)
        prev, next_n = link_of(line), entry.n + 1
        torn_lines.clear()
    return Finding(count, torn, None, prev)


def resume(tail: bytes) -> tuple[Link, bytes]:
    """Find where the chain stands from a journal's last bytes, at least 2 x LINE_BYTES_MAX.

    Returns the link for the next line, and the torn bytes behind the last readable line (empty
    if there are none; then `tail` may still lack its line end). HouseError if no line of a
    tail that long can be read.
    """
    lines = tail.removesuffix(b"\n").split(b"\n") if tail else []
    for back, line in enumerate(reversed(lines)):
        try:
            entry = read_line(line)
        except MalformedError:
            continue
        torn = b"\n".join(lines[len(lines) - back :])
        return Link(entry.n + 1, link_of(torn or line)), torn
    if len(tail) >= 2 * LINE_BYTES_MAX:
        sentence = "The end of this journal is damaged. Move the file away; a new one begins."
        raise HouseError(sentence)
    return (Link(0, link_of(b"\n".join(lines))) if lines else Link()), b"\n".join(lines)
