"""The page of `t0`: where the crossfade lies, who heard it when, and who asked for what."""

import statistics
from collections.abc import Sequence

from benchmarks import plot
from benchmarks.figures import Case, Goal, Run, percentile
from benchmarks.tables import Page, paragraph, shown, table

ERROR_MS = 25


def page(history: Sequence[Run]) -> Page:
    """The newest run, and each of its events in the plot."""
    run = history[-1]
    error: Case = run["error"]
    before, around = (statistics.median(run[key]) for key in ("hls_before", "hls_around"))
    goals = [
        Goal("T0 error, median", error["median_ms"], ERROR_MS, "ms"),
        Goal("T0 error, longest", error["max_ms"], ERROR_MS, "ms"),
        Goal("requests of push, AAC and MP3 around T0, all runs", run["streams_asked"], 0),
        Goal("requests of HLS around T0, median (in the 10 s before)", around, before),
    ]
    spoken = run["spoken_ms"]
    rows = [
        ("crossfade's middle from T0, by pts, either way", *_times(error)),
        ("T0's sample at listeners of push, after T0", *_times(run["came"])),
        (
            "what is said at T0 lies after the middle",
            f"{percentile(spoken, 0.5):,.1f}",
            f"{percentile(spoken, 0.95):,.1f}",
            f"{max(spoken):,.1f}",
            str(len(spoken)),
        ),
    ]
    asked = [
        ("push, AAC, MP3", "", str(run["streams_asked"])),
        ("HLS", str(sum(run["hls_before"])), str(sum(run["hls_around"]))),
    ]
    words = paragraph(
        f"{run['runs']} scheduled events, one after the other at a real house, a host by WebRTC",
        f"and {run['listening_least']:,} connections at the least: push (85 %), AAC, MP3 and HLS",
        "(5 % each). A listener of push decodes what it is sent; the crossfade's middle is where",
        "the hold programme, which is known, fits best under an equal-power fade of 300 ms, found",
        "to half a millisecond; the host speaks after it. The stream's clock is `epoch_utc_us` +",
        "`stepped_us` + pts / 48,000. What is said is found again by correlation: it would lie at",
        "0 if the way from the microphone took the 60 ms that the programme's clock allows for it;",
        "a busy machine takes longer. Arrival is by the socket: a player's own buffer",
        "([latency](latency.md)) comes on top.",
    )
    heads = ("milliseconds", "median", "p95", "most", "n")
    requests = table(("requests at the edges, all runs", "10 s before", "T0 ± 5 s"), asked)
    axes = plot.Axes(
        "Crossfade's middle from T0 in each run, ms",
        {1.0: "run 1", float(run["runs"]): f"{run['runs']}"},
        {0.0: "0"},
        {float(ERROR_MS): f"{ERROR_MS}"},
    )
    series = {"T0 error": [(float(at), abs(one)) for at, one in enumerate(run["errors_ms"], 1)]}
    tables = [table(heads, rows), requests]
    return Page(
        "T0 on the second", words, "python -m benchmarks.t0", goals, tables,
        plot.lines(axes, series),
    )  # fmt: skip


def _times(case: Case) -> tuple[str, ...]:
    return (*(shown(case, key) for key in ("median_ms", "p95_ms", "max_ms")), str(case["n"]))
