"""Budgets, tickets and reserved doors of a running edge, on real sockets."""

import json

import pytest
from tests.integration.edge.edge_house import Client, House, house, until

from rostra.delivery import refusing
from rostra.delivery.access import Access
from rostra.delivery.budgets import Limits, Over
from rostra.delivery.doorkeeper import Doorkeeper
from rostra.delivery.drivers import gate, handles
from rostra.delivery.refusals import Code
from rostra.wire.listening import ListeningRole, ListeningTicket, sign

KEY = b"k" * 32
LATER_S = 4_000_000_000
PUSH = b"GET /live/hall/push.mp4 HTTP/1.1\r\nHost: t\r\n\r\n"
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n"
NOTHING = HEALTH.replace(b"/healthz", b"/nothing")
NEIGHBOUR = "127.0.0.2"
STRANGER = "127.9.9.9"


def ticket(role: ListeningRole, space: str = "hall") -> str:
    return "?ticket=" + sign(ListeningTicket(role, space, LATER_S), KEY)


def counting(**limits: int) -> Access:
    """Nobody is a proxy, so that loopback addresses are counted."""
    return Access(proxies=(), limits=Limits(**limits), doorkeeper=Doorkeeper(KEY))


def error(client: Client) -> dict[str, object]:
    found: dict[str, object] = json.loads(client.raw_body())["error"]
    assert found["status"] == client.status
    return found


def sounding(subject: House) -> None:
    subject.say()
    subject.send(20)


def more_sound(subject: House, client: Client) -> None:
    """Messages that are sent now reach this listener."""
    before = len(client.body())
    subject.send(6)
    client.read_until(lambda c: len(c.body()) > before, "sound")


def refused_in_words(client: Client) -> None:
    """A whole refusal by budget, with a moment to come back."""
    client.read_to_end()
    assert client.status == 429
    assert error(client)["code"] == "too_many"
    wait = int(client.headers()["retry-after"])
    assert refusing.RETRY_MIN_S <= wait <= refusing.RETRY_MAX_S
    assert client.headers()["access-control-allow-origin"] == "*"


def test_an_address_beyond_its_budget_is_refused_and_keeps_what_it_has() -> None:
    with house(access=counting(connections_per_address=1)) as subject:
        sounding(subject)
        first = subject.client(PUSH)
        subject.listening(1)
        refused_in_words(subject.client(PUSH))
        subject.client(PUSH, source=NEIGHBOUR)
        subject.listening(2)
        more_sound(subject, first)
        assert subject.edge.gate.over == {Over.ADDRESS: 1}
        first.sock.close()
        subject.listening(1)
        subject.client(PUSH)
        subject.listening(2)


def test_a_prefix_beyond_its_budget_leaves_the_others_alone() -> None:
    with house(access=counting(connections_per_prefix=1)) as subject:
        sounding(subject)
        subject.client(PUSH)
        subject.listening(1)
        refused_in_words(subject.client(PUSH, source=NEIGHBOUR))
        subject.client(PUSH, source=STRANGER)
        subject.listening(2)
        assert subject.edge.gate.over == {Over.PREFIX: 1}


def test_streams_begun_too_fast_are_refused_and_files_are_not() -> None:
    with house(access=counting(joins_per_second=1)) as subject:
        sounding(subject)
        until(lambda: joined_until_refused(subject), "a refusal")
        assert subject.edge.gate.over == {Over.JOINS: 1}
        assert subject.client(HEALTH).read_to_end().status == 200


def joined_until_refused(subject: House) -> bool:
    client = subject.client(PUSH).read_until(lambda c: b"\r\n\r\n" in c.data, "a head")
    if client.status == 200:
        return False
    refused_in_words(client)
    return True


def test_connections_made_too_fast_are_refused() -> None:
    with house(access=counting(connections_per_second=1)) as subject:
        statuses = [subject.client(NOTHING).read_to_end().status for _ in range(11)]
        assert statuses == [404] * 10 + [429]
        assert subject.client(NOTHING, source=STRANGER).read_to_end().status == 404


def test_what_comes_through_a_proxy_is_counted_by_the_address_that_it_brings() -> None:
    limits = Limits(connections_per_address=1)
    with house(access=Access(limits=limits)) as subject:
        sounding(subject)

        def from_there(source: str) -> Client:
            return subject.get("/live/hall/push.mp4", f"X-Forwarded-For: {source}\r\n")

        first = from_there("192.0.2.1")
        subject.listening(1)
        refused_in_words(from_there("192.0.2.1"))
        from_there("192.0.2.2")
        subject.listening(2)
        first.sock.close()
        subject.listening(1)
        from_there("192.0.2.1")
        subject.listening(2)


