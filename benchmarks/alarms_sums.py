"""Sums of the alarms' benchmark: false alarms a year, recall and delay, by rule."""

import statistics
from collections.abc import Sequence
from typing import Any, Final

from benchmarks.alarms_library import FACTORS
from benchmarks.figures import Case, percentile

VISIBLE: Final = 10
"""Outages that add fewer reports in all are shown apart: hardly anybody noticed them."""
MATCHED: Final = 1.0
"""False alarms a year of a simple rule whose threshold was raised until it is as calm as ours."""


def sums(cases: Sequence[Case], rules: Sequence[Sequence[Any]]) -> list[Case]:
    """A case for ours, for each simple rule as it is used, and for each as calm as ours."""
    found = [_rule("ours", [case["alarms"] for case in cases], cases, 0)]
    names = list(dict.fromkeys(words for words, _ in rules))
    for name in names:
        own = [n for n, (words, _) in enumerate(rules) if words == name]
        yearly = {n: [case["simple"][n] for case in cases] for n in own}
        calm = [n for n in own if statistics.mean(yearly[n]) <= MATCHED]
        found += [
            _rule(f"{name} {rules[n][1]:g}", yearly[n], cases, n + 1)
            for n in dict.fromkeys((own[0], *calm[:1]))
        ]
    return found


def _rule(name: str, alarms: Sequence[int], cases: Sequence[Case], column: int) -> Case:
    outages = [one for case in cases for one in case["outages"]]
    real = [one for one in outages if not one["collateral"] and one["added"] >= VISIBLE]
    small = [one for one in outages if not one["collateral"] and one["added"] < VISIBLE]
    collateral = [one for one in outages if one["collateral"]]
    return {
        "rule": name,
        "a_year": round(statistics.mean(alarms), 2),
        "a_year_median": statistics.median(alarms),
        "a_year_most": max(alarms),
        "recall": _share(real, column),
        "small": _share(small, column),
        "collateral": _share(collateral, column),
        "by_factor": {
            f"{factor:g}": [
                _share(of_factor, column),
                _delay(of_factor, column, 0.5),
                _delay(of_factor, column, 0.9),
                len(of_factor),
            ]
            for factor in FACTORS
            for of_factor in [[one for one in real if one["factor"] == factor]]
        },
        "sharp": _sharp(real, column),
    }


def _sharp(real: Sequence[Case], column: int) -> list[float | None]:
    """Median and 90th percentile of the delay where it begins at once, and how many there were."""
    of_kind = [one for one in real if not one["slow"] and one["factor"] >= FACTORS[-1]]
    of_kind = [one for one in of_kind if one["usual"] >= FACTORS[-2]]
    return [_delay(of_kind, column, 0.5), _delay(of_kind, column, 0.9), len(of_kind)]


def _share(outages: Sequence[Case], column: int) -> float | None:
    if not outages:
        return None
    seen = sum(one["seen"][column] is not None for one in outages)
    return round(100 * seen / len(outages), 1)


def _delay(outages: Sequence[Case], column: int, share: float) -> float | None:
    late = [one["seen"][column] for one in outages if one["seen"][column] is not None]
    return percentile(late, share) if late else None
