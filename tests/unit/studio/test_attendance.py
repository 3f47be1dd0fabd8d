"""A host who lost the line a moment ago counts as here; an empty stage has 20 s to fill again."""

from rostra.app.attendance import EMPTY_US, HOST_BACK_US, Attendance
from rostra.app.lifecycle import Life
from rostra.domain.space import Cause, State
from rostra.wire.states import OnStage

LIVE, EMPTY = Life(State.LIVE, 0), Life(State.INTERRUPTED, 0, "empty")
BREAK = Life(State.INTERRUPTED, 0, "break")
BACK = (State.LIVE, Cause.HOUSE)


def one(role: str = "speaker", *, here: bool = True, **more: object) -> OnStage:
    given = {"id": role, "name": role, "role": role, "muted": False, "here": here}
    return OnStage(**(given | more))  # type: ignore[arg-type] # a test's shorthand


def seen(*people: OnStage, at_us: int = 0) -> Attendance:
    attendance = Attendance()
    attendance.look(people, at_us)
    return attendance


def test_hosts_and_cohosts_count_backstage_too_and_speakers_do_not() -> None:
    assert seen(one("host")).host_here
    assert seen(one("cohost", where="backstage")).host_here
    assert not seen(one("speaker")).host_here
    assert not seen(one("host", here=False)).host_here
    assert not seen().host_here


def test_a_host_who_was_there_a_moment_ago_counts() -> None:
    attendance = seen(one("host"))
    attendance.look([one("host", here=False)], HOST_BACK_US - 1)
    assert attendance.host_here
    attendance.look([one("host", here=False)], HOST_BACK_US)
    assert not attendance.host_here


def test_an_empty_stage_is_interrupted_after_its_time_and_not_before() -> None:
    attendance = seen(one())
    attendance.look([one(here=False)], EMPTY_US - 1)
    assert attendance.due(LIVE) is None
    attendance.look([one(where="backstage")], EMPTY_US)
    assert attendance.due(LIVE) == (State.INTERRUPTED, Cause.HOUSE)
    assert attendance.due(Life(State.LOBBY, 0)) is None


def test_whoever_comes_back_in_time_begins_the_wait_anew() -> None:
    attendance = seen(one())
    for at_us in range(0, 10 * EMPTY_US, EMPTY_US - 1):
        attendance.look([], at_us)
        assert attendance.due(LIVE) is None
        attendance.look([one()], at_us)


def test_a_space_that_has_just_gone_live_has_its_time() -> None:
    attendance = seen(at_us=0)
    attendance.look([], 10 * EMPTY_US)
    attendance.begun()
    attendance.look([], 11 * EMPTY_US - 1)
    assert attendance.due(LIVE) is None
    attendance.look([], 11 * EMPTY_US)
    assert attendance.due(LIVE) is not None


def test_it_comes_back_for_a_voice_or_a_host_on_stage_and_for_nobody_else() -> None:
    assert seen(one()).due(EMPTY) is None
    assert seen(one("host", where="backstage")).due(EMPTY) is None
    assert seen(one(speaking=True, where="backstage")).due(EMPTY) is None
    assert seen(one(speaking=True)).due(EMPTY) == BACK
    assert seen(one("host")).due(EMPTY) == BACK


def test_a_break_ends_by_a_persons_word_alone() -> None:
    assert seen(one("host", speaking=True)).due(BREAK) is None
