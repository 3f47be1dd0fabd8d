import pytest
from tests.fakes.forum import HALL

from rostra.audience.uniques import Uniques as Merged
from rostra.delivery import uniques
from rostra.delivery.crowd import MADE, Caller, Crowd, network_of
from rostra.delivery.uniques import TELL_EVERY_NS
from rostra.wire.messages import SpaceTally

S = 1_000_000_000
ANN, BEN = "ann-ann-ann-ann-1", "ben_ben_ben_ben_2"


def crowd(secret: bytes = b"house") -> Crowd:
    one = Crowd(b"salt", lambda: "0123456789abcdef")
    one.share(secret)
    return one


def row(one: Crowd, now_ns: int = 0, space: str = "hall", run: str = "run1") -> SpaceTally:
    (told,) = one.tallied([SpaceTally(space, push=3, run=run)], now_ns)
    return told


def estimated(*rows: SpaceTally, run: str = "run1") -> int:
    merged = Merged()
    for one in rows:
        if one.unique:
            merged.take(one.space, one.run, one.unique)
    return merged.count("hall", run)


@pytest.mark.parametrize(
    ("target", "listener"),
    [
        (b"/live/hall/push.mp4?l=" + ANN.encode(), ANN),
        (b"/x?a=b&l=" + ANN.encode() + b"&c", ANN),
        (b"/x?l=" + b"a" * 64, "a" * 64),
        (b"/x?l=" + b"a" * 65, ""),
        (b"/x?l=" + b"a" * 15, ""),
        (b"/x?l=ann%20ann-ann-ann-1", ""),
        (b"/x?xl=" + ANN.encode(), ""),
        (b"/l=" + ANN.encode(), ""),
        (b"/x", ""),
    ],
)
def test_a_listener_is_named_by_the_query(target: bytes, listener: str) -> None:
    assert Caller(target).listener == listener


def test_an_ipv6_customer_is_one_source() -> None:
    assert network_of("2001:db8:1:2::5") == network_of("2001:db8:1:2:ffff::1")
    assert network_of("2001:db8:1:2::5") != network_of("2001:db8:1:3::5")
    assert network_of("192.0.2.1") != network_of("192.0.2.2")
    assert network_of("a:b:c:no address") == b"a:b:c:no address"


def test_the_master_gives_each_player_a_session_and_keeps_the_one_that_it_has() -> None:
    master = b"#EXTM3U\n#EXT-X-STREAM-INF:X\nrun1/aac/audio.m3u8\nb.m3u8?x=1\n"
    made = crowd().master(master, Caller(b"/live/hall/master.m3u8"))
    assert f"run1/aac/audio.m3u8?l={MADE}0123456789abcdef\n".encode() in made
    assert f"b.m3u8?x=1&l={MADE}0123456789abcdef\n".encode() in made
    assert Caller(made.splitlines()[2]).listener == MADE + "0123456789abcdef"
    kept = crowd().master(master, Caller(b"/live/hall/master.m3u8?l=" + ANN.encode()))
    assert f"run1/aac/audio.m3u8?l={ANN}\n".encode() in kept
    assert Crowd().master(master, Caller(b"/x")) == master


def test_hls_sessions_are_counted_by_id_whatever_they_ask_for() -> None:
    one = crowd()
    playlist = b"/live/hall/run1/aac/audio.m3u8"
    for listener in (ANN, BEN, MADE + "0123456789abcdef"):
        asked = Caller(playlist + b"?l=" + listener.encode(), "192.0.2.1")
        for _ in range(5):
            one.read("hall", "run1", asked, 0, playlist=True)
    one.read("hall", "run1", Caller(b"/p-1-2.m4s?l=" + ANN.encode()), 0, playlist=False)
    one.read("hall", "run1", Caller(b"/seg-1.m4s"), 0, playlist=False)
    assert row(one).hls == 3
    one.read("hall", "run1", Caller(playlist, "192.0.2.9", "vlc"), 0, playlist=True)
    assert row(one).hls == 4


def test_a_tally_keeps_what_others_counted_and_tells_a_voice_once() -> None:
    one = crowd()
    one.post(HALL, "reactions", b'{"reaction":"wow","listener":"ann-ann-ann-ann-1"}', "s", 0)
    assert (row(one).push, row(one).reactions) == (3, {})
    one.post(HALL, "reactions", b'{"reaction":"wow","listener":"ann-ann-ann-ann-1"}', "s", 0)
    assert row(one).reactions == {"wow": 1}


