"""Cuts messages into what one write carries: ticks, a joiner's burst, a laggard's way back.

A listener in bucket p of an n-message tick is written after message k where k mod n = p, with
all since its last cut. Each stretch is packaged once per format; everybody whom it is for gets
the same bytes object.
"""

from collections.abc import Callable, Iterator
from enum import StrEnum
from itertools import groupby
from typing import Final

from rostra.delivery import silence
from rostra.delivery.window import Window
from rostra.domain.errors import HouseError
from rostra.domain.grid import (
    MESSAGES_PER_SEGMENT,
    OPUS_FRAME_SAMPLES,
    message_at,
    message_pts,
    mp3_frames_of,
    opus_frames_of,
)
from rostra.domain.limits import NOTICES_PER_MESSAGE_MAX
from rostra.domain.media import Codec
from rostra.wire import adts, icy, mp4, notices
from rostra.wire.messages import Notice, ProgrammeMessage

TICK: Final = 3
"""Messages a write where nothing else is said: 320 ms, a part of HLS."""

BURST_MESSAGES: Final = 9
"""What a joiner gets at once, at least: 960 ms, so that a player starts without waiting."""

BURST_BEYOND_TICK: Final = 6
"""With long ticks the burst lasts until the next write, and 640 ms longer."""

MP3_FRAME_BYTES: Final = 192
"""64 kbit/s at 48 kHz: every frame has the same size, which ICY's fixed interval needs."""

ICY_FRAMES: Final = icy.METAINT // MP3_FRAME_BYTES
"""MP3 frames between two ICY metadata blocks: 50, or 1.2 s."""

ICY_MESSAGES: Final = 45
"""Messages after which frames and metadata blocks lie as before: 200 MP3 frames, 4.8 s."""

PIECE_MESSAGES: Final = MESSAGES_PER_SEGMENT
"""The longest fragment; a burst may need two."""

EVENT_ID_MOD: Final = 1 << 32
EDGE_EVENT: Final = 1 << 31
"""Edge notices have this bit in their event id; programme notices are numbered below it."""

ASIDES_APART: Final = 8
"""Edge notices beside one message: each kind has at most one."""

NOBODY_YET: Final = -1
"""`at` of a listener that has not been given anything."""

LAST_CHUNK: Final = b"0\r\n\r\n"


class Form(StrEnum):
    """The shapes of an endless stream."""

    PUSH = "push"
    OPUS = "opus"
    """As push, with Opus in it."""
    AAC = "aac"
    MP3 = "mp3"
    ICY = "icy"


PUSH_FORMS: Final = frozenset({Form.PUSH, Form.OPUS})
"""Those that are MP4 and carry notices."""


def chunk(data: bytes) -> bytes:
    """`data` as one chunk of a chunked body (RFC 9112, section 7.1)."""
    return b"%x\r\n%b\r\n" % (len(data), data) if data else b""


class Unit:
    """Bytes that are written whole or finished later: `plain`, and framed for HTTP/1.1.

    `at` is the number of the message that follows them.
    """

    __slots__ = ("_chunked", "at", "plain")

    def __init__(self, plain: bytes, at: int) -> None:
        self.plain = plain
        self.at = at
        self._chunked: bytes | None = None

    def framed(self, *, chunked: bool) -> bytes:
        """The shared bytes for one kind of connection."""
        if not chunked:
            return self.plain
        if self._chunked is None:
            self._chunked = chunk(self.plain)
        return self._chunked


Aside = Callable[[Window, int, int], Iterator[Notice]]
"""`(window, first, last)` to an edge's own notices beside messages `first`…`last`."""


