"""Decides what each report of a batch counts as, given what the window holds already."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

import msgspec

from rostra.watch.kinds import SLOT_S, Kind, Report
from rostra.watch.moments import US_PER_S
from rostra.watch.reporters import PREFIX_COUNTED_MAX

ROWS_MAX: Final = 2_000
"""Reports of a component and slot that are kept one by one: enough to see what players say of
themselves. What comes on top is counted, and adds nothing to the disk."""


class Outcome(StrEnum):
    """What became of a report; every one is counted somewhere."""

    COUNTED = "counted"
    """One more of its kind, in the level."""
    UNPROVEN = "unproven"
    """Shown, not in the level: it came in a flood without proof, or from a network that has its
    full count."""
    REPEAT = "repeat"
    """Its reporter has one in this window."""
    SURPLUS = "surplus"
    """Unproven, and beyond the rows: a number and nothing else."""


class Met(msgspec.Struct, frozen=True):
    """What the window knows of a reporter: whether its report counts, and where it stands."""

    proven: bool
    slot_utc_s: int
    kind: Kind


class Settled(msgspec.Struct, frozen=True):
    """What became of one report.

    `kept` says that it has a row of its own; `undone` is an unproven report of the same reporter
    that this one, which is proven, stands for now.
    """

    report: Report
    outcome: Outcome
    kept: bool
    undone: Met | None = None


def slot_of(utc_us: int) -> int:
    """The slot of five minutes that a moment lies in, by its first second."""
    return utc_us // (SLOT_S * US_PER_S) * SLOT_S


def settle(
    reports: Sequence[Report],
    met: Mapping[str, Met],
    networks: Mapping[str, int],
    taken: Mapping[tuple[str, int], int],
) -> list[Settled]:
    """What each report of a batch, all of one window, becomes, in their order.

    Args:
        reports: In the order they came.
        met: The window's reporters so far, by hash.
        networks: Reports that count so far, by the network's hash.
        taken: Reports of each component and slot so far, whatever they counted as.
    """
    known, counts, rows = dict(met), dict(networks), dict(taken)
    out = []
    for report in reports:
        place = (report.component, slot_of(report.utc_us))
        room = rows.get(place, 0) < ROWS_MAX
        rows[place] = rows.get(place, 0) + 1
        full = bool(report.network) and counts.get(report.network, 0) >= PREFIX_COUNTED_MAX
        before = known.get(report.reporter)
        outcome = _outcome(before, room=room, proven=report.proven and not full)
        if outcome is Outcome.COUNTED:
            counts[report.network] = counts.get(report.network, 0) + 1
        if outcome in {Outcome.COUNTED, Outcome.UNPROVEN}:
            proven = outcome is Outcome.COUNTED
            known[report.reporter] = Met(proven, place[1], report.kind)
        undone = before if outcome is Outcome.COUNTED else None
        out.append(Settled(report, outcome, room, undone))
    return out


def _outcome(before: Met | None, *, room: bool, proven: bool) -> Outcome:
    if before is not None and (before.proven or not proven):
        return Outcome.REPEAT
    if proven:
        return Outcome.COUNTED
    return Outcome.UNPROVEN if room else Outcome.SURPLUS
