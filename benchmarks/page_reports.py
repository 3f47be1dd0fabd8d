"""The page of `reports`: what was acknowledged and is there, how long it took, a forged flood."""

from collections.abc import Sequence

from benchmarks import plot
from benchmarks.figures import Case, Goal, Run
from benchmarks.tables import Page, paragraph, shown, table

PAGE_MS = 200


def page(history: Sequence[Run]) -> Page:
    """The newest run."""
    run = history[-1]
    cases, forged = run["cases"], run["forged"]
    goals = [
        Goal(f"acknowledged reports that are not in the store, {case['case']}", case["lost"], 0)
        for case in [*cases, forged]
    ]
    goals += [
        Goal(f"page beside it, p95, {case['case']}", case["page_ms_p95"], PAGE_MS, "ms")
        for case in cases
        if "page_ms_p95" in case
    ]
    rates = {case["case"]: case["sent"] / case["seconds"] for case in cases}
    words = paragraph(
        "Reporters on one core, each report on a connection of its own from an address of its",
        "own (127.x.y.z), sent when it is due whatever is answered; the watch on the other core;",
        "20 looks a second at its page beside them. `flood`: as shipped, so that most reports are",
        "unproven. `all counted`: no proof is ever asked for, so that every report goes the",
        "longest way to the disk. `killed`: SIGKILL in the middle; what had been acknowledged is",
        "looked for in the store that is left.",
    )
    heads = ("case", "a second", "sent", "acknowledged", "in the store", "lost", "answer p50, ms",
             "p95, ms", "page p50, ms", "p95, ms", "of a core")  # fmt: skip
    rows = [_row(case, rates[case["case"]]) for case in cases]
    bars = plot.bars(
        "p95 at this load",
        {f"{name}, {case['case']}": case[key] for case in cases
         for name, key in (("answer", "ack_ms_p95"), ("page", "page_ms_p95")) if key in case},
        "ms",
        {PAGE_MS: f"{PAGE_MS} ms"},
    )  # fmt: skip
    tables = [table(heads, rows), _flood(forged)]
    return Page("Reports", words, "python -m benchmarks.reports", goals, tables, bars)


def _row(case: Case, rate: float) -> tuple[str, ...]:
    whole = ("sent", "acknowledged", "stored", "lost")
    parts = ("ack_ms_p50", "ack_ms_p95", "page_ms_p50", "page_ms_p95")
    return (
        case["case"],
        f"{rate:,.0f}",
        *(f"{case[key]:,}" for key in whole),
        *(shown(case, key) for key in parts),
        shown(case, "core_share", ".2f"),
    )


def _flood(forged: Case) -> str:
    """What a forged flood comes to, by component."""
    many = forged["addresses"]
    words = paragraph(
        f"A forged flood: {many:,} addresses report `stage` once each within",
        f"{forged['seconds']:.0f} s, without a proof; two to four people report each of the",
        "others. A proof took",
        f"{forged['proof_ms'] / 1e3:.2f} s of a core here, so that all of the flood with proofs",
        f"would have cost its sender {many * forged['proof_ms'] / 3.6e6:.1f} core-hours. Level,",
        "probes, status and reasons are what the page says then, of a watch on its first day.",
    )
    rows = []
    for name, counts in forged["by_component"].items():
        level = forged["level"][name]
        told = [f"{counts[key]:,}" for key in ("counted", "unproven", "surplus")]
        said = (level["state"], f"{level['times']:,.1f}", level["probes"], level["status"])
        rows.append((name, *told, *said, ", ".join(level["reasons"])))
    heads = ("component", "counted", "unproven", "as a number alone", "level", "times usual",
             "probes", "status", "reasons")  # fmt: skip
    return words + "\n\n" + table(heads, rows)
