"""Whatever a peer sends as query, ticket, range, address: a value in bounds, or one refusal."""

import re
from ipaddress import IPv6Address
from urllib.parse import parse_qsl

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rostra.delivery.answers import FOREVER, Answer
from rostra.delivery.budgets import Budgets, Limits, Over, Place
from rostra.delivery.doorkeeper import Doorkeeper
from rostra.delivery.paths import TARGET_BYTES_MAX
from rostra.delivery.prefixes import address_and_prefix
from rostra.delivery.query import argument
from rostra.delivery.ranges import part
from rostra.delivery.refusals import RefusedError
from rostra.wire.listening import (
    LISTENING_CHARS_MAX,
    ListeningRole,
    ListeningTicket,
    ListeningTicketError,
    sign,
    verify,
)

KEY = b"k" * 32
TICKET = ListeningTicket(ListeningRole.HOST, "hall", 2_000_000_000)
WORD = sign(TICKET, KEY)
SIGNS = "ticket=&l.?#;%+ \0é"


@given(st.one_of(st.binary(max_size=TARGET_BYTES_MAX), st.text(SIGNS).map(str.encode)))
def test_an_argument_is_safe_or_empty(target: bytes) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_.-]*", argument(target, b"ticket"))


NAMES = st.sampled_from(["ticket", "l", "t", "xticket"])
PAIRS = st.lists(st.tuples(NAMES, st.from_regex(r"[a-z.-]*", fullmatch=True)))


@given(PAIRS)
def test_the_first_argument_of_a_name_is_what_every_reader_of_queries_finds(
    given_pairs: list[tuple[str, str]],
) -> None:
    query = "&".join(f"{name}={value}" for name, value in given_pairs)
    found = dict(reversed(parse_qsl(query, keep_blank_values=True)))
    assert argument(f"/live?{query}".encode(), b"ticket") == found.get("ticket", "")


@given(st.one_of(st.text(max_size=LISTENING_CHARS_MAX + 9), st.text(WORD, max_size=90)))
def test_only_a_signed_word_is_a_ticket(word: str) -> None:
    assume(word != WORD)
    with pytest.raises(ListeningTicketError):
        verify(word, KEY, 1, "hall")


@given(st.integers(0, len(WORD) - 1), st.characters(codec="ascii"))
def test_no_sign_of_a_ticket_may_be_another(at: int, sign_there: str) -> None:
    word = WORD[:at] + sign_there + WORD[at + 1 :]
    try:
        assert verify(word, KEY, 1, "hall") == TICKET
    except ListeningTicketError:
        assert word != WORD
    else:
        assert word == WORD


@given(st.binary(max_size=TARGET_BYTES_MAX))
def test_a_house_with_tickets_opens_to_no_noise(noise: bytes) -> None:
    target = b"/live/hall/push.mp4?ticket=" + noise
    with pytest.raises(RefusedError) as refused:
        Doorkeeper(KEY, required=True).reserved(target, "hall", 1)
    assert refused.value.status == 403


@given(st.binary(max_size=99), st.one_of(st.text(max_size=40), st.text("bytes=0123456789-, ")))
def test_a_range_gives_the_file_a_part_of_it_or_416(body: bytes, wanted: str) -> None:
    found = part(Answer(200, body, {"Cache-Control": FOREVER}), wanted)
    assert found.status in {200, 206, 416}
    if found.status == 206:
        first, last = map(int, re.findall(r"\d+", found.headers["Content-Range"])[:2])
        assert found.body == body[first : last + 1] != b""


@given(st.ip_addresses(v=6))
def test_all_spellings_of_an_address_count_as_one(address: IPv6Address) -> None:
    spelled = {str(address), address.exploded, str(address).upper()}
    assert len({address_and_prefix(one) for one in spelled}) == 1


@given(st.one_of(st.text(max_size=50), st.text("0123456789abcdef:.%")))
def test_whatever_calls_itself_a_source_has_an_address_and_a_prefix(source: str) -> None:
    address, prefix = address_and_prefix(source)
    assert len(address) <= len(source) + 16
    assert len(prefix) <= len(address) + 2


STEPS = st.lists(st.tuples(st.sampled_from(["knock", "enter", "leave"]), st.integers(0, 5)))


@given(STEPS)
def test_what_is_counted_is_what_is_open(steps: list[tuple[str, int]]) -> None:
    subject = Budgets(Limits(connections_per_address=2, connections_per_prefix=3), KEY)
    held: list[tuple[str, Place]] = []
    for now_ns, (step, number) in enumerate(steps):
        if step == "leave":
            if held:
                subject.leave(held.pop(number % len(held))[1], now_ns)
            continue
        source = f"10.0.{number // 3}.{number % 3}"
        addresses = [name for name, _ in held]
        near = [name for name in addresses if name.startswith(f"10.0.{number // 3}.")]
        found = subject.knock(source, now_ns) if step == "knock" else subject.enter(source, now_ns)
        if addresses.count(source) >= 2:
            assert found is Over.ADDRESS
        elif len(near) >= 3:
            assert found is Over.PREFIX
        else:
            assert isinstance(found, Place)
            held.append((source, found))
    for _, place in held:
        subject.leave(place, 10**18)
    assert not subject._addresses
    assert not subject._prefixes
