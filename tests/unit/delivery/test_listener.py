from rostra.delivery.listener import SLOW_CLOSE_NS, Backlog


def test_half_a_unit_is_owed_until_it_is_paid() -> None:
    backlog = Backlog(at=4)
    backlog.owe(memoryview(b"rest of it"), 100)
    assert not backlog.paid(4)
    assert bytes(backlog.rest or b"") == b" of it"
    assert backlog.paid(6)
    assert backlog.rest is None


def test_who_is_behind_too_long_is_given_up_and_no_sooner() -> None:
    backlog = Backlog(at=0)
    assert not backlog.given_up(10**15)
    backlog.behind(100)
    backlog.behind(10**9)
    assert not backlog.given_up(100 + SLOW_CLOSE_NS)
    assert backlog.given_up(101 + SLOW_CLOSE_NS)


def test_a_whole_unit_forgives_everything() -> None:
    backlog = Backlog(at=0)
    backlog.behind(100)
    backlog.caught_up(9)
    assert backlog.at == 9
    assert not backlog.given_up(10**15)
