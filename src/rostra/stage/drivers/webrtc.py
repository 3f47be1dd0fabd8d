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
from aiortc import (
    InvalidAccessError,
    InvalidStateError,
    RTCDataChannel,
    RTCPeerConnection,
    RTCRtpReceiver,
    RTCRtpTransceiver,
    RTCSessionDescription,
)
from aiortc.exceptions import OperationError
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from aiortc.rtcrtpreceiver import StreamStatistics
from aiortc.rtp import RtpPacket

from rostra.domain.errors import HouseError, PeerError
from rostra.domain.grid import SAMPLE_RATE_HZ
from rostra.stage.drivers.excess import LOOK_EVERY_S, SSRCS_MAX, FewSources, excess
from rostra.stage.drivers.ice import Datagrams, adopt, configuration
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

CHANNEL_LABEL: Final = "rostra"

_TIME_BASE: Final = fractions.Fraction(1, SAMPLE_RATE_HZ)
_BROKEN_OFFER: Final = (ValueError, InvalidAccessError, InvalidStateError, OperationError)
"""What aiortc raises for a description that it refuses; anything else is a fault of ours."""

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
        self._datagrams: Datagrams | None = None
        self._transceiver: RTCRtpTransceiver | None = None
        self._pc.on("connectionstatechange", self._on_state)
        self._pc.on("datachannel", self._on_channel)
        loop = asyncio.get_running_loop()
        self._deadline = loop.call_later(CONNECT_S_MAX, self._too_late)
        self._next_look = loop.call_later(LOOK_EVERY_S, self._look)

    @property
    def datagrams_dropped(self) -> int:
        """Datagrams that found this peer's queue full."""
        return self._datagrams.dropped if self._datagrams is not None else 0

    async def negotiate(self, offer: str) -> str:
        """The answer to an offer, with all candidates in it; PeerError if aiortc refuses it."""
        transceiver = self._pc.addTransceiver(self._outlet, direction="sendrecv")
        opus = [
            codec
            for codec in RTCRtpReceiver.getCapabilities("audio").codecs  # type: ignore[union-attr]
            if codec.mimeType == "audio/opus"
        ]
        transceiver.setCodecPreferences(opus)
        take_packets(transceiver.receiver, self._sink.packet)
        self._transceiver = transceiver
        try:
            await self._pc.setRemoteDescription(RTCSessionDescription(sdp=offer, type="offer"))
        except _BROKEN_OFFER as error:
            sentence = f"The offer cannot be answered ({type(error).__name__}: {error})."
            raise PeerError(sentence) from error
        self._datagrams = adopt(self._ice(transceiver), self._engine.ice)
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
            self.close_soon("")
        elif not (droppable and channel.bufferedAmount > CHANNEL_BYTES_DROP):
            channel.send(text)

    async def close(self, last_word: str = "") -> None:
        """Close (see `ports.Peer`)."""
        await asyncio.shield(self.close_soon(last_word))

    def close_soon(self, last_word: str = "") -> asyncio.Task[None]:
        """Close in a task of its own: aiortc's close, once cancelled, is never done."""
        if self._closing is None:
            self._closing = asyncio.get_running_loop().create_task(self._close(last_word))
        return self._closing

    async def _close(self, last_word: str) -> None:
        self._deadline.cancel()
        self._next_look.cancel()
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
            self.close_soon("")

    def _on_state(self) -> None:
        state = self._pc.connectionState
        if state == "connected" and not self._connected and self._closing is None:
            self._connected = True
            self._watch_sources()
            self._sink.connected()
        elif state in {"failed", "closed"}:
            self._gone.set()
            self.close_soon("")

    def _ice(self, transceiver: RTCRtpTransceiver) -> Any:  # noqa: ANN401 - of aioice
        return transceiver.receiver.transport.transport._connection  # noqa: SLF001 - pinned

    def _look(self) -> None:
        """Close a peer that makes us keep more than any page does."""
        self._next_look = asyncio.get_running_loop().call_later(LOOK_EVERY_S, self._look)
        if self._transceiver is not None:
            self._expel(excess(self._pc.sctp, self._ice(self._transceiver)))

    def _watch_sources(self) -> None:
        sctp, transceiver = self._pc.sctp, self._transceiver
        transports = {sctp.transport} if sctp is not None else set()
        if transceiver is not None:
            transports.add(transceiver.receiver.transport)
        for transport in transports:
            session: Any = transport._rx_srtp  # noqa: SLF001 - pinned
            if session is not None:
                few: Any = FewSources(session, self._too_many_sources)
                transport._rx_srtp = few  # noqa: SLF001 - pinned

    def _too_many_sources(self) -> None:
        self._expel(f"more than {SSRCS_MAX} sources")

    def _expel(self, why: str) -> None:
        if why and self._closing is None:
            self._engine.peers_expelled += 1
            _LOG.warning("a peer sends more than any page does, closing it", excess=why)
            self.close_soon("")

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
        self._datagrams_dropped = 0
        self.offers_failed = 0
        """Offers that were not answered by our own fault."""
        self.peers_expelled = 0
        """Peers that were closed because they sent more than any page does."""

    @property
    def peers(self) -> int:
        """Connections that exist now."""
        return len(self._peers)

    @property
    def datagrams_dropped(self) -> int:
        """Datagrams that found their peer's queue full."""
        return self._datagrams_dropped + sum(peer.datagrams_dropped for peer in self._peers)

    async def answer(self, offer_sdp: str, sink: Sink) -> tuple[WebRtcPeer, str]:
        """Make a peer of an offer (see `ports.Engine`)."""
        offer = check_offer(offer_sdp)
        if len(self._peers) >= PEERS_MAX:
            sentence = f"This studio holds {PEERS_MAX} connections already. Try again later."
            raise PeerError(sentence, status=503)
        try:
            peer = WebRtcPeer(self, sink)
        except Exception as error:
            raise self._own_fault() from error
        self._peers.add(peer)
        try:
            return peer, await peer.negotiate(offer)
        except PeerError:
            await self._discard(peer)
            raise
        except Exception as error:
            fault = self._own_fault()
            await self._discard(peer)
            raise fault from error
        except asyncio.CancelledError:
            peer.close_soon()
            raise

    async def _discard(self, peer: WebRtcPeer) -> None:
        try:
            await peer.close()
        except Exception:  # noqa: BLE001 - what it is discarded for is told already
            _LOG.exception("a peer that was not answered could not be closed")

    def _own_fault(self) -> HouseError:
        """Of the exception at hand, which is none of the peer's."""
        self.offers_failed += 1
        _LOG.exception("an offer could not be answered")
        sentence = "The studio could not answer this offer; its log says why. Try again later."
        return HouseError(sentence)

    def forget(self, peer: WebRtcPeer) -> None:
        """A peer has closed."""
        if peer in self._peers:
            self._datagrams_dropped += peer.datagrams_dropped
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
