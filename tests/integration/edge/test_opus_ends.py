"""A run that goes on without Opus: its listeners are sent away, to come back for AAC."""

import json
from itertools import pairwise

from tests.fakes.grid_messages import loop as hold_loop
from tests.fakes.grid_messages import message
from tests.integration.edge.edge_house import House, house, until

from rostra.app.edge_child import Stock
from rostra.delivery.window import CODECS_MESSAGES
from rostra.domain.grid import OPUS_FRAME_SAMPLES, opus_frames_of
from rostra.domain.media import Codec
from rostra.wire.mp4_read import MediaFragment, Mp4Reader

OPUS = "/live/hall/push-opus.mp4"


def go_on(subject: House, count: int, *, opus: bool) -> None:
    for _ in range(count):
        subject.publish(message(subject.number, opus=opus))
        subject.number += 1
    until(lambda: subject.newest() >= subject.number - 1, "the messages at the edge")


def test_listeners_get_what_there_was_of_it_and_a_clean_end() -> None:
    with house(stock=Stock(None, {}, hold_loop(opus=False))) as one:
        one.say()
        go_on(one, 20, opus=True)
        chunked, push = one.get(OPUS), one.get("/live/hall/push.mp4")
        plain = one.client(f"GET {OPUS} HTTP/1.0\r\nHost: h\r\n\r\n".encode())
        one.listening(3)
        go_on(one, 4, opus=True)
        go_on(one, CODECS_MESSAGES, opus=False)
        assert chunked.read_to_end().finished(), "the last chunk, and no broken connection"
        for body in (chunked.body(), plain.read_to_end().raw_body()):
            parts = [i for i in Mp4Reader(Codec.OPUS).feed(body) if isinstance(i, MediaFragment)]
            assert all(a.end_pts == b.base_pts for a, b in pairwise(parts))
            assert parts[-1].end_pts == opus_frames_of(23).stop * OPUS_FRAME_SAMPLES
        one.listening(1)
        again = one.get(OPUS).answer()
        assert again.status == 404
        assert json.loads(again.raw_body())["error"]["code"] == "no_opus"
        go_on(one, 9, opus=False)
        push.read_until(lambda c: b"run1/aac/200;" in c.body(), "AAC that goes on")


def test_opus_that_comes_back_is_there_for_who_joins_then() -> None:
    with house(stock=Stock(None, {}, hold_loop(opus=False))) as one:
        one.say()
        go_on(one, 20, opus=True)
        first = one.get(OPUS)
        one.listening(1)
        go_on(one, CODECS_MESSAGES, opus=False)
        assert first.read_to_end().finished()
        go_on(one, 9, opus=True)
        second = one.get(OPUS)
        one.listening(1)
        go_on(one, 9, opus=True)
        last = f"run1/opus/{opus_frames_of(one.number - 4).start};".encode()
        second.read_until(lambda c: last in c.body(), "Opus that goes on")
