"""The studio dies: listeners hear the hold loop on the same connections, until it is back."""

import os
import select
import time
from dataclasses import dataclass, field
from itertools import pairwise

import av
import numpy as np
import pytest
from tests.fakes.tones import tone_message, tone_share
from tests.integration.edge.edge_house import Client, House, house, until

from rostra.app.edge_child import Stock
from rostra.app.edge_files import read_loop
from rostra.delivery.cutting import BURST_MESSAGES, TICK
from rostra.delivery.filling import FILL_AFTER_NS
from rostra.domain.grid import (
    AAC_FRAME_SAMPLES,
    MESSAGE_SAMPLES,
    MESSAGES_PER_SEGMENT,
    SAMPLE_RATE_HZ,
    message_pts,
)
from rostra.domain.space import State
from rostra.programme.drivers.decode import StreamDecoder
from rostra.programme.limiter import Sound
from rostra.wire.adts import AdtsReader
from rostra.wire.icy import IcyReader
from rostra.wire.mp4_read import MediaFragment, Mp4Reader

MESSAGE_S = MESSAGE_SAMPLES / SAMPLE_RATE_HZ
SILENCE_S_MAX = FILL_AFTER_NS / 1e9 + TICK * MESSAGE_S
"""Between two writes to one listener: the named silence, and its turn among the buckets."""
ALIVE_S, DEAD_S, BACK_S = 1.2, 2.5, 1.5
QUIET = 0.003
"""-50 dBFS: nobody calls this sound."""


def bundled() -> Stock:
    loop = read_loop()
    assert loop is not None
    return Stock(None, {}, loop)


@dataclass
class Evening:
    """A studio that keeps time, and clients that read what comes."""

    subject: House
    clients: list[Client]
    began_s: float = field(default_factory=time.monotonic)
    silence_s: float = 0.0
    """The longest time between two arrivals at one client."""
    _heard_s: dict[Client, float] = field(default_factory=dict)

    def pass_time(self, seconds: float, *, studio: bool) -> None:
        """Let time pass; a dead studio's numbers pass with it."""
        end_s = time.monotonic() + seconds
        while (now_s := time.monotonic()) < end_s:
            while (due_s := self._due_s()) <= now_s:
                if studio:
                    self.subject.publish(tone_message(self.subject.number))
                self.subject.number += 1
            self._read(max(0, min(due_s, end_s) - now_s))

    def _due_s(self) -> float:
        return self.began_s + (self.subject.number - self._first) * MESSAGE_S

    def __post_init__(self) -> None:
        self._first = self.subject.number

    def _read(self, timeout_s: float) -> None:
        socks = {client.sock: client for client in self.clients}
        for sock in select.select(list(socks), [], [], timeout_s)[0]:
            client, now_s = socks[sock], time.monotonic()
            client._more()
            assert not client.ended
            since_s = now_s - self._heard_s.get(client, now_s)
            self.silence_s = max(self.silence_s, since_s)
            self._heard_s[client] = now_s


def decoded(codec: str, data: bytes) -> Sound:
    """What a player hears; no frame may be refused."""
    decoder = StreamDecoder(codec)
    pcm = np.concatenate([decoder.feed(data), decoder.flush()])
    assert decoder.errors == 0
    return pcm


def loudness(pcm: Sound) -> float:
    return float(np.sqrt(np.mean(pcm**2)))


