"""What places together say of a component: who is believed, and when two agree."""

import pytest

from rostra.watch.components import Component, Target
from rostra.watch.panel import AHEAD_US, NOISY_CHANGES, SILENT_AFTER, STEADY_RESULTS, Panel
from rostra.watch.probing import WHY_CHARS_MAX, Result, Step, sentence
from rostra.watch.telling import FUTURE_S_MAX

S = 1_000_000
EVERY = 20
BEGIN = 1_800_000_000 * S
HOUSE = Component("house", "House", Target.HTTP, "http://h", every_s=EVERY, timeout_s=10)


def result(  # noqa: PLR0913 - what a result has, by name
    place: str, at: int, *, ok: bool, own: bool = False, step: str = "connect", why: str = "no"
) -> Result:
    steps = (Step("resolve", 1.0), Step(step, 30.0, ok, "" if ok else why))
    return Result("house", place, BEGIN + at * EVERY * S, ok, steps, own)


def told(words: dict[str, str], places: tuple[str, ...] | None = None) -> Panel:
    """A panel after one result of each place for each letter: `+`, `-`, `o` for own trouble."""
    panel = Panel(HOUSE, places or tuple(words))
    for at in range(max(map(len, words.values()))):
        for place, line in words.items():
            if at < len(line) and line[at] != " ":
                panel.take(result(place, at + 1, ok=line[at] == "+", own=line[at] == "o"))
    return panel


def state(words: dict[str, str], places: tuple[str, ...] | None = None) -> str:
    return told(words, places).view(BEGIN + max(map(len, words.values())) * EVERY * S).state


def test_nothing_known_is_unknown_and_no_target_is_none() -> None:
    assert Panel(HOUSE, ("a", "b")).view(BEGIN).state == "unknown"
    assert Panel(Component("x", "X"), ("a",)).view(BEGIN).state == "none"
    assert Panel(HOUSE, ()).view(BEGIN).state == "none"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ({"a": "+"}, "ok"),
        ({"a": "+-"}, "ok"),
        ({"a": "+--"}, "failing"),
        ({"a": "-"}, "unknown"),
        ({"a": "+--", "b": "+--"}, "failing"),
        ({"a": "+--", "b": "+++"}, "mixed"),
        ({"a": "+--", "b": "+--", "c": "+++"}, "failing"),
        ({"a": "+--", "b": "+++", "c": "+++"}, "mixed"),
        ({"a": "+--", "b": "+--", "c": "+++", "d": "+++", "e": "+++"}, "mixed"),
        ({"a": "+--++", "b": "+--++"}, "ok"),
        ({"a": "+--+", "b": "+--+"}, "failing"),
        ({"a": "+-+-+-", "b": "++++++"}, "ok"),
        ({"a": "+-+-+-", "b": "+-+-+-"}, "mixed"),
        ({"a": "+-+-+-"}, "unknown"),
        ({"a": "+--", "b": "+oo"}, "mixed"),
        ({"a": "ooo"}, "unknown"),
    ],
)
def test_the_rule(words: dict[str, str], expected: str) -> None:
    assert state(words) == expected


def test_one_place_alone_says_so() -> None:
    view = told({"a": "+--"}, ("a", "b")).view(BEGIN + 3 * EVERY * S)
    assert (view.state, view.one_place, view.step, view.why) == ("failing", True, "connect", "no")
    assert [one.state for one in view.places] == ["failing", "silent"]
    both = told({"a": "+--", "b": "+--"}).view(BEGIN + 3 * EVERY * S)
    assert not both.one_place


def test_a_noisy_place_is_left_out_until_it_is_stable() -> None:
    flapping = "+-" * NOISY_CHANGES
    panel = told({"a": flapping, "b": "+" * len(flapping)})
    end = len(flapping)
    assert panel.view(BEGIN + end * EVERY * S).places[0].state == "noisy"
    for more in range(1, STEADY_RESULTS):  # the last of the flapping was the first of these
        panel.take(result("a", end + more, ok=False))
        panel.take(result("b", end + more, ok=True))
    view = panel.view(BEGIN + (end + STEADY_RESULTS) * EVERY * S)
    assert (view.places[0].state, view.state) == ("failing", "mixed")


