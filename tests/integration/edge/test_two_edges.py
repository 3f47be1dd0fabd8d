"""Two edges fed with the same messages give the same bytes: a player may change between them."""

from contextlib import ExitStack

import pytest
from tests.fakes.grid_messages import message
from tests.integration.edge.edge_house import Client, House, house

from rostra.delivery.cutting import TICK
from rostra.domain.grid import MESSAGES_PER_SEGMENT, message_pts
from rostra.wire.messages import Notice, ProgrammeMessage
from rostra.wire.mp4_read import Emsg, InitSegment, MediaFragment, Mp4Reader
from rostra.wire.notices import read as read_notice

HISTORY = 40
LIVE = 40
HLS = "/live/hall/run1/aac"
BEFORE, LOST, AFTER = 1, 2, 3
"""Segments: of the second, one edge misses a message."""


def told(number: int) -> ProgrammeMessage:
    """Message `number`, every third of them with a caption."""
    if number % 3:
        return message(number)
    caption = Notice("caption", message_pts(number) + 100, {"text": f"word {number} <ü>"})
    return message(number, notices=(caption,))


def feed(edges: list[House], first: int, count: int) -> None:
    for number in range(first, first + count):
        for edge in edges:
            edge.publish(told(number))
    for edge in edges:
        edge.number = first + count
        edge.send(0)


def body(edge: House, path: str) -> bytes:
    client = edge.get(path).answer()
    assert client.status == 200, client.data
    return client.raw_body()


def last_frame(name: str) -> bytes:
    """What the newest tick of the first bucket ends with."""
    last = (HISTORY + LIVE - 1) // TICK * TICK
    return message(last).mp3[-1] if name.endswith(".mp3") else message(last).aac[-1]


@pytest.mark.parametrize("name", ["push.mp4", "stream.aac", "stream.mp3"])
@pytest.mark.parametrize("titles", ["", "Icy-MetaData: 1\r\n"])
def test_joins_and_ticks_are_the_same_bytes(name: str, titles: str) -> None:
    with house() as one, house() as other:
        edges = [one, other]
        for edge in edges:
            edge.say()
        feed(edges, 0, HISTORY)
        clients = [edge.get(f"/live/hall/{name}", titles) for edge in edges]
        for edge in edges:
            edge.listening(1)
        feed(edges, HISTORY, LIVE)
        for client in clients:
            client.read_until(lambda c: last_frame(name) in c.data, "the newest tick")
        assert clients[0].data == clients[1].data
        assert len(clients[0].body()) > LIVE * 5 * 10


def test_segments_and_playlists_are_the_same_bytes_at_an_edge_that_came_later() -> None:
    with ExitStack() as stack:
        early = stack.enter_context(house())
        late = stack.enter_context(house())
        early.say()
        feed([early], 0, HISTORY)
        late.backbone.kept["prog.hall"].extend(early.backbone.kept["prog.hall"])
        late.say()
        feed([early, late], HISTORY, LIVE)
        assert body(early, "/live/hall/master.m3u8") == body(late, "/live/hall/master.m3u8")
        playlist = body(early, f"{HLS}/audio.m3u8")
        assert playlist == body(late, f"{HLS}/audio.m3u8")
        assert body(early, f"{HLS}/init.mp4") == body(late, f"{HLS}/init.mp4")
        names = [line for line in playlist.decode().split() if line.startswith("seg-")]
        assert names == [f"seg-{n}.m4s" for n in range((HISTORY + LIVE) // MESSAGES_PER_SEGMENT)]
        for name in names:
            assert body(early, f"{HLS}/{name}") == body(late, f"{HLS}/{name}")


def test_a_segment_is_on_the_grid_and_holds_its_notices_and_no_initialisation() -> None:
    with house() as one:
        one.say()
        feed([one], 0, HISTORY)
        playlist = body(one, f"{HLS}/audio.m3u8").decode()
        assert playlist.count("#EXT-X-MAP") == 1
        first = MESSAGES_PER_SEGMENT
        boxes = Mp4Reader().feed(body(one, f"{HLS}/init.mp4") + body(one, f"{HLS}/seg-1.m4s"))
        assert [type(box) for box in boxes].count(InitSegment) == 1
        assert b"moov" not in body(one, f"{HLS}/seg-1.m4s")
        (sound,) = [box for box in boxes if isinstance(box, MediaFragment)]
        assert (sound.base_pts, len(sound.units)) == (message_pts(first), 90)
        notices = [read_notice(box.payload) for box in boxes if isinstance(box, Emsg)]
        assert notices == [n for k in range(first, 2 * first) for n in told(k).notices]


def lines_of(edge: House) -> list[str]:
    """The playlist without what stands for every segment."""
    lines = body(edge, f"{HLS}/audio.m3u8").decode().split()
    wanted = ("seg-", "fill-", "#EXT-X-DISCONTINUITY")
    return [line for line in lines if line.startswith(wanted) and "SEQUENCE" not in line]


def test_a_hole_at_one_edge_changes_nothing_but_its_own_segment() -> None:
    with house() as whole, house() as holed:
        edges = [whole, holed]
        for edge in edges:
            edge.say()
        hole = LOST * MESSAGES_PER_SEGMENT + 5
        feed(edges, 0, hole)
        feed([whole], hole, 1)
        feed(edges, hole + 1, AFTER * MESSAGES_PER_SEGMENT)
        assert lines_of(holed)[1:6] == [
            f"seg-{BEFORE}.m4s",
            "#EXT-X-DISCONTINUITY",
            f"fill-edge-0-{LOST}.m4s",
            "#EXT-X-DISCONTINUITY",
            f"seg-{AFTER}.m4s",
        ]
        assert not [line for line in lines_of(whole) if not line.startswith("seg-")]
        for number in (BEFORE, AFTER):
            name = f"{HLS}/seg-{number}.m4s"
            assert body(whole, name) == body(holed, name)
        assert holed.get(f"{HLS}/seg-{LOST}.m4s").answer().status == 404
        filled = holed.get(f"{HLS}/fill-edge-0-{LOST}.m4s").answer()
        assert filled.headers()["cache-control"] == "no-store"
        heard = Mp4Reader().feed(body(holed, f"{HLS}/init.mp4") + filled.raw_body())
        (sound,) = [box for box in heard if isinstance(box, MediaFragment)]
        assert sound.base_pts == message_pts(LOST * MESSAGES_PER_SEGMENT)
        assert [unit.startswith(b"hold/") for unit in sound.units].count(True) == 5


def newest(client: Client) -> MediaFragment:
    return [box for box in Mp4Reader().feed(client.body()) if isinstance(box, MediaFragment)][-1]


def test_who_changes_edges_goes_on_where_the_grid_is() -> None:
    with house() as one, house() as other:
        edges = [one, other]
        for edge in edges:
            edge.say()
        feed(edges, 0, HISTORY)
        first = one.get("/live/hall/push.mp4")
        first.read_until(lambda c: b"mdat" in c.data and c.body() != b"", "its burst")
        second = other.get("/live/hall/push.mp4")
        second.read_until(lambda c: b"mdat" in c.data and c.body() != b"", "its burst")
        assert newest(first).units == newest(second).units
        assert newest(first).base_pts == newest(second).base_pts
