"""Gathers encoded frames and notices into messages that lie exactly on the grid.

The encoders see one unbroken stream of samples, `position` 0, 1, 2… A run's pts may jump
ahead of it when a late studio leaves out whole steps of the grid (`pace.SKIP_SAMPLES`): all
codecs have whole frames on such a step, so a jump only renumbers messages, every message that
leaves is complete, and a decoder hears no click.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from rostra.domain.errors import HouseError
from rostra.domain.grid import (
    AAC_FRAMES_PER_MESSAGE,
    MESSAGE_SAMPLES,
    message_pts,
    mp3_frames_of,
    opus_frames_of,
)
from rostra.domain.limits import MESSAGE_BYTES_MAX, NOTICE_BYTES_MAX, NOTICES_PER_MESSAGE_MAX
from rostra.programme.pace import SKIP_MESSAGES
from rostra.wire.messages import Notice, ProgrammeMessage

AUDIO_BYTES_MAX: Final = 13 * 1024
"""Audio and head of one message: five AAC frames of at most 768 bytes (ISO/IEC 14496-3: 6,144
bits a channel), five MP3 frames of 192, six Opus packets of at most 1,275, identifiers."""

NOTICES_BYTES_MAX: Final = MESSAGE_BYTES_MAX - AUDIO_BYTES_MAX
"""Packed notices of one message; what does not fit waits for the next."""

NOTICES_WAITING_MAX: Final = 256
"""Notices that wait for room: 1.7 s of full messages. More is a fault of whoever makes them."""

FRAMES_WAITING_MAX: Final = 64
"""Frames of one codec that wait for the others: over a second. More means an encoder has died."""

SKIPS_WAITING_MAX: Final = 16
"""Jumps ahead of the messages they renumber: the encoders hold back less than one message."""

_MSGPACK: Final = msgspec.msgpack.Encoder()


@dataclass(frozen=True, slots=True)
class Run:
    """What every message of a run carries."""

    space: str
    run: str
    epoch_utc_us: int


class Cutter:
    """Cuts one run; the first message is `first_message`, a multiple of nine.

    Messages before `heard_from` are dropped: they hold only what primed the encoders.
    """

    def __init__(self, run: Run, first_message: int, heard_from: int) -> None:
        if first_message % SKIP_MESSAGES:
            sentence = f"A run cannot begin at message {first_message}: it is off the grid."
            raise HouseError(sentence)
        self._run = run
        self._number = first_message
        self._heard_from = heard_from
        self._ahead = first_message * MESSAGE_SAMPLES
        self._aac: deque[bytes] = deque()
        self._mp3: deque[bytes] = deque()
        self._opus: deque[bytes] = deque()
        self._skips: deque[tuple[int, int]] = deque()
        self._notices: deque[tuple[int, Notice]] = deque()
        self.notices_dropped = 0

    def notice(self, kind: str, pts_samples: int, body: dict[str, Any]) -> None:
        """Queue a notice for the message that holds `pts_samples`, or the next with room.

        Raises HouseError for a body beyond NOTICE_BYTES_MAX; drops and counts the newest one
        when NOTICES_WAITING_MAX already wait.
        """
        size = len(msgspec.json.encode(body))
        if size > NOTICE_BYTES_MAX:
            sentence = (
                f"A notice of kind {kind!r} has {size} bytes; {NOTICE_BYTES_MAX} are allowed."
            )
            raise HouseError(sentence)
        if len(self._notices) >= NOTICES_WAITING_MAX:
            self.notices_dropped += 1
            return
        notice = Notice(kind, pts_samples, body)
        self._notices.append((len(_MSGPACK.encode(notice)), notice))

    def skip(self, position: int, messages: int) -> None:
        """From the sample at `position` of the encoders' input on, pts jump by `messages`.

        The message that holds that sample keeps its number: the jump is at the next bound.
        """
        if messages <= 0 or messages % SKIP_MESSAGES or len(self._skips) >= SKIPS_WAITING_MAX:
            sentence = f"The programme cannot skip {messages} messages; steps are {SKIP_MESSAGES}."
            raise HouseError(sentence)
        self._skips.append((-(-position // MESSAGE_SAMPLES) * MESSAGE_SAMPLES, messages))
        self._jump()

    def add(
        self, aac: Sequence[bytes], mp3: Sequence[bytes], opus: Sequence[bytes]
    ) -> list[ProgrammeMessage]:
        """Take frames in order; return the messages that became complete."""
        self._aac.extend(aac)
        self._mp3.extend(mp3)
        self._opus.extend(opus)
        done = []
        while self._complete():
            message = self._cut()
            if message.number >= self._heard_from:
                done.append(message)
        if max(len(self._aac), len(self._mp3), len(self._opus)) > FRAMES_WAITING_MAX:
            sentence = (
                f"An encoder of {self._run.space} gives no more frames; the run must restart."
            )
            raise HouseError(sentence)
        return done

    def _complete(self) -> bool:
        enough_mp3 = len(self._mp3) >= len(mp3_frames_of(self._number))
        enough_opus = len(self._opus) >= len(opus_frames_of(self._number))
        return enough_mp3 and enough_opus and len(self._aac) >= AAC_FRAMES_PER_MESSAGE

    def _cut(self) -> ProgrammeMessage:
        number = self._number
        message = ProgrammeMessage(
            space=self._run.space,
            run=self._run.run,
            epoch_utc_us=self._run.epoch_utc_us,
            number=number,
            aac=tuple(self._aac.popleft() for _ in range(AAC_FRAMES_PER_MESSAGE)),
            mp3=tuple(self._mp3.popleft() for _ in mp3_frames_of(number)),
            notices=self._due_notices(number) if number >= self._heard_from else (),
            opus=tuple(self._opus.popleft() for _ in opus_frames_of(number)),
        )
        self._number = number + 1
        self._jump()
        return message

    def _jump(self) -> None:
        """Renumber what follows if the encoders' input jumped at this bound."""
        while self._skips and self._skips[0][0] <= message_pts(self._number) - self._ahead:
            messages = self._skips.popleft()[1]
            self._number += messages
            self._ahead += messages * MESSAGE_SAMPLES

    def _due_notices(self, number: int) -> tuple[Notice, ...]:
        """Oldest first, none from after the message, within count and bytes."""
        chosen: list[Notice] = []
        room = NOTICES_BYTES_MAX
        while self._notices and len(chosen) < NOTICES_PER_MESSAGE_MAX:
            size, notice = self._notices[0]
            if notice.pts_samples >= message_pts(number + 1) or size > room:
                break
            room -= size
            self._notices.popleft()
            pts = max(notice.pts_samples, message_pts(number))
            chosen.append(Notice(notice.kind, pts, notice.body))
        return tuple(chosen)
