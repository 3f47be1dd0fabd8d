"""Gathers our addresses: the public one behind 1:1 NAT, and ports from a configured range.

aioice binds any port on each address of the machine and knows no address but those. A connection
that aiortc made is adopted here: gathering and its queue of datagrams are replaced.
"""

import asyncio
import ipaddress
from typing import Any, Final, cast

from aioice import Candidate, Connection
from aioice.candidate import candidate_foundation, candidate_priority
from aioice.ice import StunProtocol, server_reflexive_candidate
from aiortc import RTCBundlePolicy, RTCConfiguration, RTCIceServer

from rostra.domain.errors import HouseError, PeerError
from rostra.stage.ports import IceOptions, IceServer

DATAGRAMS_MAX: Final = 256
"""Datagrams waiting for the event loop, per peer: two seconds of sound. The oldest are dropped."""

GATHER_S_MAX: Final = 3
"""STUN and TURN answer within 0.3 s, in three tries within 2 s. The desk gives up after ten seconds
(`web.calls.OFFER_TIMEOUT_S`), and whoever waits to speak much earlier."""

_LOOPBACK: Final = "127.0.0.1"
_PORT_LAST: Final = 65_535


def options(
    public_address: str = "", udp_ports: str = "", servers: tuple[IceServer, ...] = ()
) -> IceOptions:
    """Read the configuration's words; HouseError names the option that is wrong.

    `udp_ports` is a range such as "50000-50200", or empty.
    """
    if public_address:
        try:
            ipaddress.ip_address(public_address)
        except ValueError as error:
            sentence = f"stage.public_address: {public_address!r} is no IP address."
            raise HouseError(sentence) from error
    first, last = _port_range(udp_ports)
    return IceOptions(public_address, first, last, servers)


def configuration(house: IceOptions) -> RTCConfiguration:
    """What aiortc needs to know; no server is asked unless named (its own default is Google's)."""
    return RTCConfiguration(
        iceServers=[
            RTCIceServer(
                urls=list(server.urls),
                username=server.username or None,
                credential=server.credential or None,
            )
            for server in house.servers
        ],
        bundlePolicy=RTCBundlePolicy.MAX_BUNDLE,
    )


class HouseConnection(Connection):
    """aioice's connection with our own way to gather (RFC 8445, section 5.1.1)."""

    house: IceOptions

    async def get_component_candidates(
        self,
        component: int,
        addresses: list[str],
        timeout: int = 5,  # noqa: ARG002, ASYNC109 - aioice's
    ) -> list[Candidate]:
        """Bind each address; add the public one; then ask STUN and TURN, if configured."""
        protocols: list[StunProtocol] = []
        for address in addresses or [_LOOPBACK]:
            protocol = await self._bind(address)
            if protocol is not None:
                protocol.local_candidate = _host_candidate(protocol, component)
                protocols.append(protocol)
        if not protocols:
            sentence = "No UDP port is free for another speaker. Widen stage.udp_ports."
            raise PeerError(sentence, status=503)
        self._protocols += protocols
        candidates = [protocol.local_candidate for protocol in protocols]
        candidates += self._public_candidates(candidates)
        return candidates + await self._from_servers(protocols, component)

    async def _from_servers(self, protocols: list[StunProtocol], component: int) -> list[Candidate]:
        """What STUN and TURN say within `GATHER_S_MAX`, asked at once; silence costs no more."""
        stun, self.stun_server = self.stun_server, None  # of aioice's own only TURN is to run
        try:
            asked = (self._reflexive(protocols, stun), self._relayed(component))
            return [candidate for found in await asyncio.gather(*asked) for candidate in found]
        finally:
            self.stun_server = stun

    async def _bind(self, address: str) -> StunProtocol | None:
        loop = asyncio.get_running_loop()
        ports = range(self.house.udp_first, self.house.udp_last + 1)
        for port in ports:
            try:
                _, protocol = await loop.create_datagram_endpoint(
                    lambda: StunProtocol(self), local_addr=(address, port)
                )
            except OSError:
                continue
            return protocol
        return None

    def _public_candidates(self, hosts: list[Candidate]) -> list[Candidate]:
        public = self.house.public_address
        if not public:
            return []
        version = ipaddress.ip_address(public).version
        same = [host for host in hosts if ipaddress.ip_address(host.host).version == version]
        return [
            Candidate(
                foundation=candidate_foundation("srflx", "udp", public),
                component=host.component,
                transport="udp",
                priority=candidate_priority(host.component, "srflx"),
                host=public,
                port=host.port,
                type="srflx",
                related_address=host.host,
                related_port=host.port,
            )
            for host in same
            if host.host != public
        ]

    async def _reflexive(
        self, protocols: list[StunProtocol], stun: tuple[str, int] | None
    ) -> list[Candidate]:
        if stun is None:
            return []
        v4 = [
            protocol
            for protocol in protocols
            if ipaddress.ip_address(protocol.local_candidate.host).version == 4  # noqa: PLR2004 - IPv4
        ]
        if not v4:
            return []
        tasks = [asyncio.create_task(server_reflexive_candidate(protocol, stun)) for protocol in v4]
        done, late = await asyncio.wait(tasks, timeout=GATHER_S_MAX)
        for task in late:
            task.cancel()
        return [task.result()[0] for task in done if task.exception() is None]

    async def _relayed(self, component: int) -> list[Candidate]:
        """TURN is aioice's own: with no address and no STUN, only that part of it runs."""
        if self.turn_server is None:
            return []
        return await super().get_component_candidates(component, [], GATHER_S_MAX)


class Datagrams(asyncio.Queue[tuple[bytes, int] | None]):
    """What waits between a socket and DTLS; a flood drops the oldest instead of filling memory."""

    def __init__(self) -> None:
        super().__init__()
        self.dropped = 0

    def put_nowait(self, item: tuple[bytes, int] | None) -> None:
        """Never raises; None (the end) is always taken."""
        if self.qsize() >= DATAGRAMS_MAX and item is not None:
            self.get_nowait()
            self.dropped += 1
        super().put_nowait(item)


def adopt(connection: Connection, house: IceOptions) -> Datagrams:
    """Make a fresh connection of aiortc's gather and queue as we do; its queue from now on."""
    connection.__class__ = HouseConnection
    adopted = cast("HouseConnection", connection)
    adopted.house = house
    queue = Datagrams()
    untyped: Any = adopted
    untyped._queue = queue  # noqa: SLF001 - pinned by tests/unit/stage/test_pins.py
    return queue


def _host_candidate(protocol: StunProtocol, component: int) -> Candidate:
    host, port = protocol.transport.get_extra_info("sockname")[:2]
    return Candidate(
        foundation=candidate_foundation("host", "udp", host),
        component=component,
        transport="udp",
        priority=candidate_priority(component, "host"),
        host=host,
        port=port,
        type="host",
    )


def _port_range(words: str) -> tuple[int, int]:
    if not words.strip():
        return 0, 0
    first, dash, last = words.partition("-")
    if dash and first.strip().isdecimal() and last.strip().isdecimal():
        low, high = int(first), int(last)
        if 0 < low <= high <= _PORT_LAST:
            return low, high
    sentence = f'stage.udp_ports: {words!r} is no range of ports such as "50000-50200".'
    raise HouseError(sentence)
