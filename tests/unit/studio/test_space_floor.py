"""What a space tells and writes down of its floor, on a clock of the test's."""

import pytest
from tests.fakes.one_space import EPOCH_US, SECOND_US, OneSpace

from rostra.domain.space import Role
from rostra.wire.stagelink import Leave, Mute, Next, Say, Seat, StageView


async def test_the_audience_is_told_of_the_stage_alone_and_of_what_hosts_say(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = OneSpace(monkeypatch, t0_utc_us=EPOCH_US + 60 * SECOND_US)
    await one.run(0.2)
    host, anna = await one.enter("host", Role.HOST), await one.enter("anna")
    host.say(Seat(n=1, who="anna", where="backstage"))
    host.say(Next(n=2, who="anna"))
    host.say(Say(n=3, text="Soon"))
    anna.say(Mute(n=4, on=True))
    await one.settle()
    await one.run(0.5)
    state = one.state()
    assert [person.id for person in state.stage] == ["host"]
    assert [person.id for person in state.floor.backstage] == ["anna"]
    assert (state.message, state.next) == ("Soon", "Anna")
    told = {note.kind: note.body for message in one.messages for note in message.notices}
    assert [person["id"] for person in told["stage"]["people"]] == ["host"]
    assert (told["state"]["message"], told["state"]["next"]) == ("Soon", "Anna")
    [*_, view] = anna.of(StageView)
    assert isinstance(view, StageView)
    assert [(person.id, person.where) for person in view.people] == [
        ("host", "stage"),
        ("anna", "backstage"),
    ]
    assert one.pages.of("floor") == [
        {"by": "host", "does": "seat", "who": "anna"},
        {"by": "host", "does": "next", "who": "anna"},
        {"by": "host", "does": "say", "who": ""},
    ]
    assert one.space.anybody_here
    host.say(Leave(n=5))
    await one.settle()
    assert not one.space.anybody_here
    await one.space.close()
