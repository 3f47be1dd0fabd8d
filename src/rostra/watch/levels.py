"""Judges a component's reports against its usual level, as often as somebody looks."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from rostra.watch.baseline import BIN_SLOTS, ComponentBaseline, Prior, fit
from rostra.watch.board import Level
from rostra.watch.budget import ALARMS_A_YEAR, UNUSUAL_A_YEAR, Test, alphas
from rostra.watch.evidence import ALARM_REPORTS, UNUSUAL_REPORTS, Evidence, Slots, weigh
from rostra.watch.kinds import SLOT_S, Kind, SlotCount
from rostra.watch.moments import US_PER_S
from rostra.watch.slots import KINDS, grid
from rostra.watch.tails import Array, largest_above
from rostra.watch.vigil import Vigil, step

__all__ = ["RECENT_NEEDED_S", "ComponentBaseline", "Prior", "Vigil", "band", "fit", "judge"]

RECENT_NEEDED_S: Final = 12 * 3_600
"""What `judge` looks at; older slots are ignored."""
KEPT_SLOTS: Final = 4
"""An audience counts for a quarter of an hour more: who was cut off reports after it."""
KINDS_TOLD: Final = 3

Recent = Mapping[Kind, Sequence[SlotCount]]


def judge(
    baseline: ComponentBaseline,
    recent: Recent,
    previous: Vigil,
    now_utc_us: int,
    unproven: int = 0,
) -> tuple[Level, Vigil]:
    """Judge the slots of the last `RECENT_NEEDED_S`, the unfinished one included.

    A window ends with the unfinished slot and is judged as if that were whole, so that looking
    every few seconds costs no more false alarms than looking once a slot.
    """
    slots = RECENT_NEEDED_S // SLOT_S
    first_utc_s = (now_utc_us // US_PER_S // SLOT_S - slots + 1) * SLOT_S
    reports, exposure = grid(recent, first_utc_s, slots)
    starts = first_utc_s + SLOT_S * np.arange(slots, dtype=float)
    mean, error = baseline.expected(starts, audience(exposure))
    restart = _restart(previous, first_utc_s, slots)
    evidence = weigh(baseline, Slots(reports, mean, error), restart, rows=1)
    seen = states(evidence)[-1]
    restless = bool(evidence.restless()[-1])
    vigil = step(previous, seen, restless=restless, now_utc_us=now_utc_us)
    usual, upper = _band(baseline, mean[-BIN_SLOTS:, 0], error[-BIN_SLOTS:, 0])
    quarter = reports[-BIN_SLOTS:].sum(axis=0)
    level = Level(
        reports=int(quarter[0]),
        unproven=unproven,
        window_s=BIN_SLOTS * SLOT_S,
        usual=usual,
        upper=upper,
        state=vigil.state,
        since_utc_us=vigil.since_utc_us,
        learning=baseline.learning,
        kinds=_told(quarter),
    )
    return level, vigil


def band(
    baseline: ComponentBaseline, slot_utc_s: int, slot_s: int, exposure: float
) -> tuple[float, float]:
    """Usual reports of all kinds in a chart's slot, and the most that would not be unusual."""
    starts = np.arange(slot_utc_s, slot_utc_s + max(slot_s, SLOT_S), SLOT_S, dtype=float)
    mean, error = baseline.expected(starts, np.full(len(starts), exposure))
    return _band(baseline, mean[:, 0], error[:, 0])


def audience(exposure: Array) -> Array:
    """The largest known audience of each slot and the ones before it, `KEPT_SLOTS` in all."""
    kept = exposure.copy()
    for back in range(1, KEPT_SLOTS):
        kept[back:] = np.maximum(kept[back:], exposure[:-back])
    return kept


def _restart(vigil: Vigil, first_utc_s: int, slots: int) -> int:
    behind = vigil.cleared_utc_us // US_PER_S - first_utc_s
    return int(min(max(0, -(-behind // SLOT_S)), slots - 1))


def states(evidence: Evidence) -> list[str]:
    """What the tests alone say of each slot; a rise that is over says nothing any more."""
    restless = evidence.restless()
    alarm = evidence.reaches(ALARMS_A_YEAR, ALARM_REPORTS) & restless
    unusual = evidence.reaches(UNUSUAL_A_YEAR, UNUSUAL_REPORTS) & restless
    return [
        "alarm" if a else "unusual" if u else "quiet" for a, u in zip(alarm, unusual, strict=True)
    ]


def _band(baseline: ComponentBaseline, mean: Array, error: Array) -> tuple[float, float]:
    usual = float(mean.sum())
    dispersion = baseline.quarter if len(mean) <= BIN_SLOTS else baseline.hour
    variance = float(dispersion[0] * usual + error.sum() ** 2)
    alpha = float(alphas(UNUSUAL_A_YEAR)[0, Test.QUARTER])
    return usual, float(max(UNUSUAL_REPORTS - 1, largest_above(alpha, usual, variance)))


def _told(quarter: Array) -> tuple[tuple[Kind, int], ...]:
    named = [(kind, int(quarter[1 + n])) for n, kind in enumerate(KINDS)]
    said = sorted((one for one in named if one[1]), key=lambda one: -one[1])
    return tuple(said[:KINDS_TOLD])