def test_a_place_without_a_word_for_three_intervals_is_silent() -> None:
    panel = told({"a": "+"})
    patience = (SILENT_AFTER * EVERY + 10) * S
    last = BEGIN + EVERY * S
    assert panel.view(last + patience).state == "ok"
    late = panel.view(last + patience + 1)
    assert (late.state, late.places[0].state) == ("unknown", "silent")


def test_a_failure_before_a_silence_and_one_after_it_are_not_two_in_a_row() -> None:
    panel = told({"a": "+-"})
    panel.take(result("a", 50, ok=False))
    assert panel.view(BEGIN + 50 * EVERY * S).state == "unknown"


def test_since_is_when_the_second_place_saw_it_first() -> None:
    view = told({"a": "+---", "b": "++--"}).view(BEGIN + 4 * EVERY * S)
    assert view.since_utc_us == BEGIN + 3 * EVERY * S
    alone = told({"a": "+---"}).view(BEGIN + 4 * EVERY * S)
    assert alone.since_utc_us == BEGIN + 2 * EVERY * S


def test_the_step_is_the_one_that_came_least_far() -> None:
    panel = Panel(HOUSE, ("a", "b"))
    for at in (1, 2):
        panel.take(result("a", at, ok=False, step="first_sound"))
        panel.take(result("b", at, ok=False, step="tls", why="late"))
    view = panel.view(BEGIN + 2 * EVERY * S)
    assert (view.step, view.why) == ("tls", "late")


def test_old_strange_and_foreign_results_change_nothing() -> None:
    panel = told({"a": "++"})
    now = BEGIN + 2 * EVERY * S
    before = panel.view(now)
    panel.take(result("a", 1, ok=False))
    panel.take(result("nobody", 3, ok=False))
    panel.take(Result("another", "a", BEGIN + 3 * EVERY * S, ok=False))
    assert panel.view(now) == before


def test_the_time_to_the_first_sound_is_the_last_good_one() -> None:
    panel = Panel(HOUSE, ("a",))
    panel.take(result("a", 1, ok=True, step="first_sound"))
    panel.take(result("a", 2, ok=False))
    assert panel.view(BEGIN + 2 * EVERY * S).places[0].first_sound_ms == 30.0


def test_a_strangers_words_become_one_short_printable_line() -> None:
    said = sentence("<b>\x1b[31m no\n\nway \u202e" + "x" * 500)
    assert said.startswith("<b> [31m no way x")
    assert len(said) == WHY_CHARS_MAX
    assert said.isprintable()


def test_a_clock_that_is_set_back_makes_no_place_deaf() -> None:
    assert AHEAD_US == FUTURE_S_MAX * S
    panel = told({"a": "+++"})
    last = BEGIN + 3 * EVERY * S
    assert panel.view(last - AHEAD_US).state == "ok"
    ahead = panel.view(last - AHEAD_US - 1)
    assert (ahead.state, ahead.places[0].state) == ("unknown", "silent")
    panel.forget_ahead(last - AHEAD_US)
    assert panel.view(last).state == "ok"
    hour = 3_600 // EVERY
    panel.forget_ahead(BEGIN + (4 - hour) * EVERY * S)
    for at in (4, 5):
        panel.take(result("a", at - hour, ok=False))
    view = panel.view(BEGIN + (5 - hour) * EVERY * S)
    assert (view.state, view.since_utc_us) == ("failing", BEGIN + (4 - hour) * EVERY * S)


def test_a_step_back_keeps_since_and_never_leaves_it_ahead() -> None:
    now = BEGIN - 3_600 * S
    panel = told({"a": "+--"})
    panel.forget_ahead(now)
    for at in (1, 2):
        panel.take(result("a", at - 3_600 // EVERY, ok=False))
    assert panel.view(now + 2 * EVERY * S).since_utc_us == now


@pytest.mark.parametrize(
    ("after", "since"), [("--", 2), ("+--", 2), ("++--", 52), ("++", 50), ("o--", 2)]
)
def test_since_outlives_a_silence_when_the_word_is_the_same_again(after: str, since: int) -> None:
    panel = told({"a": "+--" + " " * 46 + after})
    view = panel.view(BEGIN + (49 + len(after)) * EVERY * S)
    assert view.since_utc_us == BEGIN + since * EVERY * S
