"""The pages of `joins`, `latency`, `slow`, `memory`, `overload` and `sendloop`."""

from collections.abc import Sequence
from itertools import pairwise

from benchmarks import plot
from benchmarks.figures import Case, Goal, Run
from benchmarks.tables import Page, paragraph, shown, table

JOIN_GOALS = {"full": 1_400, "resumed": 4_000}
LATENCY_GOALS_MS = {("push", 107): 500, ("push", 320): 900, ("LL-HLS", 320): 2_500}
FIRST_SOUND_MS = {"loopback": 700, "100 ms, 1 Mbit/s": 1_500}


def joins(history: Sequence[Run]) -> Page:
    """Joins a second, and who feels them."""
    run = history[-1]
    flood, tls = run["flood"], run.get("tls_joins", [])
    asked = (
        f"of {flood['asked_per_s']:,} a second for {flood['joins'] / flood['asked_per_s']:.1f} s"
    )
    goals = [
        Goal("joins a second, plain", flood["joins_per_s"], 10_000, at_least=True),
        Goal("first byte, p99", flood["first_byte_ms_p99"], 300, "ms"),
        Goal("gaps of 4,000 earlier listeners moved, p99", flood["earlier_moved"], 0.2),
    ]
    by_kind = {case["kind"]: case for case in tls}
    for kind, bound in JOIN_GOALS.items():
        rate = by_kind.get(kind, {}).get("joins_per_s")
        goals.append(Goal(f"TLS 1.3 joins a second, {kind}", rate, bound, at_least=True))
    ratio = run.get("tls_listener", {}).get("ratio")
    goals.append(Goal("CPU of a TLS listener / plain", ratio, 1.5, "times"))
    rows = [_join_row(f"plain, {asked}", flood), *(_join_row(f"TLS, {c['kind']}", c) for c in tls)]
    heads = ("joins", "number", "a second", "CPU each, µs", "first byte p50, ms", "p99, ms")
    earlier = table(
        ("earlier listeners", "before", "during"),
        [
            ("gap p99, ms", shown(flood, "earlier_p99_ms_before"),
             shown(flood, "earlier_p99_ms_during")),
            ("longest, ms", "", shown(flood, "earlier_max_ms_during")),
        ],
    )  # fmt: skip
    words = paragraph(
        "A crowd joins one edge on one core as fast as it can be taken in, while 4,000",
        "listeners hear; the crowd is on another core and pays for its own connections there.",
        "TLS is 1.3 with a P-256 certificate; resumed means that a session ticket of the",
        "house was used.",
    )
    rates = {f"{case['kind']} TLS": float(case["joins_per_s"]) for case in tls}
    bars = plot.bars(
        "Joins a second on one core", {"plain": float(flood["joins_per_s"]), **rates}, "", {}
    )
    tables = [table(heads, rows), earlier]
    return Page("Joins", words, "python -m benchmarks.joins", goals, tables, bars)


def _join_row(name: str, case: Case) -> tuple[str, ...]:
    return (
        name,
        f"{case['joins']:,.0f}",
        f"{case['joins_per_s']:,.0f}",
        shown(case, "cpu_us_per_join"),
        shown(case, "first_byte_ms_p50"),
        shown(case, "first_byte_ms_p99"),
    )


def latency(history: Sequence[Run]) -> Page:
    """From a speaker's browser to a listener's, and from click to sound."""
    run = history[-1]
    found = {(case["transport"], case["tick_ms"]): case for case in run["cases"]}
    goals = [
        Goal(
            f"{name}, {tick} ms, median", found.get((name, tick), {}).get("median_ms"), bound, "ms"
        )
        for (name, tick), bound in LATENCY_GOALS_MS.items()
    ]
    for way, bound in FIRST_SOUND_MS.items():
        cases = [case for case in run["first_sound"] if case["way"] == way]
        newest: Case = max(cases, key=lambda case: case["tls"], default={})
        tls = " by TLS" if newest.get("tls") else ""
        words = f"click to first sound, {way}{tls}, median"
        goals.append(Goal(words, newest.get("median_ms"), bound, "ms"))
    heads = ("way", "median, ms", "p95, ms", "longest, ms", "bursts")
    rows = [_times(f"{c['transport']}, tick {c['tick_ms']} ms", c) for c in run["cases"]]
    clicks = [
        _times(f"{c['way']}, {'TLS' if c['tls'] else 'plain'}", c) for c in run["first_sound"]
    ]
    words = paragraph(
        "What a speaker's Chromium says until a listener's Chromium plays it, studio,",
        "encoder, network on loopback and the player's buffer included; sound hardware is",
        "not. Push is played by the house's page, HLS by hls.js with `lowLatencyMode` on",
        "(LL-HLS) and off. Below: from the click on Listen to the first sound, page already",
        "loaded.",
    )
    medians = {
        f"{case['transport']} {case['tick_ms']} ms": float(case["median_ms"])
        for case in run["cases"]
    }
    bars = plot.bars("Speaker to listener, median", medians, "ms", {500: "500", 900: "900"})
    tables = [table(heads, rows), table((*heads[:-1], "clicks"), clicks)]
    return Page("Latency", words, "python -m benchmarks.latency", goals, tables, bars)


