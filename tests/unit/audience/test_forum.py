"""Questions and polls in the studio: every rule and limit, and what a next studio goes on from."""

from dataclasses import asdict
from typing import Any

import msgspec
import pytest

from rostra.audience import asking, ballots, polling
from rostra.audience.asking import Asking
from rostra.audience.ballots import FULL, NEW, Ballots
from rostra.audience.forum import HOSTS_EVERY_NS, POLL_EVERY_NS, QUESTIONS_EVERY_NS, Forum
from rostra.audience.polling import Polling
from rostra.audience.voices import HAND_NS, Asked, Voices
from rostra.domain.errors import PeerError
from rostra.domain.limits import NOTICE_BYTES_MAX
from rostra.domain.space import State
from rostra.domain.voices import (
    CHOICE_CHARS_MAX,
    POLL_CHOICES_MAX,
    POLL_CHOICES_MIN,
    POLL_QUESTION_CHARS_MAX,
    QUESTIONS_LISTED,
)
from rostra.wire.messages import SpaceTally, from_json, to_json
from rostra.wire.stagelink import ClosePoll, OnQuestion, OpenPoll, Questions
from rostra.wire.states import Question, SpaceState


def name(number: int) -> str:
    return f"{number:016}"


def asked(*numbers: int, text: str = "Why?") -> dict[str, tuple[str, str]]:
    return {name(number): (text, "Ann") for number in numbers}


def shown(*numbers: int, backs: int = 0) -> Asking:
    one = Asking()
    one.set_mode("open")
    one.take(asked(*numbers), {name(number): tuple(range(backs)) for number in numbers})
    return one


def refused(do: Any) -> int:  # noqa: ANN401 - a callable
    with pytest.raises(PeerError) as caught:
        do()
    return caught.value.status


def test_hosts_see_questions_first_and_the_audience_what_is_shown() -> None:
    one = Asking()
    assert one.take(asked(1, 2), {name(1): (7,)})
    assert one.listed() == ()
    assert [each.id for each in one.every()] == [name(1), name(2)]
    one.act(name(2), "show")
    assert one.listed() == (Question(name(2), "Why?", "Ann", 0, "shown"),)
    one.act(name(2), "answer")
    assert one.listed()[0].state == "answered"
    assert not one.take({}, {name(2): (7,)}), "nobody backs what was answered"
    one.act(name(2), "show")
    one.act(name(1), "dismiss")
    assert not one.take(asked(1), {})
    assert [each.id for each in one.every()] == [name(2)]
    assert refused(lambda: one.act(name(1), "show")) == 404
    assert refused(lambda: one.act(name(2), "praise")) == 422
    assert refused(lambda: one.set_mode("maybe")) == 422


def test_a_mode_says_what_becomes_of_new_questions() -> None:
    one = shown(1)
    assert [each.state for each in one.listed()] == ["shown"]
    one.set_mode("off")
    assert one.listed() == ()
    assert not one.take(asked(2), {})
    one.set_mode("approved")
    one.take(asked(3), {})
    assert [each.state for each in one.every()] == ["shown", "pending"]


def test_a_voice_counts_once_for_each_question() -> None:
    one = shown(1, 2, backs=3)
    assert not one.take({}, {name(1): (0, 1, 2, 2)})
    assert one.take({}, {name(1): (3,), name(9): (1,)})
    assert [each.backs for each in one.listed()] == [4, 3]


def test_the_list_has_the_most_backed_and_some_that_were_shown_last() -> None:
    one = shown(*range(20))
    one.take({}, {name(number): tuple(range(20 - number)) for number in range(20)})
    listed = [int(each.id) for each in one.listed()]
    assert listed == [0, 1, 2, 3, 4, 5, 6, 17, 18, 19]
    assert len(listed) == QUESTIONS_LISTED


def test_lists_fit_their_bytes_whatever_is_in_them() -> None:
    one = shown(*range(asking.SHOWN_MAX))
    wide = {name(number): ("\U0001f41d" * 200, "") for number in range(500, 900)}
    one.set_mode("approved")
    one.take(wide, {})
    for number in range(500, 500 + asking.PENDING_MAX):
        if number < 510:
            one.act(name(number - 500), "dismiss")
            one.act(name(number), "show")
            one.take({}, {name(number): (1, 2, 3)})
    assert len(msgspec.json.encode(one.listed())) <= asking.LIST_BYTES_MAX + 2 < NOTICE_BYTES_MAX
    assert len(one.listed()) < QUESTIONS_LISTED
    assert len(msgspec.json.encode(one.every())) <= asking.HOSTS_BYTES_MAX + 2
    assert len(msgspec.json.encode(one.kept())) <= 2 * asking.KEPT_BYTES_MAX


