"""What listeners get over real sockets: joins, gapless ticks, ICY, the end."""

from itertools import pairwise

from tests.fakes.grid_messages import message
from tests.integration.edge.edge_house import Client, house, until

from rostra.domain.grid import message_pts
from rostra.domain.media import Codec
from rostra.domain.space import State
from rostra.wire.adts import AdtsReader
from rostra.wire.icy import IcyReader
from rostra.wire.messages import pack, read_tally
from rostra.wire.mp4_read import Emsg, InitSegment, MediaFragment, Mp4Reader
from rostra.wire.notices import read as read_notice


def parts(client: Client) -> list[MediaFragment]:
    return [box for box in Mp4Reader().feed(client.body()) if isinstance(box, MediaFragment)]


def reaches(number: int, client: Client) -> bool:
    """Whether a push listener has got some message from `number` on."""
    got = parts(client) if client.raw_body() else []
    return bool(got) and got[-1].end_pts > message_pts(number)


def test_a_joiner_gets_the_newest_second_at_once_and_then_every_tick() -> None:
    with house() as subject:
        subject.say()
        subject.send(30)
        clients = [subject.get("/live/hall/push.mp4") for _ in range(6)]
        subject.listening(6)
        subject.send(30)
        for client in clients:
            client.read_until(lambda c: reaches(57, c), "message 57")
            boxes = Mp4Reader().feed(client.body())
            assert isinstance(boxes[0], InitSegment)
            got = parts(client)
            assert len(got[0].units) == 45
            assert got[0].end_pts >= message_pts(28)
            assert all(a.end_pts == b.base_pts for a, b in pairwise(got))
        assert len({c.data for c in clients}) == 3, "three buckets, shared bytes in each"


def test_opus_is_pushed_as_aac_is_and_counted_with_it() -> None:
    with house() as subject:
        subject.say()
        subject.send(30)
        clients = [subject.get("/live/hall/push-opus.mp4") for _ in range(3)]
        subject.listening(3)
        subject.send(30)
        for client in clients:
            client.read_until(lambda c: reaches(57, c), "message 57")
            assert isinstance(Mp4Reader().feed(client.body())[0], InitSegment)
            got = parts(client)
            assert got[0].codec is Codec.OPUS
            assert all(a.end_pts == b.base_pts for a, b in pairwise(got))
        assert subject.edge.hall.tally("hall").push == 3


def test_hold_audio_goes_on_in_opus() -> None:
    with house() as subject:
        subject.say()
        subject.send(30)
        client = subject.get("/live/hall/push-opus.mp4")
        client.read_until(lambda c: b"hold/opus/" in c.data, "the hold loop's packets")
        got = parts(client)
        assert all(a.end_pts == b.base_pts for a, b in pairwise(got))


def test_an_old_studio_has_no_opus_to_push() -> None:
    with house() as subject:
        subject.say()
        subject.publish(message(0, opus=False))
        until(lambda: subject.newest() >= 0, "message 0 through the edge")
        answer = subject.get("/live/hall/push-opus.mp4").answer()
        assert (answer.status, b'"no_opus"' in answer.data) == (404, True)


def test_a_listener_may_come_before_the_first_message() -> None:
    with house() as subject:
        subject.say(State.LOBBY)
        client = subject.get("/live/hall/push.mp4")
        subject.listening(1)
        client.read_until(lambda c: b"moov" in c.data, "the initialisation")
        subject.send(6)
        client.read_until(lambda c: reaches(3, c), "message 3")
        assert parts(client)[0].base_pts == 0


def test_plain_players_get_adts_and_mp3() -> None:
    with house() as subject:
        subject.say()
        subject.send(20)
        aac, mp3 = subject.get("/live/hall/stream.aac"), subject.get("/live/hall/stream.mp3")
        subject.listening(2)
        subject.send(12)
        aac.read_until(lambda c: message(29).aac[-1] in c.data, "message 29 as ADTS")
        units = AdtsReader().feed(aac.body())
        numbers = [int(unit.rstrip(b";").split(b"/")[-1]) for unit in units]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        mp3.read_until(lambda c: message(29).mp3[-1] in c.data, "message 29 as MP3")
        frames = [int(piece.split(b"/")[-1]) for piece in mp3.body().split(b";")[:-1]]
        assert frames == list(range(frames[0], frames[0] + len(frames)))


