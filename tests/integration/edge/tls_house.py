"""A real edge that speaks TLS, and clients that speak it to the edge."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.fakes.authority import NAME, Authority
from tests.fakes.grid_messages import loop as hold_loop
from tests.integration.edge.edge_house import Client, House, house

from rostra.app.edge_child import Stock
from rostra.delivery.access import OPEN, Access
from rostra.delivery.drivers.handshakes import Tls
from rostra.delivery.drivers.tls import context


class TlsClient(Client):
    """A client that trusts the test's authority."""

    def __init__(
        self,
        address: tuple[str, int],
        trust: ssl.SSLContext,
        session: ssl.SSLSession | None = None,
        receive_buffer: int = 0,
    ) -> None:
        super().__init__(address, receive_buffer)
        self.secure = trust.wrap_socket(self.sock, server_hostname=NAME, session=session)
        self.sock = self.secure


class TlsHouse:
    """An edge with a certificate, and who may connect to it."""

    def __init__(self, subject: House, tls: Tls, trust: ssl.SSLContext) -> None:
        self.house = subject
        self.tls = tls
        self.trust = trust

    def get(
        self,
        path: str,
        headers: str = "",
        *,
        session: ssl.SSLSession | None = None,
        receive_buffer: int = 0,
    ) -> TlsClient:
        """Connect by TLS and send one request."""
        client = TlsClient(self.house.address, self.trust, session, receive_buffer)
        self.house.clients.append(client)
        client.sock.sendall(f"GET {path} HTTP/1.1\r\nHost: test\r\n{headers}\r\n".encode())
        return client

    def raw(self, data: bytes = b"") -> Client:
        """Connect without TLS."""
        return self.house.client(data)


def with_certificate(folder: Path, authority: Authority) -> Tls:
    """A context that has a certificate already."""
    made = context()
    made.load_cert_chain(*authority.write(folder))
    return Tls(made, ready=True)


@contextmanager
def tls_house(
    tls: Tls, authority: Authority, access: Access = OPEN, listeners_max: int = 100
) -> Iterator[TlsHouse]:
    """Run an edge that speaks TLS for the length of a block."""
    stock = Stock(None, {}, hold_loop(), access, tls=tls)
    with house(listeners_max, stock) as subject:
        yield TlsHouse(subject, tls, authority.client())


def closed(sock: socket.socket) -> bool:
    """Whether the other end has closed; waits as long as the socket's time-out."""
    try:
        return sock.recv(1) == b""
    except ConnectionResetError:
        return True
