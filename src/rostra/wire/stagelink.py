"""The stage's data channel: JSON between a participant's page and the studio.

Label `rostra`, ordered and reliable. Commands go up, states and levels come down; a running show
needs no other connection. Every command carries `n`, and gets one `ack` or `nack` with it.
"""

from enum import StrEnum
from typing import Final

import msgspec

from rostra.domain.errors import MalformedError
from rostra.domain.limits import DATA_CHANNEL_BYTES_MAX
from rostra.wire.messages import OnStage


class Mute(msgspec.Struct, frozen=True, tag_field="t", tag="mute"):
    """Mute or unmute: oneself (`who` empty), or as a host anybody (unmuting others is refused)."""

    n: int
    on: bool
    who: str = ""


class Leave(msgspec.Struct, frozen=True, tag_field="t", tag="leave"):
    """Leave the stage for good."""

    n: int


class Remove(msgspec.Struct, frozen=True, tag_field="t", tag="remove"):
    """A host takes somebody off the stage."""

    n: int
    who: str


class Start(msgspec.Struct, frozen=True, tag_field="t", tag="start"):
    """A host starts the space now."""

    n: int


class End(msgspec.Struct, frozen=True, tag_field="t", tag="end"):
    """A host ends the space."""

    n: int


class Hello(msgspec.Struct, frozen=True, tag_field="t", tag="hello"):
    """First word of the studio: who you are, and the ticket that brings you back."""

    me: str
    role: str
    resume: str


class StageView(msgspec.Struct, frozen=True, tag_field="t", tag="stage"):
    """The whole stage, sent whenever anything in it changes."""

    title: str
    state: str
    t0_utc_us: int
    listening: int
    people: tuple[OnStage, ...]


class Levels(msgspec.Struct, frozen=True, tag_field="t", tag="levels"):
    """Ten times a second: RMS of each participant in dBFS (-90 to 0), by id; `mix` of the whole."""

    l: dict[str, int]  # noqa: E741 - short on the wire, ten times a second to everybody
    mix: int = -90


class Quality(msgspec.Struct, frozen=True, tag_field="t", tag="quality"):
    """Once a second, about your own connection to the studio.

    `loss_pct` of your packets in the last seconds, `buffer_ms` how deep the studio holds you.
    """

    loss_pct: float
    buffer_ms: int


class Ack(msgspec.Struct, frozen=True, tag_field="t", tag="ack"):
    """Command `n` was carried out."""

    n: int


class Nack(msgspec.Struct, frozen=True, tag_field="t", tag="nack"):
    """Command `n` was refused; `sentence` says why and what to do."""

    n: int
    sentence: str


class Parting(StrEnum):
    """Why a studio takes somebody off the stage."""

    ENDED = "ended"
    REMOVED = "removed"
    ELSEWHERE = "elsewhere"
    AWAY = "away"
    LEFT = "left"

    @property
    def sentence(self) -> str:
        """The same for a person."""
        return _PARTINGS[self]


_PARTINGS: Final = {
    Parting.ENDED: "The space has ended. Thank you for being on stage.",
    Parting.REMOVED: "A host took you off the stage.",
    Parting.ELSEWHERE: "You are connected from elsewhere; this connection is closed.",
    Parting.AWAY: "Your place was given up after a long absence. Join again.",
    Parting.LEFT: "You have left the stage.",
}


class Bye(msgspec.Struct, frozen=True, tag_field="t", tag="bye"):
    """The studio closes this connection on purpose.

    `code` is a `Parting`, which a page has words for in its reader's language; the sentence is
    English. An older studio gives no code.
    """

    sentence: str
    code: str = ""


Up = Mute | Leave | Remove | Start | End
Down = Hello | StageView | Levels | Quality | Ack | Nack | Bye

_ENCODER = msgspec.json.Encoder()
_UP: msgspec.json.Decoder[Up] = msgspec.json.Decoder(Up)
_DOWN: msgspec.json.Decoder[Down] = msgspec.json.Decoder(Down)


def pack(message: Up | Down) -> str:
    """Encode for the data channel."""
    return _ENCODER.encode(message).decode()


def read_up(text: str | bytes) -> Up:
    """Decode a participant's command; MalformedError for anything else."""
    if len(text) > DATA_CHANNEL_BYTES_MAX:
        sentence = f"A command of {len(text)} bytes exceeds {DATA_CHANNEL_BYTES_MAX}."
        raise MalformedError(sentence, status=413)
    try:
        return _UP.decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        sentence = f"This is not a command of the stage: {error}."
        raise MalformedError(sentence) from error


def read_down(text: str | bytes) -> Down:
    """Decode what a studio says (headless speakers and tests)."""
    try:
        return _DOWN.decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        sentence = f"This is not a message of a studio: {error}."
        raise MalformedError(sentence) from error
