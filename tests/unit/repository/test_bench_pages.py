import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from benchmarks import page_push, pages, plot
from benchmarks.figures import HISTORY, Run, runs

MACHINE = {"cpu": "a cpu", "cores": 2, "kernel": "6.1", "python": "3.11.7"}
COMMON = {
    "utc": "2026-01-01T00:00:00+00:00",
    "commit": "abc",
    "machine": MACHINE,
    "load_1m": 0.1,
    "left_out": ["nchan is left out: it is not installed."],
}


def cell(server: str, tick_ms: float | None, listeners: int, us: float, **more: Any) -> Run:  # noqa: ANN401 - figures
    case = {"server": server, "tick_ms": tick_ms, "listeners": listeners, "us": us}
    return {**case, "us_rounds": [us], **more}


PUSH = {
    **COMMON,
    "kind": "push",
    "limit": "Handles.",
    "seconds": 8,
    "cases": [
        cell("edge", 320, 1_000, 36.0, ratio=1.2, gaps=0, disconnected=0, tick_bytes=2_100.0),
        cell("floor", 320, 1_000, 30.0),
        cell("edge", 960, 1_000, 14.0, ratio=1.0),
        cell("floor", 960, 1_000, 14.0),
        cell("Icecast", None, 1_000, 60.0),
        cell("nchan", 960, 1_000, 21.0),
    ],
}
JOIN = {"joins": 5_000, "joins_per_s": 9_000, "cpu_us_per_join": 60.0,
        "first_byte_ms_p50": 5.0, "first_byte_ms_p99": 90.0}  # fmt: skip
FLOOD = {
    **JOIN,
    "asked_per_s": 10_000,
    "earlier_p99_ms_before": 330.0,
    "earlier_p99_ms_during": 340.0,
    "earlier_max_ms_during": 400.0,
    "earlier_moved": 0.03,
}
TIMES = {"median_ms": 500.0, "p95_ms": 600.0, "max_ms": 700.0, "n": 9}
SECOND = {"connections": 10, "refused": 0, "slow_closed": 0}
OTHERS: dict[str, Run] = {
    "joins": {"flood": FLOOD, "tls_joins": [{**JOIN, "kind": "full"}],
              "tls_listener": {"ratio": 1.4}},
    "latency": {
        "cases": [{"transport": "push", "tick_ms": 320, **TIMES}],
        "first_sound": [{"way": "loopback", "tls": tls, **TIMES} for tls in (False, True)],
    },
    "slow": {"normal": 2_000, "half": 1_000, "nothing": 1, "rounds": 5, "seconds": 10, "skips": 9,
             "slow_closed": 1, "alone_ms_p99": 330.0, "beside_ms_p99": 331.0, "alone_ms_max": 340.0,
             "beside_ms_max": 350.0, "moved": -0.2, "disconnected": 0},
    "memory": {"cases": [{"listeners": 10, "user_uss": 400, "user_pss": 410, "kernel_slab": 4_000,
                          "kernel_buffers": -3, "edge_mib": 30.0}]},
    "overload": {
        "share": 0.25, "means": "cpu.max", "listeners": 16_000, "needed_core_320ms": 0.9,
        "overload": 4.0, "joined": 16_000, "refused": 0, "disconnected": 0, "gap_ms_p99": 900.0,
        "gap_ms_p99_worst_second": 1_000.0, "gap_ms_max": 1_200.0, "buffer_ms": 2_400,
        "recovered_s": 3.0, "tick_ms_after": 320, "tick_ms_calm": 107, "crowd_from_s": 2.0,
        "gaps_by_second": [[330.0, 400.0], [900.0, 1_200.0]],
        "seconds": [{"s": at, "tick_ms": tick, **SECOND}
                    for at, tick in enumerate((320, 320, 960, 960))],
    },
    "t0": {
        "runs": 2, "listeners": 1_000, "listening_least": 1_001, "errors_ms": [-0.5, 3.0],
        "error": TIMES, "came": TIMES, "spoken_ms": [10.0, 14.0], "streams_asked": 0, "joins": 0,
        "hls_before": [100, 100], "hls_around": [100, 99],
    },
    "sendloop": {"listeners": 4_000, "rounds": 9, "cases": [
        {"tick_ms": 320, "bytes": 2_048, "python_us": 5.4, "c_us": 5.0, "c_gain_percent": 7.0}]},
    "loudness": {
        "talk": {"turns": 4, "seconds": 44, "ways": [
            {"way": way, "lufs": -16.6, "aac_lufs": -16.6, "aac_lufs_ffmpeg": -16.5,
             "apart_lu": 0.5, "peak_dbtp": -2.0, "aac_peak_dbtp": -0.9,
             "aac_peak_dbtp_ffmpeg": -0.9, "short_term": [-17.0, -16.0]}
            for way in ("as it came", "as it is heard")]},
        "rooms": [{"noise_dbfs": -50.0, "delay_ms": 20.0, "noise_down_db": 16.0,
                   "likeness_db_before": 27.0, "likeness_db": 17.0}],
        "costs": {"clean_us": 17.0, "suppressed_us": 400.0, "pause_us": 3.0, "rnnoise_us": 430.0,
                  "limiter_us": 30.0},
    },
    "gate": {
        "seeds": 5, "seconds": 60, "real_seconds": 20, "cpu_s": {"ours": 0.03, "theirs": 0.04},
        "change": {"before": 40.0, "within": 100.0, "after": 60.0},
        "virtual": [{"cell": "loss 5 %", "drops": 0.5, "drops_most": 1.0, "latency_ms": 57.0}],
        "real": [{"engine": engine, "cell": "loss 5 %", "drops": 1.0, "mos": 4.3}
                 for engine in ("ours", "theirs")],
    },
    "howl": {"first": 1_000, "rooms": 2, "suppressed": 1, "excerpts": 5,
             "ducked": {"speech": 0, "beat": 3}, "cost_us": 150.0, "cost_us_p99": 260.0, "cases": [
        {"seed": seed, "kind": "loudspeaker, speech", "gain_db": 3.0, "delay_ms": [90],
         "noticed_s": 1.0 + seed, "ducked_s": 0.8, "late_s": -0.2 - seed, "over_share": 0.0,
         "worst_db": 1.0, "stable": True, "suppressed": not seed} for seed in range(2)]},
    "reports": {
        "cases": [
            {"case": "flood", "sent": 300, "seconds": 1.0, "acknowledged": 300, "stored": 300,
             "lost": 0, "ack_ms_p50": 30.0, "ack_ms_p95": 60.0, "page_ms_p50": 5.0,
             "page_ms_p95": 20.0, "core_share": 0.4},
            {"case": "killed", "sent": 300, "seconds": 1.0, "acknowledged": 150, "stored": 155,
             "lost": 0, "ack_ms_p50": 30.0, "ack_ms_p95": 60.0},
        ],
        "forged": {"case": "forged", "addresses": 100, "seconds": 6.0, "proof_ms": 400.0, "lost": 0,
                   "by_component": {name: {"counted": 60, "unproven": 40, "surplus": 0}
                                    for name in ("stage", "page")},
                   "level": {name: {"state": "alarm", "times": 12.0, "probes": "ok",
                                    "status": "operational", "reasons": ["probes_ok"]}
                             for name in ("stage", "page")}},
    },
    "alarms": {
        "first": 1_000, "fit_ms": 40.0,
        "cases": [{"seed": 1_000, "style": "exact", "quarter": 4.0, "dispersion": 2.0,
                   "alarms": 0, "unusual": 5, "learning": [0, 1]}],
        "sums": [{"rule": rule, "a_year": a_year, "a_year_median": 0, "a_year_most": 2,
                  "recall": 80.0, "small": None, "collateral": 30.0,
                  "by_factor": {"2": [70.0, 20, 90, 9]}, "sharp": [2, 4, 9]}
                 for rule, a_year in (("ours", 0.1), ("N x baseline 2", 2_000))],
    },
    "nab": {"threshold": 0.5, "cases": [
        {"file": file, "tuned": tuned, "score": 1.5, "windows": 2, "seen": 2, "false": 3,
         "points": 9, "us": 300.0}
        for file, tuned in (("realTweets/a.csv", True), ("realTweets/b.csv", False),
                            ("realAWSCloudwatch/c.csv", True),
                            ("realKnownCause/nyc_taxi.csv", False))]},
}  # fmt: skip
LINES: dict[str, Run] = {
    "push": PUSH,
    **{kind: {**COMMON, "kind": kind, **own} for kind, own in OTHERS.items()},
}