def _times(name: str, case: Case) -> tuple[str, ...]:
    figures = (shown(case, key, ",.0f") for key in ("median_ms", "p95_ms", "max_ms", "n"))
    return (name, *figures)


def slow(history: Sequence[Run]) -> Page:
    """Slow readers beside normal ones."""
    run = history[-1]
    goals = [
        Goal("p99 of the normal listeners' gaps moved by", abs(run["moved"]), 0.1),
        Goal("normal listeners lost", run["disconnected"], 0),
    ]
    rows = [
        ("gap p99, ms", shown(run, "alone_ms_p99"), shown(run, "beside_ms_p99")),
        ("longest gap, ms", shown(run, "alone_ms_max"), shown(run, "beside_ms_max")),
    ]
    words = paragraph(
        f"{run['normal']:,} listeners at a tick of 320 ms, alone and beside {run['half']:,}",
        f"that read at half the stream's speed and {run['nothing']} that reads nothing, in",
        f"turn over {run['rounds']} rounds of {run['seconds']:g} s. The edge skipped",
        f"{run['skips']:,.0f} writes for the slow and closed {run['slow_closed']:,.0f} of",
        "them.",
    )
    tables = [table(("normal listeners", "alone", "beside the slow"), rows)]
    bars = plot.bars(
        "Gaps of normal listeners, p99",
        {"alone": run["alone_ms_p99"], "beside the slow": run["beside_ms_p99"]},
        "ms",
        {},
    )
    return Page("Slow readers", words, "python -m benchmarks.slow", goals, tables, bars)


def memory(history: Sequence[Run]) -> Page:
    """Bytes of one listener."""
    run = history[-1]
    largest = max(run["cases"], key=lambda case: case["listeners"])
    goals = [
        Goal(f"user memory of a listener at {case['listeners']:,}", case["user_uss"], 1024, "bytes")
        for case in run["cases"]
    ]
    heads = ("listeners", "USS each, B", "PSS each, B", "kernel slab each, B",
             "TCP buffers each, B", "edge, MiB")  # fmt: skip
    keys = ("user_uss", "user_pss", "kernel_slab", "kernel_buffers")
    rows = [
        (f"{case['listeners']:,}", *(shown(case, key, ",.0f") for key in keys),
         shown(case, "edge_mib"))
        for case in run["cases"]
    ]  # fmt: skip
    words = paragraph(
        "What each listener adds: private memory of the edge's process (USS) and its share",
        "(PSS) by `smaps_rollup`, the kernel's slab (half of the difference, because both",
        "ends of a connection are in this kernel) and what TCP accounts as buffered. A",
        "negative figure is the noise of a kernel that others use too.",
    )
    bars = plot.bars(
        f"Memory of a listener at {largest['listeners']:,}",
        {"edge, private": max(0, largest["user_uss"]), "kernel": max(0, largest["kernel_slab"])},
        "bytes",
        {1024: "1 KiB"},
    )
    return Page(
        "Memory of a listener",
        words,
        "python -m benchmarks.memory",
        goals,
        [table(heads, rows)],
        bars,
    )


