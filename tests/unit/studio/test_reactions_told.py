import pytest
from tests.fakes.one_space import OneSpace

from rostra.audience.crowd import Figures
from rostra.domain.space import State


async def test_reactions_are_told_once_each_time_even_if_they_are_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = OneSpace(monkeypatch, start_at_once=True)
    await one.run(1.0)
    assert one.space.state is State.LIVE
    for _ in range(2):
        one.reactions.append({"clap": 3})
        await one.run(1.0)
    told = [notice for message in one.messages for notice in message.notices]
    bodies = [notice.body for notice in told if notice.kind == "reactions"]
    assert bodies == [{"counts": {"clap": 3}}] * 2


async def test_the_notice_the_journal_and_the_state_say_which_number_is_which(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = OneSpace(monkeypatch, start_at_once=True)
    one.figures = Figures(connections=7, hls=2, unique=30, hands=1)
    await one.run(1.0)
    assert one.pages.of("count")[0] == {"listening": 9, "hls": 2, "unique": 30}
    state = one.space._state()
    assert (state.listening, state.hls, state.unique, state.hands) == (9, 2, 30, 1)
    told = [n.body for message in one.messages for n in message.notices if n.kind == "count"]
    assert told[-1] == {"listening": 9, "hls": 2, "unique": 30}