class Cutter:
    """Packages what is in `window`; keeps each unit until its bucket's next cut."""

    def __init__(self, window: Window, title: str = "", tick: int = TICK) -> None:
        self._window = window
        self.title = title
        self.tick_messages = tick
        self.coming_messages = 0
        """A tick that is announced and has not begun: who joins now must be ready for it too."""
        self.asides: list[Aside] = [silence.notices]
        """What this edge says of itself in push, beside a stretch of messages."""
        self._kept: dict[tuple[str, Form, int, int], Unit | None] = {}
        self._kept_for = ("", -1)

    def bucket(self, number: int) -> int:
        """The bucket that is written after message `number`."""
        return number % self.tick_messages

    def last_cut(self, bucket: int) -> int:
        """The newest message after which `bucket` was due, -1 if there was none."""
        newest = self._window.newest
        cut = newest - (newest - bucket) % self.tick_messages
        return cut if cut >= self._window.oldest else -1

    def tick(self, form: Form, number: int) -> Unit:
        """The newest tick, up to message `number`."""
        return self.unit(form, number - self.tick_messages + 1, number)

    def unit(self, form: Form, first: int, number: int) -> Unit:
        """Messages `first`…`number`, joined to what ended before `first`."""
        unit = self._once("unit", form, number, first)
        if unit is None:
            unit = Unit(self._body(form, first, number), number + 1)
            self._keep("unit", form, number, first, unit)
        return unit

    def burst(self, form: Form, cut: int) -> Unit | None:
        """The newest second and more up to message `cut`, for one who joins now.

        None where nothing can be given yet: then the listener waits for its next cut. The MP4
        initialisation is not in it: it belongs to the head of the answer.
        """
        if cut < 0:
            return None
        unit = self._once("burst", form, cut, 0)
        if unit is None:
            unit = self._burst(form, cut)
            self._keep("burst", form, cut, 0, unit)
        return unit

    def resume(self, form: Form, at: int, number: int) -> Unit | None:
        """What a listener gets after message `number` when its last unit ended before `at`.

        It skips to the newest tick; with ICY to the newest place where the count of bytes to
        the next metadata block is still right. None where it must wait for a later cut.
        """
        if at == NOBODY_YET:
            return self.burst(form, number)
        if at > number:  # of a former run
            at -= -(-(at - number) // ICY_MESSAGES) * ICY_MESSAGES
        newest = number - self.tick_messages + 1
        if form is not Form.ICY or at >= newest:
            return self.unit(form, max(at, newest), number)
        phase = mp3_frames_of(at).start % ICY_FRAMES
        unit = self._once("resume", form, number, phase)
        if unit is None:
            tick_start = mp3_frames_of(newest).start
            start = tick_start - (tick_start - phase) % ICY_FRAMES
            unit = self._icy(start, number)
            self._keep("resume", form, number, phase, unit)
        return unit

    def rest(self, form: Form, at: int, *notice: Notice) -> Unit:
        """Everything from message `at` on, and edge notices: the end of a stream."""
        newest = self._window.newest
        body = self._body(form, at, newest) if at != NOBODY_YET else b""
        if form in PUSH_FORMS:
            body += b"".join(
                mp4.emsg(n.pts_samples, _edge_event(n, i), notices.payload(n))
                for i, n in enumerate(notice)
            )
        return Unit(body, newest + 1)

    def _once(self, what: str, form: Form, number: int, phase: int) -> Unit | None:
        self._forget()
        return self._kept.get((what, form, number, phase))

    def _keep(self, what: str, form: Form, number: int, phase: int, unit: Unit | None) -> None:
        self._kept[what, form, number, phase] = unit

    def _forget(self) -> None:
        """Drop what no bucket is due for any more, and all of another run: its numbers recur."""
        run, newest = self._window.run, self._window.newest
        if self._kept_for == (run, newest):
            return
        if self._kept_for[0] != run:
            self._kept.clear()
        oldest = newest - self.tick_messages
        self._kept = {key: unit for key, unit in self._kept.items() if key[2] > oldest}
        self._kept_for = (run, newest)

    def _burst(self, form: Form, cut: int) -> Unit | None:
        tick = max(self.tick_messages, self.coming_messages)
        length = max(BURST_MESSAGES, tick + BURST_BEYOND_TICK)
        first = max(self._window.oldest, cut - length + 1)
        if form is not Form.ICY:
            return Unit(self._body(form, first, cut), cut + 1)
        start = mp3_frames_of(first).start // ICY_FRAMES * ICY_FRAMES
        if self._window.mp3_frame(start) is None:
            start += ICY_FRAMES
        return self._icy(start, cut)

    def _body(self, form: Form, first: int, last: int) -> bytes:
        if form is Form.ICY:
            return self._icy_bytes(mp3_frames_of(first).start, mp3_frames_of(last).stop) or b""
        groups = self._window.stretches(first, last)
        body = b"".join(_PACKAGERS[form](group) for group in groups)
        return self._asides(first, last) + body if form in PUSH_FORMS and body else body

    def _asides(self, first: int, last: int) -> bytes:
        """The edge's own notices beside these messages; push alone has them."""
        said = [n for aside in self.asides for n in aside(self._window, first, last)]
        return b"".join(
            mp4.emsg(n.pts_samples, _edge_event(n, index), notices.payload(n))
            for index, n in enumerate(said)
        )

    def _icy(self, start: int, last: int) -> Unit | None:
        body = self._icy_bytes(start, mp3_frames_of(last).stop)
        return Unit(body, last + 1) if body else None

    def _icy_bytes(self, start: int, stop: int) -> bytes | None:
        """Frames with a metadata block after every frame that ends an interval, or None."""
        pieces: list[bytes] = []
        block = icy.metadata_block(self.title)
        for index in range(start, stop):
            frame = self._window.mp3_frame(index)
            if frame is None:
                return None
            pieces.append(frame[:MP3_FRAME_BYTES].ljust(MP3_FRAME_BYTES, b"\0"))
            if (index + 1) % ICY_FRAMES == 0:
                pieces.append(block)
        return b"".join(pieces)


def _edge_event(notice: Notice, index: int) -> int:
    number = message_at(notice.pts_samples) * ASIDES_APART + index % ASIDES_APART
    return EDGE_EVENT | number % EDGE_EVENT


def events(messages: list[ProgrammeMessage]) -> Iterator[bytes]:
    """The `emsg` boxes of these messages' notices; the same bytes at every edge."""
    for message in messages:
        for index, notice in enumerate(message.notices):
            event_id = (message.number * NOTICES_PER_MESSAGE_MAX + index) % EDGE_EVENT
            yield mp4.emsg(notice.pts_samples, event_id, notices.payload(notice))


def fragment(messages: list[ProgrammeMessage], sequence: int, codec: Codec = Codec.AAC) -> bytes:
    """Consecutive messages as `emsg` boxes and one `moof` + `mdat`.

    Those without Opus are left out of it: it is one `moof` + `mdat` for each stretch that has.
    """
    if codec not in {Codec.AAC, Codec.OPUS}:
        sentence = f"An edge has no fragments of {codec}."
        raise HouseError(sentence)
    if codec is Codec.OPUS:
        groups = groupby(messages, key=lambda message: bool(message.opus))
        boxes = b"".join(_opus(list(group), sequence) for has, group in groups if has)
    else:
        units = [unit for message in messages for unit in message.aac]
        boxes = mp4.fragment(sequence, message_pts(messages[0].number), units)
    return b"".join((*events(messages), boxes))


def _opus(messages: list[ProgrammeMessage], sequence: int) -> bytes:
    base_pts = opus_frames_of(messages[0].number).start * OPUS_FRAME_SAMPLES
    packets = [packet for message in messages for packet in message.opus]
    return mp4.fragment(sequence, base_pts, packets, Codec.OPUS)


def _push(messages: list[ProgrammeMessage], codec: Codec = Codec.AAC) -> bytes:
    pieces = (messages[at : at + PIECE_MESSAGES] for at in range(0, len(messages), PIECE_MESSAGES))
    return b"".join(
        fragment(piece, (piece[-1].number + 1) % EVENT_ID_MOD, codec) for piece in pieces
    )


def _push_opus(messages: list[ProgrammeMessage]) -> bytes:
    return _push(messages, Codec.OPUS)


def _aac(messages: list[ProgrammeMessage]) -> bytes:
    return b"".join(adts.frame(unit) for message in messages for unit in message.aac)


def _mp3(messages: list[ProgrammeMessage]) -> bytes:
    return b"".join(frame for message in messages for frame in message.mp3)


_PACKAGERS: Final = {Form.PUSH: _push, Form.OPUS: _push_opus, Form.AAC: _aac, Form.MP3: _mp3}
