"""HLS over real sockets: on the grid, the same at an edge that came later, and what it holds."""

from contextlib import ExitStack

from tests.fakes.grid_messages import message
from tests.integration.edge.edge_house import House, house

from rostra.domain.grid import MESSAGES_PER_SEGMENT, message_pts
from rostra.wire.messages import Notice, ProgrammeMessage
from rostra.wire.mp4_read import Emsg, InitSegment, MediaFragment, Mp4Reader
from rostra.wire.notices import read as read_notice

HISTORY = 40
LIVE = 40
HLS = "/live/hall/run1/aac"


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


def test_segments_and_playlists_are_the_same_bytes_at_an_edge_that_came_later() -> None:
    with ExitStack() as stack:
        early = stack.enter_context(house())
        late = stack.enter_context(house())
        early.say()
        feed([early], 0, HISTORY)
        late.backbone.kept["prog.hall"].extend(early.backbone.kept["prog.hall"])
        late.say()
        feed([early, late], HISTORY, LIVE)
        master = "/live/hall/master.m3u8?l=0123456789abcdef"
        assert body(early, master) == body(late, master)
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
