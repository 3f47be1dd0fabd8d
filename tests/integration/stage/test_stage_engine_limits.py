"""Each limit of the WebRTC engine, reached; and the addresses that an answer offers."""

import asyncio
import socket
import time
from types import SimpleNamespace
from typing import Any

import pytest
from aiortc.mediastreams import MediaStreamError
from aiortc.rtp import RtpPacket
from structlog.testing import capture_logs
from tests.until import until

from rostra.domain.errors import HouseError, PeerError
from rostra.stage.drivers import ice, webrtc
from rostra.stage.drivers.excess import SSRCS_MAX
from rostra.stage.drivers.ice import HouseConnection, options
from rostra.stage.drivers.speaker import Speaker
from rostra.stage.drivers.webrtc import (
    CHANNEL_BYTES_DROP,
    CHANNEL_BYTES_MAX,
    OUT_PACKETS_MAX,
    Outlet,
    WebRtcEngine,
    WebRtcPeer,
    take_packets,
)
from rostra.stage.ports import IceOptions, IceServer
from rostra.web.calls import OFFER_TIMEOUT_S


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


async def test_what_aiortc_refuses_is_the_offers_fault() -> None:
    engine = WebRtcEngine()
    with pytest.raises(PeerError, match="RTCP mux is not enabled") as refused:
        await engine.answer((await offer()).replace("a=rtcp-mux\r\n", ""), Listening())
    assert refused.value.status == 400
    assert (engine.peers, engine.offers_failed) == (0, 0)


async def test_a_fault_of_our_own_is_not_told_as_the_offers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine = WebRtcEngine()

    def out_of_memory(*_: object) -> None:
        sentence = "no memory left"
        raise MemoryError(sentence)

    text = await offer()
    monkeypatch.setattr(webrtc, "adopt", out_of_memory)
    with capture_logs() as lines, pytest.raises(HouseError, match="its log says why"):
        await engine.answer(text, Listening())
    monkeypatch.setattr(webrtc, "configuration", out_of_memory)
    with capture_logs() as more, pytest.raises(HouseError, match="Try again"):
        await engine.answer(text, Listening())
    assert [line["exc_info"] for line in (*lines, *more)] == [True, True]
    assert (engine.peers, engine.offers_failed) == (0, 2)


async def test_an_offer_whose_caller_gave_up_leaves_nothing_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine, gathering, text = WebRtcEngine(), asyncio.Event(), await offer()

    async def never(*_: object, **__: object) -> list[Any]:
        gathering.set()
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(HouseConnection, "get_component_candidates", never)
    answering = asyncio.create_task(engine.answer(text, Listening()))
    await asyncio.wait_for(gathering.wait(), 5)
    answering.cancel()
    with pytest.raises(asyncio.CancelledError):
        await answering
    await until(lambda: engine.peers == 0)


async def test_stun_and_turn_are_asked_at_once_and_their_silence_is_bounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ice, "GATHER_S_MAX", 1)
    text = await offer()
    with socket.socket(type=socket.SOCK_DGRAM) as stun, socket.socket() as turn:
        for silent in (stun, turn):
            silent.bind(("127.0.0.1", 0))
        turn.listen()
        servers = (
            IceServer((f"stun:127.0.0.1:{stun.getsockname()[1]}",)),
            IceServer((f"turn:127.0.0.1:{turn.getsockname()[1]}?transport=tcp",), "u", "c"),
        )
        engine, began = WebRtcEngine(IceOptions(servers=servers)), time.monotonic()
        _, answer = await engine.answer(text, Listening())
        lasted_s = time.monotonic() - began
        assert ice.GATHER_S_MAX <= lasted_s < 2 * ice.GATHER_S_MAX
        assert "a=candidate:" in answer
        assert stun.recv(2_000)
        turn.accept()[0].close()
        await engine.close()


def test_gathering_is_over_long_before_the_desk_gives_up() -> None:
    assert 2 * ice.GATHER_S_MAX <= OFFER_TIMEOUT_S
