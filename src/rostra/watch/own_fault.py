"""Whose fault a failed probe is: the rule by which a place suspects itself first.

A place that has no network, no resolver, an event loop that came late or a clock that stepped
says nothing of the target. Where nothing at all can be compared, what fails is the target's.
"""

from typing import Final

import msgspec

from rostra.watch.probing import QUALITY_STEPS

LOOP_LATE_MS: Final = 1_000.0
"""An event loop that was held up for so long measured itself, and may have missed its time."""

CLOCK_STEP_MS: Final = 500.0
"""A step of the place's UTC clock after which times and certificates cannot be judged."""

_BY_CLOCK: Final = frozenset({"tls", "expiry", "t0"})
"""Steps that compare with the place's clock."""

_BY_LOAD: Final = frozenset({"first_sound", "slow", "gap", "t0"})
"""Steps that a busy machine fails though everything arrived in time."""


class Health(msgspec.Struct, frozen=True):
    """What a place found about itself while, or just after, a probe failed."""

    timed_out: bool = False
    """The probe ended by its limit of time, and not by an answer."""
    loop_late_ms: float = 0.0
    clock_step_ms: float = 0.0
    routed: bool = True
    """There is a way to the target's network at all (always, for a target on this machine)."""
    controls: int = 0
    """Control addresses that were tried."""
    controls_well: int = 0
    """Those of them that answered."""
    others: int = 0
    """Other targets, on other hosts, that were probed lately."""
    others_well: int = 0
    """Those of them that were reached."""
    resolver: bool | None = None
    """Whether another name could be resolved; None when there is none to try."""
    resolver_silent: bool = False
    """The resolver did not answer at all, which is not the same as `there is no such name`."""
    crowded: bool = False
    """More lookups hang than this place lets wait."""


def own_fault(step: str, health: Health) -> str:
    """Why the place itself is to blame for a probe that failed at `step`; empty when it is not."""
    if health.crowded:
        return "This place has too many lookups that hang."
    if health.loop_late_ms >= LOOP_LATE_MS and (health.timed_out or step in _BY_LOAD):
        return f"This place was held up for {health.loop_late_ms:.0f} ms by itself."
    if abs(health.clock_step_ms) >= CLOCK_STEP_MS and step in _BY_CLOCK:
        return f"The clock of this place stepped by {health.clock_step_ms:.0f} ms."
    if step == "resolve":
        return _resolver(health)
    if not health.routed:
        return "This place has no route to the network."
    return "" if step in QUALITY_STEPS else _network(health)


def _resolver(health: Health) -> str:
    if health.resolver is not None:
        return "" if health.resolver else "The resolver of this place does not answer."
    # Nothing to compare with: a resolver that is silent accuses itself.
    return "The resolver of this place does not answer." if health.resolver_silent else ""


def _network(health: Health) -> str:
    """Controls are asked on purpose and count more than targets, which may be ill themselves."""
    if health.controls:
        return "" if health.controls_well else "This place reaches none of its control addresses."
    if health.others > 1 and not health.others_well:
        return "This place reaches none of its targets."
    return ""
