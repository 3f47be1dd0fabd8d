"""A UDP proxy on loopback that does to RTP what a network does; the rest passes untouched."""

import asyncio
import re
from dataclasses import dataclass
from typing import cast

from benchmarks.links import Link

_CANDIDATE = re.compile(r"^a=candidate:.*\r\n", re.MULTILINE)
PACKET_S = 0.020
ANYWHERE = ("0.0.0.0", 0)  # noqa: S104 - a peer binds this machine's addresses, and no loopback


def is_rtp(datagram: bytes) -> bool:
    """Whether these bytes are RTP and no RTCP, STUN or DTLS (RFC 7983, RFC 5761)."""
    return len(datagram) > 1 and datagram[0] >> 6 == 2 and not 64 <= datagram[1] & 0x7F < 96


class _Near(asyncio.DatagramProtocol):
    """The socket that one side talks to; what comes is handed to the other."""

    def __init__(self, proxy: "Proxy") -> None:
        self._proxy = proxy
        self.transport: asyncio.DatagramTransport | None = None
        self.peer: tuple[str, int] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.peer = addr
        self._proxy.came(self, data)

    def send(self, data: bytes) -> None:
        if self.transport is not None and self.peer is not None:
            self.transport.sendto(data, self.peer)


@dataclass
class Proxy:
    """Between a sender, who is told `port`, and a receiver; RTP of the sender meets `link`.

    A packet is `n` times 20 ms old on the link's clock, however busy the machine is, so that two
    engines lose the same packets; the first one arms it.
    """

    link: Link
    port: int = 0

    async def open(self) -> None:
        """Bind both sockets."""
        loop = asyncio.get_running_loop()
        self._near = (await loop.create_datagram_endpoint(self._side, ANYWHERE))[1]
        self._far = (await loop.create_datagram_endpoint(self._side, ANYWHERE))[1]
        if self._near.transport is not None:
            self.port = self._near.transport.get_extra_info("sockname")[1]

    def _side(self) -> _Near:
        return _Near(self)

    def towards(self, answer: str) -> str:
        """The receiver's answer with this proxy as its only address."""
        ports = re.findall(
            r"^a=candidate:\S+ 1 udp \d+ (\S+) (\d+) typ host", answer, re.MULTILINE | re.IGNORECASE
        )
        host, port = next(one for one in ports if ":" not in one[0])
        self._far.peer = (host, int(port))
        mine = f"a=candidate:1 1 udp 2130706431 {host} {self.port} typ host\r\n"
        first, *rest = _CANDIDATE.split(answer)
        return first + mine + "".join(rest)

    def came(self, side: _Near, data: bytes) -> None:
        """Pass on what came, with the faults of the link for the sender's RTP."""
        if side is self._far:
            self._near.send(data)
            return
        if not is_rtp(data):
            self._far.send(data)
            return
        nominal_s = self.link.sent * PACKET_S
        arrival_s = self.link.arrival(nominal_s)
        if arrival_s is not None:
            later = asyncio.get_running_loop().call_later
            later(arrival_s - nominal_s, self._far.send, data)

    def close(self) -> None:
        """Close both sockets."""
        for side in (self._near, self._far):
            if side.transport is not None:
                side.transport.close()


def alone(offer: str) -> str:
    """An offer without addresses: who answers learns the proxy's from its first check."""
    return _CANDIDATE.sub("", offer).replace("a=end-of-candidates\r\n", "")
