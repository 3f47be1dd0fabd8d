"""Whatever body comes: exactly one thing of ours is told, or one refusal of 400, 409 or 413."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes.forum import HALL, POLL, QUESTION

from rostra.delivery.allowance import NS_PER_S, Allowance, Rate
from rostra.delivery.bodies import VOICE_BYTES_MAX, WRITTEN_BYTES_MAX
from rostra.delivery.crowd import Caller, network_of
from rostra.delivery.drivers.requests import RequestReader
from rostra.delivery.hands import Source
from rostra.delivery.refusals import RefusedError
from rostra.delivery.sessions import SESSION_NS, Sessions
from rostra.delivery.voices import Voices
from rostra.domain.voices import REACTIONS
from rostra.wire.messages import EdgeTally, SpaceTally, pack, read_tally

GOOD = {
    "reactions": b'{"reaction": "clap", "listener": "0123456789abcdef"}',
    "hands": b'{"up": true, "listener": "0123456789abcdef"}',
    "questions": b'{"text": "Why?", "name": "Ann", "listener": "0123456789abcdef"}',
    "backs": json.dumps({"question": QUESTION, "listener": "0123456789abcdef"}).encode(),
    "votes": json.dumps({"poll": POLL, "choice": 1, "listener": "0123456789abcdef"}).encode(),
}
WORDS = ["reaction", "listener", "up", "claim", "name", "note", "text", "question", "poll"]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(REACTIONS) | st.text(max_size=80),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=6,
)
FIELDS = st.dictionaries(st.sampled_from([*WORDS, "choice", "x"]), VALUES)
each = pytest.mark.parametrize("name", sorted(GOOD))


def said(voices: Voices) -> int:
    """How much a tally would tell, each thing in a form that the wire takes."""
    row = voices.tallied(SpaceTally("hall"))
    assert read_tally(pack(EdgeTally("edge", "epoch", 1, (row,)))).spaces == (row,)
    voted = sum(len(who) for poll in row.votes.values() for who in poll.values())
    asked = len(row.questions)
    backed = sum(map(len, row.backs.values())) - asked  # who asks backs it
    assert len(row.asks) <= len(row.hands)
    return sum(row.reactions.values()) + len(row.hands) + asked + backed + voted


def _checked(voices: Voices, error: RefusedError) -> None:
    assert error.said("es")
    assert said(voices) == 0
    assert sum(voices.refused.values()) == (error.status != 409)


def status(name: str, body: bytes) -> int:
    voices = Voices()
    try:
        voices.take(HALL, name, body, Source("address", "prefix"), 0)
    except RefusedError as error:
        _checked(voices, error)
        return error.status
    assert said(voices) == 1
    return 202


def bytes_max(name: str) -> int:
    return WRITTEN_BYTES_MAX if name in {"hands", "questions"} else VOICE_BYTES_MAX


@each
def test_the_seed_is_valid(name: str) -> None:
    assert status(name, GOOD[name]) == 202


@each
@given(st.binary(max_size=VOICE_BYTES_MAX) | st.binary(min_size=3_073, max_size=3_100))
def test_any_bytes(name: str, body: bytes) -> None:
    assert status(name, body) == (413 if len(body) > bytes_max(name) else 400)


@each
@given(FIELDS | VALUES)
def test_any_json(name: str, value: object) -> None:
    body = json.dumps(value).encode()
    assert status(name, body) in {202, 400, 409, 413}


@each
@given(data=st.data())
def test_a_good_body_with_bytes_changed(name: str, data: st.DataObject) -> None:
    body = bytearray(GOOD[name])
    for _ in range(data.draw(st.integers(1, 3))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    assert status(name, bytes(body)) in {202, 400, 409}


@given(st.lists(st.integers(1, 60), max_size=9), st.sampled_from(["POST", "GET", "PUT"]))
def test_a_body_reads_the_same_however_it_is_cut_and_only_of_a_post(
    cuts: list[int], method: str
) -> None:
    body = GOOD["reactions"]
    head = f"{method} /live/hall/reactions HTTP/1.1\r\nContent-Length: {len(body)}\r\n\r\n"
    data, reader, requests = head.encode() + body, RequestReader(), []
    after = b"POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n"
    for size in [*cuts, len(data)]:
        requests += reader.feed(data[:size]) if data else []
        data = data[size:]
    requests += reader.feed(after)
    assert [one.body for one in requests] == [body if method == "POST" else b"", b""]


@given(st.binary(max_size=120))
def test_a_listener_in_any_target_is_an_id_or_nothing(target: bytes) -> None:
    listener = Caller(b"/x?" + target).listener
    assert not listener or (16 <= len(listener) <= 64 and listener.isascii())


@given(st.text(max_size=45) | st.ip_addresses().map(str))
def test_any_address_is_some_source(address: str) -> None:
    assert isinstance(network_of(address), bytes)


@given(
    st.integers(1, 20),
    st.integers(1, 20),
    st.lists(st.integers(0, 400), min_size=1, max_size=150),
)
def test_no_more_pass_than_a_burst_and_the_rate(per_s: int, burst: int, pauses: list[int]) -> None:
    pace, now_ns, passed = Allowance(Rate(per_s, burst), 5), 0, 0
    for pause_ms in pauses:
        now_ns += pause_ms * 1_000_000
        wait_ns = pace.take("a", now_ns)
        passed += wait_ns == 0
        assert wait_ns <= NS_PER_S // per_s
    assert passed <= burst + now_ns * per_s / NS_PER_S + 1


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, SESSION_NS)), max_size=60))
def test_sessions_are_the_different_ids_of_the_last_six_seconds(
    asked: list[tuple[int, int]],
) -> None:
    sessions, now_ns, last = Sessions(), 0, dict[int, int]()
    for key, pause_ns in asked:
        now_ns += pause_ns
        sessions.seen("hall", key, 0, now_ns)
        last[key] = now_ns
        expected = sum(now_ns - then <= SESSION_NS for then in last.values())
        assert sessions.count("hall", now_ns) == len(sessions) == expected
