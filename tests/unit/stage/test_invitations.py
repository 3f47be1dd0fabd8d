import pytest

from rostra.domain.errors import ForbiddenError, PeerError
from rostra.domain.ports import Moment
from rostra.stage.invitations import (
    AGAIN_US,
    OPEN_MAX,
    OVER_MAX,
    SECRET_CHARS_MIN,
    WITHIN_S,
    Invitations,
    claim_of,
    is_claim,
)

SECRET = "s" * 43
CLAIM = claim_of(SECRET)


def at(seconds: float) -> Moment:
    return Moment(int((100 + seconds) * 1e9), int(seconds * 1e6))


def invited() -> Invitations:
    made = Invitations()
    made.invite(CLAIM, at(0))
    return made


def test_a_claim_is_the_sha_256_of_the_secret() -> None:
    assert is_claim(CLAIM)
    assert claim_of("abc") == "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0"  # FIPS 180-4
    assert not is_claim(CLAIM + "=")
    assert not is_claim(CLAIM[:-1] + "\n")


def test_it_is_used_once() -> None:
    made = invited()
    assert made.begin(SECRET, at(1)) == CLAIM
    with pytest.raises(ForbiddenError, match="being used"):
        made.begin(SECRET, at(1))
    made.done(CLAIM)
    with pytest.raises(ForbiddenError, match="Nobody has invited"):
        made.begin(SECRET, at(1))


def test_an_offer_that_failed_does_not_use_it_up() -> None:
    made = invited()
    made.begin(SECRET, at(1))
    made.failed(CLAIM)
    assert made.begin(SECRET, at(2)) == CLAIM


@pytest.mark.parametrize("secret", ["", CLAIM, "x" * 43, SECRET + "s", SECRET.upper(), "\ud800"])
def test_nobody_else_can_use_it(secret: str) -> None:
    with pytest.raises(ForbiddenError, match="Nobody has invited") as refused:
        invited().begin(secret, at(1))
    assert refused.value.status == 403


def test_a_secret_that_could_be_guessed_is_none() -> None:
    short = "s" * (SECRET_CHARS_MIN - 1)
    made = Invitations()
    made.invite(claim_of(short), at(0))
    with pytest.raises(ForbiddenError):
        made.begin(short, at(1))


def test_it_holds_for_a_minute_whatever_the_clock_on_the_wall_says() -> None:
    made = invited()
    made.begin(SECRET, Moment(at(WITHIN_S - 1).mono_ns, 10**18))
    made.failed(CLAIM)
    with pytest.raises(PeerError, match="is over") as refused:
        made.begin(SECRET, Moment(at(WITHIN_S).mono_ns, 0))
    assert refused.value.status == 410
    assert made.open == ()
    made.invite(CLAIM, at(WITHIN_S + 1))
    assert made.begin(SECRET, at(WITHIN_S + 2)) == CLAIM


def test_who_is_being_answered_when_the_minute_ends_comes_in() -> None:
    made = invited()
    made.begin(SECRET, at(WITHIN_S - 1))
    assert not made.sweep(at(WITHIN_S + 5))
    assert made.open


def test_notices_are_said_at_once_and_again_for_who_missed_them() -> None:
    made = invited()
    again_s = AGAIN_US / 1e6
    assert made.due(at(0)) == ({"claim": CLAIM, "state": "open", "within_s": WITHIN_S},)
    assert made.due(at(again_s - 0.1)) == ()
    assert made.due(at(again_s)) == ({"claim": CLAIM, "state": "open", "within_s": 50},)
    made.close(CLAIM, "dismissed")
    assert made.due(at(12)) == ({"claim": CLAIM, "state": "dismissed", "within_s": 0},)
    assert made.due(at(40)) == ()
    with pytest.raises(ForbiddenError):
        made.begin(SECRET, at(13))


def test_there_are_limits() -> None:
    made = Invitations()
    for number in range(OPEN_MAX):
        made.invite(f"{number:043}", at(0))
    with pytest.raises(PeerError, match="invited already") as refused:
        made.invite(CLAIM, at(0))
    assert refused.value.status == 409
    for round_ in range(OVER_MAX // OPEN_MAX + 2):
        for number in range(OPEN_MAX):
            made.invite(f"{round_}{number:042}", at(100 * round_))
        made.sweep(at(100 * round_ + 90))
    assert len(made._late) == OVER_MAX


def test_another_studio_goes_on_with_what_is_left_of_the_minute() -> None:
    after = Invitations()
    after.restore(invited().open, Moment(5, at(20).utc_us))
    assert after.until_utc_us(CLAIM) == WITHIN_S * 1_000_000
    assert after.due(Moment(5, 0))[0]["within_s"] == WITHIN_S - 20
    with pytest.raises(PeerError, match="is over"):
        after.begin(SECRET, Moment(41 * 10**9, 0))
