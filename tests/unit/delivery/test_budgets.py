"""Each budget's limit is reached, holds for its source alone, and is given back."""

import pytest

from rostra.delivery import budgets
from rostra.delivery.budgets import BURST_S, GENEROUS, NS_PER_S, Budgets, Limits, Over, Place, Rate
from rostra.delivery.heads import NO_PREFIX, Heads
from rostra.delivery.prefixes import address_and_prefix
from rostra.delivery.refusing import (
    NARROW_PER_S,
    RETRY_MAX_S,
    RETRY_MIN_S,
    WORDS_PER_S,
    Refusing,
    Treatment,
    at_the_door,
)

KEY = b"k" * 32
T0 = 5 * NS_PER_S


def knocked(subject: Budgets, source: str, now_ns: int = T0) -> Place:
    place = subject.knock(source, now_ns)
    assert isinstance(place, Place)
    return place


def test_an_address_has_so_many_connections_and_its_neighbour_has_its_own() -> None:
    subject = Budgets(Limits(connections_per_address=2), KEY)
    first = knocked(subject, "192.0.2.1")
    knocked(subject, "192.0.2.1")
    assert subject.knock("192.0.2.1", T0) is Over.ADDRESS
    knocked(subject, "192.0.2.2")
    subject.leave(first, T0)
    knocked(subject, "192.0.2.1")


def test_a_64_is_one_address() -> None:
    subject = Budgets(Limits(connections_per_address=1), KEY)
    knocked(subject, "2001:db8:1:2::1")
    assert subject.knock("2001:db8:1:2:ffff::7", T0) is Over.ADDRESS
    knocked(subject, "2001:db8:1:3::1")


def test_a_prefix_has_so_many_connections() -> None:
    subject = Budgets(Limits(connections_per_prefix=2), KEY)
    knocked(subject, "192.0.2.1")
    knocked(subject, "192.0.2.2")
    assert subject.knock("192.0.2.3", T0) is Over.PREFIX
    knocked(subject, "192.0.3.3")


@pytest.mark.parametrize("what", ["connections", "joins"])
def test_a_rate_gives_its_burst_and_then_so_many_a_second(what: str) -> None:
    subject = Budgets(Limits(connections_per_second=3, joins_per_second=3), KEY)

    def once(now_ns: int) -> bool:
        if what == "joins":
            return subject.join(place, now_ns) is None
        return isinstance(subject.knock("192.0.2.1", now_ns), Place)

    place = knocked(subject, "198.51.100.1")
    assert [once(T0) for _ in range(3 * BURST_S + 1)] == [True] * 3 * BURST_S + [False]
    assert [once(T0 + NS_PER_S + 3) for _ in range(4)] == [True] * 3 + [False]


def test_a_join_over_a_proxy_is_counted_by_the_address_that_it_brings() -> None:
    limits = Limits(connections_per_address=1, joins_per_second=1)
    subject = Budgets(limits, KEY)
    place = subject.enter("192.0.2.1", T0)
    assert isinstance(place, Place)
    assert subject.enter("192.0.2.1", T0) is Over.ADDRESS
    for _ in range(BURST_S - 1):
        subject.leave(place, T0)
        place = subject.enter("192.0.2.1", T0)
        assert isinstance(place, Place)
    subject.leave(place, T0)
    assert subject.enter("192.0.2.1", T0) is Over.JOINS


def test_whoever_comes_back_finds_its_rate_as_spent_as_it_left_it() -> None:
    subject = Budgets(Limits(connections_per_second=1), KEY)
    for _ in range(BURST_S):
        subject.leave(knocked(subject, "192.0.2.1"), T0)
    assert subject.knock("192.0.2.1", T0) is Over.CONNECTIONS


def test_a_refusal_spends_nothing() -> None:
    subject = Budgets(Limits(connections_per_address=1, connections_per_second=1), KEY)
    place = knocked(subject, "192.0.2.1")
    for _ in range(3 * BURST_S):
        assert subject.knock("192.0.2.1", T0) is Over.ADDRESS
    subject.leave(place, T0)
    knocked(subject, "192.0.2.1")


def test_a_prefix_that_has_nothing_and_owes_nothing_is_forgotten() -> None:
    subject = Budgets(Limits(connections_per_second=1), KEY)
    place = knocked(subject, "192.0.2.1")
    assert subject.prefixes == 1
    subject.leave(place, T0 + NS_PER_S)
    assert subject.prefixes == 0


