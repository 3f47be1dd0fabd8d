"""What an edge takes in words, backs and votes: each limit, and what is told again."""

import json
from typing import Any

import msgspec
import pytest
from tests.fakes.forum import HALL, POLL, QUESTION

from rostra.delivery import asking, polling
from rostra.delivery.allowance import NS_PER_S, Rate
from rostra.delivery.asking import question_id
from rostra.delivery.hands import Source
from rostra.delivery.refusals import Code, RefusedError
from rostra.delivery.voices import Voices
from rostra.domain.limits import NAME_CHARS_MAX
from rostra.domain.voices import (
    ASKS_PER_TALLY_MAX,
    CLAIM_CHARS,
    HASHES_PER_TALLY_MAX,
    NOTE_CHARS_MAX,
    QUESTION_CHARS_MAX,
    QUESTIONS_PER_TALLY_MAX,
)
from rostra.wire.messages import SpaceTally

ANN, BEN = "ann-ann-ann-ann-1", "ben-ben-ben-ben-2"
CLAIM = "c" * CLAIM_CHARS
BODIES: dict[str, dict[str, object]] = {
    "questions": {"text": "Why?"},
    "backs": {"question": QUESTION},
    "votes": {"poll": POLL, "choice": 0},
}
FAST = Rate(per_s=1e6, burst=1_000_000)


def at(number: int) -> Source:
    return Source(number, number)


def post(voices: Voices, what: str, source: int = 0, now_ns: int = 0, /, **body: object) -> str:
    body.setdefault("listener", ANN)
    return voices.take(HALL, what, json.dumps(body).encode(), at(source), now_ns)


def why(voices: Voices, what: str, source: int = 0, now_ns: int = 0, /, **body: object) -> Code:
    with pytest.raises(RefusedError) as caught:
        post(voices, what, source, now_ns, **body)
    return caught.value.code


def told(voices: Voices) -> SpaceTally:
    return voices.tallied(SpaceTally("hall"))


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> Voices:
    """Voices whose rates stand in nobody's way, so that other limits are reached."""
    for module in (asking, polling):
        for name in dir(module):
            if "_PER_" in name and isinstance(getattr(module, name), Rate):
                monkeypatch.setattr(module, name, FAST)
    voices = Voices()
    for one in ("_sources", "_prefixes", "_all", "_raising"):
        setattr(voices, one, type(voices._all)(FAST, 100_000))
    voices._asking._everybody = voices._polling._everybody = voices._all
    return voices


def test_a_hand_with_words_is_told_with_them_and_without_once_it_is_down() -> None:
    voices = Voices()
    post(voices, "hands", up=True, claim=CLAIM, name=" Ann\n B ", note="on\tbees")
    row = told(voices)
    assert (row.hands, row.asks) == ({ANN: True}, {ANN: (CLAIM, "Ann B", "on bees")})
    post(voices, "hands", up=True, claim=CLAIM)
    post(voices, "hands", up=False, claim=CLAIM, note="never mind")
    row = told(voices)
    assert (row.hands, row.asks) == ({ANN: False}, {})


def test_words_beyond_a_limit_are_refused_and_longest_ones_fit() -> None:
    voices = Voices()
    longest = {"name": "\U0001f41d" * NAME_CHARS_MAX, "note": "\U0001f41d" * NOTE_CHARS_MAX}
    post(voices, "hands", up=True, claim=CLAIM, **longest)
    for bad in (
        {"name": "n" * (NAME_CHARS_MAX + 1)},
        {"note": "n" * (NOTE_CHARS_MAX + 1)},
        {"note": "\u202eabc"},
        {"name": "a\x00"},
        {"claim": "c"},
    ):
        body = {"up": True, "claim": CLAIM, **bad}
        assert why(voices, "hands", 1, NS_PER_S, **body) is Code.BAD_BODY
    for text in ("", " \n ", "t" * (QUESTION_CHARS_MAX + 1)):
        assert why(voices, "questions", text=text) is Code.BAD_BODY


def test_a_question_has_one_id_however_often_it_is_sent_and_its_asker_backs_it() -> None:
    edges = Voices(), Voices()
    names = {post(one, "questions", text=" Why  bees? ", name="Ann") for one in edges}
    assert names == {question_id(ANN, "Why bees?")}
    rows = [told(one) for one in edges]
    (name,) = names
    assert rows[0].questions == {name: ("Why bees?", "Ann")}
    assert rows[0].backs == rows[1].backs
    assert len(rows[0].backs[name]) == 1


