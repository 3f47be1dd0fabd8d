import json
import shutil
from pathlib import Path

import pytest
from benchmarks import faults, figures, machine, onsets
from benchmarks.figures import Goal
from hypothesis import given
from hypothesis import strategies as some

STEADY = [1_000.0 + 1_000 * at for at in onsets.pattern()]


def test_a_percentile_is_a_value_that_was_measured() -> None:
    values = [float(number) for number in range(1, 101)]
    assert figures.percentile(values, 0.99) == 99
    assert figures.percentile(values, 0.5) == 50
    assert figures.percentile([7.0], 0.01) == 7.0
    with pytest.raises(ValueError, match="no values"):
        figures.percentile([], 0.5)


@given(some.lists(some.floats(-1e6, 1e6), min_size=1), some.floats(0.01, 1))
def test_at_most_the_rest_lies_above_a_percentile(values: list[float], share: float) -> None:
    found = figures.percentile(values, share)
    above = sum(value > found for value in values)
    assert found in values
    assert above <= (1 - share) * len(values) + 1e-3 * len(values)


def test_what_must_not_happen_is_summed_and_the_rest_has_its_median() -> None:
    rounds = [
        [{"server": "edge", "listeners": 10, "us": us, "gaps": gaps, "ratio": us / 10}]
        for us, gaps in ((30.0, 0), (10.0, 2), (20.0, 1))
    ]
    assert figures.merged(rounds, ("server", "listeners")) == [
        {
            "server": "edge",
            "listeners": 10,
            "us": 20.0,
            "gaps": 3,
            "ratio": 2.0,
            "us_rounds": [30.0, 10.0, 20.0],
        }
    ]


def test_a_cell_that_one_round_left_out_has_the_others_median() -> None:
    first = [{"server": "edge", "us": 3.0}, {"server": "floor", "us": 1.0}]
    merged = figures.merged([first, [{"server": "edge", "us": 5.0}]], ("server",))
    assert [case["us_rounds"] for case in merged] == [[3.0, 5.0], [1.0]]


def test_a_goal_says_whether_it_was_reached() -> None:
    assert Goal("cost", 1.15, 1.15, "times").row() == ("cost", "≤ 1.15 times", "1.15 times", "met")
    assert Goal("cost", 1.16, 1.15).row()[-1] == "**missed**"
    assert Goal("joins", 9_999, 10_000, at_least=True).met is False
    assert Goal("joins", None, 10_000, at_least=True).row()[2:] == ("not measured", "")


def test_old_lines_of_the_history_are_of_push(tmp_path: Path) -> None:
    history = tmp_path / "history.jsonl"
    history.write_text(json.dumps({"cases": []}) + "\n")
    figures.keep({"kind": "joins", "flood": {}}, history)
    assert figures.runs("push", history) == [{"cases": []}]
    assert figures.runs("joins", history) == [{"kind": "joins", "flood": {}}]


@pytest.mark.parametrize("delay", [80.0, 640.0, 2_500.0, 6_100.0])
def test_a_burst_is_found_however_late(delay: float) -> None:
    drift = [0.4 * at for at in range(len(STEADY))]
    heard = [one + delay + more for one, more in zip(STEADY, drift, strict=True)]
    until = [one for one in heard if one < STEADY[-1] + 2_000]
    found = onsets.delays_ms(STEADY, until)
    assert found == pytest.approx([delay + more for more in drift][: len(found)])
    assert len(found) >= onsets.MET_MIN


def test_a_burst_that_was_lost_is_not_another_one() -> None:
    heard = [one + 500 for one in STEADY if one != STEADY[3]]
    assert onsets.delays_ms(STEADY, heard) == pytest.approx([500.0] * len(heard))


def test_silence_has_no_delay() -> None:
    assert onsets.delays_ms(STEADY, []) == []
    assert onsets.delays_ms(STEADY[:2], [one + 100 for one in STEADY[:2]]) == []


def test_a_narrow_way_delays_and_spreads() -> None:
    way = faults.Way(0.05, 1_000)
    arrives_s, free_s = way.times(10.0, 0.0, 500)
    assert (arrives_s, free_s) == (10.55, 10.5)
    assert way.times(10.0, free_s, 500)[1] == 11.0


@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler")
@pytest.mark.parametrize(
    "name", [n for n, words in machine.PROGRAMS.items() if "tls.c" not in words]
)
def test_the_programs_compile_without_a_warning(name: str, tmp_path: Path) -> None:
    assert machine.build(name, tmp_path).stat().st_size > 0
