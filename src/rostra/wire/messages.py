"""What travels between processes: msgpack on the backbone, JSON in its buckets.

Structs are positional on the wire (`array_like`): a field may only be added at the end, with a
default, so that an older reader skips it. Decoding refuses what breaks a limit.
"""

from typing import Annotated, Any, Final, TypeVar

import msgspec

from rostra.domain.errors import MalformedError
from rostra.domain.grid import AAC_FRAMES_PER_MESSAGE, message_pts, mp3_frames_of, opus_frames_of
from rostra.domain.limits import (
    AAC_UNIT_BYTES_MAX,
    MARK_CHARS_MAX,
    MESSAGE_BYTES_MAX,
    MP3_FRAME_BYTES_MAX,
    NAME_CHARS_MAX,
    NOTICE_BYTES_MAX,
    NOTICES_PER_MESSAGE_MAX,
    OPUS_PACKET_BYTES_MAX,
    SDP_BYTES_MAX,
    SPACE_ID_CHARS_MAX,
    TICKET_CHARS_MAX,
)
from rostra.wire.said import fault_of
from rostra.wire.states import EdgeInfo, SpaceDef, SpaceState

NUMBER_MAX: Final = 1 << 40
"""The last number of a message: 3,700 years of programme, and every pts in 64 bits."""

EPOCH_UTC_US_MAX: Final = 1 << 53
"""The last epoch of a run: the year 2255, whole numbers in every reader of JSON."""

TALLY_SPACES_MAX: Final = 4_096
"""Spaces in one tally; an edge keeps fewer, so that one with more is broken or hostile."""

EDGE_NAME_CHARS_MAX: Final = 64
"""An edge's name, and the word for its start: an identifier and a number."""

Id = Annotated[str, msgspec.Meta(pattern=rf"\A[A-Za-z0-9_-]{{1,{SPACE_ID_CHARS_MAX}}}\Z")]
"""A space's or a run's name, as it stands in paths and subjects."""


class Notice(msgspec.Struct, frozen=True, array_like=True):
    """A small event inside the stream.

    `kind` is one of the names in `docs/reference/notices.md`; `body` is plain JSON.
    """

    kind: str
    pts_samples: int
    body: dict[str, Any]


class ProgrammeMessage(msgspec.Struct, frozen=True, array_like=True):
    """One message of the programme: 5,120 samples in every encoding, with its notices.

    `aac` holds the five access units (no ADTS header) whose pts start at `number` x 5,120;
    `mp3` holds the frames of `grid.mp3_frames_of(number)`, `opus` the packets of
    `grid.opus_frames_of(number)`, or none where the studio makes no Opus. `epoch_utc_us` is when
    pts 0 was.
    """

    space: Id
    run: Id
    epoch_utc_us: Annotated[int, msgspec.Meta(ge=0, le=EPOCH_UTC_US_MAX)]
    number: Annotated[int, msgspec.Meta(le=NUMBER_MAX)]
    aac: tuple[Annotated[bytes, msgspec.Meta(max_length=AAC_UNIT_BYTES_MAX)], ...]
    mp3: tuple[Annotated[bytes, msgspec.Meta(max_length=MP3_FRAME_BYTES_MAX)], ...]
    notices: tuple[Notice, ...] = ()
    opus: tuple[Annotated[bytes, msgspec.Meta(max_length=OPUS_PACKET_BYTES_MAX)], ...] = ()


class SpaceTally(msgspec.Struct, frozen=True, array_like=True):
    """One space at one edge: open connections by what they play, and HLS sessions.

    `run` and `unique` (the registers of a `wire.sketch.Sketch`) come every ten seconds. What
    listeners said comes once: reactions by kind, and who raised (True) or lowered a hand.
    """

    space: str
    push: int = 0
    aac: int = 0
    mp3: int = 0
    hls: int = 0
    run: str = ""
    unique: bytes = b""
    reactions: dict[str, int] = {}
    hands: dict[str, bool] = {}
    asks: dict[str, tuple[str, str, str]] = {}
    """Of hands that were raised with a claim: listener → claim, name, note."""
    questions: dict[str, tuple[str, str]] = {}
    """Written questions: id → text, name."""
    backs: dict[str, tuple[int, ...]] = {}
    """Who wants a question asked: id → hashes of listeners."""
    votes: dict[str, dict[int, tuple[int, ...]]] = {}
    """Votes: poll → choice → hashes of listeners; a later one counts."""


class EdgeTally(msgspec.Struct, frozen=True, array_like=True):
    """What an edge tells once a second. `epoch` is new at every start, so nobody counts twice."""

    edge: str
    epoch: str
    sequence: int
    spaces: tuple[SpaceTally, ...] = ()