def test_what_a_space_does_not_ask_for_is_refused_and_told_from_a_mistake() -> None:
    voices = Voices()
    closed = msgspec.structs.replace(HALL, questions_mode="off", poll=None)

    def ask(name: str, **body: Any) -> Code:  # noqa: ANN401 - of JSON
        written = json.dumps({"listener": ANN} | body).encode()
        with pytest.raises(RefusedError) as caught:
            voices.take(closed, name, written, at(0), 0)
        return caught.value.code

    assert ask("questions", text="Why?") is Code.NO_QUESTIONS
    assert ask("backs", question=QUESTION) is Code.NO_QUESTIONS
    assert ask("votes", poll=POLL, choice=0) is Code.POLL_CLOSED
    assert why(voices, "backs", question="f" * 16) is Code.OLD_QUESTION
    assert why(voices, "votes", poll="other", choice=0) is Code.POLL_CLOSED
    assert why(voices, "votes", poll=POLL, choice=2) is Code.BAD_BODY
    assert told(voices) == SpaceTally("hall")


def test_a_later_vote_replaces_the_one_before() -> None:
    voices = Voices()
    post(voices, "votes", poll=POLL, choice=0)
    post(voices, "votes", poll=POLL, choice=1)
    post(voices, "votes", poll=POLL, choice=1, listener=BEN)
    assert {choice: len(who) for choice, who in told(voices).votes[POLL].items()} == {1: 2}
    assert told(voices).votes == {}


def test_each_pace_is_kept() -> None:
    voices = Voices()
    for limit, name, rate in (
        ("listener", "questions", asking.QUESTIONS_PER_LISTENER),
        ("listener", "votes", polling.VOTES_PER_LISTENER),
        ("listener", "backs", asking.BACKS_PER_LISTENER),
    ):
        body = BODIES[name]
        for _ in range(rate.burst):
            post(voices, name, **body)
        before = voices.refused[limit]
        assert why(voices, name, **body) is Code.TOO_OFTEN
        assert voices.refused[limit] == before + 1
    for number in range(polling.VOTES_PER_SOURCE.burst):
        post(voices, "votes", 9, poll=POLL, choice=0, listener=f"listener-{number:012}")
    fresh = {"poll": POLL, "choice": 0, "listener": BEN}
    assert why(voices, "votes", 9, **fresh) is Code.TOO_OFTEN
    post(voices, "votes", 10, **fresh)


def test_a_tally_holds_only_so_much_over_all_spaces(fast: Voices) -> None:
    for number in range(QUESTIONS_PER_TALLY_MAX):
        post(fast, "questions", text="Why?", listener=f"listener-{number:012}")
    assert why(fast, "questions", text="Why?") is Code.TOO_OFTEN
    for number in range(HASHES_PER_TALLY_MAX):
        one = f"listener-{number:012}"
        post(fast, "votes", poll=POLL, choice=0, listener=one)
        if number >= QUESTIONS_PER_TALLY_MAX:
            post(fast, "backs", question=QUESTION, listener=one)
    assert why(fast, "votes", poll=POLL, choice=0) is Code.TOO_OFTEN
    assert why(fast, "backs", question=QUESTION) is Code.TOO_OFTEN
    for number in range(ASKS_PER_TALLY_MAX + 1):
        one = f"listener-{number:012}"
        post(fast, "hands", number, up=True, claim=CLAIM, listener=one)
    row = told(fast)
    assert (len(row.asks), len(row.hands)) == (ASKS_PER_TALLY_MAX, ASKS_PER_TALLY_MAX + 1)


def test_what_did_not_arrive_is_told_again_except_where_it_is_stale(fast: Voices) -> None:
    post(fast, "hands", up=True, claim=CLAIM, note="bees")
    post(fast, "hands", up=True, claim=CLAIM, note="ants", listener=BEN)
    name = post(fast, "questions", text="Why?")
    post(fast, "backs", question=QUESTION)
    post(fast, "votes", poll=POLL, choice=0)
    post(fast, "votes", poll=POLL, choice=0, listener=BEN)
    lost = told(fast)
    post(fast, "hands", up=False, listener=BEN)
    post(fast, "votes", poll=POLL, choice=1)
    fast.untold(lost)
    again = told(fast)
    assert (again.hands, again.asks) == ({ANN: True, BEN: False}, {ANN: (CLAIM, "", "bees")})
    assert again.questions == {name: ("Why?", "")}
    assert again.backs == lost.backs
    assert {choice: len(who) for choice, who in again.votes[POLL].items()} == {0: 1, 1: 1}
    other = msgspec.structs.replace(lost, votes={"older": {0: (1,)}})
    fast.untold(lost)
    fast.untold(other)
    assert set(told(fast).votes) == {POLL}
    fast.untold(lost)
    fast.forget("hall")
    assert told(fast) == SpaceTally("hall")