def test_http_1_0_gets_the_same_without_chunks() -> None:
    with house() as subject:
        subject.say()
        subject.send(20)
        client = subject.client(b"GET /live/hall/stream.aac HTTP/1.0\r\n\r\n")
        subject.listening(1)
        subject.send(12)
        client.read_until(lambda c: message(29).aac[-1] in c.data, "message 29")
        assert "transfer-encoding" not in client.headers()
        assert len(AdtsReader().feed(client.raw_body())) >= 45


def test_icy_titles_come_where_they_were_promised() -> None:
    with house() as subject:
        subject.say()
        subject.send(40)
        client = subject.get("/live/hall/stream.mp3", "Icy-MetaData: 1\r\n")
        subject.listening(1)
        subject.send(30)
        client.read_until(lambda c: message(66).mp3[-1] in c.data, "message 66")
        assert client.headers()["icy-metaint"] == "9600"
        sound, titles = IcyReader().feed(client.body())
        assert set(titles) == {"A talk"}
        frames = [int(piece.split(b"/")[-1]) for piece in sound.split(b";")[:-1]]
        assert frames == list(range(frames[0], frames[0] + len(frames)))
        assert len(sound) % 192 == 0


def test_the_end_is_said_and_the_stream_ends_properly() -> None:
    with house() as subject:
        subject.say()
        subject.send(20)
        push, mp3 = subject.get("/live/hall/push.mp4"), subject.get("/live/hall/stream.mp3")
        subject.listening(2)
        subject.send(2)
        subject.say(State.ENDED)
        push.read_to_end()
        mp3.read_to_end()
        assert push.finished()
        assert mp3.finished()
        last = Mp4Reader().feed(push.body())[-1]
        assert isinstance(last, Emsg)
        assert read_notice(last.payload).body == {"state": "ended"}
        assert parts(push)[-1].end_pts == message_pts(22), "the last messages are heard"
        assert message(21).mp3[-1] in mp3.data
        subject.listening(0)
        assert subject.get("/live/hall/push.mp4").answer().status == 410
        playlist = subject.get("/live/hall/run1/aac/audio.m3u8").answer()
        assert b"#EXT-X-ENDLIST" in playlist.raw_body()


def test_a_relaunch_ends_push_and_goes_on_for_plain_players() -> None:
    with house() as subject:
        subject.say()
        subject.send(20)
        push, aac = subject.get("/live/hall/push.mp4"), subject.get("/live/hall/stream.aac")
        subject.listening(2)
        subject.number = 0
        for number in range(6):
            subject.publish(message(number, "run2"))
        push.read_to_end()
        assert push.finished()
        aac.read_until(lambda c: message(2, "run2").aac[0] in c.data, "the new run")


def test_the_count_is_the_open_connections() -> None:
    with house() as subject:
        subject.say()
        subject.send(20)
        clients = [subject.get("/live/hall/push.mp4") for _ in range(4)]
        subject.get("/live/hall/stream.mp3")
        subject.listening(5)
        told = subject.backbone.published["tally.edge-0"]

        def tallied(push: int) -> bool:
            rows = read_tally(told[-1]).spaces if told else ()
            return bool(rows) and (rows[0].push, rows[0].mp3) == (push, 1)

        until(lambda: tallied(4), "a tally of four")
        for client in clients[:3]:
            client.sock.close()
        until(lambda: tallied(1), "a tally of one")
        assert read_tally(told[-1]).epoch == "epoch"


def test_programmes_of_spaces_do_not_mix() -> None:
    with house() as subject:
        subject.say()
        subject.send(20)
        client = subject.get("/live/hall/stream.aac")
        subject.listening(1)
        subject.do(subject.backbone.publish("prog.other", pack(message(20, "runX", "other"))))
        subject.send(6)
        client.read_until(lambda c: message(22).aac[0] in c.data, "message 22")
        assert b"runX" not in client.data


def test_head_of_a_stream_is_answered_and_closed() -> None:
    with house() as subject:
        subject.say()
        subject.send(3)
        client = subject.get("/live/hall/push.mp4", method="HEAD").read_to_end()
        assert client.status == 200
        assert client.raw_body() == b""
        assert subject.edge.listeners == 0
