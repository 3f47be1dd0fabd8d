"""The ladder under load: climbs that last, steps down that hold, and none for a moment's noise."""

import pytest

from rostra.delivery.elastic import (
    BUSY_CALM,
    BUSY_HIGH,
    BUSY_IDLE,
    BUSY_URGENT,
    CALM_MAX_S,
    CALM_RELIEF_SHARE,
    CALM_S,
    CONFIRM,
    CONFIRM_URGENT,
    LEAD_MARGIN_S,
    OWING_LISTENERS_MIN,
    RELIEF_SHOWS_S,
    RELIEFS,
    Change,
    Elastic,
    Load,
    Relief,
    Step,
    ladder,
)
from rostra.domain.grid import TICK_MESSAGES

LOOK_NS = 500_000_000
CALM = Load(0.01)
HIGH = Load(BUSY_HIGH + 0.01)


class Evening:
    """Looks at one edge twice a second."""

    def __init__(self, steps: tuple[Step, ...]) -> None:
        self.elastic = Elastic(steps)
        self.now_ns = 1

    def look(self, load: Load) -> Change | None:
        self.now_ns += LOOK_NS
        return self.elastic.judge(load, self.now_ns)

    def until_change(self, load: Load, most_s: float) -> tuple[Change | None, float]:
        """The change, and the seconds that it took."""
        began_ns = self.now_ns
        while (self.now_ns - began_ns) / 1e9 < most_s:
            change = self.look(load)
            if change is not None:
                return change, (self.now_ns - began_ns) / 1e9
        return None, most_s


@pytest.fixture
def evening() -> Evening:
    return Evening(ladder(TICK_MESSAGES))


def test_the_ladder_gives_up_latency_first_and_then_comforts_in_their_order() -> None:
    steps = ladder(TICK_MESSAGES)
    assert [step.tick for step in steps] == [1, 3, 9, 18, 18, 18, 18]
    assert [len(step.reliefs) for step in steps] == [0, 0, 0, 0, 1, 2, 3]
    assert steps[4].reliefs == {Relief.NO_BURST}
    assert steps[5].reliefs == {Relief.NO_BURST, Relief.OFFER_HLS}


def test_the_ladder_has_what_the_operator_allows() -> None:
    assert ladder((3,), ()) == (Step(3),)
    assert [s.tick for s in ladder((9, 3), (Relief.WAIT,))] == [3, 9, 9]
    assert ladder((3,), (Relief.WAIT,))[-1].reliefs == {Relief.WAIT}
    assert RELIEFS == (Relief.NO_BURST, Relief.OFFER_HLS, Relief.WAIT)


def test_an_edge_climbs_when_the_load_lasts_and_not_for_a_moment(evening: Evening) -> None:
    for _ in range(20):
        assert [evening.look(HIGH) for _ in range(CONFIRM - 1)] == [None] * (CONFIRM - 1)
        assert evening.look(Load(0.4)) is None
    assert [evening.look(HIGH) is not None for _ in range(CONFIRM)] == [False, False, True]
    assert evening.elastic.step.tick == 3


def test_a_longer_tick_leaves_players_the_time_to_grow(evening: Evening) -> None:
    change, _ = evening.until_change(HIGH, 10)
    assert change is not None
    assert change.longer
    assert change.lead_s == pytest.approx(2 * 0.1067 / 0.1 + LEAD_MARGIN_S, abs=0.01)
    _, waited_s = evening.until_change(HIGH, 60)
    assert waited_s > change.lead_s, "nothing is judged before the change has begun"


def test_where_it_is_urgent_the_change_comes_sooner(evening: Evening) -> None:
    urgent = Load(BUSY_URGENT)
    looks = [evening.look(urgent) for _ in range(CONFIRM_URGENT)]
    assert looks[:-1] == [None]
    assert looks[-1] is not None
    assert looks[-1].lead_s == pytest.approx(2 * 0.1067 / 0.25 + LEAD_MARGIN_S, abs=0.01)


@pytest.mark.parametrize(
    "load",
    [
        Load(0.1, late=0.6),
        Load(0.1, owing=0.3, listeners=OWING_LISTENERS_MIN),
    ],
    ids=["its writes end late", "the network is full"],
)
def test_what_else_makes_it_climb(evening: Evening, load: Load) -> None:
    change, _ = evening.until_change(load, 5)
    assert change is not None


def test_three_slow_phones_do_not_lengthen_the_tick_of_all(evening: Evening) -> None:
    few = Load(0.01, owing=1.0, listeners=OWING_LISTENERS_MIN - 1)
    assert evening.until_change(few, 60)[0] is None


def test_a_crowd_that_takes_nothing_lengthens_the_tick_and_keeps_nobody_out() -> None:
    evening = Evening(ladder(TICK_MESSAGES))
    stalled = Load(0.01, owing=1.0, listeners=5_000)
    while evening.until_change(stalled, 60)[0] is not None:
        pass
    assert evening.elastic.step == Step(18)
    assert evening.until_change(HIGH, 60)[0] is not None
    assert evening.elastic.step.reliefs
    assert evening.until_change(stalled, 60)[0] is not None
    assert evening.elastic.step == Step(18), "and a relief that was needed is taken back"


def test_it_comes_back_when_the_lower_step_would_be_calm_too(evening: Evening) -> None:
    evening.until_change(HIGH, 10)
    too_much = Load(BUSY_CALM / 3 + 0.01)
    assert evening.until_change(too_much, 100)[0] is None, "three times as many writes there"
    change, waited_s = evening.until_change(Load(BUSY_CALM / 3 - 0.01), 100)
    assert change == Change(Step(1), longer=False, lead_s=0.0)
    assert waited_s == pytest.approx(CALM_S, abs=1.1)


def test_a_step_down_that_did_not_hold_makes_the_next_wait_longer(evening: Evening) -> None:
    waits = []
    just_calm = Load(BUSY_CALM / 3)
    for _ in range(7):
        assert evening.until_change(HIGH, 30)[0] is not None
        _, waited_s = evening.until_change(just_calm, 400)
        waits.append(waited_s)
    calm = [min(CALM_S * 2**turn, CALM_MAX_S) for turn in range(7)]
    assert waits == [pytest.approx(wait, abs=6) for wait in calm]
    assert evening.until_change(HIGH, 30)[0] is not None
    gone = Load(BUSY_IDLE / 3)
    assert evening.until_change(gone, 400)[1] < CALM_S + 6, "a crowd that has gone is no flap"


def test_the_top_of_the_ladder_is_the_end_of_it(evening: Evening) -> None:
    for _ in range(6):
        assert evening.until_change(HIGH, 60)[0] is not None
    assert evening.elastic.step == ladder(TICK_MESSAGES)[-1]
    assert evening.until_change(Load(5.0, late=1.0), 60)[0] is None
    for level in range(5, -1, -1):
        change, waited_s = evening.until_change(CALM, 60)
        assert change is not None
        assert evening.elastic.level == level
        calm_s = CALM_S * CALM_RELIEF_SHARE if level >= 3 else CALM_S
        assert waited_s == pytest.approx(calm_s + RELIEF_SHOWS_S, abs=5)
    assert evening.until_change(CALM, 60)[0] is None


def test_a_fixed_tick_stays_whatever_comes() -> None:
    evening = Evening(ladder((3,), ()))
    assert evening.until_change(Load(2.0, late=1.0), 60)[0] is None
    assert evening.elastic.step.tick == 3