class Offer(msgspec.Struct, frozen=True, tag="offer", array_like=True):
    """A speaker's WebRTC offer, relayed by the desk. `ticket` is the link's, or a resume ticket."""

    ticket: str
    sdp: str
    name: str = ""
    device: str = ""
    """What the page calls the device: its own random word, kept in the browser."""
    account: str = ""
    """The account that is signed in, as the desk knows it."""
    photo: str = ""
    language: str = ""
    """In which the studio answers their commands: `en` or `es`."""


class Claim(msgspec.Struct, frozen=True, tag="claim", array_like=True):
    """A listener takes an invitation: the secret whose SHA-256 the invitation carries."""

    secret: str
    sdp: str
    name: str = ""
    device: str = ""
    account: str = ""
    photo: str = ""
    language: str = ""


class Command(msgspec.Struct, frozen=True, tag="command", array_like=True):
    """Start or end a space from outside the stage; `ticket` is a host's or the operator's."""

    ticket: str
    action: str


class Answer(msgspec.Struct, frozen=True, tag="answer", array_like=True):
    """The studio's answer to an offer."""

    sdp: str
    participant: str
    resume: str


class Done(msgspec.Struct, frozen=True, tag="done", array_like=True):
    """The command was carried out; `state` is where the space is now."""

    state: str


class Refusal(msgspec.Struct, frozen=True, tag="refusal", array_like=True):
    """The studio refuses: an HTTP status and a sentence for a person."""

    status: int
    sentence: str


Call = Offer | Claim | Command
Reply = Answer | Done | Refusal
_T = TypeVar("_T")
_Named = TypeVar("_Named", SpaceDef, SpaceState, EdgeInfo)


class HouseEvent(msgspec.Struct, frozen=True):
    """One line of a space's history, for the journal and the desk; JSON."""

    space: str
    kind: str
    utc_us: int
    body: dict[str, Any] = {}


# Subjects and buckets. `SPACE` and `EDGE` are checked identifiers, never raw input.
BUCKET_DEFS: Final = "defs"
BUCKET_STATE: Final = "state"
BUCKET_EDGES: Final = "edges"
BUCKET_LEASES: Final = "leases"
SUBJECT_PROGRAMMES: Final = "prog.*"
SUBJECT_TALLIES: Final = "tally.*"
SUBJECT_EVENTS: Final = "event.*"


def programme_subject(space: str) -> str:
    """Where a space's studio publishes its programme."""
    return f"prog.{space}"


def tally_subject(edge: str) -> str:
    """Where an edge publishes its counts."""
    return f"tally.{edge}"


def event_subject(space: str) -> str:
    """Where a space's studio publishes its history."""
    return f"event.{space}"


def call_subject(space: str) -> str:
    """Where the studio that holds a space's lease answers the desk."""
    return f"studio.{space}"


_MSGPACK = msgspec.msgpack.Encoder()
_PROGRAMME = msgspec.msgpack.Decoder(ProgrammeMessage)
_TALLY = msgspec.msgpack.Decoder(EdgeTally)
_CALL: msgspec.msgpack.Decoder[Call] = msgspec.msgpack.Decoder(Call)
_REPLY: msgspec.msgpack.Decoder[Reply] = msgspec.msgpack.Decoder(Reply)


def pack(message: ProgrammeMessage | EdgeTally | Call | Reply) -> bytes:
    """Encode for the backbone."""
    return _MSGPACK.encode(message)


def read_programme(payload: bytes) -> ProgrammeMessage:
    """Decode one programme message; MalformedError says what is wrong with it."""
    if len(payload) > MESSAGE_BYTES_MAX:
        sentence = f"A message of {len(payload)} bytes exceeds the limit of {MESSAGE_BYTES_MAX}."
        raise MalformedError(sentence, status=413)
    message = _decoded(_PROGRAMME, payload, "programme message")
    if message.number < 0 or len(message.aac) != AAC_FRAMES_PER_MESSAGE:
        sentence = f"Message {message.number} holds {len(message.aac)} AAC frames instead of five."
        raise MalformedError(sentence)
    if len(message.mp3) != len(mp3_frames_of(message.number)):
        sentence = f"Message {message.number} holds {len(message.mp3)} MP3 frames off the grid."
        raise MalformedError(sentence)
    if message.opus and len(message.opus) != len(opus_frames_of(message.number)):
        sentence = f"Message {message.number} holds {len(message.opus)} Opus packets off the grid."
        raise MalformedError(sentence)
    _check_notices(message)
    return message


