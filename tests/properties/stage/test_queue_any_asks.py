"""Whatever pages raise and hosts order, the queue holds each claim once, bounded, nobody banned."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.domain.errors import ForbiddenError
from rostra.domain.limits import NAME_CHARS_MAX
from rostra.domain.ports import Moment
from rostra.domain.voices import NOTE_CHARS_MAX
from rostra.stage.invitations import SECRET_CHARS_MIN, Invitations, claim_of, is_claim
from rostra.stage.queue import Queue


@dataclass(frozen=True)
class Raised:
    listener: str
    claim: str
    name: str
    note: str


CLAIMS = st.one_of(st.sampled_from([f"{one:043}" for one in range(5)]), st.text(max_size=50))
ASKS = st.lists(
    st.builds(
        Raised,
        listener=st.sampled_from(["good", "bad"]),
        claim=CLAIMS,
        name=st.text(max_size=90),
        note=st.text(max_size=200),
    ),
    max_size=8,
)
STEPS = st.lists(st.tuples(ASKS, CLAIMS, st.integers(-3, 9)), max_size=8)


@given(STEPS)
def test_each_claim_once_and_nobody_banned(steps: list[tuple[list[Raised], str, int]]) -> None:
    queue = Queue()
    for number, (asks, who, to) in enumerate(steps):
        queue.hear(asks, number, number, lambda listener: listener == "bad")
        if who in queue:
            queue.move(who, to)
        shown = queue.view(lambda _: 0).asks
        claims = [ask.id for ask in shown]
        up = {ask.claim for ask in asks if ask.listener == "good" and is_claim(ask.claim)}
        assert sorted(claims) == sorted(up)
        for ask in shown:
            assert len(ask.name) <= NAME_CHARS_MAX
            assert len(ask.note) <= NOTE_CHARS_MAX
            assert (ask.name + ask.note).isprintable()


SECRETS = st.one_of(st.sampled_from(["s" * 43, "S" * 43]), st.text(max_size=60))


@given(SECRETS, SECRETS)
def test_no_secret_but_the_right_one_opens_an_invitation(right: str, given_: str) -> None:
    made, now = Invitations(), Moment(0, 0)
    made.invite(claim_of(right), now)
    if given_.encode("utf-8", "replace") == right.encode("utf-8", "replace") and long_enough(right):
        assert made.begin(given_, now) == claim_of(right)
        return
    with pytest.raises(ForbiddenError):
        made.begin(given_, now)


def long_enough(secret: str) -> bool:
    return len(secret) >= SECRET_CHARS_MIN