def heard_the_evening(pcm: Sound) -> None:
    """Tone, the hold loop, tone; never silence for half a second."""
    second = SAMPLE_RATE_HZ
    assert tone_share(pcm[second // 4 : second]) > 0.95, "the studio"
    middle = len(pcm) - int((BACK_S + DEAD_S / 2) * second)
    assert tone_share(pcm[middle : middle + second]) < 0.3, "not the studio"
    assert tone_share(pcm[-second:-1000]) > 0.95, "the studio again"
    halves = range(second // 4, len(pcm) - second // 2, second // 2)
    assert min(loudness(pcm[at : at + second // 2]) for at in halves) > QUIET


def test_a_dead_studio_is_covered_by_the_hold_loop_on_the_same_connections() -> None:
    with house(stock=bundled()) as subject:
        subject.say()
        for _ in range(20):
            subject.publish(tone_message(subject.number))
            subject.number += 1
        until(lambda: subject.newest() == 19, "the first second")
        clients = [subject.get(f"/live/hall/{n}") for n in ("push.mp4", "stream.aac", "stream.mp3")]
        clients.append(subject.get("/live/hall/stream.mp3", "Icy-MetaData: 1\r\n"))
        subject.listening(4)
        evening = Evening(subject, clients)
        evening.pass_time(ALIVE_S, studio=True)
        assert subject.edge.hall.channels["hall"].line.filled == 0
        evening.pass_time(DEAD_S, studio=False)
        evening.pass_time(BACK_S, studio=True)

        assert (subject.edge.stats.joined, subject.edge.stats.left) == (4, 0)
        others = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))  # work that is not ours
        assert evening.silence_s < SILENCE_S_MAX * others
        push, aac, mp3, icy = (client.body() for client in clients)
        parts = [box for box in Mp4Reader().feed(push) if isinstance(box, MediaFragment)]
        assert all(a.end_pts == b.base_pts for a, b in pairwise(parts)), "one timeline"
        lasted = (parts[-1].end_pts - parts[0].base_pts) / SAMPLE_RATE_HZ
        due = ALIVE_S + DEAD_S + BACK_S + BURST_MESSAGES * MESSAGE_S
        assert due - 2 * TICK * MESSAGE_S < lasted < due + MESSAGE_S, "neither too little nor more"
        assert len(AdtsReader().feed(aac)) * AAC_FRAME_SAMPLES / SAMPLE_RATE_HZ == pytest.approx(
            lasted, abs=TICK * MESSAGE_S
        )
        for codec, data in (("aac", aac), ("mp3", mp3), ("mp3", IcyReader().feed(icy)[0])):
            heard_the_evening(decoded(codec, data))


def test_who_comes_while_the_studio_is_dead_hears_the_loop_too() -> None:
    with house(stock=bundled()) as subject:
        subject.say(State.INTERRUPTED)
        client = subject.get("/live/hall/stream.mp3")
        subject.listening(1)
        enough = int(2 * SAMPLE_RATE_HZ / MESSAGE_SAMPLES) * 4 * 192
        client.read_until(lambda c: len(c.body()) >= enough, "two seconds")
        assert loudness(decoded("mp3", client.body())) > QUIET


def test_hls_plays_through_an_outage_without_a_word_from_ffmpeg() -> None:
    with house(stock=bundled()) as subject:
        subject.say()
        segments = 6
        lost = range(2 * MESSAGES_PER_SEGMENT + 3, 3 * MESSAGES_PER_SEGMENT)
        for number in range(segments * MESSAGES_PER_SEGMENT):
            if number not in lost:
                subject.publish(tone_message(number))
        last = segments * MESSAGES_PER_SEGMENT - 1
        until(lambda: subject.newest() == last, "the last message")
        subject.say(State.ENDED)
        until(lambda: subject.edge.hall.channels["hall"].over, "the end")
        url = f"http://127.0.0.1:{subject.address[1]}/live/hall/master.m3u8"
        level = av.logging.get_level()
        av.logging.set_level(av.logging.WARNING)
        try:
            with av.logging.Capture(local=False) as complaints, av.open(url) as container:
                frames = [frame.to_ndarray()[0] for frame in container.decode(audio=0)]
        finally:
            av.logging.set_level(level)
        assert complaints == []
        pcm = np.concatenate(frames)
        assert len(pcm) == message_pts(last + 1)
        at = message_pts(lost.start)
        assert tone_share(pcm[at - 48_000 : at]) > 0.95
        assert tone_share(pcm[at + 9_600 : at + 57_600]) < 0.3
        assert loudness(pcm[at + 9_600 : at + 57_600]) > QUIET
