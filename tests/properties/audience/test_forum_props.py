"""In whatever order and how often tallies come: each voice counts once, and the result is one."""

from hypothesis import given
from hypothesis import strategies as st

from rostra.audience.asking import Asking
from rostra.audience.ballots import Ballots
from rostra.audience.polling import Polling

NAMES = [f"{number:016}" for number in range(6)]
QUESTIONS = {name: (f"Why {name}?", "") for name in NAMES}
voices = st.lists(st.integers(0, 12), max_size=6).map(tuple)
backs = st.dictionaries(st.sampled_from(NAMES), voices, max_size=3)


@given(
    st.lists(backs, max_size=8).flatmap(
        lambda all_: st.tuples(st.just(all_), st.permutations(all_))
    ),
    st.integers(1, 2),
)
def test_backs_are_those_of_different_voices(
    told: tuple[list[dict[str, tuple[int, ...]]], list[dict[str, tuple[int, ...]]]], times: int
) -> None:
    lists = []
    for order in told:
        one = Asking()
        one.set_mode("open")
        one.take(QUESTIONS, {})
        for row in order * times:
            one.take(QUESTIONS, row)
        lists.append(one.listed())
        counted = {each.id: each.backs for each in one.listed()}
        for name in NAMES:
            assert counted[name] == len({who for row in order for who in row.get(name, ())})
    assert lists[0] == lists[1]


@given(st.lists(st.tuples(st.integers(0, 2), voices), max_size=20))
def test_a_poll_is_what_each_voice_said_last(told: list[tuple[int, tuple[int, ...]]]) -> None:
    one, said = Polling(), dict[int, int]()
    one.open("p", "Tea?", ("a", "b", "c"))
    for choice, who in told:
        one.take({"p": {choice: who}})
        said.update(dict.fromkeys(who, choice))
    assert one.poll is not None
    assert one.poll.votes == tuple(list(said.values()).count(choice) for choice in range(3))


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.lists(st.integers(0, (1 << 64) - 1) | st.integers(0, 9)))
    )
)
def test_ballots_are_a_dictionary(told: list[tuple[int, list[int]]]) -> None:
    box, known = Ballots(1_000_000), dict[int, int]()
    for said, who in told:
        before = box.put(who, said)
        assert before == {
            old: sum(known.get(one, -1) == old for one in set(who))
            for old in {known.get(one, -1) for one in who}
        }
        known.update(dict.fromkeys(who, said))
        box._merge()
    assert len(box) == len(known)
