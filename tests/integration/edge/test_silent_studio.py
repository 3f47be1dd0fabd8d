"""The studio falls silent, stays away, comes back late or as another: the streams go on."""

import re
import time
from itertools import groupby, pairwise

import pytest
from tests.fakes.grid_messages import message
from tests.integration.edge.edge_house import Client, House, house, until

from rostra.delivery.cutting import TICK
from rostra.delivery.filling import FILL_AFTER_NS
from rostra.delivery.silence import WORDS
from rostra.domain.grid import mp3_frames_of
from rostra.domain.limits import MESSAGE_WINDOW
from rostra.wire.icy import METAINT, IcyReader
from rostra.wire.mp4_read import Emsg, MediaFragment, Mp4Reader
from rostra.wire.notices import read as read_notice

PUSH, AAC, ICY = range(3)
FRAME = re.compile(rb"(hold|run\d)/(?:aac|mp3)/(\d+);")
LOOP = {PUSH: 45, AAC: 45, ICY: 40}
"""Frames of the fake hold loop."""


def join(subject: House) -> list[Client]:
    clients = [
        subject.get("/live/hall/push.mp4"),
        subject.get("/live/hall/stream.aac"),
        subject.get("/live/hall/stream.mp3", "Icy-MetaData: 1\r\n"),
    ]
    subject.listening(3)
    return clients


def sound(kind: int, client: Client) -> bytes:
    return IcyReader().feed(client.body())[0] if kind == ICY else client.body()


def stretches(kind: int, client: Client) -> list[tuple[str, list[int]]]:
    """The frames in order, grouped by where they come from: `hold`, `run1`, …"""
    found = FRAME.findall(sound(kind, client))
    return [
        (source.decode(), [int(number) for _, number in group])
        for source, group in groupby(found, key=lambda frame: frame[0])
    ]


def rises(numbers: list[int], modulo: int = 0) -> bool:
    return all((b - a) % modulo == 1 if modulo else b - a == 1 for a, b in pairwise(numbers))


def gapless(client: Client) -> bool:
    parts = [box for box in Mp4Reader().feed(client.body()) if isinstance(box, MediaFragment)]
    return len(parts) > 3 and all(a.end_pts == b.base_pts for a, b in pairwise(parts))


def house_texts(client: Client) -> list[str]:
    """What the house says beside the sound of a push stream, in order."""
    boxes = [box for box in Mp4Reader().feed(client.body()) if isinstance(box, Emsg)]
    found = [read_notice(box.payload) for box in boxes]
    return [str(notice.body["text"]) for notice in found if notice.kind == "house"]


def silence(subject: House, messages: int) -> None:
    """Publish nothing until the edge itself has let so many messages out."""
    began, goal = time.monotonic_ns(), subject.newest() + messages
    until(lambda: subject.newest() >= goal, f"{messages} messages of hold audio")
    assert time.monotonic_ns() - began >= FILL_AFTER_NS - 200_000_000, "not at the first stall"


def reach(clients: list[Client], frame: str) -> None:
    """Read until each has got a frame of this name."""
    for client in clients:
        client.read_until(lambda c: frame.encode() in c.data, frame)


@pytest.mark.parametrize("away", [7, 30])
def test_hold_audio_goes_on_where_the_studio_stopped_until_it_is_back(away: int) -> None:
    with house() as subject:
        subject.say()
        subject.send(20)
        clients = join(subject)
        subject.send(6)
        silence(subject, away)
        subject.number = subject.newest() + 2  # one more is lost on the way
        back = subject.number
        subject.send(9)
        aac, mp3 = (message(back + 5).aac[-1], message(back + 5).mp3[-1])
        for kind, client in enumerate(clients):
            last = mp3 if kind == ICY else aac
            client.read_until(lambda c, last=last: last in c.data, "the studio")  # type: ignore[misc]
            before, hold, after = stretches(kind, client)
            assert [before[0], hold[0], after[0]] == ["run1", "hold", "run1"]
            assert rises(before[1])
            assert rises(after[1])
            assert rises(hold[1], LOOP[kind])
            assert after[1][0] - before[1][-1] == len(hold[1]) + 1, "the grid goes on"
        assert gapless(clients[PUSH])
        texts = house_texts(clients[PUSH])
        assert texts[0] == WORDS, "it is said why there is music"
        assert texts[-1] == "", "and taken back when the studio is there again"
        titles = IcyReader().feed(clients[ICY].body())[1]
        assert set(titles) == {"A talk"}
        assert len(titles) == len(sound(ICY, clients[ICY])) // METAINT


