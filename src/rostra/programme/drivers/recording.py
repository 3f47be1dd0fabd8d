"""Writes what a space sends to disk, one file a run, in a thread that nobody waits for."""

import contextlib
import fcntl
import os
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rostra.domain.errors import HouseError, RostraError
from rostra.programme.recording import Head, Place, Reader, head_record, place_of, record

WAITING_MAX: Final = 512
"""Messages that wait for the disk: 55 s, about 1 MB. A disk that stands still for longer costs the
recording what comes then, and the programme nothing."""

SYNC_EVERY_S: Final = 5.0
"""A crash of the machine costs at most so much; a crash of the studio costs nothing written."""

AGAIN_S: Final = 5.0
"""After the disk refused: how long until it is asked again."""

FREE_LOOK_S: Final = 2.0
"""How often the free space is looked at: a programme writes 40 kB in that time."""

CLOSE_S_MAX: Final = 0.6
"""How long the last messages may take; a disk that hangs must not hold up the goodbye."""

CHUNK_BYTES: Final = 1024 * 1024
"""One read of a file that is gone through."""

MB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much a recording may take: of one run, and of the disk's free space."""

    run_bytes_max: int = 4_096 * MB
    free_bytes_min: int = 512 * MB


def recordings(data: Path, space: str) -> Path:
    """The folder of a space's recordings, below the house's data folder."""
    return data / "recordings" / space


class Tape:
    """One run's file, open for writing at its end. HouseError when the disk refuses.

    A file that another studio, or this one's former self, began is gone on with: what it tore is
    cut off. No message is written twice.
    """

    def __init__(self, folder: Path, place: Place, bounds: Bounds) -> None:
        self.run = place.run
        self._bounds = bounds
        self._path = folder / f"{place.run}.rec"
        self._free_at = float("-inf")
        self._full = False
        self._last = -1
        self.size = 0
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        except OSError as error:
            raise self._refusal(error) from error
        try:
            self._take(place)
        except BaseException:
            os.close(self._file)
            raise

    def _take(self, place: Place) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            sentence = f"Another studio writes the recording {self._path}."
            raise HouseError(sentence) from error
        try:
            self._find_end()
            os.ftruncate(self._file, self.size)
            os.lseek(self._file, self.size, os.SEEK_SET)
            if not self.size:
                self._write(head_record(Head(place.space, place.run, place.epoch_utc_us)))
        except OSError as error:
            raise self._refusal(error) from error

    def _find_end(self) -> None:
        reader, first = Reader(), True
        while data := os.read(self._file, CHUNK_BYTES):
            for found in reader.feed(data):
                if not first:
                    self._last = place_of(found.payload).number
                first = False
        for found in reader.finish():
            self._last = place_of(found.payload).number
        self.size = reader.end

    def append(self, place: Place, message: bytes) -> bool:
        """Write one message; False for one that is there already."""
        if place.number <= self._last:
            return False
        data = record(message)
        self._require_room(len(data))
        self._write(data)
        self._last = place.number
        return True

    def _require_room(self, size: int) -> None:
        if self.size + size > self._bounds.run_bytes_max:
            sentence = (
                f"The recording {self._path} has reached its limit of"
                f" {self._bounds.run_bytes_max // MB} MB (recording.run_mb_max) and ends here."
            )
            raise HouseError(sentence)
        now_s = time.monotonic()
        if now_s - self._free_at >= FREE_LOOK_S:
            self._free_at = now_s
            disk = os.fstatvfs(self._file)
            self._full = disk.f_bavail * disk.f_frsize < self._bounds.free_bytes_min
        if self._full:
            sentence = (
                f"The disk of {self._path} has less than {self._bounds.free_bytes_min // MB} MB"
                " free (recording.free_mb_min): the recording waits. Free some space."
            )
            raise HouseError(sentence)

    def _write(self, data: bytes) -> None:
        """Write all or nothing: what a full disk took of a record is cut off again."""
        try:
            written = os.write(self._file, data)
            while written < len(data):
                written += os.write(self._file, data[written:])
        except OSError as error:
            with contextlib.suppress(OSError):  # what stays of it is found torn
                os.ftruncate(self._file, self.size)
                os.lseek(self._file, self.size, os.SEEK_SET)
            raise self._refusal(error) from error
        self.size += len(data)

    def sync(self) -> None:
        """Bring it to the disk."""
        try:
            os.fdatasync(self._file)
        except OSError as error:
            raise self._refusal(error) from error

    def close(self) -> None:
        """Bring it to the disk, and let it go."""
        with contextlib.suppress(OSError):
            os.fdatasync(self._file)
        os.close(self._file)

    def _refusal(self, error: OSError) -> HouseError:
        why = error.strerror or str(error)
        return HouseError(
            f"The recording {self._path} cannot be written: {why}. Free space or mend its rights."
        )