def test_what_waits_and_what_is_shown_is_bounded() -> None:
    one = Asking()
    one.take(asked(*range(asking.PENDING_MAX + 2)), {})
    assert (one.waiting, one.refused) == (asking.PENDING_MAX, 2)
    for number in range(asking.SHOWN_MAX):
        one.act(name(number), "show")
    assert refused(lambda: one.act(name(asking.SHOWN_MAX), "show")) == 409
    one.set_mode("open")
    one.take(asked(900), {})
    assert one.every()[-1].id == name(900)
    assert one.every()[-1].state == "pending"
    for number in range(asking.DISMISSED_MAX + 1):
        one.take(asked(2_000 + number), {})
        one.act(name(2_000 + number), "dismiss")
    assert one.take(asked(2_000), {}), "the first dismissal is forgotten"
    assert not one.take(asked(2_001), {})


def test_ballots_are_exact_across_merges_and_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ballots, "RECENT_MAX", 7)
    box = Ballots(50)
    assert box.put(range(30), 1) == {NEW: 30}
    assert box.put([*range(25, 35), 26], 2) == {1: 5, NEW: 5}
    assert box.put([(1 << 64) - 1], 0) == {NEW: 1}
    assert box.put(range(0, 60, 2), 1)[FULL] == 0
    assert len(box) == 48
    assert box.put(range(100, 103), 1) == {NEW: 2, FULL: 1}


def test_a_poll_counts_one_voice_each_and_the_later_vote() -> None:
    one = Polling()
    one.open("p", " Tea? ", ("Yes", "No"))
    assert one.take({"p": {0: (1, 2, 3), 1: (4,), 5: (9,)}, "q": {0: (8,)}})
    assert one.take({"p": {1: (1,)}})
    assert not one.take({"p": {1: (1,)}})
    assert one.poll is not None
    assert (one.poll.question, one.poll.votes) == ("Tea?", (2, 2))
    assert refused(lambda: one.open("q", "Milk?", ("Yes", "No"))) == 409
    one.close()
    assert not one.take({"p": {0: (7,)}})
    assert (one.poll.votes, one.poll.open) == ((2, 2), False)
    one.close()
    assert one.poll is None
    assert refused(one.close) == 409


@pytest.mark.parametrize(
    ("question", "choices"),
    [
        ("", ("a", "b")),
        ("q" * (POLL_QUESTION_CHARS_MAX + 1), ("a", "b")),
        ("q", tuple("abcdefgh"[: POLL_CHOICES_MIN - 1])),
        ("q", tuple("abcdefgh"[: POLL_CHOICES_MAX + 1])),
        ("q", ("a", " a ")),
        ("q", ("a", "b" * (CHOICE_CHARS_MAX + 1))),
        ("q\u202e", ("a", "b")),
    ],
)
def test_what_is_no_poll_is_refused(question: str, choices: tuple[str, ...]) -> None:
    assert refused(lambda: Polling().open("p", question, choices)) == 422


def test_the_largest_poll_is_open_to_votes() -> None:
    one = Polling()
    choices = [f"{number}".ljust(CHOICE_CHARS_MAX, "c") for number in range(POLL_CHOICES_MAX)]
    one.open("p", "q" * POLL_QUESTION_CHARS_MAX, tuple(choices))
    assert one.take({"p": {POLL_CHOICES_MAX - 1: (1,)}})


def test_backs_beyond_the_limit_are_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    assert asking.BACKS_MAX == polling.VOTERS_MAX > ballots.RECENT_MAX
    monkeypatch.setattr(asking, "BACKS_MAX", 3)
    one = shown(1, 2, backs=2)
    assert sorted(each.backs for each in one.listed()) == [1, 2]