def test_what_comes_too_late_is_not_played_after_what_stood_in_for_it() -> None:
    with house() as subject:
        subject.say()
        subject.send(26)
        clients = join(subject)
        silence(subject, 12)
        late = range(26, subject.newest() - 4)
        for number in late:
            subject.publish(message(number))
        line = subject.edge.hall.channels["hall"].line
        until(lambda: line.late == len(late), "the late messages")
        subject.number = subject.newest() + 1
        back = subject.number
        subject.send(9)
        reach(clients[:2], f"run1/aac/{(back + 5) * 5};")
        for kind in (PUSH, AAC):
            before, hold, after = stretches(kind, clients[kind])
            assert (before[0], hold[0], after[0]) == ("run1", "hold", "run1")
            assert before[1][-1] == 26 * 5 - 1
            assert after[1][0] >= late.stop * 5
        assert gapless(clients[PUSH])


def test_who_joins_meanwhile_hears_hold_audio_at_once_and_then_the_studio() -> None:
    with house() as subject:
        subject.say()
        subject.send(26)
        silence(subject, 12)
        clients = join(subject)
        for kind, client in enumerate(clients):
            name = b"hold/mp3" if kind == ICY else b"hold/aac"
            client.read_until(lambda c, name=name: name in c.data, "hold audio")  # type: ignore[misc]
        subject.number = subject.newest() + 1
        back = subject.number
        subject.send(9)
        reach(clients[:2], f"run1/aac/{(back + 5) * 5};")
        assert gapless(clients[PUSH])


@pytest.mark.parametrize("more", range(TICK))
def test_another_run_ends_push_and_goes_on_in_the_plain_streams(more: int) -> None:
    with house() as subject:
        subject.say()
        subject.send(24 + more)
        clients = join(subject)
        silence(subject, 9)
        subject.say(run="run2")
        for number in range(60):
            subject.publish(message(number, "run2"))
        clients[PUSH].read_to_end()
        assert clients[PUSH].finished(), "whole to the last chunk"
        assert gapless(clients[PUSH])
        reach(clients[1:2], f"run2/aac/{50 * 5};")
        reach(clients[2:], f"run2/mp3/{200};")
        for kind in (AAC, ICY):
            *_, hold, after = stretches(kind, clients[kind])
            assert (hold[0], after[0]) == ("hold", "run2")
            assert rises(after[1])
        titles = IcyReader().feed(clients[ICY].body())[1]
        assert set(titles) == {"A talk"}, "the blocks stay where they were promised"
        again = subject.get("/live/hall/push.mp4")
        again.read_until(lambda c: b"run2/aac" in c.data, "the new run")


@pytest.mark.parametrize("more", range(TICK))
def test_titles_stay_in_their_places_when_a_minute_is_missing(more: int) -> None:
    with house() as subject:
        subject.say()
        subject.send(24 + more)
        clients = join(subject)
        subject.number += 2 * MESSAGE_WINDOW
        back = subject.number
        subject.send(60)
        last = message(back + 50).mp3[-1]
        clients[ICY].read_until(lambda c: last in c.data, "what follows the leap")
        body, titles = IcyReader().feed(clients[ICY].body())
        assert set(titles) == {"A talk"}
        before = [b for a, b in pairwise(int(n) for _, n in FRAME.findall(body)) if b != a + 1]
        assert len(before) == 1, "one leap, and every frame whole"
        assert before[0] >= mp3_frames_of(back).start
