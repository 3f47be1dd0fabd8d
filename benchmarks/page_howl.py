"""The page of `howl`: rooms that howl, and sound that has no loop."""

import statistics
from collections.abc import Sequence

from benchmarks import plot
from benchmarks.figures import Case, Goal, Run, percentile
from benchmarks.tables import Page, paragraph, table

OUTSIDE = "beat"
"""A drum machine repeats itself exactly, as an echo does: measured, and no part of the goal."""

WORDS = (
    "A loop is simulated from a seed: microphone, guard, mix, the house's delay, a loudspeaker",
    "that clips softly, a room (early reflections, tail of 0.15 to 0.6 s; three in ten",
    "loudspeakers ring), the microphone again. Half the rooms have two devices in them, each",
    "heard by the other's microphone; half a loudspeaker that plays the programme beside a",
    "microphone. Delay 50 to 400 ms, gain of the open loop +1 to +6 dB; speech, hold music or",
    "noise alone on top. Opus, loss and drift are not simulated. Speech is eSpeak NG's, laughter",
    "is synthesised: no recording with a free licence is in the repository. A drum machine repeats",
    "itself exactly, as an echo does, and is turned down: it is in the table and not in the goal.",
)
NOTICED = (
    "A howl is noticed when a third-octave band of the mix is 6 dB above all that it had in the",
    "last 1.5 s in the same evening without a loop, and above -50 dBFS. It is suppressed when the",
    "source was turned down at most 500 ms after it was noticed in the same room without a guard,",
    "the mix is over that bound in at most 5 % of the time from 1 s on, trials included, and the",
    "gain of the loops that were found is below 1 in the second after the first was found.",
)


def howl(history: Sequence[Run]) -> Page:
    """The newest run."""
    run = history[-1]
    cases = run["cases"]
    kinds = [kind for kind in run["ducked"] if kind != OUTSIDE]
    wrong = 100 * sum(run["ducked"][kind] for kind in kinds) / (len(kinds) * run["excerpts"])
    share = 100 * run["suppressed"] / run["rooms"]
    goals = [
        Goal("howls suppressed", round(share, 1), 95, "%", at_least=True),
        Goal("clean excerpts turned down", round(wrong, 2), 1, "%"),
        Goal("a block of one source, median", run["cost_us"], 300, "µs"),
        Goal("a block of one source, p99", run["cost_us_p99"], 300, "µs"),
    ]
    late = sorted(case["late_s"] for case in cases if case["late_s"] is not None)
    clean = table(
        ("10 s without a loop", "excerpts", "turned down"),
        [(kind, f"{run['excerpts']}", f"{bad}") for kind, bad in run["ducked"].items()],
    )
    drawn = plot.lines(
        plot.Axes(
            "When a source was turned down, after a person would notice (s), by share of rooms",
            marks={0: "0 %", 50: "50 %", 100: "100 %"},
            levels={0.0: "0", -4.0: "-4 s"},
            goals={0.5: "0.5 s"},
            low=min(late, default=0.0),
        ),
        {"guard": [(100 * (n + 1) / len(late), value) for n, value in enumerate(late)]},
    )
    return Page(
        "The howl guard",
        "\n\n".join((paragraph(*WORDS), paragraph(*NOTICED), _seeds(run))),
        "python -m benchmarks.howl",
        goals,
        [_rooms(cases), _timing(cases), clean],
        drawn,
    )


def _seeds(run: Run) -> str:
    first, rooms = run["first"], run["rooms"]
    return paragraph(
        f"Rooms are the seeds {first} to {first + rooms - 1}, and none was left out. The",
        "method and its thresholds were chosen with seeds below 1,200.",
    )


def _rooms(cases: Sequence[Case]) -> str:
    rows = []
    for kind in sorted({case["kind"] for case in cases}):
        of_kind = [case for case in cases if case["kind"] == kind]
        noticed = sum(case["noticed_s"] is not None for case in of_kind)
        good = sum(case["suppressed"] for case in of_kind)
        rows.append((kind, f"{len(of_kind)}", f"{noticed}", f"{good}"))
    return table(("rooms", "number", "would be noticed", "suppressed"), rows)


def _timing(cases: Sequence[Case]) -> str:
    late = [case["late_s"] for case in cases if case["late_s"] is not None]
    worst = [case["worst_db"] for case in cases]
    rows = [
        ("turned down after it would be noticed, s", *_three(late)),
        ("worst band over what it had, from 1 s on, dB", *_three(worst)),
    ]
    return table(("over all rooms", "median", "p95", "largest"), rows)


def _three(values: Sequence[float]) -> tuple[str, str, str]:
    if not values:
        return ("", "", "")
    return tuple(  # type: ignore[return-value]
        f"{value:.1f}"
        for value in (statistics.median(values), percentile(values, 0.95), max(values))
    )
