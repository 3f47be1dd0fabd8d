"""Who leaves the stage and comes again, on a floor of memory."""

import pytest

from rostra.domain.errors import ForbiddenError
from rostra.domain.ports import Moment
from rostra.domain.space import Role
from rostra.stage.bans import Marks, mark_of
from rostra.stage.commands import carry_out, sweep
from rostra.stage.floor import Floor
from rostra.stage.parted import PARTED_MAX, Parted
from rostra.stage.places import BACKSTAGE, ON_STAGE, Arrival, Place
from rostra.wire import stagelink as say

US = 1_000_000
PHONE = Marks("speakers", device=mark_of("device", "phone"))
BY_LINK, BACK = Arrival(PHONE), Arrival(PHONE, returning=True)
UNNAMED = Arrival(Marks("speakers"), returning=True)


def at(seconds: float) -> Moment:
    return Moment(int(seconds * 1e9), int(seconds * US))


def floor() -> Floor:
    made = Floor()
    made.join("host", "Host", Role.HOST, 0)
    made.join("anna", "Anna", Role.SPEAKER, 0, BY_LINK)
    for who in ("host", "anna"):
        made.connected(who, 0)
    return made


@pytest.mark.parametrize(
    ("participant", "arrival"), [("anna", BACK), ("anna", UNNAMED), ("new", BY_LINK)]
)
def test_who_was_moved_backstage_comes_back_there_until_a_host_moves_them(
    participant: str, arrival: Arrival
) -> None:
    made = floor()
    carry_out(made, "host", say.Seat(n=1, who="anna", where=BACKSTAGE), at(1))
    made.leave("anna")
    made.join(participant, "Anna", Role.SPEAKER, 2, arrival)
    assert made.place(participant).where == BACKSTAGE
    carry_out(made, "host", say.Seat(n=2, who=participant, where=ON_STAGE), at(3))
    made.leave(participant)
    made.join(participant, "Anna", Role.SPEAKER, 4, arrival)
    assert made.place(participant).where == ON_STAGE


@pytest.mark.parametrize(
    ("participant", "arrival"), [("anna", BACK), ("anna", UNNAMED), ("new", BY_LINK)]
)
def test_a_limit_of_time_goes_on_while_somebody_is_away(participant: str, arrival: Arrival) -> None:
    made = floor()
    carry_out(made, "host", say.Limit(n=1, who="anna", seconds=30), at(0))
    made.leave("anna")
    made.join(participant, "Anna", Role.SPEAKER, 10 * US, arrival)
    assert not made.place(participant).muted
    sweep(made, at(30))
    assert made.place(participant).muted
    made.leave(participant)
    made.join(participant, "Anna", Role.SPEAKER, 40 * US, arrival)
    assert made.place(participant).muted
    with pytest.raises(ForbiddenError, match="Your time is up"):
        carry_out(made, participant, say.Mute(n=2, on=False), at(41))


def test_a_second_page_of_the_same_device_is_no_way_around_either() -> None:
    made = floor()
    carry_out(made, "host", say.Seat(n=1, who="anna", where=BACKSTAGE), at(1))
    made.join("tab", "Anna", Role.SPEAKER, 2, BY_LINK)
    assert made.place("tab").where == BACKSTAGE


def test_whom_a_host_calls_and_hosts_themselves_begin_anew() -> None:
    made = floor()
    carry_out(made, "host", say.Seat(n=1, who="anna", where=BACKSTAGE), at(1))
    made.leave("anna")
    made.join("called", "Anna", Role.SPEAKER, 2, Arrival(PHONE, called=True))
    made.join("boss", "Boss", Role.HOST, 2, BY_LINK)
    made.join("other", "Other", Role.SPEAKER, 2, Arrival(Marks("speakers")))
    assert {made.place(who).where for who in ("called", "boss", "other")} == {ON_STAGE}


def test_the_oldest_are_forgotten_beyond_a_limit() -> None:
    parted = Parted()
    for number in range(PARTED_MAX + 1):
        who = f"p{number}"
        parted.keep(Place(who, who, Role.SPEAKER, muted=False, away_since_us=None, where=BACKSTAGE))
    assert len(parted) == PARTED_MAX
    assert parted.before("p0", Marks(), ()) is None
    assert parted.before(f"p{PARTED_MAX}", Marks(), ()) is not None
