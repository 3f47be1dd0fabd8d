"""What is said in a lobby, a late start and a break, on a clock of the test's."""

import pytest

from rostra.domain.space import State
from rostra.programme.announcing import (
    MINUTES_MAX,
    PAUSE_SAID_AFTER_US,
    QUIET_S,
    REPEAT_S,
    REPEAT_WAITING_S,
    SECONDS_TRUE_US,
    Announcement,
    Announcer,
    Situation,
    countdown,
)
from rostra.programme.sentences import Saying

S = 1_000_000
T0 = 10_000 * S

Said = tuple[float, Saying, int]


def waiting(t0: int = T0, *, waits_for: str = "", host_here: bool = True) -> Situation:
    return Situation(State.LOBBY, t0, waits_for, host_here=host_here)


def told(
    announcer: Announcer, now: Situation, begin_s: float, end_s: float, t0: int = T0
) -> list[Said]:
    """What is said between two times before T0, looked for ten times a second."""
    found = []
    for tenth in range(int(begin_s * 10), int(end_s * 10), -1):
        said = announcer.due(t0 - tenth * S // 10, now)
        if said is not None:
            found.append((tenth / 10, said.saying, said.number))
    return found


def test_a_lobby_of_half_an_hour() -> None:
    assert told(Announcer(), waiting(), 1_800, 0) == [
        (1800, Saying.WELCOME, 30),
        (1500, Saying.BEGINS, 25),
        (1200, Saying.BEGINS, 20),
        (900, Saying.BEGINS, 15),
        (600, Saying.BEGINS, 10),
        (300, Saying.BEGINS, 5),
        (120, Saying.BEGINS, 2),
        (60, Saying.BEGINS, 1),
        (30, Saying.SECONDS, 30),
        (10, Saying.SECONDS, 10),
    ]


def test_doors_that_open_hours_before_name_no_minutes() -> None:
    begun = told(Announcer(), waiting(), 3 * 3_600, 3 * 3_600 - REPEAT_S - 1)
    assert [saying for _, saying, _ in begun] == [Saying.WELCOME_LATER, Saying.LATER]
    assert told(Announcer(), waiting(), MINUTES_MAX * 60, MINUTES_MAX * 60 - 1) == [
        (MINUTES_MAX * 60, Saying.WELCOME, MINUTES_MAX)
    ]


def test_who_takes_over_does_not_welcome_again_and_goes_on_with_the_marks() -> None:
    announcer = Announcer(welcomed=True)
    assert told(announcer, waiting(), 310, 299) == [(300, Saying.BEGINS, 5)]


def test_a_lobby_that_opens_at_the_last_moment_is_not_talked_into() -> None:
    assert told(Announcer(), waiting(), 40, 31) == []
    assert told(Announcer(), waiting(), 9, -5) == []


def test_a_start_that_slips_says_why_and_when_and_goes_on_saying_it() -> None:
    announcer = Announcer()
    early = told(announcer, waiting(host_here=False), 120, 10)
    assert [saying for _, saying, _ in early] == [Saying.WELCOME, Saying.BEGINS]
    later = T0 + 300 * S
    late = waiting(later, waits_for="host", host_here=False)
    assert told(announcer, late, 310, 10, later) == [
        (310, Saying.LATE, 5),
        (190, Saying.LATE, 3),
        (120, Saying.LATE, 2),
        (60, Saying.LATE, 1),
    ]
    again = later + 120 * S
    assert told(announcer, waiting(again, waits_for="host"), 130, 110, again) == [
        (130, Saying.LATE, 2)
    ]
    assert told(announcer, waiting(again), 65, 5, again)[0] == (60, Saying.BEGINS, 1)


def test_the_word_why_is_said_every_two_minutes_however_far_off_the_next_mark_is() -> None:
    announcer = Announcer()
    told(announcer, waiting(), 60, 50)
    later = T0 + 600 * S
    said = told(announcer, waiting(later, waits_for="host"), 650, 300, later)
    assert [at for at, _, _ in said] == [650, 600, 600 - REPEAT_WAITING_S, 360]


def test_a_plan_that_the_desk_moves_is_told_as_such() -> None:
    announcer = Announcer()
    told(announcer, waiting(), 900, 800)
    moved = T0 + 600 * S
    assert told(announcer, waiting(moved), 1_400, 1_390, moved) == [(1400, Saying.MOVED, 23)]


def test_a_mark_is_left_out_where_the_same_was_just_said_or_its_moment_is_over() -> None:
    just = told(Announcer(), waiting(), 300 + QUIET_S - 1, 280)
    assert [saying for _, saying, _ in just] == [Saying.WELCOME]
    slept = Announcer(welcomed=True)
    assert told(slept, waiting(), 400, 390) == []
    assert told(slept, waiting(), 290, 280) == []


def test_nothing_is_counted_down_that_may_not_come() -> None:
    said = told(Announcer(), waiting(host_here=False), 61, 0)
    assert [saying for _, saying, _ in said] == [Saying.WELCOME]


def test_ten_seconds_are_true_for_a_moment_only() -> None:
    announcer = Announcer(welcomed=True)
    announcer.due(T0 - 11 * S, waiting())
    said = announcer.due(T0 - 10 * S, waiting())
    assert said == Announcement(Saying.SECONDS, 10, T0 - 10 * S + SECONDS_TRUE_US)
    assert countdown() == ((Saying.SECONDS, 30), (Saying.SECONDS, 10))


@pytest.mark.parametrize(
    ("now", "saying", "recording"),
    [
        (Situation(State.INTERRUPTED, T0, reason="break"), Saying.BREAK, "break"),
        (Situation(State.INTERRUPTED, T0, reason="empty"), Saying.EMPTY, ""),
        (Situation(State.LIVE, T0, on_hold=True), Saying.QUIET, ""),
    ],
)
def test_a_pause_is_told_once_it_lasts_and_then_every_two_minutes(
    now: Situation, saying: Saying, recording: str
) -> None:
    announcer, begun = Announcer(), T0 + 600 * S
    assert announcer.due(begun, now) is None
    assert announcer.due(begun + PAUSE_SAID_AFTER_US - 1, now) is None
    first = announcer.due(begun + PAUSE_SAID_AFTER_US, now)
    assert first is not None
    assert (first.saying, first.recording) == (saying, recording)
    soon = begun + PAUSE_SAID_AFTER_US + REPEAT_WAITING_S * S
    assert announcer.due(soon - 1, now) is None
    again = announcer.due(soon, now)
    assert again is not None
    assert again.saying is saying


def test_a_pause_that_is_over_at_once_is_not_talked_over() -> None:
    announcer = Announcer()
    broken = Situation(State.INTERRUPTED, T0, reason="empty")
    live = Situation(State.LIVE, T0, on_hold=False)
    for second in range(0, 20, 2):
        assert announcer.due(T0 + second * S, broken) is None
        assert announcer.due(T0 + second * S + S, live) is None


def test_a_host_s_recording_takes_the_place_of_the_words_and_the_time_stays_spoken() -> None:
    welcome = Announcer().due(T0 - 600 * S, waiting())
    assert welcome is not None
    assert (welcome.recording, welcome.after_recording) == ("welcome", Saying.BEGINS)
    late = Announcer().due(T0 - 600 * S, waiting(waits_for="host"))
    assert late is not None
    assert (late.recording, late.after_recording) == ("late", Saying.LATE_TIME)
