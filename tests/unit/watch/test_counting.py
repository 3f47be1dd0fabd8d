"""What each report counts as: one a reporter, bounded by network, and every one somewhere."""

from collections import Counter

import pytest

from rostra.watch.counting import ROWS_MAX, Met, Outcome, settle, slot_of
from rostra.watch.kinds import Kind, Report
from rostra.watch.reporters import PREFIX_COUNTED_MAX

NOW = 1_800_000_000_000_000
SLOT = slot_of(NOW)


def report(reporter: str, *, proven: bool = True, network: str = "") -> Report:
    return Report("id", "stage", Kind.NO_SOUND, NOW, reporter, proven=proven, network=network)


def outcomes(*reports: Report, met: dict[str, Met] | None = None) -> list[Outcome]:
    return [one.outcome for one in settle(reports, met or {}, {}, {})]


def test_a_reporter_counts_once() -> None:
    assert outcomes(report("a"), report("b"), report("a")) == [
        Outcome.COUNTED,
        Outcome.COUNTED,
        Outcome.REPEAT,
    ]


@pytest.mark.parametrize(
    ("before", "proven", "outcome"),
    [
        (True, True, Outcome.REPEAT),
        (True, False, Outcome.REPEAT),
        (False, False, Outcome.REPEAT),
        (False, True, Outcome.COUNTED),
    ],
)
def test_a_proof_later_makes_a_report_count(
    before: bool,  # noqa: FBT001 - a case
    proven: bool,  # noqa: FBT001 - a case
    outcome: Outcome,
) -> None:
    met = {"a": Met(before, SLOT, Kind.ECHO)}
    found = settle([report("a", proven=proven)], met, {}, {})[0]
    assert found.outcome is outcome
    assert found.undone == (met["a"] if outcome is Outcome.COUNTED else None)


def test_a_network_counts_up_to_its_bound_even_with_proofs() -> None:
    many = [report(str(number), network="n") for number in range(PREFIX_COUNTED_MAX + 3)]
    found = Counter(outcomes(*many, report("other", network="m")))
    assert found == {Outcome.COUNTED: PREFIX_COUNTED_MAX + 1, Outcome.UNPROVEN: 3}


def test_what_the_network_counts_already_is_remembered() -> None:
    found = settle([report("a", network="n")], {}, {"n": PREFIX_COUNTED_MAX}, {})
    assert found[0].outcome is Outcome.UNPROVEN


def test_beyond_the_rows_what_is_unproven_is_a_number_and_what_counts_counts() -> None:
    taken = {("stage", SLOT): ROWS_MAX - 1}
    found = settle(
        [report("a", proven=False), report("b", proven=False), report("c")], {}, {}, taken
    )
    assert [(one.outcome, one.kept) for one in found] == [
        (Outcome.UNPROVEN, True),
        (Outcome.SURPLUS, False),
        (Outcome.COUNTED, False),
    ]