def test_a_proxy_itself_is_not_counted() -> None:
    with house(access=Access(limits=Limits(connections_per_address=1))) as subject:
        sounding(subject)
        for _ in range(3):
            subject.client(PUSH)
        subject.listening(3)
        assert subject.edge.gate.prefixes == 0


def test_of_too_many_unfinished_heads_of_a_prefix_the_oldest_goes() -> None:
    with house(access=counting(heads_per_prefix=2)) as subject:
        oldest = subject.client(b"GET /he")
        until(lambda: subject.edge.gate.unfinished == 1, "the first half of a head")
        second = subject.client(b"GET /he")
        until(lambda: subject.edge.gate.unfinished == 2, "the second half")
        subject.client(b"GET /he", source=STRANGER)
        until(lambda: subject.edge.gate.unfinished == 3, "a stranger's half")
        subject.client(b"GET /he")
        refused_in_words(oldest)
        second.sock.sendall(b"althz HTTP/1.1\r\nHost: t\r\n\r\n")
        assert second.answer().status == 200
        assert subject.edge.gate.over == {Over.PREFIX_HEADS: 1}


def test_of_too_many_unfinished_heads_in_all_the_oldest_goes() -> None:
    with house(access=counting(heads=1)) as subject:
        oldest = subject.client()
        until(lambda: subject.edge.gate.unfinished == 1, "a silent connection")
        subject.client(b"GET /he", source=STRANGER)
        refused_in_words(oldest)
        assert subject.edge.gate.over == {Over.HEADS: 1}


def test_whose_head_is_whole_counts_as_unfinished_no_more() -> None:
    with house(access=counting(heads=1)) as subject:
        sounding(subject)
        kept = subject.get("/healthz").answer()
        subject.client(PUSH)
        subject.listening(1)
        assert subject.edge.gate.unfinished == 0
        kept.data = b""
        kept.sock.sendall(b"GET /he")
        until(lambda: subject.edge.gate.unfinished == 1, "the next request's half")
        kept.sock.sendall(b"althz HTTP/1.1\r\nHost: t\r\n\r\n")
        assert kept.answer().status == 200
        assert subject.edge.gate.over == {}


def test_the_more_are_refused_the_less_each_gets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refusing, "NARROW_PER_S", 1)
    monkeypatch.setattr(refusing, "WORDS_PER_S", 1)
    with house(access=counting(connections_per_address=1)) as subject:
        subject.client()
        until(lambda: subject.edge.connections == 1, "the only one")
        waited_for = subject.client()
        until(lambda: subject.edge.connections == 2, "one whose head is waited for")
        refused_in_words(subject.client())
        assert subject.client().read_to_end().data == b""
        waited_for.sock.sendall(HEALTH)
        assert waited_for.read_to_end().status == 200


def test_a_narrow_door_waits_a_moment_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refusing, "NARROW_HEAD_S", 0)
    monkeypatch.setattr(gate, "NARROW_HEAD_S", 0)
    with house(access=counting(connections_per_address=1)) as subject:
        subject.client()
        until(lambda: subject.edge.connections == 1, "the only one")
        refused_in_words(subject.client(b"GET /he"))


def test_through_the_narrow_door_the_oldest_makes_room() -> None:
    with house(access=counting(connections_per_address=1)) as subject:
        subject.client()
        until(lambda: subject.edge.connections == 1, "the only one")
        waiting = [subject.client() for _ in range(refusing.NARROW_MAX)]
        until(lambda: subject.edge.connections == 1 + refusing.NARROW_MAX, "those beyond")
        later = subject.client(HEALTH)
        refused_in_words(waiting[0])
        assert later.read_to_end().status == 200


def test_health_is_answered_past_every_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handles, "SPARE_CONNECTIONS", 0)
    with house(listeners_max=1, access=counting(connections_per_address=1)) as subject:
        sounding(subject)
        subject.client(PUSH)
        subject.listening(1)
        assert subject.client(HEALTH).read_to_end().status == 200
        page = subject.client(b"GET /live/edges.json HTTP/1.1\r\nHost: t\r\n\r\n")
        assert page.read_to_end().status == 503