def test_votes_beyond_the_limit_are_counted_as_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "VOTERS_MAX", 3)
    one = Polling()
    one.open("p", "Tea?", ("Yes", "No"))
    one.take({"p": {0: (1, 2, 3, 4)}})
    one.take({"p": {1: (1, 5)}})
    assert one.poll is not None
    assert (one.poll.votes, one.refused) == ((2, 1), 2)


def test_notices_and_views_come_at_their_pace() -> None:
    one = Forum()
    assert one.notices(0) == ()
    one.obey(Questions(1, "open"), "")
    one.take(SpaceTally("hall", questions=asked(1)))
    assert one.notices(1) == ()
    ((kind, body),) = one.notices(QUESTIONS_EVERY_NS)
    assert (kind, body["mode"], len(body["list"])) == ("questions", "open", 1)
    one.obey(OpenPoll(2, "Tea?", ("Yes", "No")), "p")
    later = QUESTIONS_EVERY_NS + POLL_EVERY_NS
    assert dict(one.notices(later))["poll"]["votes"] == (0, 0)
    assert one.view(later).poll is not None
    one.take(SpaceTally("hall", votes={"p": {1: (5,)}}))
    assert dict(one.notices(later + 1))["poll"]["votes"] == (0, 0)
    assert one.view(later + HOSTS_EVERY_NS).poll.votes == (0, 1)  # type: ignore[union-attr]
    assert dict(one.notices(later + POLL_EVERY_NS))["poll"]["votes"] == (0, 1)
    one.obey(ClosePoll(3), "")
    one.obey(ClosePoll(4), "")
    assert dict(one.notices(later + 9 * POLL_EVERY_NS))["poll"]["id"] == ""


def state_of(one: Forum) -> SpaceState:
    told = one.state(1 << 60)
    state = SpaceState(
        "hall", "Hall", State.LIVE, 0,
        questions_mode=told.mode, questions=told.questions, poll=told.poll, audience=told.kept,
    )  # fmt: skip
    return from_json(SpaceState, to_json(state))


def test_a_next_studio_goes_on_with_questions_and_counts() -> None:
    one, other = Forum(), Forum()
    one.restore(SpaceState("hall", "Hall", State.LIVE, 0), "first")
    one.obey(OpenPoll(1, "Tea?", ("Yes", "No")), "p")
    one.take(SpaceTally("hall", questions=asked(1, 2, 3), backs={name(1): (7, 8)}))
    one.take(SpaceTally("hall", votes={"p": {0: (1, 2)}}))
    one.obey(OnQuestion(2, name(1), "show"), "")
    one.obey(OnQuestion(2, name(3), "dismiss"), "")
    left = state_of(one)
    other.restore(left, "second")
    assert asdict(other.state(0)) | {"kept": 0} == asdict(one.state(1 << 60)) | {"kept": 0}
    other.take(SpaceTally("hall", questions=asked(3), votes={"p": {1: (9,)}}))
    assert other.polling.poll is not None
    assert other.polling.poll.votes == (2, 1)
    assert [each.id for each in other.asking.every()] == [name(1), name(2)]
    one.restore(left, "third")
    one.take(SpaceTally("hall", votes={"p": {1: (1,)}}))
    assert one.polling.poll is not None
    assert one.polling.poll.votes == (1, 1), "the same studio still knows who voted"


def test_what_another_version_left_is_no_harm() -> None:
    one = Forum()
    state = SpaceState("h", "H", State.LIVE, 0, questions_mode="loud", audience={"questions": 3})
    one.restore(state, "x")
    assert one.state(0).mode == "approved"


def test_hands_with_words_stand_in_order_and_a_claim_stands_once() -> None:
    voices = Voices()
    voices.take("hall", {}, {"ann": True, "ben": True}, 0, {"ben": ("c1", "Ben", "bees")})
    voices.take("hall", {}, {"ann": True}, 1, {"ann": ("c2", "Ann", "")})
    voices.take("hall", {}, {"cy": True}, 2, {"cy": ("c1", "Cy", "")})
    assert voices.asks("hall", 3) == (Asked("ann", "c2", "Ann"), Asked("ben", "c1", "Ben", "bees"))
    voices.take("hall", {}, {"ann": False}, 3)
    assert [one.listener for one in voices.asks("hall", 3)] == ["ben"]
    assert voices.asks("hall", HAND_NS + 3) == ()
    assert voices.asks("nowhere", 0) == ()
