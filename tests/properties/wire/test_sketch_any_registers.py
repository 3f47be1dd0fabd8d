"""Whatever bytes come as a sketch: one refusal, or registers that merge in any order alike."""

import random

from hypothesis import given
from hypothesis import strategies as st

from rostra.domain.errors import MalformedError
from rostra.domain.voices import REGISTER_MAX, REGISTERS
from rostra.wire.sketch import ESTIMATE_MAX, Sketch


@st.composite
def registers(draw: st.DrawFn, most: int = REGISTER_MAX) -> bytes:
    """Registers as no crowd would leave them: any number of any size, in any place."""
    source = random.Random(draw(st.integers(0, 2**32)))
    share, top = draw(st.floats(0, 1)), draw(st.integers(0, most))
    some = bytes(source.randint(0, top) if source.random() < share else 0 for _ in range(64))
    return some * (REGISTERS // len(some))


def taken(*parts: bytes) -> Sketch | None:
    """The sketch of these parts, or None if one of them was refused."""
    sketch = Sketch()
    for part in parts:
        try:
            sketch.merge(part)
        except MalformedError:
            return None
    return sketch


@given(st.lists(registers(), min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_any_order_gives_the_same_and_no_part_is_lost(
    parts: list[bytes], source: random.Random
) -> None:
    whole = taken(*parts)
    assert whole is not None
    assert whole.registers() == bytes(map(max, *parts, bytes(REGISTERS)))
    assert 0 <= whole.estimate() <= ESTIMATE_MAX
    source.shuffle(parts)
    again = taken(*parts, *parts)
    assert again is not None
    assert again.registers() == whole.registers()


@given(registers(255))
def test_a_register_beyond_its_end_is_refused(one: bytes) -> None:
    assert (taken(one) is None) == (max(one) > REGISTER_MAX)


@given(st.binary(max_size=64).map(lambda some: some * (REGISTERS // max(len(some), 1))))
def test_any_bytes(some: bytes) -> None:
    assert (taken(some) is None) == (len(some) != REGISTERS or max(some) > REGISTER_MAX)
