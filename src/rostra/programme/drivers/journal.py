"""Writes and reads journals: one append-only file a space, below DATA/journal."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from rostra.domain.errors import HouseError, MalformedError, NotFoundError
from rostra.domain.ports import Moment
from rostra.programme.journal import (
    LINE_BYTES_MAX,
    RECOVERED,
    Entry,
    Finding,
    Link,
    read_line,
    resume,
    verify,
    write_line,
)

SYNC_EVERY_NS: Final = 1_000_000_000
"""At most one fsync a second: a crash of the machine costs at most the last second's lines."""

FILE_BYTES_MAX: Final = 1024 * 1024 * 1024
"""A day of counts is 2 MB; a journal of 1 GB is a fault, and must not fill the disk."""


def journal_path(data: Path, space: str) -> Path:
    """Where a space's journal is, below the house's data folder."""
    return data / "journal" / f"{space}.jsonl"


class Journal:
    """The writing end of one space's journal; one process and one thread at a time.

    All of it may wait for the disk, so that thread is none that has sound to care for.
    Every method that writes raises HouseError with a plain sentence when the disk refuses; the
    caller counts it and goes on, for a full disk must not end a show. The file then ends with
    the last whole line, and a later line continues the chain.
    """

    def __init__(self, path: Path, now: Moment, *, file_bytes_max: int = FILE_BYTES_MAX) -> None:
        self._path = path
        self._bytes_max = file_bytes_max
        self._synced_ns = now.mono_ns
        self._dirty = False
        self._size = 0
        self._link = Link()
        self._sure = False
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o640)
        except OSError as error:
            raise _refusal(path, error) from error

    @property
    def head(self) -> str:
        """The hash of the last line appended: whoever keeps it can prove the journal later."""
        return self._link.prev

    def append(self, now: Moment, kind: str, body: dict[str, Any]) -> None:
        """Add a line; it reaches the disk with the next `sync` that is due."""
        if not self._sure:
            self._settle(now)
        line, link = write_line(self._link, now.utc_us, kind, body)
        self._write(line)
        self._link = link
        self._dirty = True

    def _settle(self, now: Moment) -> None:
        """Read where the chain stands; if a crash tore the end, say so in a line of its own."""
        try:
            self._size = os.fstat(self._file).st_size
            start = max(0, self._size - 2 * LINE_BYTES_MAX)
            tail = os.pread(self._file, self._size - start, start) if self._size else b""
        except OSError as error:
            raise _refusal(self._path, error) from error
        self._link, torn = resume(tail)
        line_end = b"" if not tail or tail.endswith(b"\n") else b"\n"
        if torn:
            body = {"torn_bytes": len(torn)}
            line, self._link = write_line(self._link, now.utc_us, RECOVERED, body)
            self._write(line_end + line)
        elif line_end:
            self._write(line_end)
        self._sure = True

    def due(self, now: Moment) -> bool:
        """Whether lines wait for the disk, and have for a second; any thread may ask."""
        return self._dirty and now.mono_ns - self._synced_ns >= SYNC_EVERY_NS

    def sync(self, now: Moment) -> None:
        """Bring lines to the disk if the last time was a second ago; cheap otherwise."""
        if self.due(now):
            self._synced_ns = now.mono_ns
            self._fsync()

    def close(self) -> None:
        """Bring everything to the disk and close the file; once more is no error."""
        if self._file < 0:
            return
        try:
            if self._dirty:
                self._fsync()
        finally:
            os.close(self._file)
            self._file = -1

    def _fsync(self) -> None:
        try:
            os.fsync(self._file)
        except OSError as error:
            raise _refusal(self._path, error) from error
        self._dirty = False

    def _write(self, data: bytes) -> None:
        """Write all or nothing: what a full disk took of a line is cut off again."""
        if self._size + len(data) > self._bytes_max:
            sentence = f"The journal {self._path} holds {self._bytes_max} bytes. Move it away."
            raise HouseError(sentence)
        try:
            written = os.write(self._file, data)
            while written < len(data):
                written += os.write(self._file, data[written:])
        except OSError as error:
            self._sure = False
            with contextlib.suppress(OSError):  # what stays of the line is found torn next time
                os.ftruncate(self._file, self._size)
            raise _refusal(self._path, error) from error
        self._size += len(data)


def read_journal(path: Path) -> Iterator[Entry]:
    """Every readable entry, oldest first; NotFoundError if there is no such journal."""
    for line in _lines(path):
        try:
            yield read_line(line)
        except MalformedError:
            continue


def check_journal(path: Path) -> Finding:
    """Check the chain of a whole journal; NotFoundError if there is none."""
    return verify(_lines(path))


def _lines(path: Path) -> Iterator[bytes]:
    """Lines without their ends; one beyond LINE_BYTES_MAX comes in pieces and fails the check."""
    try:
        with path.open("rb") as file:
            while line := file.readline(LINE_BYTES_MAX + 1):
                yield line.removesuffix(b"\n")
    except FileNotFoundError as error:
        sentence = f"There is no journal {path.name}: no such space has opened its doors here."
        raise NotFoundError(sentence) from error
    except OSError as error:
        raise _refusal(path, error) from error


def _refusal(path: Path, error: OSError) -> HouseError:
    why = error.strerror or str(error)
    return HouseError(
        f"The journal {path} cannot be written: {why}. Free space or mend its rights."
    )
