"""Sums of the alarms' benchmark: false alarms a year, recall and delay, by rule."""

import statistics
from collections.abc import Sequence
from typing import Any, Final

from benchmarks.alarms_library import FACTORS
from benchmarks.figures import Case, percentile

VISIBLE: Final = 10
"""Outages that add fewer reports in all are shown apart: hardly anybody noticed them."""
MATCHED: Final = 1
"""False alarms in the calm year that a simple rule may have, once its threshold was raised."""


def sums(cases: Sequence[Case], rules: Sequence[Sequence[Any]]) -> list[Case]:
    """A case for ours, for each simple rule as it is used, and for each made as calm as ours.

    The last has a threshold for each component, the lowest of a ladder with `MATCHED` false
    alarms in that component's own calm year: nobody could know it beforehand.
    """
    found = [_rule("ours", [case["alarms"] for case in cases], _seen(cases, [0] * len(cases)))]
    for name in dict.fromkeys(words for words, _ in rules):
        own = [n for n, (words, _) in enumerate(rules) if words == name]
        stock = own[0]
        alarms = [case["simple"][stock] for case in cases]
        seen = _seen(cases, [stock + 1] * len(cases))
        found.append(_rule(f"{name} {rules[stock][1]:g}", alarms, seen))
        calm = [_calm(case, own) for case in cases]
        alarms = [case["simple"][n] for case, n in zip(cases, calm, strict=True)]
        seen = _seen(cases, [n + 1 for n in calm])
        found.append(_rule(f"{name}, as calm as ours", alarms, seen))
    return found


def _calm(case: Case, own: Sequence[int]) -> int:
    return next((n for n in own if case["simple"][n] <= MATCHED), own[-1])


def _seen(cases: Sequence[Case], columns: Sequence[int]) -> list[Case]:
    """Every outage, with when one rule saw it."""
    return [
        {**one, "late": one["seen"][column]}
        for case, column in zip(cases, columns, strict=True)
        for one in case["outages"]
    ]


def _rule(name: str, alarms: Sequence[int], outages: Sequence[Case]) -> Case:
    real = [one for one in outages if not one["collateral"] and one["added"] >= VISIBLE]
    small = [one for one in outages if not one["collateral"] and one["added"] < VISIBLE]
    collateral = [one for one in outages if one["collateral"]]
    return {
        "rule": name,
        "a_year": round(statistics.mean(alarms), 2),
        "a_year_median": statistics.median(alarms),
        "a_year_most": max(alarms),
        "recall": _share(real),
        "small": _share(small),
        "collateral": _share(collateral),
        "by_factor": {
            f"{factor:g}": [
                _share(of_factor),
                _delay(of_factor, 0.5),
                _delay(of_factor, 0.9),
                len(of_factor),
            ]
            for factor in FACTORS
            for of_factor in [[one for one in real if one["factor"] == factor]]
        },
        "sharp": _sharp(real),
    }


def _sharp(real: Sequence[Case]) -> list[float | None]:
    """Median and 90th percentile of the delay where it begins at once, and how many there were."""
    of_kind = [one for one in real if not one["slow"] and one["factor"] >= FACTORS[-1]]
    of_kind = [one for one in of_kind if one["usual"] >= FACTORS[-2]]
    return [_delay(of_kind, 0.5), _delay(of_kind, 0.9), len(of_kind)]


def _share(outages: Sequence[Case]) -> float | None:
    if not outages:
        return None
    seen = sum(one["late"] is not None for one in outages)
    return round(100 * seen / len(outages), 1)


def _delay(outages: Sequence[Case], share: float) -> float | None:
    late = [one["late"] for one in outages if one["late"] is not None]
    return percentile(late, share) if late else None
