"""Whatever a chain says: an address in canonical form that a trusted hop vouched for, or ours."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.delivery.drivers.requests import RequestReader
from rostra.delivery.sources import FORWARDED_HOPS_MAX, LOOPBACK, networks, plain_source, source_of

TRUSTED = networks(("127.0.0.0/8", "::1", "10.0.0.0/8", "fd00::/8"))
ADDRESSES = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)).map(
    lambda address: getattr(address, "ipv4_mapped", None) or address
)
OUTSIDE = ADDRESSES.filter(lambda address: not any(address in net for net in TRUSTED))
INSIDE = st.one_of(st.ip_addresses(v=4, network="10.0.0.0/8"), st.just("::1")).map(str)
GARBAGE = st.text(alphabet=st.characters(max_codepoint=255), max_size=60)
PORT = st.integers(0, 65_535)


@st.composite
def spelt(draw: st.DrawFn, address: st.SearchStrategy[object] = OUTSIDE) -> tuple[str, str]:
    """An address, and one of the ways in which proxies write it."""
    plain = str(draw(address))
    box = f"[{plain}]" if ":" in plain else plain
    forms = (plain, box, f"{box}:{draw(PORT)}")
    space = draw(st.sampled_from(("", " ", "\t", "  ")))
    return plain, space + draw(st.sampled_from(forms)) + space


@given(GARBAGE, spelt(), st.lists(spelt(INSIDE), max_size=FORWARDED_HOPS_MAX - 2), INSIDE)
def test_the_rightmost_untrusted_address_is_believed(
    left: str, client: tuple[str, str], hops: list[tuple[str, str]], peer: str
) -> None:
    chain = ",".join((left, client[1], *(spelling for _, spelling in hops)))
    assert source_of(peer, chain, TRUSTED) == client[0]


@given(OUTSIDE.map(str), GARBAGE)
def test_an_unknown_peer_is_believed_nothing(peer: str, chain: str) -> None:
    assert source_of(peer, chain, TRUSTED) == peer


@given(INSIDE, st.lists(st.one_of(GARBAGE, spelt().map(lambda pair: pair[1])), max_size=30))
def test_the_answer_is_an_address_whatever_is_said(peer: str, hops: list[str]) -> None:
    found = source_of(peer, ",".join(hops), TRUSTED)
    assert str(ipaddress.ip_address(found)) == found


@given(ADDRESSES.map(str))
def test_the_cheap_way_says_the_same(peer: str) -> None:
    assert plain_source(peer) == source_of(peer, "")
    assert plain_source(f"::ffff:{peer}") == source_of(f"::ffff:{peer}", "")


@given(st.text(max_size=40), GARBAGE)
def test_a_peer_that_is_no_address_has_no_source(peer: str, chain: str) -> None:
    found = source_of(peer, chain)
    assert not found or ipaddress.ip_address(found)


@pytest.mark.parametrize(
    "hop",
    [
        *("unknown", "_hidden", "host:80", "", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.4:"),
        *("[1.2.3.4", "1.2.3.4:999999", "[::1", "::1]", "1.2.3.4 5.6.7.8", "fe80::1%eth0"),
        "\u0661.2.3.4",
    ],
)
def test_what_is_no_address_ends_the_chain_at_who_said_it(hop: str) -> None:
    assert source_of("127.0.0.1", f"8.8.8.8, {hop}") == "127.0.0.1"


def test_a_chain_of_proxies_alone_is_the_furthest_of_them() -> None:
    assert source_of("::1", "127.0.0.3, 127.0.0.2") == "127.0.0.3"


def test_a_very_long_chain_is_looked_at_from_the_right_and_no_further() -> None:
    near = ["127.0.0.1"] * (FORWARDED_HOPS_MAX - 1)
    assert source_of("127.0.0.1", ",".join(["8.8.8.8", *near])) == "8.8.8.8"
    assert source_of("127.0.0.1", ",".join(["8.8.8.8", *near, "127.0.0.9"])) == "127.0.0.1"
    assert source_of("127.0.0.1", "127.0.0.7," * 100_000 + "127.0.0.7") == "127.0.0.7"


def test_an_ipv4_peer_on_an_ipv6_socket_is_ipv4() -> None:
    assert source_of("::ffff:127.0.0.1", "::ffff:8.8.8.8") == "8.8.8.8"
    assert source_of("fe80::1%eth0", "") == "fe80::1"


def test_lines_of_several_proxies_are_one_list_and_stay_with_nobody() -> None:
    head = b"GET / HTTP/1.1\r\nX-Forwarded-For: 8.8.8.8\r\nx-forwarded-for: 127.0.0.2\r\n\r\n"
    reader = RequestReader("127.0.0.1", LOOPBACK)
    first, second = reader.feed(head + b"GET / HTTP/1.1\r\n\r\n")
    assert (first.source, second.source) == ("8.8.8.8", "127.0.0.1")
    assert "x-forwarded-for" not in first.headers
