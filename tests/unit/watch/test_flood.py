"""A flood begins at a named rate, and ends late, by all that comes."""

import pytest

from rostra.watch.flood import (
    BEGIN_PER_MINUTE,
    BEGIN_PER_MINUTE_IN_ALL,
    CALM_S,
    END_SHARE,
    MEMORY_S,
    NS_PER_S,
    Flood,
)


def burst(flood: Flood, at_s: float, reports: int, *, worked: bool = False) -> bool:
    on = False
    for _ in range(reports):
        on = flood.take(int(at_s * NS_PER_S), worked=worked)
    return on


def test_a_burst_up_to_the_rate_is_none_and_one_more_is() -> None:
    flood = Flood()
    assert not burst(flood, 1, int(BEGIN_PER_MINUTE))
    assert burst(flood, 1, 1)


@pytest.mark.parametrize(("per_minute", "begins"), [(50, False), (75, True)])
def test_a_steady_stream_is_known_by_its_rate(per_minute: int, begins: bool) -> None:  # noqa: FBT001 - a case
    flood = Flood()
    for number in range(per_minute * 5):
        on = flood.take(int(number * 60 / per_minute * NS_PER_S), worked=False)
    assert on is begins


def test_reports_with_proof_begin_none() -> None:
    assert not burst(Flood(), 1, 1_000, worked=True)


def test_it_ends_when_it_has_been_calm_for_long_enough() -> None:
    flood = Flood()
    burst(flood, 0, int(BEGIN_PER_MINUTE) + 1)
    # A burst just over the rate fades below the share in less than two time constants.
    assert flood.on(CALM_S * NS_PER_S)
    assert not flood.on(int((CALM_S + 2 * MEMORY_S) * NS_PER_S))
    assert not flood.take(int((CALM_S + 2 * MEMORY_S) * NS_PER_S), worked=False)


def test_reports_with_proof_keep_it_up() -> None:
    flood = Flood()
    burst(flood, 0, int(BEGIN_PER_MINUTE) + 1)
    every_s = 60 / (BEGIN_PER_MINUTE * END_SHARE * 2)
    for number in range(1, int(3 * CALM_S / every_s)):
        assert flood.take(int(number * every_s * NS_PER_S), worked=True)


def test_a_thin_stream_lets_it_end() -> None:
    flood = Flood()
    burst(flood, 0, int(BEGIN_PER_MINUTE) + 1)
    every_s = 60 / (BEGIN_PER_MINUTE * END_SHARE / 2)
    found = [
        flood.take(int(number * every_s * NS_PER_S), worked=False)
        for number in range(1, int(3 * CALM_S / every_s))
    ]
    assert found[0]
    assert not found[-1]


def test_a_clock_that_stands_still_breaks_nothing() -> None:
    flood = Flood()
    flood.take(5 * NS_PER_S, worked=False)
    assert not flood.take(4 * NS_PER_S, worked=False)


def test_the_rate_over_all_is_higher_than_of_one() -> None:
    assert BEGIN_PER_MINUTE < BEGIN_PER_MINUTE_IN_ALL
