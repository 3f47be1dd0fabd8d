"""Blocking reload over real sockets: held without a thread, woken by the part, never for ever."""

import gzip
import json

import pytest
from tests.fakes.grid_messages import loop as hold_loop
from tests.fakes.grid_messages import message
from tests.integration.edge.edge_house import Client, House, house, until

from rostra.app.edge_child import Stock
from rostra.delivery import holding
from rostra.delivery.channel import Channel
from rostra.delivery.drivers import connection, loop
from rostra.delivery.drivers.connection import Connection
from rostra.delivery.drivers.requests import PIPELINED_MAX
from rostra.delivery.holding import HOLD_S, Holds
from rostra.domain.grid import MESSAGES_PER_PART, MESSAGES_PER_SEGMENT
from rostra.domain.space import State
from rostra.wire.playlist import TARGET_DURATION_S, MediaPlaylist
from rostra.wire.playlist_read import read_master, read_media

HLS = "/live/hall/run1/aac"
PLAYLIST = f"{HLS}/audio.m3u8"


def live(subject: House, messages: int = MESSAGES_PER_SEGMENT) -> House:
    subject.say()
    subject.send(messages)
    return subject


def held(subject: House, count: int) -> None:
    until(lambda: subject.edge.held == count, f"{count} held requests")


def wait(subject: House, path: str, method: str = "GET", headers: str = "") -> Client:
    """Ask for something that is not out yet."""
    before = subject.edge.held
    client = subject.get(path, headers, method)
    held(subject, before + 1)
    return client


def playlist(client: Client) -> MediaPlaylist:
    assert client.answer().status == 200, client.data
    return read_media(client.raw_body().decode())


def code(client: Client) -> str:
    return str(json.loads(client.answer().raw_body())["error"]["code"])


def test_a_reload_is_answered_with_the_part_that_it_waits_for() -> None:
    with house() as one:
        live(one)
        first = wait(one, f"{PLAYLIST}?_HLS_msn=1&_HLS_part=0&l=abc")
        second = wait(one, f"{PLAYLIST}?_HLS_msn=1&_HLS_part=1")
        whole = wait(one, f"{PLAYLIST}?_HLS_msn=1")
        one.send(MESSAGES_PER_PART)
        assert [part.name for part in playlist(first).next_parts] == ["part-1-0.m4s"]
        assert one.edge.held == 2
        one.send(MESSAGES_PER_PART)
        assert len(playlist(second).next_parts) == 2
        one.send(MESSAGES_PER_SEGMENT - 2 * MESSAGES_PER_PART)
        assert playlist(whole).segments[-1].name == "seg-1.m4s"
        assert one.edge.held == 0
        assert one.edge.stats.holds == 3


def test_a_reload_may_be_kept_for_long_and_a_plain_one_only_shortly() -> None:
    with house() as one:
        live(one)
        plain = one.get(PLAYLIST).answer()
        assert plain.headers()["cache-control"] == "public, max-age=1"
        again = one.get(f"{PLAYLIST}?_HLS_msn=0&_HLS_part=3").answer()
        assert again.headers()["cache-control"] == "public, max-age=12"
        assert plain.raw_body() == again.raw_body()
        assert again.headers()["access-control-expose-headers"] == "Age"


def test_a_playlist_is_packed_for_who_takes_that() -> None:
    with house() as one:
        live(one, 3 * MESSAGES_PER_SEGMENT)
        plain = one.get(PLAYLIST).answer()
        packed = one.get(PLAYLIST, "Accept-Encoding: gzip, br\r\n").answer()
        assert packed.headers()["content-encoding"] == "gzip"
        assert plain.headers()["vary"] == packed.headers()["vary"] == "Accept-Encoding"
        assert gzip.decompress(packed.raw_body()) == plain.raw_body()
        assert len(packed.raw_body()) * 3 < len(plain.raw_body())


def test_the_hinted_part_is_held_and_others_are_not() -> None:
    with house() as one:
        live(one)
        hinted = wait(one, f"{HLS}/part-1-0.m4s")
        later = one.get(f"{HLS}/part-1-1.m4s").answer()
        assert (later.status, later.headers()["cache-control"]) == (404, "no-store")
        one.send(MESSAGES_PER_PART)
        assert hinted.answer().status == 200
        assert hinted.headers()["cache-control"].endswith("immutable")
        assert hinted.raw_body() == one.get(f"{HLS}/part-1-0.m4s").answer().raw_body()


