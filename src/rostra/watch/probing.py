"""Probes: what one found, and what the places together say of a component."""

from typing import Final

import msgspec

STEPS: Final = (
    "resolve",
    "connect",
    "tls",
    "expiry",
    "page",
    "first_sound",
    "slow",
    "gap",
    "t0",
    "silence",
)
"""What can fail, in this order; `page` is any answer of HTTP, `expiry` a certificate that is soon
over, `slow` a first sound that came late."""

WHY_CHARS_MAX: Final = 200
"""A step's sentence: one line on a phone held sideways."""


def sentence(words: str) -> str:
    """What a stranger's machine said, fit to be shown: one line, printable, not too long."""
    line = " ".join("".join(one if one.isprintable() else " " for one in words).split())
    return line if len(line) <= WHY_CHARS_MAX else line[: WHY_CHARS_MAX - 1] + "…"


QUALITY_STEPS: Final = frozenset({"expiry", "slow", "gap", "t0", "silence"})
"""Steps that fail after the target has been reached, and a listener is in: what fails in them alone
is no outage, and not the place's network."""


class Step(msgspec.Struct, frozen=True):
    """One step of a probe: how long it took, and why it failed."""

    name: str
    ms: float
    ok: bool = True
    why: str = ""
    """A sentence in English, without addresses of listeners; empty when it went well."""


class Result(msgspec.Struct, frozen=True):
    """One probe of one component from one place.

    `own_fault` says that the place itself is in trouble (no network, no resolver, a late clock):
    it says nothing of the target.
    """

    component: str
    place: str
    utc_us: int
    ok: bool
    steps: tuple[Step, ...] = ()
    own_fault: bool = False
    listening: int = -1
    """Concurrent listeners as `state.json` has them; -1 when the target has none."""

    @property
    def failed(self) -> Step | None:
        """The step that failed first."""
        return next((step for step in self.steps if not step.ok), None)
