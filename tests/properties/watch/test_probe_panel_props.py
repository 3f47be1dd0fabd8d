"""Whatever places tell: one that flaps, one that is ill itself, and one alone accuse nobody."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from rostra.watch.components import Component, Target
from rostra.watch.panel import Panel
from rostra.watch.probing import Result, Step

S = 1_000_000
BEGIN = 1_800_000_000 * S
HOUSE = Component("house", "House", Target.HTTP, "http://h", every_s=20, timeout_s=10)
PLACES = ("a", "b", "c")


def result(place: str, at_us: int, *, ok: bool, own: bool = False) -> Result:
    return Result("house", place, at_us, ok, (Step("page", 1.0, ok),), own)


def tellings(places: tuple[str, ...] = PLACES) -> st.SearchStrategy[list[Result]]:
    """Results of any places at any later and later times, gaps of minutes included."""
    rows = st.lists(st.tuples(st.integers(1, 90), st.integers(0, 4 * len(places) - 1)), max_size=40)
    return rows.map(lambda drawn: _told(drawn, places))


def _told(rows: list[tuple[int, int]], places: tuple[str, ...]) -> list[Result]:
    at, told = BEGIN, []
    for gap_s, code in rows:
        at += gap_s * S
        place, kind = places[code // 4], code % 4
        told.append(result(place, at, ok=kind == 0, own=kind == 3))
    return told


@given(st.lists(st.booleans(), max_size=80), st.sampled_from(PLACES))
def test_one_flapping_place_of_three_never_makes_it_failing(flaps: list[bool], one: str) -> None:
    panel = Panel(HOUSE, PLACES)
    for at, ok in enumerate(flaps):
        now = BEGIN + at * 20 * S
        for place in PLACES:
            panel.take(result(place, now, ok=ok or place != one))
        assert panel.view(now).state in {"ok", "mixed"}


@given(tellings(), st.sampled_from(PLACES), st.integers(0, 200))
def test_trouble_of_its_own_never_changes_what_is_said(
    told: list[Result], place: str, later_s: int
) -> None:
    panel = Panel(HOUSE, PLACES)
    for one in told:
        panel.take(one)
    now = (told[-1].utc_us if told else BEGIN) + later_s * S
    before = panel.view(now)
    panel.take(result(place, now, ok=False, own=True))
    after = panel.view(now)
    said = ("state", "since_utc_us", "one_place", "step", "why")
    assert [getattr(after, name) for name in said] == [getattr(before, name) for name in said]


@given(tellings(("a",)), st.integers(0, 200))
def test_one_place_never_claims_to_be_two(told: list[Result], later_s: int) -> None:
    panel = Panel(HOUSE, ("a",))
    for one in told:
        panel.take(one)
        view = panel.view(one.utc_us + later_s * S)
        assert view.state in {"ok", "failing", "unknown"}
        assert view.one_place is (view.state != "unknown")


@given(tellings(), st.integers(0, 400))
def test_failing_means_two_that_agree_or_one_alone(told: list[Result], later_s: int) -> None:
    panel = Panel(HOUSE, PLACES)
    for one in told:
        panel.take(one)
    now = (told[-1].utc_us if told else BEGIN) + later_s * S
    view = panel.view(now)
    if view.state == "failing":
        seen = [told_by for told_by in PLACES if _last_two_failed(told, told_by)]
        assert view.one_place or len(seen) >= 2
        assert seen
        assert view.since_utc_us <= now


def _last_two_failed(told: list[Result], place: str) -> bool:
    """A word of failure needs two bad results in a row at some time."""
    own = [one.ok for one in told if one.place == place and not one.own_fault]
    return any(not a and not b for a, b in pairwise(own))
