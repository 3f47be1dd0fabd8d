"""Programme messages on the grid whose frames can be told apart; no decoder likes them."""

from rostra.delivery.cutting import Form
from rostra.domain.grid import OPUS_FRAME_SAMPLES, message_pts, mp3_frames_of, opus_frames_of
from rostra.domain.space import State
from rostra.wire.hold import (
    AAC_FRAMES_PER_UNIT,
    MP3_FRAMES_PER_UNIT,
    OPUS_FRAMES_PER_UNIT,
    HoldLoop,
)
from rostra.wire.messages import Notice, ProgrammeMessage
from rostra.wire.states import SpaceState

EPOCH_US = 1_800_000_000_000_000


def message(
    number: int,
    run: str = "run1",
    space: str = "hall",
    notices: tuple[Notice, ...] = (),
    *,
    opus: bool = True,
) -> ProgrammeMessage:
    """Message `number`; each frame carries its run and place. An old studio makes no Opus."""
    aac = tuple(f"{run}/aac/{number * 5 + i};".encode() for i in range(5))
    mp3 = tuple(mp3_frame(i, run) for i in mp3_frames_of(number))
    packets = tuple(opus_packet(i, run) for i in opus_frames_of(number)) if opus else ()
    return ProgrammeMessage(space, run, EPOCH_US, number, aac, mp3, notices, packets)


def first_pts(form: Form, number: int) -> int:
    """Where the sound of message `number` begins in `form`: its first packet, in Opus."""
    if form is Form.OPUS:
        return opus_frames_of(number).start * OPUS_FRAME_SAMPLES
    return message_pts(number)


def mp3_frame(index: int, run: str = "run1") -> bytes:
    """MP3 frame `index`: 192 bytes, as all have at 64 kbit/s."""
    return f"{run}/mp3/{index};".encode().ljust(192, b".")


def opus_packet(index: int, run: str = "run1") -> bytes:
    """Opus packet `index`."""
    return f"{run}/opus/{index};".encode()


def loop(*, opus: bool = True) -> HoldLoop:
    """A hold loop of 0.96 s; an old one has no Opus."""
    aac = tuple(f"hold/aac/{i};".encode() for i in range(AAC_FRAMES_PER_UNIT))
    mp3 = tuple(f"hold/mp3/{i};".encode().ljust(192, b".") for i in range(MP3_FRAMES_PER_UNIT))
    packets = tuple(f"hold/opus/{i};".encode() for i in range(OPUS_FRAMES_PER_UNIT))
    return HoldLoop(aac, mp3, packets if opus else ())


def state(now: State = State.LIVE, run: str = "run1", title: str = "A talk") -> SpaceState:
    """The space `hall` as its studio would write it down."""
    return SpaceState(
        id="hall", title=title, state=now, t0_utc_us=EPOCH_US, run=run, epoch_utc_us=EPOCH_US
    )