def _check_notices(message: ProgrammeMessage) -> None:
    if len(message.notices) > NOTICES_PER_MESSAGE_MAX:
        sentence = f"Message {message.number} holds {len(message.notices)} notices."
        raise MalformedError(sentence)
    first, end = message_pts(message.number), message_pts(message.number + 1)
    for notice in message.notices:
        if not first <= notice.pts_samples < end:
            sentence = f"A notice of message {message.number} is for pts {notice.pts_samples}."
            raise MalformedError(sentence)
        if _json_bytes(notice) > NOTICE_BYTES_MAX:
            sentence = f"A notice of kind {notice.kind[:40]!r} exceeds {NOTICE_BYTES_MAX} bytes."
            raise MalformedError(sentence)


def _json_bytes(notice: Notice) -> int:
    """How long the body is as JSON; msgpack can hold what JSON cannot."""
    try:
        return len(msgspec.json.encode(notice.body))
    except (TypeError, ValueError, RecursionError) as error:
        sentence = f"A notice of kind {notice.kind[:40]!r} is no JSON: {error}."
        raise MalformedError(sentence) from error


def read_tally(payload: bytes) -> EdgeTally:
    """Decode an edge's counts."""
    tally = _decoded(_TALLY, payload, "tally")
    if max(len(tally.edge), len(tally.epoch)) > EDGE_NAME_CHARS_MAX:
        sentence = f"An edge's name or start exceeds {EDGE_NAME_CHARS_MAX} characters."
        raise MalformedError(sentence)
    if len(tally.spaces) > TALLY_SPACES_MAX:
        sentence = f"Edge {tally.edge!r} counts {len(tally.spaces)} spaces."
        raise MalformedError(sentence)
    if any(len(row.space) > SPACE_ID_CHARS_MAX for row in tally.spaces):
        sentence = f"Edge {tally.edge!r} names a space beyond {SPACE_ID_CHARS_MAX} characters."
        raise MalformedError(sentence)
    if any(min(row.push, row.aac, row.mp3, row.hls) < 0 for row in tally.spaces):
        sentence = f"Edge {tally.edge[:40]!r} reports fewer than zero listeners."
        raise MalformedError(sentence)
    for row in tally.spaces:
        if fault := fault_of(row.run, row.unique, row.reactions, row.hands):
            sentence = f"Edge {tally.edge!r} tells of {row.space!r} {fault}."
            raise MalformedError(sentence)
    return tally


def read_call(payload: bytes) -> Call:
    """Decode what the desk asks of a studio."""
    call = _decoded(_CALL, payload, "call")
    if isinstance(call, Offer | Claim) and len(call.sdp) > SDP_BYTES_MAX:
        sentence = f"An offer of {len(call.sdp)} characters exceeds the limit of {SDP_BYTES_MAX}."
        raise MalformedError(sentence, status=413)
    word = call.secret if isinstance(call, Claim) else call.ticket
    if len(word) > TICKET_CHARS_MAX:
        sentence = f"A ticket of {len(word)} characters exceeds {TICKET_CHARS_MAX}."
        raise MalformedError(sentence, status=413)
    if isinstance(call, Offer | Claim):
        _check_words(call)
    return call


def _check_words(call: Offer | Claim) -> None:
    if len(call.name) > NAME_CHARS_MAX:
        sentence = f"A name has at most {NAME_CHARS_MAX} characters; this one has {len(call.name)}."
        raise MalformedError(sentence)
    longest = max(map(len, (call.device, call.account, call.photo, call.language)))
    if longest > MARK_CHARS_MAX:
        sentence = f"A word of {longest} characters in an offer exceeds {MARK_CHARS_MAX}."
        raise MalformedError(sentence)


def read_reply(payload: bytes) -> Reply:
    """Decode what a studio answers."""
    return _decoded(_REPLY, payload, "reply")


def to_json(value: SpaceDef | SpaceState | EdgeInfo | HouseEvent) -> bytes:
    """Encode for a bucket, a file or a page."""
    return msgspec.json.encode(value)


def from_json(kind: type[_T], payload: bytes) -> _T:
    """Decode what `to_json` wrote."""
    try:
        return msgspec.json.decode(payload, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        sentence = f"This is not a {kind.__name__}: {error}."
        raise MalformedError(sentence) from error


def from_bucket(kind: type[_Named], key: str, payload: bytes) -> _Named:
    """Decode the value of a bucket's key; MalformedError also where it speaks of another one.

    Who may read a bucket can have the server write what was read under another key: the name
    inside is what cannot be moved.
    """
    value = from_json(kind, payload)
    if value.id != key:
        sentence = f"The {kind.__name__} under {key[:40]!r} is that of {value.id[:40]!r}."
        raise MalformedError(sentence)
    return value


def _decoded(decoder: msgspec.msgpack.Decoder[_T], payload: bytes, what: str) -> _T:
    try:
        return decoder.decode(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        sentence = f"This is not a {what}: {error}."
        raise MalformedError(sentence) from error
