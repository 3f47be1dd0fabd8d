"""WebRTC by aiortc, used for transport alone: ICE, DTLS-SRTP, RTP and SCTP.

aiortc's own jitter buffer, decoder and encoder are passed by: they cost twice the processor and
three times the delay. The internals that this leans on are pinned by `tests/unit/stage/test_pins`.
"""

import asyncio
import contextlib
import fractions
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Final, TypeAlias

import av
import structlog
from aiortc import RTCDataChannel, RTCPeerConnection, RTCRtpReceiver, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from aiortc.rtcrtpreceiver import StreamStatistics
from aiortc.rtp import RtpPacket

from rostra.domain.errors import PeerError
from rostra.domain.grid import SAMPLE_RATE_HZ
from rostra.stage.drivers.ice import adopt, configuration
from rostra.stage.drivers.sdp import check_offer, word_answer
from rostra.stage.ports import IceOptions, Sink

PEERS_MAX: Final = 128
"""Connections of one studio: nine full stages; each one has a socket per address."""

CONNECT_S_MAX: Final = 15.0
"""ICE and DTLS take 0.2 s on a good network; after this the peer is not coming."""

LAST_WORD_S_MAX: Final = 1.0
"""How long a peer has to read our last word before the connection is closed under it."""

OUT_PACKETS_MAX: Final = 5
"""Packets waiting to be sent: 100 ms; the oldest are dropped, since old sound helps nobody."""

CHANNEL_BYTES_MAX: Final = 128 * 1024
"""Unsent data of one peer, above which it is closed: it has not read for many seconds."""

CHANNEL_BYTES_DROP: Final = 8 * 1024
"""Unsent data above which levels are left out."""

SSRCS_MAX: Final = 8
"""Sources (RFC 3550) that one peer may send from; each costs memory here and in libsrtp."""

CHANNEL_LABEL: Final = "rostra"

_TIME_BASE: Final = fractions.Fraction(1, SAMPLE_RATE_HZ)
EncodedPacket: TypeAlias = "av.Packet[Any]"
TakePacket = Callable[[int, int, bytes, int], None]
_LOG = structlog.get_logger(__name__)


class Outlet(MediaStreamTrack):
    """A track that gives aiortc packets which are encoded already."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._packets: deque[EncodedPacket] = deque(maxlen=OUT_PACKETS_MAX)
        self._ready = asyncio.Event()

    def push(self, payload: bytes, timestamp: int) -> None:
        """Queue one Opus packet; the oldest is dropped when the transport stands still."""
        packet = av.Packet(payload)
        packet.pts = timestamp
        packet.time_base = _TIME_BASE
        self._packets.append(packet)
        self._ready.set()

    async def recv(self) -> EncodedPacket:
        """The next packet, for aiortc's sender."""
        while not self._packets:
            if self.readyState != "live":
                raise MediaStreamError
            self._ready.clear()
            await self._ready.wait()
        return self._packets.popleft()

    def stop(self) -> None:
        """End the track and wake whoever waits on it."""
        super().stop()
        self._ready.set()


