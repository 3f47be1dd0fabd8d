import random

import pytest

from rostra.domain.errors import MalformedError
from rostra.domain.voices import REGISTER_MAX, REGISTERS
from rostra.wire.sketch import ESTIMATE_MAX, Sketch, _image

STANDARD_ERROR = 1.04 / REGISTERS**0.5


def sketch(digests: list[int]) -> Sketch:
    one = Sketch()
    for digest in digests:
        one.add(digest)
    return one


def union(*parts: Sketch) -> Sketch:
    whole = Sketch()
    for part in parts:
        whole.merge(part.registers())
    return whole


@pytest.mark.parametrize("count", [1, 30, 1_000, 50_000])
def test_an_estimate_is_near_and_small_numbers_are_exact(count: int) -> None:
    source = random.Random(count)
    estimate = sketch([source.getrandbits(63) for _ in range(count)]).estimate()
    assert abs(estimate - count) <= 3 * STANDARD_ERROR * count


def test_a_union_is_what_one_sketch_of_all_would_be() -> None:
    source = random.Random(1)
    digests = [source.getrandbits(64) - 2**63 for _ in range(9_000)]
    a, b, c = sketch(digests[:6_000]), sketch(digests[3_000:]), sketch(digests[::2])
    whole = sketch(digests).registers()
    ways = [union(a, b, c), union(c, b, a), union(union(a, b), c), union(a, union(b, c), a, a)]
    assert {way.registers() for way in ways} == {whole}
    assert len({way.estimate() for way in ways}) == 1


def test_the_image_is_the_one_that_the_library_writes() -> None:
    source = random.Random(2)
    for count in (1, 500, 60_000):
        one = union(sketch([source.getrandbits(63) for _ in range(count)]))
        assert _image(one.registers()) == bytes(one._hll.serialize_updatable())


def test_an_empty_sketch_estimates_nobody() -> None:
    assert union(Sketch()).estimate() == 0
    assert len(Sketch().registers()) == REGISTERS


def test_registers_at_their_end_estimate_no_more_than_there_are_people() -> None:
    one = Sketch()
    one.merge(bytes([REGISTER_MAX]) * REGISTERS)
    assert one.estimate() == ESTIMATE_MAX


@pytest.mark.parametrize(
    "registers", [b"", b"a", bytes(REGISTERS - 1), bytes(REGISTERS - 1) + bytes([REGISTER_MAX + 1])]
)
def test_what_is_no_registers_is_refused(registers: bytes) -> None:
    with pytest.raises(MalformedError, match="registers"):
        Sketch().merge(registers)