def test_idle_prefixes_are_remembered_up_to_a_limit_the_longest_idle_is_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(budgets, "IDLE_PREFIXES_MAX", 3)
    subject = Budgets(Limits(connections_per_second=1), KEY)
    for _ in range(BURST_S):
        subject.leave(knocked(subject, "10.0.0.1"), T0)
    for third in range(1, 4):
        assert subject.knock("10.0.0.1", T0) is Over.CONNECTIONS
        subject.leave(knocked(subject, f"10.0.{third}.1"), T0)
    assert subject.prefixes == budgets.IDLE_PREFIXES_MAX
    knocked(subject, "10.0.0.1")


def test_two_processes_count_the_same_source_under_different_keys() -> None:
    places = [knocked(Budgets(GENEROUS, key), "192.0.2.1") for key in (KEY, b"l" * 32)]
    assert places[0].address != places[1].address
    assert places[0].prefix.key != places[1].prefix.key


def test_the_defaults_fit_each_other() -> None:
    assert GENEROUS.connections_per_address <= GENEROUS.connections_per_prefix
    assert GENEROUS.joins_per_second <= GENEROUS.connections_per_second
    assert GENEROUS.connections_per_second * BURST_S >= GENEROUS.connections_per_prefix
    assert GENEROUS.heads_per_prefix < GENEROUS.heads


def test_a_rate_never_saves_more_than_its_burst() -> None:
    rate = Rate(2, burst_s=1)
    spent_ns = rate.taken(0, 100 * NS_PER_S)
    assert spent_ns == 100 * NS_PER_S + NS_PER_S // 2


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("192.0.2.77", ("192.0.2.77", "192.0.2")),
        ("::ffff:192.0.2.77", ("192.0.2.77", "192.0.2")),
        ("2001:DB8:0:01::7", ("2001:db8:0:1::", "2001:db8:0::")),
        ("2001:db8::1", ("2001:db8:0:0::", "2001:db8:0::")),
        ("::1", ("0:0:0:0::", "0:0:0::")),
        ("1::2:3:4:5:6:7", ("1:0:2:3::", "1:0:2::")),
        ("fe80::1%eth0", ("fe80:0:0:0::", "fe80:0:0::")),
        ("", ("", "")),
    ],
)
def test_what_counts_as_one_address_and_as_one_prefix(source: str, found: tuple[str, str]) -> None:
    assert address_and_prefix(source) == found


def test_too_many_heads_of_a_prefix_end_its_oldest() -> None:
    subject = Heads(Limits(heads=9, heads_per_prefix=2))
    assert [subject.begin(number, b"a") for number in (1, 2)] == [None, None]
    assert subject.begin(7, b"b") is None
    assert subject.begin(3, b"a") == (1, Over.PREFIX_HEADS)
    subject.end(1)
    assert subject.begin(2, b"a") is None, "it is known already"
    assert subject.begin(4, b"a") == (2, Over.PREFIX_HEADS)


def test_too_many_heads_in_all_end_the_oldest_of_all() -> None:
    subject = Heads(Limits(heads=2, heads_per_prefix=2))
    subject.begin(1, NO_PREFIX)
    subject.begin(2, b"a")
    assert subject.begin(3, b"b") == (1, Over.HEADS)
    for number in (1, 2, 3, 3):
        subject.end(number)
    assert len(subject) == 0
    assert subject.begin(4, b"a") is None


def test_the_more_there_are_to_refuse_the_less_each_gets() -> None:
    subject = Refusing()
    treated = [subject.treat(T0) for _ in range(NARROW_PER_S + WORDS_PER_S + 1)]
    assert treated == (
        [Treatment.READ] * NARROW_PER_S + [Treatment.WORDS] * WORDS_PER_S + [Treatment.CLOSE]
    )
    assert subject.treat(T0 + NS_PER_S) is Treatment.READ


def test_the_words_at_the_door_spread_those_that_come_back() -> None:
    for over, words in at_the_door().items():
        status = b"503" if over is Over.EDGE else b"429"
        assert all(one.startswith(b"HTTP/1.1 " + status) for one in words)
        waits = [int(one.partition(b"Retry-After: ")[2].partition(b"\r")[0]) for one in words]
        assert waits == list(range(RETRY_MIN_S, RETRY_MAX_S + 1))
