"""What the stage needs from whoever carries sound and words between it and its participants.

An `Engine` terminates WebRTC (RFC 8825) or stands in for it. It hands over Opus packets as they
arrive, without waiting or decoding, and sends those that it is given: jitter, mix and rules stay
on this side, so that another engine may take its place.
"""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class IceServer:
    """A STUN or TURN server, as a browser's RTCIceServer."""

    urls: tuple[str, ...]
    username: str = ""
    credential: str = ""


@dataclass(frozen=True, slots=True)
class IceOptions:
    """How speakers reach this machine.

    `public_address` is offered beside the machine's own ones (1:1 NAT); `udp_first` to `udp_last`
    is the range of ports to use, 0 to let the system choose.
    """

    public_address: str = ""
    udp_first: int = 0
    udp_last: int = 0
    servers: tuple[IceServer, ...] = ()


class Sink(Protocol):
    """Where an engine puts what comes from one peer; called on the event loop's thread."""

    def connected(self) -> None:
        """Sound can flow."""
        ...

    def opened(self) -> None:
        """Words can be sent."""
        ...

    def packet(self, sequence: int, timestamp: int, payload: bytes, arrival_us: int) -> None:
        """An Opus packet: 16-bit sequence, 32-bit timestamp at 48 kHz, monotonic arrival."""
        ...

    def message(self, text: str | bytes) -> None:
        """Something came over the data channel, unchecked."""
        ...

    def closed(self) -> None:
        """The connection is gone, for whatever reason; said once, and the last word."""
        ...


class Peer(Protocol):
    """One connection to a participant; its methods belong to the event loop's thread."""

    def send_audio(self, payload: bytes, timestamp: int) -> None:
        """Send an Opus packet; dropped if the peer is not connected. Timestamp wraps at 2^32."""
        ...

    def send_text(self, text: str, *, droppable: bool = False) -> None:
        """Send over the data channel; dropped if it is not open, or `droppable` and it is slow."""
        ...

    async def close(self, last_word: str = "") -> None:
        """Send the last word, give it a moment to arrive, and close; may be called twice."""
        ...


class Engine(Protocol):
    """Answers offers."""

    async def answer(self, offer_sdp: str, sink: Sink) -> tuple[Peer, str]:
        """Make a peer of an SDP offer (RFC 8866) and return it with the answer, complete.

        Raises PeerError (400) for an offer that is broken, or 503 when there is no room, and
        HouseError when it could not by its own fault; nothing is left behind then.
        """
        ...

    async def close(self) -> None:
        """Close every peer."""
        ...
