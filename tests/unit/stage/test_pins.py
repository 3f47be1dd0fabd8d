"""What we lean on inside aiortc and aioice; each failure names what changed and where we use it."""

import importlib.metadata
import inspect

import aioice.ice
import aiortc.rtcdtlstransport
import aiortc.rtcicetransport
import aiortc.rtcrtpsender
import aiortc.rtcsctptransport
import pytest
from aioice import Connection
from aiortc import RTCRtpReceiver
from aiortc.mediastreams import MediaStreamTrack
from aiortc.rtcrtpreceiver import StreamStatistics

HOW = "Read src/rostra/stage/drivers/{} again before raising the pin in pyproject.toml."


def require(holds: bool, what: str, where: str) -> None:  # noqa: FBT001 - a plain assertion
    if not holds:
        pytest.fail(f"{what} {HOW.format(where)}", pytrace=False)


def names(function: object) -> list[str]:
    return list(inspect.signature(function).parameters)  # type: ignore[arg-type]


def test_the_versions() -> None:
    installed = importlib.metadata.version("aiortc")
    require(installed == "1.16.0", f"aiortc is {installed}, not 1.16.0.", "webrtc.py")
    aioice_version = importlib.metadata.version("aioice")
    require(aioice_version.startswith("0."), f"aioice is {aioice_version}, not 0.x.", "ice.py")


def test_the_receivers_packets_can_be_taken() -> None:
    require(
        names(RTCRtpReceiver._handle_rtp_packet) == ["self", "packet", "arrival_time_ms"],
        "RTCRtpReceiver._handle_rtp_packet has other parameters.",
        "webrtc.py",
    )
    require(
        inspect.iscoroutinefunction(RTCRtpReceiver._handle_rtp_packet),
        "RTCRtpReceiver._handle_rtp_packet is no coroutine any more.",
        "webrtc.py",
    )
    source = inspect.getsource(aiortc.rtcdtlstransport.RTCDtlsTransport._handle_rtp_data)
    require(
        "receiver._handle_rtp_packet(packet, arrival_time_ms=arrival_time_ms)" in source,
        "RTCDtlsTransport calls the receiver in another way.",
        "webrtc.py",
    )


def test_the_receivers_reports_can_be_fed() -> None:
    source = inspect.getsource(RTCRtpReceiver)
    require(
        "self.__remote_streams: dict[int, StreamStatistics] = {}" in source,
        "RTCRtpReceiver keeps its statistics elsewhere.",
        "webrtc.py",
    )
    require(
        names(StreamStatistics) == ["clockrate"]
        and names(StreamStatistics.add) == ["self", "packet"],
        "StreamStatistics has other parameters.",
        "webrtc.py",
    )


def test_a_track_may_give_encoded_packets() -> None:
    source = inspect.getsource(aiortc.rtcrtpsender.RTCRtpSender._next_encoded_frame)
    require(
        "self.__encoder.pack(data)" in source and "self.__track.recv()" in source,
        "RTCRtpSender does not take encoded packets from a track any more.",
        "webrtc.py",
    )
    require("stop" in vars(MediaStreamTrack), "MediaStreamTrack has no stop.", "webrtc.py")


def test_gathering_can_be_replaced() -> None:
    require(
        names(Connection.get_component_candidates) == ["self", "component", "addresses", "timeout"],
        "aioice's Connection.get_component_candidates has other parameters.",
        "ice.py",
    )
    source = inspect.getsource(Connection)
    for line in (
        "self._protocols: list[StunProtocol] = []",
        "self._queue: asyncio.Queue[tuple[bytes, int] | None] = asyncio.Queue()",
        "self._queue.put_nowait((data, component))",
        "self.get_component_candidates(component=component, addresses=addresses)",
    ):
        require(line in source, f"aioice's Connection has no `{line}`.", "ice.py")
    require(
        names(aioice.ice.server_reflexive_candidate) == ["protocol", "stun_server"],
        "aioice.ice.server_reflexive_candidate has other parameters.",
        "ice.py",
    )


def test_a_transport_shows_its_connection() -> None:
    source = inspect.getsource(aiortc.rtcicetransport.RTCIceTransport)
    require(
        "self._connection = gatherer._connection" in source,
        "RTCIceTransport keeps its connection elsewhere.",
        "ice.py",
    )


def test_what_a_peer_makes_us_hold_can_be_counted() -> None:
    source = inspect.getsource(aiortc.rtcsctptransport)
    for line in (
        "self._advertised_rwnd = 1024 * 1024",
        "self._advertised_rwnd -= len(chunk.user_data)",
        "self._inbound_streams: dict[int, InboundStream] = {}",
        "self._data_channels: dict[int, RTCDataChannel] = {}",
        "self._sack_misordered: set[int] = set()",
        "self.reassembly: list[DataChunk] = []",
    ):
        require(line in source, f"aiortc's SCTP has no `{line}`.", "excess.py")
    require(
        "self._remote_candidates: list[Candidate] = []" in inspect.getsource(Connection),
        "aioice's Connection keeps its remote candidates elsewhere.",
        "excess.py",
    )
    dtls = inspect.getsource(aiortc.rtcdtlstransport.RTCDtlsTransport)
    for line in (
        "self._rx_srtp = Session(rx_policy)",
        "data = self._rx_srtp.unprotect_rtcp(data)",
        "data = self._rx_srtp.unprotect(data)",
        "except pylibsrtp.Error as exc:",
    ):
        require(line in dtls, f"aiortc's DTLS has no `{line}`.", "excess.py")


def test_only_turn_is_left_of_aioices_gathering() -> None:
    source = inspect.getsource(Connection.get_component_candidates)
    for line in ("if self.stun_server:", "if self.turn_server:", "timeout=timeout)"):
        require(line in source, f"aioice's gathering has no `{line}`.", "ice.py")
