"""Two edges that hear the same messages say the same bytes: a CDN may mix them, a player move."""

from contextlib import ExitStack

import pytest
from tests.fakes.grid_messages import message, state
from tests.integration.edge.edge_house import Client, House, house, until

from rostra.delivery.cutting import BURST_MESSAGES, TICK
from rostra.domain.grid import MESSAGES_PER_SEGMENT, message_pts
from rostra.domain.space import State
from rostra.wire.icy import METAINT, IcyReader
from rostra.wire.messages import Notice, ProgrammeMessage, to_json
from rostra.wire.mp4_read import Emsg, InitSegment, MediaFragment, Mp4Reader
from rostra.wire.playlist_read import read_media

STREAMS = ("push.mp4", "push.mp4", "push.mp4", "stream.aac", "stream.mp3")
LIVE = "/live/hall/run1/aac"


def spoken(number: int) -> ProgrammeMessage:
    """A message with a notice in every third one."""
    notice = Notice("caption", message_pts(number), {"text": f"words {number}"})
    return message(number, notices=() if number % 3 else (notice,))


def feed(edges: list[House], count: int, *, but: tuple[int, int] = (-1, -1)) -> None:
    """The next messages to every edge; `but` is an edge and a number that does not reach it."""
    for at, edge in enumerate(edges):
        for _ in range(count):
            if (at, edge.number) != but:
                edge.publish(spoken(edge.number))
            edge.number += 1
        last = edge.number - 1
        until(lambda edge=edge, last=last: edge.newest() >= last, f"message {last}")  # type: ignore[misc]


def pair(stack: ExitStack) -> list[House]:
    edges = [stack.enter_context(house()) for _ in range(2)]
    for edge in edges:
        edge.say()
    return edges


def join(edge: House) -> list[Client]:
    """A listener of each kind, one after the other, so that buckets are filled alike."""
    clients = []
    for count, name in enumerate(STREAMS):
        clients.append(edge.get(f"/live/hall/{name}"))
        edge.listening(count + 1)
    clients.append(edge.get("/live/hall/stream.mp3", "Icy-MetaData: 1\r\n"))
    edge.listening(len(STREAMS) + 1)
    return clients


def test_every_stream_has_the_same_bytes_at_both_edges() -> None:
    with ExitStack() as stack:
        edges = pair(stack)
        feed(edges, 50)
        clients = [join(edge) for edge in edges]
        feed(edges, 60)
        for edge in edges:
            edge.say(State.ENDED)
        for one, other in zip(*clients, strict=True):
            one.read_to_end()
            other.read_to_end()
            assert one.finished()
            assert one.data == other.data
            assert len(one.body()) > 5_000


def fragments(client: Client) -> list[MediaFragment]:
    if not client.raw_body():
        return []
    return [box for box in Mp4Reader().feed(client.body()) if isinstance(box, MediaFragment)]


def test_who_joins_later_gets_the_newest_second_at_once_and_then_the_same_ticks() -> None:
    with ExitStack() as stack:
        edges = pair(stack)
        feed(edges, 40)
        early = [edges[0].get("/live/hall/push.mp4") for _ in range(TICK)]
        edges[0].listening(TICK)
        feed(edges, 31)
        late = edges[1].get("/live/hall/push.mp4")
        late.read_until(lambda c: bool(fragments(c)), "the burst")
        init, *rest = Mp4Reader().feed(late.body())
        assert isinstance(init, InitSegment)
        # Before any further message: notices, and one fragment with the newest second.
        burst = [box for box in rest if isinstance(box, MediaFragment)]
        assert [len(part.units) for part in burst] == [5 * BURST_MESSAGES]
        assert burst[0].end_pts > message_pts(edges[1].number - TICK)
        assert sum(isinstance(box, Emsg) for box in rest) == BURST_MESSAGES // 3
        head = len(late.body())
        feed(edges, 30)
        ends = message_pts(edges[1].number - TICK)
        for client in (late, *early):
            client.read_until(
                lambda c: bool(got := fragments(c)) and got[-1].end_pts > ends, "the last tick"
            )
        ticks = late.body()[head:]
        assert len(ticks) > 1_000
        assert sum(client.body().endswith(ticks) for client in early) == 1, "its bucket's bytes"


