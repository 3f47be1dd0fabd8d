"""Whatever bytes come, a parser of the wire gives a noun of ours or one refusal, and never else."""

import base64
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from rostra.domain.errors import MalformedError, PeerError
from rostra.domain.grid import mp3_frames_of
from rostra.domain.space import State
from rostra.wire import messages, stagelink, tickets
from rostra.wire.messages import (
    Answer,
    Command,
    EdgeTally,
    HouseEvent,
    Notice,
    Offer,
    ProgrammeMessage,
    SpaceTally,
)
from rostra.wire.states import EdgeInfo, SpaceDef, SpaceState

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
TICKET = tickets.Ticket(tickets.TicketKind.HOST, "s", "x", 2_000_000_000)
WORD = tickets.sign(TICKET, KEY)

SAID = SpaceTally("s", 5, run="r", unique=b"\1" * 4_096, reactions={"clap": 2}, hands={"a": True})

NOTICE = Notice("k", 5_120, {"a": [1, {"b": "c"}]})

VALID: dict[str, tuple[Callable[[bytes], Any], bytes]] = {
    "programme": (
        messages.read_programme,
        messages.pack(
            ProgrammeMessage("s", "r", 1, 1, (b"a",) * 5, (b"m",) * 4, (NOTICE,), (b"o",) * 5)
        ),
    ),
    "tally": (messages.read_tally, messages.pack(EdgeTally("e", "x", 1, (SAID,)))),
    "call": (messages.read_call, messages.pack(Offer("t", "v=0", "Ada"))),
    "command": (messages.read_call, messages.pack(Command("t", "start"))),
    "reply": (messages.read_reply, messages.pack(Answer("v=0", "p", "t"))),
    "def": (
        lambda payload: messages.from_json(SpaceDef, payload),
        messages.to_json(SpaceDef("s", "Title", 5)),
    ),
    "state": (
        lambda payload: messages.from_json(SpaceState, payload),
        messages.to_json(SpaceState("s", "Title", State.LIVE, 5)),
    ),
    "edge": (
        lambda payload: messages.from_json(EdgeInfo, payload),
        messages.to_json(EdgeInfo("e", ("http://localhost:8001",))),
    ),
    "event": (
        lambda payload: messages.from_json(HouseEvent, payload),
        messages.to_json(HouseEvent("s", "doors", 5)),
    ),
    "up": (stagelink.read_up, stagelink.pack(stagelink.Mute(1, on=True)).encode()),
    "down": (stagelink.read_down, stagelink.pack(stagelink.Levels({"p": -20})).encode()),
}

each_parser = pytest.mark.parametrize("name", sorted(VALID))

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def _checked(error: PeerError, statuses: set[int]) -> None:
    assert error.sentence
    assert error.status in statuses


def _read(name: str, payload: bytes) -> Any:  # noqa: ANN401 - one of the nouns, or None
    try:
        return VALID[name][0](payload)
    except MalformedError as error:
        _checked(error, {400, 413})
        return None


@each_parser
def test_the_seed_of_each_parser_is_valid(name: str) -> None:
    assert _read(name, VALID[name][1]) is not None


@each_parser
@given(payload=st.binary(max_size=400))
def test_any_bytes(name: str, payload: bytes) -> None:
    _read(name, payload)


@each_parser
@given(value=PLAIN)
def test_any_well_formed_value(name: str, value: object) -> None:
    _read(name, msgspec.msgpack.encode(value))
    _read(name, msgspec.json.encode(value))


@each_parser
@given(data=st.data())
def test_a_valid_payload_with_bytes_changed_cut_or_added(name: str, data: st.DataObject) -> None:
    payload = bytearray(VALID[name][1])
    for _ in range(data.draw(st.integers(1, 4))):
        payload[data.draw(st.integers(0, len(payload) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(payload)))
    _read(name, bytes(payload[:cut]) + data.draw(st.binary(max_size=8)))


@each_parser
@pytest.mark.parametrize("opening", [b"\x91", b"\x81\xa1a", b"[", b'{"a":'])
def test_a_thousand_levels_of_nesting(name: str, opening: bytes) -> None:
    _read(name, opening * 3_000)
    _read(name, b"\x96\xa1e\xa1x\x01" + opening * 3_000)


@given(number=st.integers(0, 2**40), sizes=st.lists(st.integers(0, 768), min_size=5, max_size=5))
def test_every_message_on_the_grid_is_read_back(number: int, sizes: list[int]) -> None:
    mp3 = tuple(b"m" * 192 for _ in mp3_frames_of(number))
    message = ProgrammeMessage("s", "r", 0, number, tuple(b"a" * n for n in sizes), mp3)
    assert messages.read_programme(messages.pack(message)) == message


def _peek(word: str) -> str | None:
    try:
        return tickets.peek_space(word)
    except tickets.TicketError as error:
        _checked(error, {403})
        return None


def _verify(word: str) -> tickets.Ticket | None:
    try:
        return tickets.verify(
            word, (KEY.public_key(),), 0, "s", frozenset({tickets.TicketKind.HOST})
        )
    except PeerError as error:
        _checked(error, {403})
        return None


def test_the_seed_ticket_is_valid() -> None:
    assert _verify(WORD) == TICKET


@given(word=st.text(max_size=200) | st.from_regex(r"[A-Za-z0-9_-]{0,90}\.[A-Za-z0-9_-]{0,90}"))
def test_no_made_up_word_is_a_ticket(word: str) -> None:
    assert _verify(word) is None


@given(data=st.data())
def test_a_changed_ticket_never_permits_anything_else(data: st.DataObject) -> None:
    word = list(WORD)
    at = data.draw(st.integers(0, len(word) - 1))
    word[at] = data.draw(st.characters())
    assert _verify("".join(word)) in {None, TICKET}


@given(word=st.text(max_size=200))
def test_the_space_of_any_word_is_read_or_refused(word: str) -> None:
    _peek(word)


@given(body=st.binary(max_size=700))
def test_the_space_of_any_body_is_read_or_refused(body: bytes) -> None:
    _peek(base64.urlsafe_b64encode(body).rstrip(b"=").decode() + ".AA")


@given(body=st.dictionaries(st.text(), PLAIN))
def test_a_notice_is_plain_json_or_refused(body: dict[str, Any]) -> None:
    notice = Notice("k", 0, body)
    message = ProgrammeMessage("s", "r", 1, 1, (b"a",) * 5, (b"m",) * 4, (notice,))
    read = _read("programme", messages.pack(message))
    assert read is None or msgspec.json.encode(read.notices[0].body)
