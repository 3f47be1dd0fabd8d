"""What one peer may make this studio hold: aiortc and aioice keep whatever a peer sends.

aiortc announces a receive window (RFC 9260, section 6) and does not enforce it, keeps a message
that never ends, and every stream, source and address that it has seen. An honest page needs a
small part of what is allowed here. What is read is pinned by `tests/unit/stage/test_pins`.
"""

from collections.abc import Callable
from typing import Any, Final, Protocol

import pylibsrtp

LOOK_EVERY_S: Final = 1.0
"""How often a peer's belongings are counted; between two looks only its bandwidth is its limit."""

WINDOW_BYTES: Final = 1024 * 1024
"""The receive window that aiortc begins with, and takes from as bytes wait for their message."""

UNFINISHED_BYTES_MAX: Final = 128 * 1024
"""Bytes of messages that are not complete: a command is under 4 kB, and few overtake each other."""

CHUNKS_MAX: Final = 512
"""Pieces of such messages, and numbers beyond a gap: empty ones take no window, but memory."""

STREAMS_MAX: Final = 16
"""Streams of SCTP, and channels on them; a page opens one."""

ADDRESSES_MAX: Final = 96
"""Addresses that a peer was seen at: 32 are in its offer (`sdp.CANDIDATES_MAX`), and each router
on the way may show a few more."""

SSRCS_MAX: Final = 8
"""Sources (RFC 3550) that one peer may send from; each costs memory here and in libsrtp."""


def excess(sctp: Any, ice: Any) -> str:  # noqa: ANN401 - of aiortc, whose types hide what is read
    """What this peer has too much of, in words for the log; empty if nothing."""
    addresses = len(ice._remote_candidates)  # noqa: SLF001 - pinned
    if addresses > ADDRESSES_MAX:
        return f"{addresses} addresses"
    return _of_channels(sctp) if sctp is not None else ""


def _of_channels(sctp: Any) -> str:  # noqa: ANN401 - as above
    unfinished = WINDOW_BYTES - sctp._advertised_rwnd  # noqa: SLF001 - pinned
    if unfinished > UNFINISHED_BYTES_MAX:
        return f"{unfinished} bytes of unfinished messages"
    streams = sctp._inbound_streams  # noqa: SLF001 - pinned
    count = max(len(streams), len(sctp._data_channels))  # noqa: SLF001 - pinned
    if count > STREAMS_MAX:
        return f"{count} streams"
    chunks = len(sctp._sack_misordered)  # noqa: SLF001 - pinned
    chunks += sum(len(stream.reassembly) for stream in streams.values())
    return f"{chunks} pieces of messages" if chunks > CHUNKS_MAX else ""


class Session(Protocol):
    """The receiving end of SRTP: `pylibsrtp.Session`."""

    def unprotect(self, packet: bytes) -> bytes:
        """Check and decrypt RTP."""
        ...

    def unprotect_rtcp(self, packet: bytes) -> bytes:
        """Check and decrypt RTCP."""
        ...


class FewSources:
    """Takes the place of a peer's SRTP session; a peer with too many sources is reported once.

    Only packets that are genuine count: nobody else can use the peer's sources up.
    """

    def __init__(self, session: Session, too_many: Callable[[], None]) -> None:
        self._session = session
        self._too_many = too_many
        self._sources: set[bytes] = set()

    def unprotect(self, packet: bytes) -> bytes:
        """Check and decrypt RTP; the source is in bytes 8 to 11 (RFC 3550, section 5.1)."""
        return self._admitted(packet[8:12], self._session.unprotect(packet))

    def unprotect_rtcp(self, packet: bytes) -> bytes:
        """Check and decrypt RTCP; the source is in bytes 4 to 7 (RFC 3550, section 6.4)."""
        return self._admitted(packet[4:8], self._session.unprotect_rtcp(packet))

    def _admitted(self, source: bytes, plain: bytes) -> bytes:
        if source not in self._sources:
            if len(self._sources) >= SSRCS_MAX:
                self._too_many()
                raise pylibsrtp.Error("too many sources")  # noqa: EM101, TRY003 - aiortc drops it
            self._sources.add(source)
        return plain
