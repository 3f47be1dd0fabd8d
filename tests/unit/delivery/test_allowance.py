import pytest

from rostra.delivery.allowance import NS_PER_S, Allowance, Rate


def test_a_burst_passes_at_once_and_then_one_at_a_time() -> None:
    pace = Allowance(Rate(per_s=2, burst=5), 10)
    assert [pace.take("a", 0) for _ in range(5)] == [0] * 5
    assert pace.take("a", 0) == NS_PER_S // 2
    assert pace.take("b", 0) == 0
    assert pace.take("a", NS_PER_S // 2) == 0
    assert pace.take("a", NS_PER_S // 2) > 0


def test_a_refused_try_costs_nothing_and_a_rest_fills_the_bucket() -> None:
    pace = Allowance(Rate(per_s=1, burst=2), 10)
    for _ in range(50):
        pace.take("a", 0)
    assert pace.take("a", NS_PER_S) == 0
    assert [pace.take("a", 9 * NS_PER_S) for _ in range(3)][:2] == [0, 0]
    assert pace.take("a", 9 * NS_PER_S) > 0


@pytest.mark.parametrize("rows", [1, 3])
def test_beyond_its_rows_the_key_unused_for_longest_begins_anew(rows: int) -> None:
    pace = Allowance(Rate(per_s=1, burst=1), rows)
    for key in range(rows + 1):
        assert pace.take(key, 0) == 0
    assert len(pace) == rows
    assert pace.take(rows, 0) > 0
    assert pace.take(0, 0) == 0
