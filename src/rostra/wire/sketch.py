"""Estimates how many different listeners there were, from registers that merge without loss.

HyperLogLog (Flajolet and others, 2007) as Apache DataSketches keeps it, with a byte a register.
Only the registers travel: the library trusts the image that it reads, and one that was made up
can end the process. So an image is always built here, around bytes that have been looked at.
"""

import struct
from typing import Final

import datasketches

from rostra.domain.errors import MalformedError
from rostra.domain.voices import REGISTER_MAX, REGISTERS
from rostra.wire.said import is_sketch

ESTIMATE_MAX: Final = 10_000_000_000
"""More than there are people: what registers at their end estimate is no number of listeners."""

_LOG2: Final = REGISTERS.bit_length() - 1
_HEAD: Final = struct.Struct("<8B3d2I")
"""The library's preamble: eight bytes of kind, then the sums that estimates are made of."""

_KIND: Final = (10, 1, 7, _LOG2, 0, 0x30, 0, 10)
"""Preamble of ten integers, version, family, size; of full size and out of order; HLL_8."""

_LOW_END: Final = 32
"""Registers from here on are summed apart, so that none is lost to rounding."""


class Sketch:
    """A set of hashes of which only the number of different ones can be told, roughly."""

    __slots__ = ("_hll",)

    def __init__(self) -> None:
        self._hll = datasketches.hll_sketch(_LOG2, datasketches.HLL_8, start_max_size=True)

    def add(self, digest: int) -> None:
        """Take one keyed hash, a signed integer of 64 bits."""
        self._hll.update(digest)

    def registers(self) -> bytes:
        """All that travels: 4,096 bytes from 0 to 63."""
        image = bytes(self._hll.serialize_updatable())
        return image[_HEAD.size :]

    def merge(self, registers: bytes) -> None:
        """Take what another sketch has seen; MalformedError if these are no registers."""
        if not is_sketch(registers):
            sentence = f"A sketch of {len(registers)} bytes is not {REGISTERS} registers."
            raise MalformedError(sentence)
        if not any(registers):
            return
        union = datasketches.hll_union(_LOG2)
        union.update(self._hll)
        union.update(datasketches.hll_sketch.deserialize(_image(registers)))
        self._hll = union.get_result(datasketches.HLL_8)

    def estimate(self) -> int:
        """How many different hashes it has seen, about 1.6 % more or less."""
        estimate: float = self._hll.get_estimate()
        return min(round(estimate), ESTIMATE_MAX)


def _image(registers: bytes) -> bytes:
    """What the library writes for these registers, as one that came out of a union."""
    counts = [registers.count(value) for value in range(REGISTER_MAX + 1)]
    weights = [count * 2.0**-value for value, count in enumerate(counts)]
    low, high = sum(weights[:_LOW_END]), sum(weights[_LOW_END:])
    return _HEAD.pack(*_KIND, 0.0, low, high, counts[0], 0) + registers
