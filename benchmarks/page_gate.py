"""The page of the network gate."""

from collections.abc import Sequence

from benchmarks import plot
from benchmarks.figures import Case, Goal, Run
from benchmarks.tables import Page, paragraph, shown, table

BEFORE_MS = 40.5
"""Median latency without faults in virtual time, of the rules before this gate (commit df25058)."""
NAMES = {"ours": "the stage", "theirs": "libwebrtc"}
LOSSES = ("loss 5 %", "bursts 5 %")
STALL = "stall of 2 s"

METHOD = paragraph(
    "Speech, not a tone: the two voices of `tests/data`, coded as the studio and headless speakers",
    "send it, with in-band redundancy. Losses are single, or bursts of three packets in the mean",
    "(Gilbert-Elliott); each packet is delayed by 0 to the jitter named, of its own, so that they",
    "overtake each other; in a queue they do not. Everything is drawn from seeds.",
)
RULE = paragraph(
    "A dropout is at least 20 ms of frames more than 20 dB below what was said there, while",
    "somebody speaks, aligned by correlation over 0.4 s; the same rule counts for both engines and",
    "knows nothing of packets. Latency is from a sound's being spoken in virtual time, its packet",
    "and the codec included, and from its packet's sending over UDP, which is 20 ms less. Quality",
    "is ViSQOL's speech mode on the first 10 s, 1 to 5. Recovery is the longest time of any seed",
    "from a stall's end until speech is heard with at most 100 ms more delay than before;",
    "10,000 ms over UDP means that the tape ended earlier.",
)
OVER_UDP = paragraph(
    "Over UDP a proxy on loopback does to the RTP of an aiortc sender what the seeds say. One",
    "process is a stage whose mix is taken, the other a peer of libwebrtc (`reactor-webrtc`), each",
    "on a core of its own and with real-time priority where the system allows it. The second one",
    "is the down link, too: it is the receiver that Chromium has, given the studio's packets.",
)


def page(all_runs: Sequence[Run]) -> Page:
    """Goals, both tables, the plot of dropouts."""
    run = all_runs[-1]
    words = f"{METHOD}\n\n{RULE}\n\n{OVER_UDP}"
    return Page(
        title="Network gate",
        words=words,
        command="python -m benchmarks.gate",
        goals=_goals(run),
        tables=[_virtual(run), _change(run["change"]), *_real(run)],
        plot=_plot(run),
    )


def _case(run: Run, cell: str, kind: str = "virtual", engine: str | None = None) -> Case:
    return next(
        (one for one in run[kind] if one["cell"] == cell and one.get("engine") == engine), {}
    )


def _goals(run: Run) -> list[Goal]:
    goals = [Goal(f"dropouts, {c}", _case(run, c).get("drops"), 15, "/min") for c in LOSSES]
    stall = _case(run, STALL).get("recovery_ms")
    udp = _case(run, STALL, "real", "ours").get("recovery_ms")
    clean = _case(run, "clean").get("latency_ms")
    grown = None if clean is None else round(clean - BEFORE_MS, 1)
    return [
        *(
            Goal(f"dropouts, {c}, over UDP", _case(run, c, "real", "ours").get("drops"), 15, "/min")
            for c in LOSSES
        ),
        *goals,
        Goal("recovery after a stall of 2 s", stall, 300, "ms"),
        Goal("recovery after a stall of 2 s, over UDP", udp, 300, "ms"),
        Goal("more latency than before on a clean network, median", grown, 20, "ms"),
    ]


def _virtual(run: Run) -> str:
    rows = (
        (
            case["cell"],
            shown(case, "drops"),
            shown(case, "drops_most"),
            shown(case, "latency_ms", ".0f"),
            shown(case, "latency_p95_ms", ".0f"),
            shown(case, "mos", ".2f"),
            shown(case, "lost", ".0f"),
            shown(case, "fec", ".0f"),
        )
        for case in run["virtual"]
    )
    heads = (
        f"the stage, virtual time, {run['seeds']} seeds of {run['seconds']} s",
        "dropouts a minute",
        "worst seed",
        "latency ms",
        "p95",
        "quality",
        "lost",
        "by redundancy",
    )
    return table(heads, rows)


def _change(change: Case) -> str:
    return paragraph(
        f"The buffer follows: with jitter of 60 ms for 20 s the median delay is {change['before']}",
        f"ms before, {change['within']} ms within, and {change['after']} ms 12 to 20 s after it.",
    )


def _real(run: Run) -> list[str]:
    if not run["real"]:
        return []
    order = [case["cell"] for case in run["real"]]
    rows = (
        (
            f"{case['cell']}: {NAMES[case['engine']]}",
            shown(case, "drops"),
            shown(case, "drops_most"),
            shown(case, "latency_ms", ".0f"),
            shown(case, "latency_p95_ms", ".0f"),
            shown(case, "recovery_ms", ".0f"),
            shown(case, "mos", ".2f"),
        )
        for case in sorted(run["real"], key=lambda one: order.index(one["cell"]))
    )
    heads = (
        f"over UDP, {run['seeds']} seeds of {run['real_seconds']} s",
        "dropouts a minute",
        "worst seed",
        "latency ms",
        "p95",
        "recovery ms",
        "quality",
    )
    cpu = run["cpu_s"]
    words = paragraph(
        f"CPU seconds a second of one speaker, the sender's included: {cpu['ours']} with the stage",
        f"(its mix and its encoder too), {cpu['theirs']} with libwebrtc (which only listens).",
    )
    return [table(heads, rows), words]


def _plot(run: Run) -> str:
    wanted = [case for case in run["virtual"] if case["cell"].startswith(("loss", "bursts"))]
    rows = {case["cell"]: case["drops"] for case in wanted}
    return plot.bars("Dropouts a minute, the stage", rows, "/min", {15: "goal: 15"})