def test_the_same_listener_is_one_at_every_edge_and_however_it_listens() -> None:
    first, second = crowd(), crowd()
    push = Caller(b"/push.mp4?l=" + ANN.encode(), "192.0.2.1", "firefox")
    first.joined("hall", "run1", push)
    second.joined("hall", "run1", push)
    second.read("hall", "run1", Caller(b"/audio.m3u8?l=" + ANN.encode()), 0, playlist=True)
    assert estimated(row(first), row(second)) == 1
    second.joined("hall", "run1", Caller(b"/push.mp4?l=" + BEN.encode()))
    assert estimated(row(first, 2 * TELL_EVERY_NS), row(second, 2 * TELL_EVERY_NS)) == 2


def test_players_without_an_id_are_told_apart_by_address_and_program() -> None:
    one = crowd()
    for source, agent in [("192.0.2.1", "vlc"), ("192.0.2.1", "mpv"), ("192.0.2.2", "vlc")] * 2:
        one.joined("hall", "run1", Caller(b"/stream.mp3", source, agent))
    made = Caller(b"/audio.m3u8?l=edge_0123456789abcdef", "192.0.2.1", "vlc")
    one.read("hall", "run1", made, 0, playlist=True)
    assert estimated(row(one)) == 3


def test_another_run_or_another_house_has_other_hashes() -> None:
    ann = Caller(b"/push.mp4?l=" + ANN.encode())
    one, other = crowd(), crowd(b"elsewhere")
    one.joined("hall", "run1", ann)
    before = row(one)
    one.joined("hall", "run2", ann)
    assert row(one, TELL_EVERY_NS).run == "", "the run before is over, here too"
    after = row(one, TELL_EVERY_NS, run="run2")
    assert (before.run, after.run) == ("run1", "run2")
    assert before.unique != after.unique
    other.joined("hall", "run1", ann)
    assert row(other).unique != before.unique


def test_sketches_are_told_each_ten_seconds_and_so_many_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(uniques, "SKETCHES_PER_TALLY_MAX", 2)
    one = crowd()
    spaces = ["a", "b", "c"]
    for space in spaces:
        one.joined(space, "run1", Caller(b"/x"))

    def told(now_ns: int) -> list[str]:
        rows = one.tallied([SpaceTally(space, run="run1") for space in spaces], now_ns)
        return [row.space for row in rows if row.unique]

    assert told(0) == ["a", "b"]
    assert told(S) == ["c"]
    assert told(2 * S) == []
    assert told(TELL_EVERY_NS) == ["a", "b"]


def test_spaces_that_are_gone_are_forgotten() -> None:
    one = crowd()
    one.joined("hall", "run1", Caller(b"/x"))
    one.read("hall", "run1", Caller(b"/x"), 0, playlist=True)
    one.post(HALL, "hands", b'{"up":true,"listener":"ann-ann-ann-ann-1"}', "s", 0)
    assert one.tallied([], 0) == ()
    assert row(one, TELL_EVERY_NS) == SpaceTally("hall", push=3)
    assert len(one.sessions) == 0


def test_a_tally_that_did_not_arrive_leaves_its_hands_and_nothing_of_a_space_that_is_over() -> None:
    one = crowd()
    one.post(HALL, "reactions", b'{"reaction":"wow","listener":"ann-ann-ann-ann-1"}', "s", 0)
    one.post(HALL, "hands", b'{"up":true,"listener":"ann-ann-ann-ann-1"}', "s", 0)
    lost = row(one)
    one.untold([lost, SpaceTally("tea", hands={BEN: True})])
    assert (row(one).reactions, lost.hands) == ({}, {ANN: True})
    one.untold([lost])
    assert row(one).hands == {ANN: True}
    assert row(one, space="tea").hands == {}


def test_who_plays_on_in_another_run_is_one_session_and_a_listener_of_both() -> None:
    one = crowd()
    ann = Caller(b"/audio.m3u8?l=" + ANN.encode(), "192.0.2.1")
    one.read("hall", "run1", ann, 0, playlist=True)
    assert estimated(row(one)) == 1
    for _ in range(2):
        one.read("hall", "run2", ann, S, playlist=True)
    told = row(one, S, run="run2")
    assert (told.hls, estimated(told, run="run2")) == (1, 1)


def test_an_edge_that_is_late_with_a_relaunch_takes_no_number_away() -> None:
    one, late = crowd(), crowd()
    one.joined("hall", "run2", Caller(b"/push.mp4?l=" + ANN.encode()))
    late.joined("hall", "run1", Caller(b"/push.mp4?l=" + BEN.encode()))
    rows = [row(late), row(one, run="run2"), row(late, TELL_EVERY_NS)]
    assert (estimated(*rows, run="run1"), estimated(*rows, run="run2")) == (1, 1)
    rows.append(SpaceTally("hall", run="run3", unique=rows[0].unique))
    assert [estimated(*rows, run=f"run{run}") for run in (1, 2, 3)] == [0, 1, 1]
