import pytest

from rostra.delivery import sessions as module
from rostra.delivery.sessions import NEW_SESSIONS, SESSION_NS, SOURCES_MAX, Sessions
from rostra.domain.grid import SEGMENT_SAMPLES, us_of_samples


def test_a_session_lasts_for_three_segments_and_is_counted_once() -> None:
    sessions = Sessions()
    assert 0 <= SESSION_NS - us_of_samples(3 * SEGMENT_SAMPLES) * 1_000 < 10**9
    assert sessions.seen("hall", 1, 7, 0)
    assert not sessions.seen("hall", 1, 7, 10)
    assert sessions.seen("hall", 2, 7, SESSION_NS)
    assert sessions.count("hall", SESSION_NS + 10) == 2
    assert sessions.count("hall", SESSION_NS + 11) == 1
    assert sessions.count("hall", 2 * SESSION_NS + 1) == 0
    assert sessions.count("elsewhere", 0) == 0
    assert len(sessions) == 0


def test_a_session_that_was_away_is_a_new_one() -> None:
    sessions = Sessions()
    sessions.seen("hall", 1, 7, 0)
    assert sessions.count("hall", SESSION_NS + 1) == 0
    assert sessions.seen("hall", 1, 7, SESSION_NS + 1)


def test_forged_sessions_of_one_address_are_bounded_and_another_address_is_counted() -> None:
    sessions = Sessions()
    for key in range(NEW_SESSIONS.burst + 100):
        sessions.seen("hall", key, 7, 0)
    assert sessions.count("hall", 0) == NEW_SESSIONS.burst
    assert sessions.refused == 100
    assert sessions.seen("hall", -1, 8, 0)


def test_the_tables_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    assert module.SESSIONS_PER_SPACE_MAX <= module.SESSIONS_MAX
    monkeypatch.setattr(module, "SESSIONS_PER_SPACE_MAX", 3)
    monkeypatch.setattr(module, "SESSIONS_MAX", 5)
    sessions = Sessions()
    for space in ("a", "b"):
        for key in range(4):
            sessions.seen(space, key, key, 0)
    assert (sessions.count("a", 0), sessions.count("b", 0), len(sessions)) == (3, 2, 5)
    assert sessions.refused == 3
    sessions.forget("a")
    assert len(sessions) == 2
    assert sessions.seen("b", 9, 9, 0)


def test_only_so_many_addresses_are_remembered() -> None:
    sessions = Sessions()
    for key in range(NEW_SESSIONS.burst + 1):
        sessions.seen("hall", key, -1, 0)
    assert sessions.refused == 1
    for source in range(SOURCES_MAX):
        sessions.seen("hall", 1_000 + source, source, 0)
    assert sessions.seen("hall", -2, -1, 0), "the first address was forgotten and begins anew"
