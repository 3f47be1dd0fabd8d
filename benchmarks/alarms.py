"""The watch's alarms on a library of simulated components, beside simpler rules in the same run.

    python -m benchmarks.alarms [--quick] [--dry] [--components 36] [--first 1000]

Each component has nine weeks to be learnt from, with four outages in them, and a calm year, in
which every alarm is false. Then twenty outages are laid over four weeks of it, one in five a
collateral rise. Alarms are looked for at the end of each slot of five minutes, and to the minute
within the first slot that has one.
"""

import argparse
import multiprocessing
import os
import statistics
import time

import numpy as np
from benchmarks import pages
from benchmarks.alarms_library import (
    DAY_SLOTS,
    HISTORY_WEEKS,
    MINUTES,
    WEEK_SLOTS,
    YEAR_WEEKS,
    Array,
    Calm,
    Library,
    Outage,
    calm,
    component,
    extra,
    outages,
)
from benchmarks.alarms_rules import SIMPLE, Flags, Usual, episodes, learnt, ours, usual
from benchmarks.alarms_sums import sums
from benchmarks.figures import Case, keep, line_of

from rostra.watch.baseline import ComponentBaseline
from rostra.watch.evidence import HOUR_SLOTS

FIRST = 1_000
"""The constants were chosen with seeds below 100: the figures are of others."""
BACK = 144
"""Slots that are looked back on, as the watch does."""
OUTAGES = 20
OUTAGE_WEEKS = 4
KEPT = ("seed", "style", "quarter", "dispersion", "alarms", "unusual", "learning")
SHOWN = [(rule, threshold) for rule in SIMPLE for threshold in (rule.threshold, *rule.higher)]


def one_component(seed: int) -> Case:
    """A component's calm year and its outages."""
    library = component(seed)
    quiet = calm(library, HISTORY_WEEKS + YEAR_WEEKS)
    reports = quiet.reports.copy()
    for outage in outages(library, 0, HISTORY_WEEKS * WEEK_SLOTS, 4):
        _add(reports, outage, extra(library, outage, quiet.mean))
    return {
        "seed": seed,
        "style": library.style,
        "quarter": round(library.quarter, 2),
        "dispersion": round(library.dispersion, 2),
        "learning": _learning(quiet),
        **_year(reports, quiet),
        "outages": _struck(library, reports, quiet),
    }


def _add(reports: Array, outage: Outage, added: Array) -> None:
    by_slot = added.reshape(outage.slots, MINUTES, -1).sum(axis=1)
    reports[outage.slot : outage.slot + outage.slots] += by_slot


def _year(reports: Array, quiet: Calm) -> Case:
    """Alarms in a calm year; the fit is made anew each week."""
    said: list[str] = []
    strong: dict[str, list[Array]] = {rule.words: [] for rule in SIMPLE}
    spent_s = 0.0
    for week in range(HISTORY_WEEKS, HISTORY_WEEKS + YEAR_WEEKS):
        begin, end = week * WEEK_SLOTS, (week + 1) * WEEK_SLOTS
        view = slice(begin - BACK, end)
        start_s = time.process_time()
        baseline = learnt(reports, quiet.exposure, begin)
        spent_s += time.process_time() - start_s
        said += ours(baseline, reports[view], quiet.exposure[view], begin - BACK)[BACK:]
        known = usual(reports[:begin, 0], begin)
        for rule in SIMPLE:
            found = rule.strength(reports[view, 0], begin - BACK, known)
            strong[rule.words].append(found[BACK:])
    states = np.array(said)
    return {
        "alarms": episodes(states == "alarm"),
        "unusual": episodes(states != "quiet"),
        "fit_ms": round(1_000 * spent_s / YEAR_WEEKS, 1),
        "simple": [
            episodes(np.concatenate(strong[rule.words]) > threshold) for rule, threshold in SHOWN
        ],
    }


def _learning(quiet: Calm) -> list[int]:
    """Alarms of the first day, and of the four weeks after it, from no history at all."""
    said: list[str] = []
    until = 4 * WEEK_SLOTS + DAY_SLOTS
    while (now := len(said)) < until:
        end = now + (HOUR_SLOTS if now < DAY_SLOTS else DAY_SLOTS)
        baseline = learnt(quiet.reports, quiet.exposure, now)
        begin = max(0, now - BACK)
        view = slice(begin, end)
        said += ours(baseline, quiet.reports[view], quiet.exposure[view], begin)[now - begin :]
    alarm = np.array(said) == "alarm"
    return [episodes(alarm[:DAY_SLOTS]), episodes(alarm[DAY_SLOTS:])]


