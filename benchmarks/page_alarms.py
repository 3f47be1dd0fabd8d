"""The page of `alarms`: a simulated library of components, ours beside simpler rules."""

import statistics
from collections.abc import Sequence

from benchmarks import plot
from benchmarks.figures import Case, Goal, Run
from benchmarks.tables import Page, paragraph, table

WORDS = (
    "Every component is drawn from a seed: 0.1 to 30 reports of all kinds in a quarter of an hour,",
    "variance over mean (dispersion) 1 to 5, a day and a week of its own shape, growth of -30 to",
    "+100 % a year. A third is as the model says; a third wanders by 15 % (one standard deviation,",
    "forgotten within three hours), which the model does not know; a third are shows whose",
    "audience is known and differs each week. Nine weeks are learnt from, with four outages in",
    "them. Then comes a calm year: every alarm in it is false. Twenty outages are laid over four",
    "weeks of it, each by itself: 1.5, 2, 3, 5 or 10 times the usual level for 30 minutes to 3",
    "hours, three in ten growing slowly; one in five is a collateral rise of 1.5 to 3 times,",
    "which is in all kinds.",
)
RULES = (
    "2 x baseline is what programs that read Downdetector call a spike; the z-score is of the",
    "same quarter of the week; EARS C2 compares with the seven quarters before the last two; 7",
    "reporters in 15 minutes is openstatus's rule. Their means and standard deviations are taken",
    "for 0.5 at the least, which is kind to them at night. The second row of a rule has, for each",
    "component, the lowest threshold of a ladder that alarmed once at most in that component's own",
    "calm year, which nobody could know beforehand: it is what the rule could do at best, as calm",
    "as ours. An alarm that begins again within an hour is the same one. A rule that alarms all",
    "day finds every outage: recall and delay mean nothing without the false alarms beside them.",
)
VISIBLE = (
    "Recall and delay are of outages that add ten reports or more in all; the column before the",
    "last has the others. A sharp rise is one to 10 times at once where five or more reports a",
    "quarter are usual. Collateral rises are real ones, so a rule of one component should see",
    "them: whose trouble it is, the attribution says.",
)

CALM = 2.0
"""False alarms a year below which a rule is in the plot."""


def alarms(history: Sequence[Run]) -> Page:
    """The newest run."""
    run = history[-1]
    ours = run["sums"][0]
    exact = [case["alarms"] for case in run["cases"] if case["style"] == "exact"]
    goals = [
        Goal("false alarms of a calm component in a year, mean", ours["a_year"], 1),
        Goal("the same, where the model holds", round(statistics.mean(exact), 2), 1),
        Goal("a fit of 8 weeks, median CPU", run["fit_ms"], 100, "ms"),
    ]
    drawn = plot.bars(
        "Recall of outages (%) with about one false alarm a year or fewer",
        {one["rule"]: one["recall"] for one in run["sums"] if one["a_year"] < CALM},
        "%",
        {},
    )
    return Page(
        "Alarms on reports",
        "\n\n".join((paragraph(*WORDS), paragraph(*RULES), paragraph(*VISIBLE), _seeds(run))),
        "python -m benchmarks.alarms",
        goals,
        [_rules(run["sums"]), _factors(run["sums"]), _styles(run["cases"])],
        drawn,
    )


def _seeds(run: Run) -> str:
    return paragraph(
        f"Components are the seeds {run['first']} to {run['first'] + len(run['cases']) - 1}, and",
        "none was left out; the constants were chosen with seeds below 100.",
    )


def _rules(found: Sequence[Case]) -> str:
    rows = [
        (
            one["rule"],
            f"{one['a_year']:,g}",
            f"{one['a_year_most']:,g}",
            _percent(one["recall"]),
            _minutes(one["sharp"][0]),
            _percent(one["small"]),
            _percent(one["collateral"]),
        )
        for one in found
    ]
    heads = (
        "rule",
        "false alarms a year, mean",
        "most of a component",
        "recall",
        "sharp rise to 10 x, median min",
        "recall, fewer than 10 reports",
        "collateral rises seen",
    )
    return table(heads, rows)


def _factors(found: Sequence[Case]) -> str:
    factors = list(found[0]["by_factor"])
    rows = [
        (
            one["rule"],
            *(
                f"{_percent(share)} · {_minutes(median)} · {_minutes(late)}"
                for share, median, late, _ in one["by_factor"].values()
            ),
        )
        for one in found
    ]
    counts = [f"{one[3]}" for one in found[0]["by_factor"].values()]
    heads = ("recall · median min · p90 min", *(f"{factor} x" for factor in factors))
    return table(heads, [("outages", *counts), *rows])


def _styles(cases: Sequence[Case]) -> str:
    rows = []
    for style in dict.fromkeys(case["style"] for case in cases):
        of_style = [case for case in cases if case["style"] == style]
        alarms = [case["alarms"] for case in of_style]
        unusual = [case["unusual"] for case in of_style]
        rows.append(
            (
                style,
                f"{len(of_style)}",
                f"{sum(alarms)}",
                f"{max(alarms)}",
                f"{statistics.mean(unusual):.1f}",
                *(f"{sum(case['learning'][n] for case in of_style)}" for n in range(2)),
            )
        )
    heads = (
        "ours, by component",
        "years",
        "false alarms",
        "most in a year",
        "unusual a year",
        "false on a first day without history",
        "in the four weeks after it",
    )
    return table(heads, rows)


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.0f} %"


def _minutes(late: float | None) -> str:
    return "-" if late is None else f"{late:.0f}"
