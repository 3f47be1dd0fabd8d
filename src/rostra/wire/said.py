"""Limits on what an edge tells of its audience beside plain counts: sketches, reactions, hands."""

from collections.abc import Mapping
from typing import Final

from rostra.domain.limits import SPACE_ID_CHARS_MAX
from rostra.domain.voices import (
    HANDS_PER_TALLY_MAX,
    LISTENER_CHARS_MAX,
    REGISTER_MAX,
    REGISTERS,
)

REACTION_KINDS_MAX: Final = 16
"""There are five; a later edge may know some more."""

REACTION_CHARS_MAX: Final = 16
"""Of a reaction's name: one short word."""

REACTIONS_MAX: Final = 1_000_000
"""Of one kind, in one space, at one edge, in one second: an edge takes two thousand."""

_VALUES: Final = bytes(range(REGISTER_MAX + 1))


def fault_of(
    run: str, unique: bytes, reactions: Mapping[str, int], hands: Mapping[str, bool]
) -> str:
    """What is wrong with them, or an empty string."""
    if len(run) > SPACE_ID_CHARS_MAX or (unique and not is_sketch(unique)):
        return "what is no run or no sketch"
    known = all(len(kind) <= REACTION_CHARS_MAX for kind in reactions)
    bounded = all(0 <= count <= REACTIONS_MAX for count in reactions.values())
    if len(reactions) > REACTION_KINDS_MAX or not (known and bounded):
        return "reactions beyond a limit"
    if len(hands) > HANDS_PER_TALLY_MAX or any(len(one) > LISTENER_CHARS_MAX for one in hands):
        return "hands beyond a limit"
    return ""


def is_sketch(registers: bytes) -> bool:
    """Whether these bytes can be the registers of a `wire.sketch.Sketch`."""
    return len(registers) == REGISTERS and not registers.translate(None, _VALUES)