def _struck(library: Library, reports: Array, quiet: Calm) -> list[Case]:
    """Each outage by itself in the last weeks of the year: when each rule saw it, in minutes."""
    first = (HISTORY_WEEKS + YEAR_WEEKS - OUTAGE_WEEKS) * WEEK_SLOTS
    baselines: dict[int, tuple[ComponentBaseline, Usual]] = {}
    found = []
    for outage in outages(library, first, OUTAGE_WEEKS * WEEK_SLOTS, OUTAGES):
        week = outage.slot // WEEK_SLOTS * WEEK_SLOTS
        if week not in baselines:
            baselines[week] = (
                learnt(reports, quiet.exposure, week),
                usual(reports[:week, 0], week),
            )
        added = extra(library, outage, quiet.mean)
        found.append(
            {
                "factor": round(outage.factor, 2),
                "slow": outage.slow,
                "collateral": outage.collateral,
                "minutes": outage.slots * MINUTES,
                "added": int(added[:, 0].sum()),
                "usual": round(float(quiet.mean[outage.slot : outage.slot + 3].sum()), 2),
                "seen": _seen(outage, added, reports, quiet, baselines[week]),
            }
        )
    return found


def _seen(
    outage: Outage,
    added: Array,
    reports: Array,
    quiet: Calm,
    known: tuple[ComponentBaseline, Usual],
) -> list[float | None]:
    """Minutes from the beginning to the alarm of ours, and then of each of `SHOWN`."""
    begin, end = outage.slot - BACK, outage.slot + outage.slots
    view = reports[begin:end].copy()
    rng = np.random.default_rng(outage.slot)
    of_minutes = _minutes(rng, view[BACK:]) + added
    whole = view.copy()
    whole[BACK:] = of_minutes.reshape(outage.slots, MINUTES, -1).sum(axis=1)
    heard = quiet.exposure[begin:end]

    def alarms(one: Array) -> Flags:
        rows = [np.array(ours(known[0], one, heard[: len(one)], begin)) == "alarm"]
        strengths = {rule.words: rule.strength(one[:, 0], begin, known[1]) for rule in SIMPLE}
        rows += [strengths[rule.words] > threshold for rule, threshold in SHOWN]
        return np.stack(rows)

    flags = alarms(whole)[:, BACK:]
    late: list[float | None] = [None] * len(flags)
    firsts = {n: int(row.argmax()) for n, row in enumerate(flags) if row.any()}
    for slot in sorted(set(firsts.values())):
        for minute in range(1, MINUTES + 1):
            part = whole[: BACK + slot + 1].copy()
            part[-1] = of_minutes[MINUTES * slot : MINUTES * slot + minute].sum(axis=0)
            now = alarms(part)[:, -1]
            for n, at in firsts.items():
                if at == slot and now[n] and late[n] is None:
                    late[n] = MINUTES * slot + minute
    return late


def _minutes(rng: np.random.Generator, slots: Array) -> Array:
    """Reports of slots, dealt out to their minutes: [minutes, series]."""
    kinds = slots[:, 1:].astype(int)
    dealt = rng.multinomial(kinds, np.full(MINUTES, 1 / MINUTES)).transpose(0, 2, 1)
    flat = dealt.reshape(-1, kinds.shape[1]).astype(float)
    return np.concatenate((flat.sum(axis=1, keepdims=True), flat), axis=1)


def measure(first: int, count: int, workers: int) -> Case:
    """All components, from this seed on."""
    seeds = range(first, first + count)
    with multiprocessing.get_context("spawn").Pool(workers, os.nice, (5,)) as pool:
        cases = pool.map(one_component, seeds, chunksize=1)
    rules = [(rule.words, threshold) for rule, threshold in SHOWN]
    return {
        "first": first,
        "sums": sums(cases, rules),
        "fit_ms": statistics.median(case["fit_ms"] for case in cases),
        "cases": [{key: case[key] for key in KEPT} for case in cases],
    }


def main() -> None:
    """Measure, keep the line, write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="6 components")
    parser.add_argument("--dry", action="store_true", help="print, and keep no history")
    parser.add_argument("--first", type=int, default=FIRST, help="the first seed")
    parser.add_argument("--components", type=int, default=0)
    parser.add_argument("--workers", type=int, default=1)
    given = parser.parse_args()
    count = given.components or (6 if given.quick else 36)
    found = measure(given.first, count, given.workers)
    for case in found["cases"]:
        print(case, flush=True)
    line = line_of("alarms", found)
    print(pages.whole("alarms", pages.PAGES["alarms"]([line]), line))
    if not given.dry:
        keep(line)
        pages.write("alarms")


if __name__ == "__main__":
    main()