def test_head_waits_too_and_gets_no_body() -> None:
    with house() as one:
        live(one)
        head = wait(one, f"{PLAYLIST}?_HLS_msn=1&_HLS_part=0", "HEAD")
        one.send(MESSAGES_PER_PART)
        head.read_until(lambda c: b"\r\n\r\n" in c.data, "a head")
        assert head.status == 200
        assert int(head.headers()["content-length"]) > 0
        assert head.raw_body() == b""


def test_what_is_sent_behind_a_held_request_is_answered_after_it() -> None:
    with house() as one:
        live(one)
        ask = "GET {} HTTP/1.1\r\nHost: x\r\n\r\n"
        first = ask.format(f"{PLAYLIST}?_HLS_msn=1&_HLS_part=0")
        client = one.client((first + ask.format("/healthz")).encode())
        held(one, 1)
        client.sock.sendall((ask.format(f"{HLS}/part-1-1.m4s")).encode())
        one.send(MESSAGES_PER_PART)
        held(one, 1)  # the next in the row is the part that is hinted now
        one.send(MESSAGES_PER_PART)
        client.read_until(lambda c: c.data.count(b"HTTP/1.1 200") == 3, "three answers")
        order = [client.data.index(mark) for mark in (b"#EXTM3U", b"ok\n", b"moof")]
        assert order == sorted(order)


def test_who_sends_on_and_on_behind_a_held_request_is_closed() -> None:
    with house() as one:
        live(one)
        client = wait(one, f"{PLAYLIST}?_HLS_msn=1&_HLS_part=0")
        ask = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
        for _ in range(PIPELINED_MAX):
            client.sock.sendall(ask)
        assert one.edge.held == 1
        client.sock.sendall(ask)
        client.read_to_end()
        assert client.data == b""
        assert (one.edge.held, one.edge.stats.refused_heads) == (0, 1)


def test_what_is_no_http_behind_a_held_request_closes_it_without_a_word() -> None:
    with house() as one:
        live(one)
        client = wait(one, f"{PLAYLIST}?_HLS_msn=1&_HLS_part=0")
        client.sock.sendall(b"\0\0 garbage\r\n\r\n")
        client.read_to_end()
        assert client.data == b""
        assert (one.edge.held, one.edge.stats.refused_heads) == (0, 1)


def test_who_leaves_is_forgotten() -> None:
    with house() as one:
        live(one)
        client = wait(one, f"{PLAYLIST}?_HLS_msn=1&_HLS_part=0")
        client.sock.close()
        held(one, 0)
        until(lambda: one.edge.connections == 0, "the connection's end")


def test_a_hold_ends_after_three_target_durations(monkeypatch: pytest.MonkeyPatch) -> None:
    assert HOLD_S == 3 * TARGET_DURATION_S
    monkeypatch.setattr(connection, "HOLD_S", 0)
    with house() as one:
        live(one)
        client = one.get(f"{PLAYLIST}?_HLS_msn=2&_HLS_part=0").answer()
        assert (client.status, code(client)) == (503, "held_too_long")
        assert client.headers()["cache-control"] == "no-store"
        assert one.edge.stats.holds_expired == 1
        client.data = b""
        client.sock.sendall(f"GET {PLAYLIST} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert client.answer().status == 200, "the connection goes on"


def test_no_more_are_held_than_may(monkeypatch: pytest.MonkeyPatch) -> None:
    with house() as one:
        live(one)
        monkeypatch.setattr(one.edge._exchange, "holds", Holds(1))
        wait(one, f"{PLAYLIST}?_HLS_msn=1&_HLS_part=0")
        client = one.get(f"{PLAYLIST}?_HLS_msn=1&_HLS_part=0").answer()
        assert (client.status, code(client)) == (503, "holds_full")
        assert one.edge.stats.refused_holds == 1


def test_a_crowd_is_answered_turn_by_turn_without_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "SWEEP_NS", 3600 * 10**9)  # nothing else turns the loop
    for module in (holding, loop):
        monkeypatch.setattr(module, "RELEASED_A_TURN_MAX", 2)
    with house(stock=Stock(None, {}, None)) as one:
        live(one)
        crowd = [wait(one, f"{PLAYLIST}?_HLS_msn=1&_HLS_part=0") for _ in range(7)]
        one.send(MESSAGES_PER_PART)
        bodies = {client.answer().raw_body() for client in crowd}
        assert len(bodies) == 1


