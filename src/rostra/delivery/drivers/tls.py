"""TLS on a connection, with the manners of a plain non-blocking socket.

Whoever writes and reads need not know which of the two it has.
"""

import contextlib
import errno
import ssl
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

RECORD_BYTES_MAX: Final = 16 * 1024
"""What one record carries (RFC 8446, section 5.1): more than that is not taken at once, so that
a retry is never of more than one record."""

EMPTY_READS_MAX: Final = 64
"""Times in a row that something came and was no data: half records, or key updates (RFC 8446,
section 4.6.3) without end, which cost us and say nothing."""

ALPN: Final = "http/1.1"
"""All that an edge speaks."""


class TlsSocket(ssl.SSLSocket):
    """What a `context()` makes of a socket.

    OpenSSL wants the bytes of a write that could not go out again, and all of them: they are
    encrypted already. Such a record is held here, and `send` says that it took all but its last
    byte. The caller then owes that byte as it owes the rest of any write, waits until the
    socket can be written, and comes back with it: the record goes out first. So a unit that was
    begun is finished whole, and nothing but the caller decides when.
    """

    _held: bytes | None = None
    _claimed_all = False
    """The held record was one byte, of which nothing could be left to the caller."""
    _empty = 0
    _ended = False
    _shut = False
    unread: set[int] | None = None
    """Where this socket's descriptor goes when it has data that no poller can see."""

    def send(self, data: "ReadableBuffer", flags: int = 0) -> int:  # noqa: ARG002 - TLS has none
        """Bytes taken of `data`; BlockingIOError for none, OSError where the peer is gone."""
        if self._shut:  # the base class would raise a ValueError
            raise BrokenPipeError
        if self._held is not None:
            return self._finish(data)
        size = len(data)  # type: ignore[arg-type]  # bytes and views of bytes alone are written
        if not 0 < size <= RECORD_BYTES_MAX:
            if not size:
                return 0
            data = memoryview(data)[:RECORD_BYTES_MAX]
            size = RECORD_BYTES_MAX
        try:
            return super().write(data)
        except (ssl.SSLWantWriteError, ssl.SSLWantReadError):
            self._held = bytes(data)
            self._claimed_all = size == 1
            return max(1, size - 1)

    def _finish(self, data: "ReadableBuffer") -> int:
        """Write the held record; then the one byte that was left to the caller is done too."""
        try:
            super().write(self._held or b"")
        except (ssl.SSLWantWriteError, ssl.SSLWantReadError):
            raise BlockingIOError from None
        self._held = None
        return self.send(data) if self._claimed_all else 1

    def recv(self, buflen: int = 1_024, flags: int = 0) -> bytes:
        """At most `buflen` bytes, none at the end (with or without a goodbye of TLS)."""
        try:
            data = super().recv(buflen, flags)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            self._empty += 1
            if self._empty > EMPTY_READS_MAX:
                raise OSError(errno.EPROTO, "a peer sends records without data") from None
            raise BlockingIOError from None
        if data:
            self._empty = 0
            if len(data) == buflen and self.unread is not None and self.pending():
                self.unread.add(self.fileno())
        else:
            self._ended = True
        return data

    def shutdown(self, how: int) -> None:
        """Say goodbye in TLS, without waiting for the peer's, and then as a plain socket does.

        What comes afterwards is read as it is, encrypted, and is of no use to anybody.
        """
        self._goodbye()
        self._shut = True
        super().shutdown(how)

    def close(self) -> None:
        """Say goodbye where that is still possible, and close."""
        if not self._ended:
            self._goodbye()
        super().close()

    def _goodbye(self) -> None:
        # A goodbye in the middle of a record would not read: then the end is a ragged one.
        if self._held is None:
            with contextlib.suppress(OSError, ValueError):
                self.unwrap()


def context() -> ssl.SSLContext:
    """How edges speak TLS; to be made before they are forked, and to be kept.

    It holds the keys of session tickets: a session that one edge began, every process that was
    forked with this context resumes. It has no certificate yet.
    """
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.sslsocket_class = TlsSocket
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    # Key exchange with forward secrecy and authenticated encryption, nothing else (RFC 9325).
    made.set_ciphers("ECDHE+AESGCM:ECDHE+CHACHA20")
    # Phones without AES in hardware ask for ChaCha20 first, and know why.
    made.options &= ~ssl.OP_CIPHER_SERVER_PREFERENCE
    made.options |= ssl.OP_NO_RENEGOTIATION
    made.set_alpn_protocols([ALPN])
    # A player opens one connection; a ticket costs a handshake's twentieth to make.
    made.num_tickets = 1
    return made