@pytest.mark.parametrize("kind", pages.PAGES)
def test_a_page_and_its_plot_come_from_the_history_alone(kind: str, tmp_path: Path) -> None:
    history = tmp_path / "history.jsonl"
    history.write_text(json.dumps(LINES[kind]) + "\n")
    pages.write(kind, history, tmp_path)
    text = (tmp_path / f"{kind}.md").read_text()
    assert text.startswith("# ")
    assert "commit `abc`" in text
    assert "nchan is left out" in text
    assert f"`python -m benchmarks.{kind}`" in text
    drawn = list(tmp_path.glob("*.svg"))
    assert {path.name for path in drawn} >= {f"{kind}.svg"}
    for path in drawn:
        assert path.name in text
        assert ET.parse(path).getroot().tag.endswith("svg")  # noqa: S314 - our own drawing


def test_a_page_says_which_goals_were_met_and_which_not() -> None:
    page = page_push.page([PUSH])
    verdicts = {goal.words: goal.met for goal in page.goals}
    assert verdicts["edge / bare loop, 320 ms, 1,000 listeners"] is False
    assert verdicts["edge / bare loop, 960 ms, 1,000 listeners"] is True
    assert verdicts["edge at 960 ms / Icecast"] is True


def test_a_peer_is_compared_with_the_loop_at_its_own_tick_or_at_320_ms() -> None:
    text = "\n".join(page_push.tables(PUSH))
    assert "| nchan | 1,000 | 21.0 | 1.50 |" in text
    assert "| Icecast | 1,000 | 60.0 | 2.00 |" in text


def test_the_history_that_is_kept_can_still_be_read(tmp_path: Path) -> None:
    for kind in pages.PAGES:
        pages.write(kind, HISTORY, tmp_path)
    assert (tmp_path / "push.md").exists()
    assert all(run["cases"] for run in runs("push"))


def test_figures_lie_where_their_scale_says() -> None:
    scale = plot.Scale(1, 100, 0, 200, log=True)
    assert [scale(value) for value in (1, 10, 100)] == pytest.approx([0, 100, 200])
    assert plot.Scale(5, 5, 0, 10)(5) == 5


def test_words_in_a_plot_are_escaped() -> None:
    assert "&lt;b&gt;" in plot.bars("<b>", {"a": 1.0}, "ms", {})