def names(edge: House) -> list[str]:
    listed = edge.get(f"{LIVE}/audio.m3u8").answer()
    return [segment.name for segment in read_media(listed.raw_body().decode()).segments]


def test_playlists_and_segments_are_the_same() -> None:
    with ExitStack() as stack:
        edges = pair(stack)
        feed(edges, 6 * MESSAGES_PER_SEGMENT)
        files = ["audio.m3u8", "init.mp4", *(f"seg-{number}.m4s" for number in range(6))]
        for name in files:
            one, other = (edge.get(f"{LIVE}/{name}").answer() for edge in edges)
            assert one.status == 200, name
            assert one.data == other.data, name
        assert names(edges[0]) == [f"seg-{number}.m4s" for number in range(6)]


def test_a_lost_message_changes_one_segment_of_one_edge() -> None:
    with ExitStack() as stack:
        edges = pair(stack)
        lost = 3 * MESSAGES_PER_SEGMENT + 1
        feed(edges, 6 * MESSAGES_PER_SEGMENT, but=(1, lost))
        whole, holed = names(edges[0]), names(edges[1])
        assert whole[3] == "seg-3.m4s"
        assert holed[3] == "fill-edge-0-3.m4s"
        assert [*holed[:3], *holed[4:]] == [*whole[:3], *whole[4:]]
        for name in whole[:3] + whole[4:]:
            one, other = (edge.get(f"{LIVE}/{name}").answer() for edge in edges)
            assert one.data == other.data, name
        assert edges[1].get(f"{LIVE}/seg-3.m4s").answer().status == 404, "not under that name"
        filled = edges[1].get(f"{LIVE}/{holed[3]}").answer()
        assert (filled.status, filled.headers()["cache-control"]) == (200, "no-store")
        playlist = edges[1].get(f"{LIVE}/audio.m3u8").answer().raw_body()
        assert playlist.count(b"#EXT-X-DISCONTINUITY\n") == 2


def call(edge: House, title: str) -> None:
    """Give the space another title."""
    edge.do(edge.backbone.put("state", "hall", to_json(state(title=title))))

    def known() -> bool:
        found = edge.edge.service.directory.space("hall")
        return found is not None and found.title == title

    until(known, f"the title {title}")


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_a_new_title_is_in_the_next_metadata_block(version: str) -> None:
    with house() as subject:
        subject.say()
        subject.send(40)
        asked = f"GET /live/hall/stream.mp3 HTTP/{version}\r\nIcy-MetaData: 1\r\n\r\n"
        client = subject.client(asked.encode())
        subject.listening(1)
        subject.send(15)
        call(subject, "It's Ada — 東京")
        subject.send(45)
        client.read_until(lambda c: message(96).mp3[-1] in c.data, "message 96")
        body = client.raw_body() if version == "1.0" else client.body()
        sound, titles = IcyReader().feed(body)
        assert list(dict.fromkeys(titles)) == [
            "A talk",
            "It\N{RIGHT SINGLE QUOTATION MARK}s Ada — 東京",
        ]
        assert len(titles) == len(sound) // METAINT >= 5
        frames = [int(piece.split(b"/")[-1]) for piece in sound.split(b";")[:-1]]
        assert frames == list(range(frames[0], frames[0] + len(frames))), "no frame lost or cut"


def test_who_did_not_ask_for_titles_gets_none() -> None:
    with house() as subject:
        subject.say()
        subject.send(40)
        for headers in ("", "Icy-MetaData: 0\r\n"):
            client = subject.get("/live/hall/stream.mp3", headers)
            client.read_until(lambda c: message(36).mp3[-1] in c.data, "the burst")
            assert "icy-metaint" not in client.headers()
            assert b"StreamTitle" not in client.data
