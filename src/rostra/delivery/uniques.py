"""Sketches of the listeners that an edge has had, one for each space and run."""

import hashlib
from dataclasses import dataclass, field
from typing import Final

from rostra.delivery.allowance import NS_PER_S
from rostra.wire.sketch import Sketch

TELL_EVERY_NS: Final = 10 * NS_PER_S
"""A sketch of 4 kB is told at most this often: 0.4 kB a second beside 16 kB of programme."""

SKETCHES_PER_TALLY_MAX: Final = 64
"""In one tally, 265 kB of the 1 MB that the backbone takes; the others follow a second later."""

_KEY_BYTES: Final = 32


def digest(key: bytes, who: bytes) -> int:
    """A keyed hash as a signed integer of 64 bits: nobody without the key finds `who` by trial."""
    return int.from_bytes(hashlib.blake2b(who, digest_size=8, key=key).digest(), signed=True)


@dataclass(slots=True)
class _Run:
    name: str
    key: bytes
    sketch: Sketch = field(default_factory=Sketch)
    told_ns: int = -TELL_EVERY_NS


class Uniques:
    """Who has listened at this edge, as far as a sketch remembers.

    The key of a run is made of `secret`, which all edges of a house share, and is nowhere stored:
    so the same listener is the same at each of them, and another one in the next run.
    """

    def __init__(self, secret: bytes) -> None:
        self.secret = secret
        self._runs: dict[str, _Run] = {}
        self._left = SKETCHES_PER_TALLY_MAX

    def add(self, space: str, run: str, who: bytes) -> None:
        """Somebody began to listen to a run."""
        one = self._runs.get(space)
        if one is None or one.name != run:
            key = hashlib.blake2b(run.encode(), digest_size=_KEY_BYTES, key=self.secret).digest()
            one = self._runs[space] = _Run(run, key)
        one.sketch.add(digest(one.key, who))

    def begin(self) -> None:
        """A tally begins."""
        self._left = SKETCHES_PER_TALLY_MAX

    def told(self, space: str, run: str, now_ns: int) -> tuple[str, bytes]:
        """The space's present run and the registers that this tally tells of it, or nothing.

        Where nobody has joined that run yet, what is known of the one before stays untold.
        They are told again while nobody comes: a studio may have begun anew.
        """
        one = self._runs.get(space)
        if (
            one is None
            or one.name != run
            or self._left <= 0
            or now_ns - one.told_ns < TELL_EVERY_NS
        ):
            return "", b""
        one.told_ns = now_ns
        self._left -= 1
        return one.name, one.sketch.registers()

    def forget(self, space: str) -> None:
        """The space is over."""
        self._runs.pop(space, None)