def test_at_the_end_whoever_waits_gets_the_last_playlist() -> None:
    with house() as one:
        live(one)
        waiting = wait(one, f"{PLAYLIST}?_HLS_msn=2")
        part = wait(one, f"{HLS}/part-1-0.m4s")
        one.say(State.ENDED)
        assert playlist(waiting).over
        assert part.answer().status == 404
        late = one.get(f"{PLAYLIST}?_HLS_msn=99&_HLS_part=3").answer()
        assert playlist(late).over, "directives are ignored then"


def test_a_relaunch_sends_whoever_waits_to_the_new_run() -> None:
    with house() as one:
        live(one)
        waiting = wait(one, f"{PLAYLIST}?_HLS_msn=1")
        one.number = 0
        one.say(run="run2")
        one.send(MESSAGES_PER_SEGMENT, "run2")
        assert (waiting.answer().status, code(waiting)) == (404, "old_run")
        assert b"run2/aac/audio.m3u8" in one.get("/live/hall/master.m3u8").answer().raw_body()


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("_HLS_msn=3", "too_far"),
        ("_HLS_msn=2&_HLS_part=4", "too_far"),
        ("_HLS_msn=999999999999&_HLS_part=0", "too_far"),
        ("_HLS_part=0", "bad_directive"),
        ("_HLS_msn=-1", "bad_directive"),
        ("_HLS_msn=0x1", "bad_directive"),
        ("_HLS_msn=1&_HLS_msn=1", "bad_directive"),
    ],
)
def test_what_cannot_be_waited_for_is_refused_at_once(query: str, name: str) -> None:
    with house() as one:
        live(one)
        client = one.get(f"{PLAYLIST}?{query}").answer()
        assert (client.status, code(client)) == (400, name)
        assert client.headers()["cache-control"] == "no-store"
        assert one.edge.held == 0


def test_before_the_first_segment_nobody_is_held() -> None:
    with house() as one:
        live(one, 4)
        client = one.get(f"{PLAYLIST}?_HLS_msn=0&_HLS_part=3").answer()
        assert (client.status, code(client)) == (503, "gathering")


def test_there_is_no_opus_where_the_studio_makes_none() -> None:
    with house(stock=Stock(None, {}, hold_loop(opus=False))) as one:
        one.say()
        for number in range(MESSAGES_PER_SEGMENT):
            one.publish(message(number, opus=False))
        until(lambda: one.newest() >= MESSAGES_PER_SEGMENT - 1, "a segment")
        assert b"opus" not in one.get("/live/hall/master.m3u8").answer().raw_body()
        for name in ("audio.m3u8", "init.mp4", "seg-0.m4s"):
            client = one.get(f"/live/hall/run1/opus/{name}").answer()
            assert (client.status, code(client)) == (404, "not_carried")


def test_opus_is_second_in_the_master_and_has_its_own_files() -> None:
    with house() as one:
        live(one)
        master = one.get("/live/hall/master.m3u8").answer().raw_body().decode()
        aac, opus = read_master(master)
        assert (aac.codecs, opus.codecs) == ("mp4a.40.2", "opus")
        waiting = wait(one, f"/live/hall/{opus.uri}&_HLS_msn=1&_HLS_part=0")
        one.send(MESSAGES_PER_PART)
        assert playlist(waiting).reports[0].uri == "../aac/audio.m3u8"
        part = one.get("/live/hall/run1/opus/part-1-0.m4s").answer().raw_body()
        assert b"run1/opus/96;" in part
        assert b"Opus" in one.get("/live/hall/run1/opus/init.mp4").answer().raw_body()


def test_who_waits_is_looked_at_when_something_went_out_and_not_at_each_request(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with house() as one:
        live(one)
        waiting = wait(one, f"{PLAYLIST}?_HLS_msn=1&_HLS_part=0")
        looks: list[int] = []
        ripe = Holds.ripe

        def counted(holds: Holds[Connection], channels: dict[str, Channel]) -> list[Connection]:
            looks.append(len(holds))
            return ripe(holds, channels)

        monkeypatch.setattr(Holds, "ripe", counted)
        before = one.edge.hall.version
        for _ in range(50):
            assert one.get("/healthz").answer().status == 200
        assert len(looks) <= one.edge.hall.version - before
        one.send(MESSAGES_PER_PART)
        assert playlist(waiting).next_parts
        assert 1 in looks
