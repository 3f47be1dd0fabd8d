"""Reads recordings: what each holds, whether it is whole, and its sound for any player."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import av

from rostra.domain.errors import HouseError, MalformedError, NotFoundError, PeerError
from rostra.domain.grid import MESSAGE_SAMPLES, SAMPLE_RATE_HZ
from rostra.programme.drivers.loops import silence_hold
from rostra.programme.drivers.recording import CHUNK_BYTES
from rostra.programme.recording import Head, Reader, read_head
from rostra.wire import adts
from rostra.wire.hold import fill_message
from rostra.wire.messages import ProgrammeMessage, read_programme

FILL_MESSAGES_MAX: Final = 33_750
"""An hour: so much of a gap becomes silence, so that the rest keeps its time. A longer one is no
gap but another evening, and is left out."""

FORMATS: Final = (".m4a", ".aac")


@dataclass(frozen=True, slots=True)
class Finding:
    """What a recording holds.

    `missing` messages lie between its first and last, `damaged` bytes
    belong to no whole record.
    """

    space: str
    run: str
    epoch_utc_us: int
    messages: int
    missing: int
    damaged: int
    size: int
    seconds: float


def check(path: Path) -> Finding:
    """Go through a recording. NotFoundError where there is none, MalformedError else."""
    tape = _Tape(path)
    messages, first, last = 0, 0, -1
    for message in tape.messages():
        first = message.number if not messages else first
        messages, last = messages + 1, message.number
    span = last - first + 1 if messages else 0
    return Finding(
        tape.head.space,
        tape.head.run,
        tape.head.epoch_utc_us,
        messages,
        span - messages,
        tape.damaged,
        tape.size,
        round(span * MESSAGE_SAMPLES / SAMPLE_RATE_HZ, 3),
    )


def messages(path: Path) -> Iterator[ProgrammeMessage]:
    """Every whole message of a recording, in order; errors as `check`."""
    yield from _Tape(path).messages()


def extract(path: Path, out: Path) -> float:
    """Write the sound as `.m4a` or `.aac`, gaps as silence; how many seconds it is.

    PeerError for another format; HouseError where the disk refuses.
    """
    if out.suffix not in FORMATS:
        sentence = f"{out.name} is neither .m4a nor .aac. Name the file so."
        raise PeerError(sentence)
    raw = out if out.suffix == ".aac" else out.with_name(f".{out.name}.aac")
    try:
        seconds = _write_adts(path, raw)
        if raw != out:
            _remux(raw, out)
    except OSError as error:
        sentence = f"{out} cannot be written: {error.strerror}. Choose another place."
        raise HouseError(sentence) from error
    finally:
        if raw != out:
            raw.unlink(missing_ok=True)
    return seconds


class _Tape:
    """One pass through a file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._reader = Reader()
        self._found = self._records()
        self.size = 0
        self._odd = 0
        head = next(self._found, None)
        if head is None:
            sentence = f"{path.name} is no recording: nothing in it reads."
            raise MalformedError(sentence)
        self.head: Head = read_head(head)

    @property
    def damaged(self) -> int:
        return self._reader.damaged + self._odd

    def messages(self) -> Iterator[ProgrammeMessage]:
        last = -1
        for payload in self._found:
            try:
                message = read_programme(payload)
            except MalformedError:
                self._odd += len(payload)
                continue
            if message.number > last:
                last = message.number
                yield message

    def _records(self) -> Iterator[bytes]:
        try:
            with self._path.open("rb") as file:
                while data := file.read(CHUNK_BYTES):
                    self.size += len(data)
                    yield from (found.payload for found in self._reader.feed(data))
        except FileNotFoundError as error:
            sentence = f"There is no recording {self._path.name} in {self._path.parent}."
            raise NotFoundError(sentence) from error
        except OSError as error:
            sentence = f"The recording {self._path} cannot be read: {error.strerror}."
            raise HouseError(sentence) from error
        yield from (found.payload for found in self._reader.finish())


def _write_adts(path: Path, out: Path) -> float:
    tape, silence = _Tape(path), silence_hold()
    count, coming = 0, -1
    with out.open("wb") as file:
        for message in tape.messages():
            gap = message.number - coming if coming >= 0 else 0
            fill = range(coming, message.number) if gap <= FILL_MESSAGES_MAX else range(0)
            filled = (
                fill_message(silence, tape.head.space, tape.head.run, tape.head.epoch_utc_us, n)
                for n in (fill if gap else range(0))
            )
            for one in (*filled, message):
                file.write(b"".join(adts.frame(unit) for unit in one.aac))
                count += 1
            coming = message.number + 1
    return count * MESSAGE_SAMPLES / SAMPLE_RATE_HZ


def _remux(raw: Path, out: Path) -> None:
    """The same frames in an MP4 container, bit for bit."""
    try:
        with (
            av.open(str(raw), format="aac", options={"protocol_whitelist": "file"}) as source,
            av.open(str(out), "w", format="ipod", options={"movflags": "faststart"}) as target,
        ):
            track = target.add_stream_from_template(source.streams.audio[0])
            for packet in source.demux(source.streams.audio[0]):
                if packet.dts is not None:
                    packet.stream = track
                    target.mux(packet)
    except av.FFmpegError as error:
        with contextlib.suppress(OSError):
            out.unlink(missing_ok=True)
        sentence = f"{out.name} cannot be made: {error}."
        raise HouseError(sentence) from error
