"""An edge under load, on real sockets: its tick changes in mid-stream, newcomers find relief."""

import json
import time
from functools import partial
from itertools import pairwise

from tests.fakes.grid_messages import loop as hold_loop
from tests.integration.edge.edge_house import Client, House, house, until
from tests.integration.edge.test_streams import parts, reaches

from rostra.app.edge_child import Stock
from rostra.delivery.drivers.hall import Hall
from rostra.delivery.elastic import Relief, Step, ladder
from rostra.delivery.service import Now
from rostra.delivery.waiting import JITTER, WAIT_MAX_S
from rostra.domain.grid import TICK_MESSAGES, message_pts
from rostra.wire.mp4_read import Emsg, Mp4Reader
from rostra.wire.notices import read as read_notice


def stock(*steps: Step) -> Stock:
    return Stock(None, {}, hold_loop(), steps=steps)


def retick(subject: House, tick: int, lead_s: float) -> None:
    """Have the edge announce another tick, in its own thread."""

    def task(hall: Hall, _now: Now) -> None:
        hall.retick(tick, lead_s)

    subject.edge.inbox.put((task, time.monotonic_ns()))
    until(lambda: subject.edge.hall.tick == tick, f"a tick of {tick}")


def press(subject: House, level: int) -> None:
    """Tell the edge that its writes take all its time, until it climbs to `level`."""

    def busy(_hall: Hall, _now: Now) -> None:
        subject.edge.stats.busy_s += 10.0

    def climbed() -> bool:
        subject.edge.inbox.put((busy, time.monotonic_ns()))
        return subject.edge.governor.elastic.level == level

    until(climbed, f"step {level} of the ladder")


def heard(client: Client, last: int) -> list[int]:
    """Lengths in messages of the fragments, once message `last` has come; gapless as they are."""
    client.read_until(partial(reaches, last), f"message {last}")
    got = parts(client)
    assert all(a.end_pts == b.base_pts for a, b in pairwise(got))
    return [len(part.units) // 5 for part in got]


def told(client: Client) -> list[dict[str, int]]:
    events = (box for box in Mp4Reader().feed(client.body()) if isinstance(box, Emsg))
    said = (read_notice(event.payload) for event in events)
    return [dict(one.body) for one in said if one.kind == "tick"]


def test_the_tick_lengthens_and_shortens_under_listeners_without_a_hole() -> None:
    with house(stock=stock(*ladder(TICK_MESSAGES))) as subject:
        subject.say()
        subject.send(30)
        clients = [subject.get("/live/hall/push.mp4") for _ in range(20)]
        subject.listening(20)
        subject.send(5)
        retick(subject, 18, lead_s=2.0)
        subject.send(60)
        late = subject.get("/live/hall/push.mp4")
        subject.listening(21)
        subject.send(40)
        for client in clients:
            lengths = heard(client, 113)
            assert max(lengths) == 18
            assert 1 in lengths
            assert told(client)[0]["messages"] == 18
            assert told(client)[0]["from"] > message_pts(35 + 18)
        assert sum(heard(late, 113)[:2]) == 24, "its burst lasts until its next write"
        retick(subject, 1, lead_s=0.0)
        subject.send(40)
        for client in [*clients, late]:
            assert heard(client, 174)[-10:] == [1] * 10
            assert told(client)[-1]["messages"] == 1


def test_who_joins_before_a_change_that_is_announced_is_ready_for_it() -> None:
    with house(stock=stock(*ladder(TICK_MESSAGES))) as subject:
        subject.say()
        subject.send(40)
        subject.get("/live/hall/push.mp4")
        subject.listening(1)
        retick(subject, 18, lead_s=3.0)
        subject.send(12)
        joiner = subject.get("/live/hall/push.mp4")
        subject.listening(2)
        subject.send(1)
        assert sum(heard(joiner, 51)[:2]) == 24, "as long as the tick that is coming asks"
        assert told(joiner)[0]["messages"] == 18


def test_the_edge_changes_its_tick_by_what_it_measures() -> None:
    with house(stock=stock(*ladder((3, 9)))) as subject:
        subject.say()
        subject.send(12)
        client = subject.get("/live/hall/push.mp4")
        subject.listening(1)

        press(subject, level=1)
        assert subject.edge.hall.tick == 9
        assert subject.edge.governor.load.busy > 1
        subject.send(50)
        client.read_until(lambda c: bool(c.raw_body()) and bool(told(c)), "the word of it")
        assert told(client)[0]["messages"] == 9


def test_without_bursts_a_joiner_begins_with_the_next_write() -> None:
    step = Step(9, frozenset({Relief.NO_BURST}))
    with house(stock=stock(step)) as subject:
        subject.say()
        subject.send(30)
        client = subject.get("/live/hall/push.mp4")
        subject.listening(1)
        subject.send(18)
        assert heard(client, 40)[0] <= 9
        first = parts(client)[0].base_pts
        assert message_pts(30 - 9) <= first <= message_pts(30)


def test_newcomers_of_push_are_sent_to_hls_and_plain_players_are_not() -> None:
    step = Step(18, frozenset({Relief.OFFER_HLS}))
    with house(stock=stock(step)) as subject:
        subject.say()
        subject.send(12)
        refused = subject.get("/live/hall/push.mp4", "Accept-Language: es\r\n").answer()
        assert refused.status == 503
        error = json.loads(refused.raw_body())["error"]
        assert (error["code"], error["hls"]) == ("use_hls", "/live/hall/master.m3u8")
        assert "HLS" in error["sentence"]
        assert "ocupado" in error["sentence"]
        subject.get("/live/hall/stream.mp3")
        subject.listening(1)
        assert subject.edge.stats.refused_to_hls == 1


def test_who_must_wait_is_told_its_place_and_comes_in_for_one_who_leaves() -> None:
    with house(stock=stock(Step(18), Step(18, frozenset({Relief.WAIT})))) as subject:
        subject.say()
        subject.send(12)
        first = subject.get("/live/hall/push.mp4")
        subject.listening(1)
        press(subject, level=1)
        for place in (1, 2):
            refused = subject.get("/live/hall/push.mp4").answer()
            assert refused.status == 503
            error = json.loads(refused.raw_body())["error"]
            assert (error["code"], error["place"], error["wait_s"]) == (
                "waiting",
                place,
                WAIT_MAX_S,
            )
            retry = int(refused.headers()["retry-after"])
            assert WAIT_MAX_S * (1 - JITTER) <= retry <= WAIT_MAX_S * (1 + JITTER)
        assert subject.edge.listeners == 1, "who is on stays on"
        first.sock.close()
        subject.listening(0)
        subject.get("/live/hall/push.mp4")
        subject.listening(1)
        assert subject.get("/live/hall/push.mp4").answer().status == 503
        assert subject.edge.stats.refused_waiting == 3
        assert subject.get("/healthz").answer().status == 200
