"""Each limit on what a peer may make us hold, reached one by one."""

from types import SimpleNamespace
from typing import Any

import pylibsrtp
import pytest

from rostra.stage.drivers.excess import (
    ADDRESSES_MAX,
    CHUNKS_MAX,
    SSRCS_MAX,
    STREAMS_MAX,
    UNFINISHED_BYTES_MAX,
    WINDOW_BYTES,
    FewSources,
    excess,
)


def held(**more: object) -> tuple[Any, Any]:
    """The SCTP and ICE of a page at work, but for `more`."""
    page: dict[str, Any] = {
        "_advertised_rwnd": WINDOW_BYTES - 4_000,
        "_inbound_streams": {0: SimpleNamespace(reassembly=[object()] * 4)},
        "_data_channels": {0: object()},
        "_sack_misordered": {7, 8, 9},
        "_remote_candidates": [object()] * 12,
    }
    everything: Any = SimpleNamespace(**(page | more))
    return everything, everything


def streams(count: int, chunks: int) -> dict[int, Any]:
    return {number: SimpleNamespace(reassembly=[object()] * chunks) for number in range(count)}


def test_a_page_at_work_has_nothing_too_much() -> None:
    assert excess(*held()) == ""
    sctp, ice = held()
    assert excess(None, ice) == ""
    assert sctp is ice


@pytest.mark.parametrize(
    ("much", "says"),
    [
        ({"_advertised_rwnd": WINDOW_BYTES - UNFINISHED_BYTES_MAX - 1}, "unfinished"),
        ({"_inbound_streams": streams(STREAMS_MAX + 1, 0)}, "streams"),
        ({"_data_channels": dict.fromkeys(range(STREAMS_MAX + 1))}, "streams"),
        ({"_inbound_streams": streams(1, CHUNKS_MAX)}, "pieces"),
        ({"_sack_misordered": set(range(CHUNKS_MAX))}, "pieces"),
        ({"_remote_candidates": [object()] * (ADDRESSES_MAX + 1)}, "addresses"),
    ],
)
def test_each_limit_is_reached(much: dict[str, Any], says: str) -> None:
    assert says in excess(*held(**much))


@pytest.mark.parametrize(
    "little",
    [
        {"_advertised_rwnd": WINDOW_BYTES - UNFINISHED_BYTES_MAX},
        {"_inbound_streams": streams(STREAMS_MAX, 0)},
        {"_inbound_streams": streams(1, CHUNKS_MAX - 3)},
        {"_remote_candidates": [object()] * ADDRESSES_MAX},
    ],
)
def test_what_is_allowed_is_not_too_much(little: dict[str, Any]) -> None:
    assert excess(*held(**little)) == ""


class Genuine:
    """An SRTP session to which every packet is genuine but the empty one."""

    def unprotect(self, packet: bytes) -> bytes:
        if not packet:
            raise pylibsrtp.Error
        return packet

    unprotect_rtcp = unprotect


def rtp(source: int) -> bytes:
    return bytes(8) + source.to_bytes(4, "big")


def rtcp(source: int) -> bytes:
    return bytes(4) + source.to_bytes(4, "big") + bytes(4)


def test_sources_are_counted_over_rtp_and_rtcp_together() -> None:
    told: list[str] = []
    few = FewSources(Genuine(), lambda: told.append("many"))
    for _ in range(3):
        for source in range(1, SSRCS_MAX + 1):
            assert few.unprotect(rtp(source))
            assert few.unprotect_rtcp(rtcp(source))
    assert told == []
    with pytest.raises(pylibsrtp.Error):
        few.unprotect_rtcp(rtcp(1_000))
    with pytest.raises(pylibsrtp.Error):
        few.unprotect(rtp(1_001))
    assert few.unprotect(rtp(1))
    assert told == ["many", "many"]


def test_packets_that_are_not_genuine_use_nothing_up() -> None:
    few = FewSources(Genuine(), lambda: pytest.fail("nobody sent anything"))
    for _ in range(10 * SSRCS_MAX):
        with pytest.raises(pylibsrtp.Error):
            few.unprotect(b"")
    assert few.unprotect(rtp(1))
