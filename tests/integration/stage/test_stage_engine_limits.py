"""Each limit of the WebRTC engine, reached; and the addresses that an answer offers."""

import asyncio
import time
from types import SimpleNamespace
from typing import Any

import pytest
from aiortc.mediastreams import MediaStreamError
from aiortc.rtp import RtpPacket

from rostra.domain.errors import PeerError
from rostra.stage.drivers import webrtc
from rostra.stage.drivers.ice import options
from rostra.stage.drivers.speaker import Speaker
from rostra.stage.drivers.webrtc import (
    CHANNEL_BYTES_DROP,
    CHANNEL_BYTES_MAX,
    OUT_PACKETS_MAX,
    SSRCS_MAX,
    Outlet,
    WebRtcEngine,
    WebRtcPeer,
    take_packets,
)


class Listening:
    """A sink that remembers."""

    def __init__(self) -> None:
        self.packets: list[int] = []
        self.is_closed = asyncio.Event()

    def connected(self) -> None: ...

    def opened(self) -> None: ...

    def packet(self, sequence: int, timestamp: int, payload: bytes, arrival_us: int) -> None:
        assert timestamp >= 0
        assert payload
        assert arrival_us > 0
        self.packets.append(sequence)

    def message(self, text: str | bytes) -> None: ...

    def closed(self) -> None:
        assert not self.is_closed.is_set()
        self.is_closed.set()


async def offer() -> str:
    speaker = Speaker(iter(()))
    await speaker._pc.setLocalDescription(await speaker._pc.createOffer())
    text: str = speaker._pc.localDescription.sdp
    await speaker.close()
    return text


async def test_public_address_and_port_range_are_in_the_answer() -> None:
    engine = WebRtcEngine(options("203.0.113.9", "52000-52040"))
    peer, answer = await engine.answer(await offer(), Listening())
    candidates = [line.split() for line in answer.splitlines() if line.startswith("a=candidate:")]
    assert {int(words[5]) for words in candidates} <= set(range(52_000, 52_041))
    public = [words for words in candidates if words[4] == "203.0.113.9"]
    assert public
    assert all(words[7] == "srflx" for words in public)
    assert "a=end-of-candidates" in answer
    await peer.close()
    assert engine.peers == 0


async def test_a_range_that_is_used_up_is_a_503_with_the_option() -> None:
    engine = WebRtcEngine(options(udp_ports="52050-52050"))
    text = await offer()
    peer, _ = await engine.answer(text, Listening())
    with pytest.raises(PeerError, match=r"stage\.udp_ports") as refused:
        await engine.answer(text, Listening())
    assert refused.value.status == 503
    assert engine.peers == 1
    await peer.close()
    again, _ = await engine.answer(text, Listening())
    await again.close()


async def test_a_studio_that_is_full_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webrtc, "PEERS_MAX", 1)
    engine = WebRtcEngine()
    text = await offer()
    await engine.answer(text, Listening())
    with pytest.raises(PeerError, match="holds 1 connections") as refused:
        await engine.answer(text, Listening())
    assert refused.value.status == 503
    assert engine.peers == webrtc.PEERS_MAX
    await engine.close()
    assert engine.peers == 0


async def test_who_never_connects_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webrtc, "CONNECT_S_MAX", 0.2)
    engine = WebRtcEngine()
    sink, began = Listening(), time.monotonic()
    await engine.answer(await offer(), sink)
    await asyncio.wait_for(sink.is_closed.wait(), 5)
    assert time.monotonic() - began >= webrtc.CONNECT_S_MAX
    assert engine.peers == 0


async def test_a_last_word_that_nobody_reads_holds_nothing_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(webrtc, "LAST_WORD_S_MAX", 0.2)
    sink, began = Listening(), time.monotonic()
    peer = WebRtcPeer(WebRtcEngine(), sink)
    sent: list[str] = []
    channel: Any = SimpleNamespace(readyState="open", send=sent.append)
    peer._channel = channel
    await peer.close("bye")
    assert sent == ["bye"]
    assert sink.is_closed.is_set()
    assert webrtc.LAST_WORD_S_MAX <= time.monotonic() - began < 5


async def test_sound_that_cannot_be_sent_is_dropped_oldest_first() -> None:
    outlet = Outlet()
    for number in range(OUT_PACKETS_MAX + 3):
        outlet.push(b"%d" % number, number * 960)
    assert [bytes(await outlet.recv()) for _ in range(OUT_PACKETS_MAX)] == [
        b"%d" % number for number in range(3, OUT_PACKETS_MAX + 3)
    ]
    waiting = asyncio.ensure_future(outlet.recv())
    await asyncio.sleep(0)
    outlet.stop()
    with pytest.raises(MediaStreamError):
        await waiting


async def test_a_peer_sends_from_a_few_sources_only() -> None:
    sink = Listening()
    receiver: Any = SimpleNamespace(_RTCRtpReceiver__remote_streams={})
    take_packets(receiver, sink.packet)
    for source in range(SSRCS_MAX + 5):
        packet = RtpPacket(sequence_number=source, ssrc=source, payload=b"x")
        await receiver._handle_rtp_packet(packet, arrival_time_ms=0)
    assert sink.packets == list(range(SSRCS_MAX))
    assert len(receiver._RTCRtpReceiver__remote_streams) == SSRCS_MAX


async def test_a_peer_that_does_not_read_loses_levels_and_then_the_connection() -> None:
    engine = WebRtcEngine()
    sink = Listening()
    peer = WebRtcPeer(engine, sink)
    sent: list[str] = []
    channel: Any = SimpleNamespace(readyState="open", bufferedAmount=0, send=sent.append)
    peer._channel = channel
    peer.send_text("view")
    channel.bufferedAmount = CHANNEL_BYTES_DROP + 1
    peer.send_text("levels", droppable=True)
    peer.send_text("view")
    assert sent == ["view", "view"]
    channel.bufferedAmount = CHANNEL_BYTES_MAX + 1
    peer.send_text("view")
    await asyncio.wait_for(sink.is_closed.wait(), 5)
    assert sent == ["view", "view"]
