"""The edge's limits where it speaks TLS: a handshake is a connection and an unfinished head."""

from pathlib import Path

import pytest
from tests.fakes.authority import Authority
from tests.integration.edge.edge_house import until
from tests.integration.edge.tls_house import closed, tls_house, with_certificate

from rostra.delivery import refusing
from rostra.delivery.access import Access
from rostra.delivery.budgets import Limits, Over
from rostra.delivery.drivers import gate, handles
from rostra.delivery.drivers.handshakes import HANDSHAKES_MAX, Tls
from rostra.delivery.sources import networks

STRANGER = "127.9.9.9"


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def secure(tmp_path: Path, authority: Authority) -> Tls:
    return with_certificate(tmp_path, authority)


def counting(**limits: int) -> Access:
    """Nobody is a proxy, so that loopback addresses are counted."""
    return Access(proxies=(), limits=Limits(**limits))


def test_no_prefix_can_take_all_handshakes() -> None:
    assert Limits().heads_per_prefix < HANDSHAKES_MAX < Limits().heads


def test_a_handshake_is_an_unfinished_head_until_it_is_done(
    secure: Tls, authority: Authority
) -> None:
    with tls_house(secure, authority, counting(heads_per_prefix=2)) as subject:
        oldest = subject.raw()
        until(lambda: subject.house.edge.gate.unfinished == 1, "one that says nothing")
        subject.raw()
        until(lambda: subject.house.edge.gate.unfinished == 2, "another")
        subject.house.client(source=STRANGER)
        until(lambda: subject.house.edge.gate.unfinished == 3, "a stranger")
        assert subject.get("/healthz").answer().status == 200
        assert closed(oldest.sock), "without words, which would not be TLS"
        assert subject.house.edge.gate.over == {Over.PREFIX_HEADS: 1}
        until(lambda: subject.house.edge.gate.unfinished == 2, "the end of the answered one's head")
        assert secure.crowded == 1


def test_handshakes_are_connections_of_a_full_edge(
    secure: Tls, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handles, "SPARE_CONNECTIONS", 0)
    with tls_house(secure, authority, counting(), listeners_max=1) as subject:
        silent = subject.raw()
        until(lambda: subject.house.edge.gate.unfinished == 1, "one that says nothing")
        refused = subject.get("/live/edges.json").answer()
        assert refused.status == 503
        for one in (silent, refused):
            one.sock.close()
        edge = subject.house.edge
        until(lambda: edge.gate.unfinished + edge.connections == 0, "the end of both")
        assert subject.get("/live/edges.json").answer().status == 200


def test_through_the_narrow_door_the_oldest_handshake_makes_room(
    secure: Tls, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "NARROW_MAX", 2)
    with tls_house(secure, authority, counting(connections_per_address=1)) as subject:
        silent = [subject.raw() for _ in range(3)]
        until(lambda: subject.house.edge.gate.unfinished == 3, "one, and two beyond")
        assert subject.get("/healthz").answer().status == 200
        assert closed(silent[1].sock)
        until(lambda: subject.house.edge.gate.unfinished == 2, "the end of the answered one's head")


def test_before_a_handshake_nothing_is_said_in_plain(
    secure: Tls, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refusing, "NARROW_PER_S", 1)
    with tls_house(secure, authority, counting(connections_per_address=1)) as subject:
        subject.raw()
        until(lambda: subject.house.edge.gate.unfinished == 1, "the only one")
        subject.raw()
        until(lambda: subject.house.edge.gate.unfinished == 2, "one whose head is waited for")
        assert subject.raw().read_to_end().data == b""


def test_the_front_door_speaks_plain_http_also_where_it_is_not_believed(
    secure: Tls, authority: Authority
) -> None:
    elsewhere = networks(("203.0.113.0/24",))
    with tls_house(secure, authority, Access(proxies=elsewhere)) as subject:
        assert subject.house.get("/live/edges.json").answer().status == 200
    with tls_house(secure, authority, Access(proxies=elsewhere, frontdoor=False)) as subject:
        assert subject.house.get("/live/edges.json").read_to_end().status == 400
    assert elsewhere[0] in Access(proxies=elsewhere).plain