class Recorder:
    """Records one space; `add` never waits, and a disk that refuses costs the recording alone.

    `said` hears a sentence when it begins to fail, in the writer's thread.
    """

    def __init__(self, folder: Path, bounds: Bounds, said: Callable[[str], None]) -> None:
        self._folder = folder
        self._bounds = bounds
        self._said = said
        self._queue: queue.Queue[bytes | None] = queue.Queue(WAITING_MAX)
        self._tape: Tape | None = None
        self._failing = False
        self._again_s = 0.0
        self._synced_s = 0.0
        self.written = 0
        """Messages on disk."""
        self.lost = 0
        """Messages that are in no recording: the disk refused them, or was too slow."""
        self._overrun = 0
        self._thread = threading.Thread(target=self._run, name=f"tape {folder.name}", daemon=True)
        self._begun = False

    @property
    def missed(self) -> int:
        """All that is in no recording."""
        return self.lost + self._overrun

    def add(self, message: bytes) -> None:
        """Take a packed message; any one thread. The first one begins the writer's."""
        if not self._begun:
            self._begun = True
            self._thread.start()
        try:
            self._queue.put_nowait(message)
        except queue.Full:
            self._overrun += 1

    def close(self) -> None:
        """Write what waits, within `CLOSE_S_MAX`; waits for the disk, so call it from a thread."""
        if not self._begun:
            return
        with contextlib.suppress(queue.Full):
            self._queue.put(None, timeout=CLOSE_S_MAX / 2)
        self._thread.join(CLOSE_S_MAX / 2)

    def _run(self) -> None:
        while (message := self._next()) is not None:
            try:
                self._keep(message)
            except RostraError as error:
                self._failed(error.sentence)
            except Exception as error:  # noqa: BLE001 - the recording alone may fail
                self._failed(f"The recording failed by a mistake of ours: {error!r}.")
        self._let_go()

    def _next(self) -> bytes | None:
        """The next message; the disk is brought up to date while none comes."""
        while True:
            try:
                return self._queue.get(timeout=SYNC_EVERY_S)
            except queue.Empty:
                self._sync()

    def _keep(self, message: bytes) -> None:
        now_s = time.monotonic()
        if self._failing and now_s < self._again_s:
            self.lost += 1
            return
        place = place_of(message)
        if self._tape is None or self._tape.run != place.run:
            self._let_go()
            self._tape = Tape(self._folder, place, self._bounds)
        self.written += self._tape.append(place, message)
        self._failing = False
        if now_s - self._synced_s >= SYNC_EVERY_S:
            self._sync()

    def _sync(self) -> None:
        self._synced_s = time.monotonic()
        if self._tape is not None:
            with contextlib.suppress(HouseError):  # the next write says it
                self._tape.sync()

    def _failed(self, why: str) -> None:
        self.lost += 1
        self._again_s = time.monotonic() + AGAIN_S
        if not self._failing:
            self._said(why)
        self._failing = True

    def _let_go(self) -> None:
        tape, self._tape = self._tape, None
        if tape is not None:
            tape.close()
