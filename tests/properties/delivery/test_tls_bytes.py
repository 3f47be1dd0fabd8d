"""Invariant: what `TlsSocket.send` says that it took arrives whole, once and in order.

The sender goes on as every caller does: after a write that was not taken whole comes its rest,
after one of which nothing was taken anything else. The reader reads when it likes.
"""

import contextlib
import functools
import socket
import ssl
import tempfile
from collections.abc import Iterator
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fakes.authority import NAME, Authority

from rostra.delivery.drivers.tls import TlsSocket, context

SIZES = st.one_of(st.integers(0, 3), st.integers(1_500, 3_000), st.integers(16_000, 40_000))
STEPS = st.lists(st.tuples(SIZES, st.integers(0, 6_000)), min_size=1, max_size=60)


@functools.cache
def contexts() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """The edge's and a client's; made once."""
    authority = Authority()
    made = context()
    with tempfile.TemporaryDirectory() as folder:
        made.load_cert_chain(*authority.write(Path(folder)))
    return made, authority.client()


@contextlib.contextmanager
def pair() -> Iterator[tuple[TlsSocket, ssl.SSLSocket]]:
    """Both ends of a connection with small buffers, its handshake done."""
    edge, client = contexts()
    ours, theirs = socket.socketpair()
    for one in (ours, theirs):
        one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)
        one.setblocking(False)
    with (
        client.wrap_socket(theirs, server_hostname=NAME, do_handshake_on_connect=False) as reader,
        edge.wrap_socket(ours, server_side=True, do_handshake_on_connect=False) as writer,
    ):
        assert isinstance(writer, TlsSocket)
        done = set[ssl.SSLSocket]()
        while len(done) < 2:
            for end in (reader, writer):
                with contextlib.suppress(ssl.SSLWantReadError, ssl.SSLWantWriteError):
                    end.do_handshake()
                    done.add(end)
        yield writer, reader


def read(reader: ssl.SSLSocket, count: int) -> bytes:
    try:
        return reader.recv(count) if count else b""
    except ssl.SSLWantReadError:
        return b""


@given(STEPS)
@settings(max_examples=40, deadline=None)
def test_what_was_taken_arrives(steps: list[tuple[int, int]]) -> None:
    with pair() as (writer, reader):
        taken = got = rest = b""
        for number, (size, reading) in enumerate(steps):
            data = rest or bytes([number]) * size
            try:
                count = writer.send(data)
            except BlockingIOError:
                count = 0
            assert 0 <= count <= len(data)
            taken += data[:count]
            rest = data[count:] if count else rest
            got += read(reader, reading)
        while rest or writer._held is not None:
            got += read(reader, 65_536)
            with contextlib.suppress(BlockingIOError):
                data = rest or b"!"  # what was held as taken goes out before anything else
                count = writer.send(data)
                taken, rest = taken + data[:count], rest[count:]
        while len(got) < len(taken):
            got += read(reader, 65_536)
        assert got == taken