def overload(history: Sequence[Run]) -> Page:
    """More listeners than the core holds."""
    run = history[-1]
    most = f"overload of {run['overload']:g}"
    goals = [
        Goal(f"listeners dropped, {most}", run["disconnected"], 0),
        Goal("longest gap", run["gap_ms_max"], run["buffer_ms"], "ms"),
        Goal("tick after the crowd has left", run["tick_ms_after"], run["tick_ms_calm"], "ms"),
    ]
    heads = ("second", "tick, ms", "connections", "refused", "closed as slow")
    rows = [
        (f"{one['s']:.0f}", f"{one['tick_ms']:,}", f"{one['connections']:,}",
         f"{one['refused']:,}", f"{one['slow_closed']:,}")
        for one in _changes(run["seconds"])
    ]  # fmt: skip
    words = paragraph(
        f"One edge held to {run['share']:.0%} of a core ({run['means']}) and",
        f"{run['listeners']:,} listeners, who would need {run['needed_core_320ms']:g} of a",
        f"core at 320 ms by the bare loop alone: {most}. {run['joined']:,} joined,",
        f"{run['refused']:,} were turned away while joining. Gaps p99 {run['gap_ms_p99']:,.0f}",
        f"ms over all, {run['gap_ms_p99_worst_second']:,.0f} ms in the worst second; the tick",
        f"was short again {run['recovered_s']:g} s after the crowd left. The table shows the",
        "seconds in which the tick changed, first and last.",
    )
    start = run["crowd_from_s"]
    seconds = run["seconds"]
    series = {
        "tick": [(one["s"], float(one["tick_ms"])) for one in seconds],
        "gap p99": [(start + at, gaps[0]) for at, gaps in enumerate(run["gaps_by_second"])],
        "longest gap": [(start + at, gaps[1]) for at, gaps in enumerate(run["gaps_by_second"])],
    }
    last = seconds[-1]["s"]
    axes = plot.Axes(
        "Tick and gaps over time, ms",
        {0.0: "0 s", start: "all in", last: f"{last:.0f} s"},
        {320.0: "320", 960.0: "960"},
        {float(run["buffer_ms"]): "buffer"},
    )
    tables = [table(heads, rows)]
    return Page(
        "Overload", words, "python -m benchmarks.overload", goals, tables, plot.lines(axes, series)
    )


def _changes(seconds: Sequence[Case]) -> list[Case]:
    """The samples in which the tick is another than before, with the first and the last."""
    out = [seconds[0]]
    out += [one for before, one in pairwise(seconds)
            if one["tick_ms"] != before["tick_ms"]]  # fmt: skip
    return out if out[-1] is seconds[-1] else [*out, seconds[-1]]


def sendloop(history: Sequence[Run]) -> Page:
    """A loop outside the interpreter beside the edge's own."""
    run = history[-1]
    heads = ["tick", "bytes", "Python, µs"]
    for name in ("C", "io_uring"):
        heads += [f"{name}, µs", "gain, CPU %", "gain, clock %"]
    rows = [
        (f"{case['tick_ms']} ms", f"{case['bytes']:,}", shown(case, "python_us", ".2f"),
         *_gains(case, "c"), *_gains(case, "io_uring"))
        for case in run["cases"]
    ]  # fmt: skip
    words = paragraph(
        f"CPU of one write to one of {run['listeners']:,} sockets, kernel included: the edge's",
        "own loop in Python, a C function over an array of handles called by ctypes, and the",
        "same sends handed to io_uring in batches; in one process, over the same sockets, in",
        f"turn, median of {run['rounds']} rounds. The gain by the clock, on the pinned core, is",
        "the honest one where they differ: a batch leaves part of the network's work to kernel",
        "threads whose time is not in this process's account. A driver outside the interpreter is",
        "worth its keep above 15 %.",
    )
    ways = (("python_us", "Python"), ("c_us", "C"), ("io_uring_us", "io_uring"))
    values = {
        f"{name} {case['tick_ms']} ms": float(case[key])
        for case in run["cases"]
        for key, name in ways
        if key in case
    }
    bars = plot.bars("CPU of one write", values, "µs", {})
    return Page("A send loop outside the interpreter", words, "python -m benchmarks.sendloop",
                (), [table(heads, rows)], bars)  # fmt: skip


def _gains(case: Case, name: str) -> tuple[str, str, str]:
    gain = f"{name}_gain_percent"
    clock = shown(case, f"{gain}_by_the_clock")
    return (shown(case, f"{name}_us", ".2f"), shown(case, gain), clock)
