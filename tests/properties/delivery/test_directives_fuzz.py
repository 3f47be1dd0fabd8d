"""Any query is a reload with numbers in their range, a plain reload, or a 400; nothing else."""

from contextlib import suppress
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rostra.delivery.directives import Reload, read
from rostra.delivery.refusals import Code, RefusedError

PIECES = st.sampled_from(
    [
        b"_HLS_msn",
        b"_HLS_part",
        b"_HLS_skip=YES",
        b"=",
        b"&",
        b"?",
        b"0",
        b"12",
        b"-1",
        b"%31",
        b"l",
    ]
)
ANY = st.binary(max_size=80) | st.lists(PIECES, max_size=12).map(b"".join)
NUMBERS = st.integers(0, 10**12 - 1)
OTHERS = st.lists(
    st.sampled_from([b"l=ab", b"ticket=x_HLS_msn", b"_HLS_skip=v2", b"", b"=", b"hls_msn=3"])
)


@given(ANY)
@example(b"_HLS_msn=" + b"9" * 13)
@example("_HLS_msn=\u0661".encode())
def test_any_query_is_read_or_refused(query: bytes) -> None:
    with suppress(RefusedError):
        found = read(b"/x?" + query)
        assert found is None or 0 <= found.msn < 10**12
        assert found is None or found.part is None or 0 <= found.part < 10**12


@given(NUMBERS, st.none() | NUMBERS, OTHERS, st.randoms())
def test_what_a_player_writes_is_read_whatever_stands_beside_it(
    msn: int, part: int | None, others: list[bytes], chance: Random
) -> None:
    pairs = [b"_HLS_msn=%d" % msn, *others]
    pairs += [] if part is None else [b"_HLS_part=%d" % part]
    chance.shuffle(pairs)
    assert read(b"/x?" + b"&".join(pairs)) == Reload(msn, part)


@given(OTHERS)
def test_who_asks_for_nothing_gets_a_plain_reload(others: list[bytes]) -> None:
    assert read(b"/x?" + b"&".join(others)) is None
    assert read(b"/x_HLS_msn=1") is None


@given(
    st.sampled_from(
        [
            b"_HLS_part=1",
            b"_HLS_msn",
            b"_HLS_msn=",
            b"_HLS_msn=+1",
            b"_HLS_msn=1.0",
            b"_HLS_msn=1&_HLS_msn=1",
            b"_HLS_msn=1&_HLS_part=",
            b"_HLS_msn=1&_HLS_part=1&_HLS_part=2",
        ]
    ),
    OTHERS,
)
def test_what_is_broken_is_refused(broken: bytes, others: list[bytes]) -> None:
    with pytest.raises(RefusedError) as caught:
        read(b"/x?" + b"&".join([broken, *others]))
    assert (caught.value.status, caught.value.code) == (400, Code.BAD_DIRECTIVE)
