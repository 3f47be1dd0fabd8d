"""The stage's data channel: JSON between a participant's page and the studio.

Label `rostra`, ordered and reliable. Commands go up, states and levels come down; a running show
needs no other connection. Every command carries `n`, and gets one `ack` or `nack` with it.
"""

from enum import StrEnum
from typing import Final

import msgspec

from rostra.domain.errors import MalformedError
from rostra.domain.limits import DATA_CHANNEL_BYTES_MAX
from rostra.wire.states import OnStage, Poll, Question

QUEUE_SHOWN: Final = 50
"""Hands that a host's page is sent: more than a phone shows, 10 kB."""


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


class Break(msgspec.Struct, frozen=True, tag_field="t", tag="break"):
    """A host lets the audience hear the hold programme; `start` goes on."""

    n: int


class Later(msgspec.Struct, frozen=True, tag_field="t", tag="later"):
    """A host moves T0 by so many minutes, while the doors are open and nothing has begun."""

    n: int
    minutes: int


class Say(msgspec.Struct, frozen=True, tag_field="t", tag="say"):
    """A host writes to everybody who listens; empty takes the message back."""

    n: int
    text: str


class SetRole(msgspec.Struct, frozen=True, tag_field="t", tag="role"):
    """A host makes somebody on stage a co-host, or a speaker again."""

    n: int
    who: str
    role: str


class Seat(msgspec.Struct, frozen=True, tag_field="t", tag="seat"):
    """A host moves somebody on stage (`stage`) or behind it (`backstage`)."""

    n: int
    who: str
    where: str


class MuteAll(msgspec.Struct, frozen=True, tag_field="t", tag="muteall"):
    """A host mutes everybody but the hosts."""

    n: int


class Ban(msgspec.Struct, frozen=True, tag_field="t", tag="ban"):
    """A host bans somebody on stage, or a hand of the queue: account, device and link."""

    n: int
    who: str


class Lock(msgspec.Struct, frozen=True, tag_field="t", tag="lock"):
    """A host locks the stage: nobody new comes on it, nobody unmutes."""

    n: int
    on: bool


class Arrive(msgspec.Struct, frozen=True, tag_field="t", tag="arrive"):
    """A host says where those who come with a link arrive: `stage` or `backstage`."""

    n: int
    where: str


class Invite(msgspec.Struct, frozen=True, tag_field="t", tag="invite"):
    """A host invites the listener whose hand has this claim (`Ask.id`)."""

    n: int
    who: str


class Dismiss(msgspec.Struct, frozen=True, tag_field="t", tag="dismiss"):
    """A host takes a hand down, its invitation too."""

    n: int
    who: str


class Order(msgspec.Struct, frozen=True, tag_field="t", tag="order"):
    """A host moves a hand to place `to` (from 0) of the queue."""

    n: int
    who: str
    to: int


class NoteOn(msgspec.Struct, frozen=True, tag_field="t", tag="note"):
    """A host's note on a hand, which hosts alone see."""

    n: int
    who: str
    text: str


class Limit(msgspec.Struct, frozen=True, tag_field="t", tag="limit"):
    """A host gives somebody so many seconds from now, then they are muted; 0 takes it back."""

    n: int
    who: str
    seconds: int


class Next(msgspec.Struct, frozen=True, tag_field="t", tag="next"):
    """A host announces who speaks next, by participant or claim; empty takes it back."""

    n: int
    who: str


class Questions(msgspec.Struct, frozen=True, tag_field="t", tag="questions"):
    """A host says what becomes of written questions: `off`, `approved` or `open`."""

    n: int
    mode: str


class OnQuestion(msgspec.Struct, frozen=True, tag_field="t", tag="question"):
    """A host shows, marks as answered, or dismisses (`act`) one question."""

    n: int
    id: str
    act: str


class OpenPoll(msgspec.Struct, frozen=True, tag_field="t", tag="poll"):
    """A host asks the audience; one poll is open at a time."""

    n: int
    question: str
    choices: tuple[str, ...]


class ClosePoll(msgspec.Struct, frozen=True, tag_field="t", tag="pollclose"):
    """A host closes the poll; its result stays on show until the next one or `poll` is over."""

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
    planned_t0_utc_us: int = 0
    """T0 as it was announced at first; another than `t0_utc_us` once it has slipped."""
    waits_for: str = ""
    """What a late start waits for: `host`, or nothing."""
    reason: str = ""
    """Why the space is where it is: `clock`, `host`, `break`, `empty`."""
    source: str = "hold"
    """What the audience hears: `hold` or `stage`."""
    hls: int = 0
    unique: int = 0
    hands: int = 0
    locked: str = ""
    """Why nobody new comes on stage: `host` (a host locked it), `no_host`, or nothing."""
    arrive: str = "stage"
    next: str = ""
    """The name of who speaks next."""
    message: str = ""
    """The hosts' message to everybody."""


class Ask(msgspec.Struct, frozen=True):
    """A raised hand in the queue; `id` is the claim that an invitation carries."""

    id: str
    name: str = ""
    note: str = ""
    host_note: str = ""
    since_utc_us: int = 0
    invited_until_utc_us: int = 0
    """Until when its invitation can be claimed; 0 if there is none."""


class QueueView(msgspec.Struct, frozen=True, tag_field="t", tag="queue"):
    """To hosts: raised hands in order, the first `QUEUE_SHOWN` of `total`."""

    asks: tuple[Ask, ...]
    total: int


class AudienceView(msgspec.Struct, frozen=True, tag_field="t", tag="audience"):
    """To hosts: every written question, those that wait for approval too, and the poll."""

    mode: str
    questions: tuple[Question, ...] = ()
    poll: Poll | None = None


class Line(msgspec.Struct, frozen=True):
    """One participant's connection: `noise_dbfs` is the floor of what their microphone sends."""

    loss_pct: float = 0.0
    buffer_ms: int = 0
    noise_dbfs: int = -90
    gain_db: float = 0.0
    """What the automatic gain adds."""
    howls: bool = False


class Lines(msgspec.Struct, frozen=True, tag_field="t", tag="lines"):
    """To hosts, once a second: the connections of all, by id."""

    lines: dict[str, Line]


class Told(msgspec.Struct, frozen=True, tag_field="t", tag="told"):
    """A word to one participant, which their page says in its reader's language.

    Codes: `howl` (your device is heard by your microphone), `howl_over`, `time_soon` (with
    `seconds`), `time_up`, `to_stage`, `to_backstage`, `role` (with `word`: the new role).
    """

    code: str
    seconds: int = 0
    word: str = ""


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
    BANNED = "banned"
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
    Parting.BANNED: "A host has banned you from this stage. You can still listen.",
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


Up = (
    Mute | Leave | Remove | Start | End | Break | Later | Say | SetRole | Seat | MuteAll | Ban
    | Lock | Arrive | Invite | Dismiss | Order | NoteOn | Limit | Next | Questions | OnQuestion
    | OpenPoll | ClosePoll
)  # fmt: skip
Down = (
    Hello | StageView | QueueView | AudienceView | Lines | Told | Levels | Quality | Ack | Nack
    | Bye
)  # fmt: skip

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