class WebRtcPeer:
    """One participant's connection."""

    def __init__(self, engine: "WebRtcEngine", sink: Sink) -> None:
        self._engine = engine
        self._sink = sink
        self._pc = RTCPeerConnection(configuration(engine.ice))
        self._outlet = Outlet()
        self._channel: RTCDataChannel | None = None
        self._closing: asyncio.Task[None] | None = None
        self._gone = asyncio.Event()
        self._connected = False
        self._pc.on("connectionstatechange", self._on_state)
        self._pc.on("datachannel", self._on_channel)
        self._deadline = asyncio.get_running_loop().call_later(CONNECT_S_MAX, self._too_late)

    async def negotiate(self, offer: str) -> str:
        """The answer to an offer, with all candidates in it."""
        transceiver = self._pc.addTransceiver(self._outlet, direction="sendrecv")
        opus = [
            codec
            for codec in RTCRtpReceiver.getCapabilities("audio").codecs  # type: ignore[union-attr]
            if codec.mimeType == "audio/opus"
        ]
        transceiver.setCodecPreferences(opus)
        take_packets(transceiver.receiver, self._sink.packet)
        await self._pc.setRemoteDescription(RTCSessionDescription(sdp=offer, type="offer"))
        ice = transceiver.receiver.transport.transport._connection  # noqa: SLF001 - pinned
        adopt(ice, self._engine.ice)
        await self._pc.setLocalDescription()
        return word_answer(self._pc.localDescription.sdp)

    def send_audio(self, payload: bytes, timestamp: int) -> None:
        """Send an Opus packet (see `ports.Peer`)."""
        if self._connected:
            self._outlet.push(payload, timestamp)

    def send_text(self, text: str, *, droppable: bool = False) -> None:
        """Send over the data channel (see `ports.Peer`)."""
        channel = self._channel
        if channel is None or channel.readyState != "open":
            return
        if channel.bufferedAmount > CHANNEL_BYTES_MAX:
            _LOG.warning("peer does not read its data channel, closing it")
            self._close_soon("")
        elif not (droppable and channel.bufferedAmount > CHANNEL_BYTES_DROP):
            channel.send(text)

    async def close(self, last_word: str = "") -> None:
        """Close (see `ports.Peer`)."""
        await asyncio.shield(self._close_soon(last_word))

    def _close_soon(self, last_word: str) -> asyncio.Task[None]:
        if self._closing is None:
            self._closing = asyncio.get_running_loop().create_task(self._close(last_word))
        return self._closing

    async def _close(self, last_word: str) -> None:
        self._deadline.cancel()
        if last_word and self._channel is not None and self._channel.readyState == "open":
            self._channel.send(last_word)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LAST_WORD_S_MAX):
                    await self._gone.wait()
        self._connected = False
        self._outlet.stop()
        try:
            await self._pc.close()
        finally:
            self._engine.forget(self)
            self._sink.closed()

    def _too_late(self) -> None:
        if not self._connected:
            self._close_soon("")

    def _on_state(self) -> None:
        state = self._pc.connectionState
        if state == "connected" and not self._connected and self._closing is None:
            self._connected = True
            self._sink.connected()
        elif state in {"failed", "closed"}:
            self._gone.set()
            self._close_soon("")

    def _on_channel(self, channel: RTCDataChannel) -> None:
        if self._channel is not None or channel.label != CHANNEL_LABEL:
            channel.close()
            return
        self._channel = channel
        channel.on("message", self._sink.message)
        channel.on("close", self._gone.set)
        self._sink.opened()


class WebRtcEngine:
    """Answers offers by aiortc (see `ports.Engine`)."""

    def __init__(self, ice: IceOptions | None = None) -> None:
        self.ice = ice or IceOptions()
        self._peers: set[WebRtcPeer] = set()

    @property
    def peers(self) -> int:
        """Connections that exist now."""
        return len(self._peers)

    async def answer(self, offer_sdp: str, sink: Sink) -> tuple[WebRtcPeer, str]:
        """Make a peer of an offer (see `ports.Engine`)."""
        offer = check_offer(offer_sdp)
        if len(self._peers) >= PEERS_MAX:
            sentence = f"This studio holds {PEERS_MAX} connections already. Try again later."
            raise PeerError(sentence, status=503)
        peer = WebRtcPeer(self, sink)
        self._peers.add(peer)
        try:
            return peer, await peer.negotiate(offer)
        except PeerError:
            await peer.close()
            raise
        except Exception as error:
            await peer.close()
            sentence = f"The offer cannot be answered ({type(error).__name__}: {error})."
            raise PeerError(sentence) from error

    def forget(self, peer: WebRtcPeer) -> None:
        """A peer has closed."""
        self._peers.discard(peer)

    async def close(self) -> None:
        """Close every peer."""
        await asyncio.gather(*(peer.close() for peer in tuple(self._peers)))


def take_packets(receiver: RTCRtpReceiver, take: TakePacket) -> None:
    """Have a receiver of aiortc hand over its packets instead of decoding them.

    Reports to the sender go on: browsers send redundancy (FEC) only when told of loss.
    """
    streams: dict[int, StreamStatistics] = getattr(receiver, "_RTCRtpReceiver__remote_streams")  # noqa: B009 - the name as aiortc mangles it

    async def handle(packet: RtpPacket, arrival_time_ms: int) -> None:  # noqa: ARG001 - aiortc's
        stream = streams.get(packet.ssrc)
        if stream is None:
            if len(streams) >= SSRCS_MAX:
                return
            stream = streams[packet.ssrc] = StreamStatistics(SAMPLE_RATE_HZ)
        stream.add(packet)
        if packet.payload:
            arrival_us = time.monotonic_ns() // 1_000
            take(packet.sequence_number, packet.timestamp, packet.payload, arrival_us)

    hooked: Any = receiver
    hooked._handle_rtp_packet = handle  # noqa: SLF001 - pinned