@pytest.mark.parametrize("role", ["host", "recorder", "watch"])
def test_a_reserved_ticket_begins_a_stream_past_every_limit(
    role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handles, "SPARE_CONNECTIONS", 0)
    monkeypatch.setattr(gate, "RESERVED_MAX", 1)
    with house(listeners_max=1, access=counting(connections_per_address=1)) as subject:
        sounding(subject)
        subject.client(PUSH)
        subject.listening(1)
        path = "/live/hall/push.mp4" + ticket(ListeningRole(role))
        host = subject.get(path)
        subject.listening(2)
        assert subject.edge.gate.reserved == gate.RESERVED_MAX
        more_sound(subject, host)
        assert subject.get(path).read_to_end().status == 429, "the reserve is small"
        listener = subject.get("/live/hall/push.mp4" + ticket(ListeningRole.LISTENER))
        assert listener.read_to_end().status == 503
        host.sock.close()
        subject.listening(1)
        subject.get(path)
        subject.listening(2)


def test_the_reserved_door_keeps_handles_whatever_is_configured(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in (("KEPT", 3), ("SPARE_CONNECTIONS", 2), ("limit", lambda: 6)):
        monkeypatch.setattr(handles, name, value)
    with house(listeners_max=1_000, access=counting()) as subject:
        assert f"LimitNOFILE={handles.wanted(1_000)}" in capsys.readouterr().out
        sounding(subject)
        subject.client(PUSH)
        subject.listening(1)
        assert subject.client(PUSH).read_to_end().status == 503
        assert subject.client(NOTHING).read_to_end().status == 404, "pages are served"
        subject.get("/live/hall/push.mp4" + ticket(ListeningRole.HOST))
        subject.listening(2)


def test_a_reserved_stream_takes_no_listeners_place() -> None:
    access = Access(doorkeeper=Doorkeeper(KEY))
    with house(listeners_max=1, access=access) as subject:
        sounding(subject)
        subject.get("/live/hall/push.mp4" + ticket(ListeningRole.HOST))
        subject.listening(1)
        subject.client(PUSH)
        subject.listening(2)
        assert subject.client(PUSH).read_to_end().status == 503


@pytest.mark.parametrize("path", ["push.mp4", "stream.aac", "stream.mp3", "master.m3u8"])
def test_a_house_with_tickets_lets_in_who_has_one(path: str) -> None:
    access = Access(doorkeeper=Doorkeeper(KEY, required=True))
    with house(access=access) as subject:
        sounding(subject)
        address = f"/live/hall/{path}"
        refused = subject.get(address, "Accept-Language: es\r\n").answer()
        assert refused.status == 403
        assert error(refused)["code"] == "ticket"
        assert "entrada" in str(error(refused)["sentence"])
        other = subject.get(address + ticket(ListeningRole.LISTENER, "east")).answer()
        assert other.status == 403
        assert subject.edge.listeners == 0
        let_in = subject.get(address + ticket(ListeningRole.LISTENER))
        let_in.read_until(lambda c: b"\r\n\r\n" in c.data, "a head")
        assert let_in.status == 200
        assert subject.edge.service.refused[Code.TICKET] == 2


def test_the_playlists_of_a_house_with_tickets_lead_to_its_segments() -> None:
    access = Access(doorkeeper=Doorkeeper(KEY, required=True))
    with house(access=access) as subject:
        subject.say()
        subject.send(40)
        word = ticket(ListeningRole.LISTENER)
        master = subject.get("/live/hall/master.m3u8" + word).answer()
        media = next(line for line in master.raw_body().split() if b".m3u8" in line).decode()
        assert media.endswith(word[1:])
        ranged = subject.get("/live/hall/master.m3u8" + word, "Range: bytes=0-1\r\n").answer()
        assert word[1:].encode() in ranged.raw_body(), "a Range header takes no ticket away"
        assert subject.get(f"/live/hall/{media.partition('?')[0]}").answer().status == 403
        playlist = subject.get(f"/live/hall/{media}").answer()
        assert playlist.headers()["cache-control"] == "no-store"
        segment = next(line for line in playlist.raw_body().split() if b"seg-" in line).decode()
        folder = media.rpartition("/")[0]
        assert subject.get(f"/live/hall/{folder}/{segment}").answer().status == 200
