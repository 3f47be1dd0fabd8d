"""Hosts' commands on questions and polls, and who is told what of it."""

import pytest
from tests.fakes.one_space import OneSpace

from rostra.domain.space import Role
from rostra.wire.messages import SpaceTally
from rostra.wire.stagelink import (
    Ack,
    AudienceView,
    ClosePoll,
    Nack,
    OnQuestion,
    OpenPoll,
    Questions,
)

QUESTION = "0123456789abcdef"


def notices(one: OneSpace, kind: str) -> list[dict[str, object]]:
    told = [notice for message in one.messages for notice in message.notices]
    return [notice.body for notice in told if notice.kind == kind]


async def test_a_host_shows_a_question_and_opens_a_poll(monkeypatch: pytest.MonkeyPatch) -> None:
    one = OneSpace(monkeypatch, start_at_once=True)
    host, speaker = await one.enter("ada", Role.HOST), await one.enter("ben")
    one.forum.take(SpaceTally("tea", questions={QUESTION: ("Why?", "Cy")}))
    await one.run(0.5)
    view = host.of(AudienceView)[-1]
    assert isinstance(view, AudienceView)
    assert [question.state for question in view.questions] == ["pending"]
    assert notices(one, "questions") == []

    speaker.say(OnQuestion(1, QUESTION, "show"))
    host.say(OnQuestion(2, QUESTION, "show"))
    host.say(OpenPoll(3, "Tea?", ("Yes", "No")))
    host.say(OpenPoll(4, "Milk?", ("Yes", "No")))
    host.say(Questions(5, "loud"))
    await one.run(3.0)
    assert [nack.n for nack in speaker.of(Nack)] == [1]  # type: ignore[union-attr]
    assert [ack.n for ack in host.of(Ack)] == [2, 3]  # type: ignore[union-attr]
    assert [nack.n for nack in host.of(Nack)] == [4, 5]  # type: ignore[union-attr]
    assert speaker.of(AudienceView) == []
    shown = notices(one, "questions")[-1]
    assert shown["mode"] == "approved"
    assert shown["list"] == [
        {"id": QUESTION, "text": "Why?", "name": "Cy", "backs": 0, "state": "shown"}
    ]
    assert notices(one, "poll")[-1] == {
        "id": "run", "question": "Tea?", "choices": ["Yes", "No"], "votes": [0, 0], "open": True,
    }  # fmt: skip
    assert one.state().poll is not None
    assert [kind for kind in one.pages.kinds if kind in {"question", "poll"}] == [
        "question",
        "poll",
    ]

    for number in range(30):
        one.forum.take(SpaceTally("tea", votes={"run": {0: (number,)}}))
        await one.run(0.1)
    await one.run(1.0)
    told = [body["votes"] for body in notices(one, "poll")]
    assert told[-1] == [30, 0]
    assert 3 <= len(told) <= 6, "a second apart at least"
    host.say(ClosePoll(6))
    await one.run(1.0)
    assert notices(one, "poll")[-1]["open"] is False
    late = await one.enter("eve", Role.HOST)
    assert late.of(AudienceView)
