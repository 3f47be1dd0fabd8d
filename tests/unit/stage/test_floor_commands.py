"""The floor's commands on a floor of memory: who may, what comes of it, and who is told."""

from dataclasses import dataclass

import pytest

from rostra.domain.errors import ForbiddenError, NotFoundError, PeerError
from rostra.domain.limits import MESSAGE_CHARS_MAX
from rostra.domain.ports import Moment
from rostra.domain.space import Role
from rostra.stage.bans import Marks, mark_of
from rostra.stage.commands import LIMIT_S_MAX, SOON_S, carry_out, is_floors, sweep
from rostra.stage.floor import ROLES_MAX, Floor
from rostra.stage.lock import GRACE_US
from rostra.stage.places import Arrival
from rostra.stage.rights import RIGHTS
from rostra.wire import stagelink as say
from rostra.wire.stagelink import Parting, Told

US = 1_000_000
EPOCH_US = 1_700_000_000 * US


def at(seconds: float) -> Moment:
    return Moment(int(seconds * 1e9), EPOCH_US + int(seconds * US))


def floor() -> Floor:
    made = Floor()
    for who, role in (
        ("host", Role.HOST),
        ("cohost", Role.COHOST),
        ("anna", Role.SPEAKER),
        ("bert", Role.SPEAKER),
    ):
        arrival = Arrival(Marks(f"link-{who}", device=mark_of("device", who)))
        made.join(who, who.title(), role, 0, arrival)
        made.connected(who, 0)
    return made


def where(made: Floor) -> dict[str, str]:
    return {place.id: place.where for place in made.places}


FROM_ALL = {
    say.Mute(n=1, on=True, who="bert"),
    say.MuteAll(n=1),
    say.Remove(n=1, who="bert"),
    say.Ban(n=1, who="bert"),
    say.SetRole(n=1, who="bert", role="cohost"),
    say.SetRole(n=1, who="anna", role="cohost"),
    say.Seat(n=1, who="anna", where="stage"),
    say.Lock(n=1, on=False),
    say.Arrive(n=1, where="stage"),
    say.Invite(n=1, who="x"),
    say.Dismiss(n=1, who="x"),
    say.Order(n=1, who="x", to=0),
    say.NoteOn(n=1, who="x", text="n"),
    say.Limit(n=1, who="anna", seconds=0),
    say.Limit(n=1, who="", seconds=0),
    say.Next(n=1, who="anna"),
    say.Say(n=1, text="Hello"),
}


@pytest.mark.parametrize("command", sorted(FROM_ALL, key=repr), ids=repr)
def test_a_speaker_may_do_none_of_what_hosts_do(command: say.Up) -> None:
    made = floor()
    before = made.lasting
    with pytest.raises(ForbiddenError, match="Only a host can"):
        carry_out(made, "anna", command, at(1))
    assert made.lasting == before


def test_every_command_has_its_right() -> None:
    assert set(RIGHTS) == set(say.Up.__args__)
    assert {type(one) for one in FROM_ALL} <= {kind for kind in RIGHTS if is_floors_kind(kind)}


def is_floors_kind(kind: type[say.Up]) -> bool:
    return kind is not say.Leave and any(
        is_floors(one) for one in FROM_ALL if isinstance(one, kind)
    )


@pytest.mark.parametrize(
    "command",
    [
        say.Remove(n=1, who="host"),
        say.Ban(n=1, who="host"),
        say.SetRole(n=1, who="host", role="speaker"),
    ],
    ids=repr,
)
def test_a_cohost_does_all_but_remove_ban_or_demote_a_host(command: say.Up) -> None:
    made = floor()
    with pytest.raises(ForbiddenError, match="co-host cannot"):
        carry_out(made, "cohost", command, at(1))
    carry_out(made, "cohost", say.Remove(n=2, who="bert"), at(1))
    carry_out(made, "cohost", say.SetRole(n=3, who="anna", role="cohost"), at(1))
    carry_out(made, "cohost", say.Mute(n=4, on=True, who="host"), at(1))
    assert made.place("anna").role is Role.COHOST
    assert made.place("host").muted
    assert made.removed == ("bert",)


def test_a_role_that_was_given_comes_back_with_its_holder_and_one_taken_does_not() -> None:
    made = floor()
    carry_out(made, "host", say.SetRole(n=1, who="anna", role="cohost"), at(1))
    carry_out(made, "host", say.SetRole(n=2, who="cohost", role="speaker"), at(1))
    assert made.take_told() == (
        ("anna", Told(code="role", word="cohost")),
        ("cohost", Told(code="role", word="speaker")),
    )
    for who, old in (("anna", Role.SPEAKER), ("cohost", Role.COHOST)):
        made.leave(who)
        made.join(who, who.title(), old, 2)
    assert made.place("anna").role is Role.COHOST
    assert made.place("cohost").role is Role.SPEAKER
    with pytest.raises(PeerError, match="no role"):
        carry_out(made, "host", say.SetRole(n=3, who="anna", role="host"), at(1))
    for number in range(ROLES_MAX + 5):
        made.join(f"p{number}", "P", Role.SPEAKER, 0)
        made.set_role(f"p{number}", Role.COHOST)
        made.leave(f"p{number}")
    assert len(made.roles) == ROLES_MAX
    assert "anna" not in made.roles


def test_seats_are_changed_by_hosts_and_told() -> None:
    made = floor()
    carry_out(made, "host", say.Next(n=1, who="anna"), at(1))
    carry_out(made, "host", say.Seat(n=2, who="anna", where="backstage"), at(1))
    carry_out(made, "host", say.Seat(n=3, who="anna", where="backstage"), at(1))
    assert made.next_up == ("anna", "Anna")
    assert where(made)["anna"] == "backstage"
    assert made.seating(live=True).backstage == {"anna"}
    carry_out(made, "host", say.Seat(n=4, who="anna", where="stage"), at(1))
    assert [told.code for _, told in made.take_told()] == ["to_backstage", "to_stage"]
    assert made.next_up == ("", "")
    with pytest.raises(PeerError, match="no seat"):
        carry_out(made, "host", say.Seat(n=5, who="anna", where="roof"), at(1))
    with pytest.raises(NotFoundError):
        carry_out(made, "host", say.Seat(n=6, who="nobody", where="stage"), at(1))


def test_all_but_the_hosts_are_muted_and_may_unmute() -> None:
    made = floor()
    carry_out(made, "cohost", say.MuteAll(n=1), at(1))
    assert made.muted == {"anna", "bert"}
    assert made.unheard({"host", "anna", "stranger"}) == {"anna", "stranger"}
    carry_out(made, "anna", say.Mute(n=2, on=False), at(1))
    assert made.muted == {"bert"}


def test_a_locked_stage_takes_nobody_and_opens_no_microphone() -> None:
    made = floor()
    carry_out(made, "anna", say.Mute(n=1, on=True), at(1))
    carry_out(made, "host", say.Mute(n=1, on=True), at(1))
    carry_out(made, "host", say.Lock(n=2, on=True), at(1))
    made.join("late", "Late", Role.SPEAKER, US)
    made.join("called", "Called", Role.SPEAKER, US, Arrival(called=True))
    made.join("second", "Second", Role.HOST, US)
    assert where(made)["late"] == where(made)["called"] == "backstage"
    assert where(made)["second"] == "stage"
    with pytest.raises(ForbiddenError, match="locked"):
        carry_out(made, "anna", say.Mute(n=3, on=False), at(1))
    with pytest.raises(ForbiddenError, match="Unlock it first"):
        carry_out(made, "host", say.Seat(n=4, who="late", where="stage"), at(1))
    carry_out(made, "host", say.Mute(n=5, on=False), at(1))
    carry_out(made, "host", say.Lock(n=6, on=False), at(1))
    carry_out(made, "host", say.Seat(n=7, who="late", where="stage"), at(1))
    carry_out(made, "anna", say.Mute(n=8, on=False), at(1))
    assert not made.muted


def test_without_a_host_the_stage_locks_after_a_while_until_one_is_back() -> None:
    made = floor()
    carry_out(made, "anna", say.Mute(n=1, on=True), at(1))
    made.lost("host", 1 * US)
    assert made.lock.reason(1 * US + 2 * GRACE_US) == ""
    made.leave("cohost")
    sweep(made, at(2))
    assert made.lock.reason(2 * US + GRACE_US - 1) == ""
    assert made.lock.reason(2 * US + GRACE_US) == "no_host"
    late = at(2 + GRACE_US / US)
    with pytest.raises(ForbiddenError, match="locked"):
        carry_out(made, "anna", say.Mute(n=2, on=False), late)
    made.join("new", "New", Role.SPEAKER, 2 * US + GRACE_US)
    assert where(made)["new"] == "backstage"
    made.connected("host", 20 * US)
    assert made.lock.reason(40 * US) == ""


def test_a_stage_that_never_had_a_host_is_open() -> None:
    made = Floor()
    made.join("anna", "Anna", Role.SPEAKER, 0)
    made.connected("anna", 0)
    sweep(made, at(3_600))
    assert made.lock.reason(3_600 * US) == ""


def test_newcomers_arrive_where_a_host_said_and_the_called_on_stage() -> None:
    made = floor()
    carry_out(made, "host", say.Arrive(n=1, where="backstage"), at(1))
    made.join("late", "Late", Role.SPEAKER, 0)
    made.join("called", "Called", Role.SPEAKER, 0, Arrival(called=True))
    made.join("second", "Second", Role.HOST, 0)
    assert [where(made)[who] for who in ("late", "called", "second")] == [
        "backstage",
        "stage",
        "stage",
    ]
    with pytest.raises(PeerError, match="no seat"):
        carry_out(made, "host", say.Arrive(n=2, where="roof"), at(1))


def test_time_is_nearly_up_then_up_and_only_a_host_gives_more() -> None:
    made = floor()
    carry_out(made, "host", say.Limit(n=1, who="anna", seconds=30), at(0))
    assert made.people()[2].until_utc_us == EPOCH_US + 30 * US
    assert not sweep(made, at(30 - SOON_S - 1))
    assert made.take_told() == ()
    sweep(made, at(30 - SOON_S))
    sweep(made, at(30 - SOON_S + 1))
    assert made.take_told() == (("anna", Told(code="time_soon", seconds=SOON_S)),)
    assert sweep(made, at(30))
    assert not sweep(made, at(31))
    assert made.take_told() == (("anna", Told(code="time_up")),)
    assert made.muted == {"anna"}
    with pytest.raises(ForbiddenError, match="Your time is up"):
        carry_out(made, "anna", say.Mute(n=2, on=False), at(32))
    carry_out(made, "host", say.Limit(n=3, who="anna", seconds=5), at(40))
    carry_out(made, "anna", say.Mute(n=4, on=False), at(41))
    sweep(made, at(45))
    carry_out(made, "host", say.Limit(n=5, who="anna", seconds=0), at(50))
    carry_out(made, "anna", say.Mute(n=6, on=False), at(51))
    assert made.people()[2].until_utc_us == 0
    for seconds in (-1, LIMIT_S_MAX + 1):
        with pytest.raises(PeerError, match="time limit"):
            carry_out(made, "host", say.Limit(n=7, who="anna", seconds=seconds), at(1))
    carry_out(made, "host", say.Limit(n=8, who="anna", seconds=LIMIT_S_MAX), at(1))


def test_a_message_to_everybody_is_one_line_with_a_limit() -> None:
    made = floor()
    carry_out(made, "host", say.Say(n=1, text=" We begin\nin five. "), at(1))
    assert made.message == "We begin in five."
    with pytest.raises(PeerError, match=str(MESSAGE_CHARS_MAX)):
        carry_out(made, "host", say.Say(n=2, text="x" * (MESSAGE_CHARS_MAX + 1)), at(1))
    carry_out(made, "host", say.Say(n=3, text="x" * MESSAGE_CHARS_MAX), at(1))
    carry_out(made, "host", say.Say(n=4, text=""), at(1))
    assert made.message == ""


def test_a_ban_takes_every_connection_of_the_same_device_but_no_host() -> None:
    made = floor()
    for who, role in (("twin", Role.SPEAKER), ("boss", Role.HOST)):
        made.join(who, who, role, 0, Arrival(Marks("other", device=mark_of("device", "anna"))))
    gone = carry_out(made, "host", say.Ban(n=1, who="anna"), at(1))
    assert gone == (("anna", Parting.BANNED), ("twin", Parting.BANNED))
    assert "boss" in made
    assert made.removed == ("anna", "twin")
    with pytest.raises(ForbiddenError, match="yourself"):
        carry_out(made, "host", say.Ban(n=2, who="host"), at(1))


@dataclass(frozen=True)
class Raised:
    claim: str
    listener: str
    name: str = "Lea"
    note: str = ""


def test_who_is_banned_by_a_hand_leaves_the_stage_too() -> None:
    made = floor()
    made.queue.hear((Raised("c" * 43, "lea"),), 0, 0)
    known = Marks(listener=mark_of("listener", "lea"))
    made.join("lea", "Lea", Role.SPEAKER, 0, Arrival(known, called=True))
    gone = carry_out(made, "host", say.Ban(n=1, who="c" * 43), at(1))
    assert gone == (("lea", Parting.BANNED),)
    assert "lea" in made.removed


def test_a_host_who_bans_their_own_second_page_comes_back_after_a_lost_line() -> None:
    made = floor()
    own = Marks("speakers", device=mark_of("device", "host"))
    made.join("tab", "Tab", Role.SPEAKER, 0, Arrival(own))
    assert carry_out(made, "host", say.Ban(n=1, who="tab"), at(1)) == (("tab", Parting.BANNED),)
    made.lost("host", 2)
    back = Marks("link-host", device=mark_of("device", "host"))
    assert not made.join("host", "Host", Role.HOST, 3, Arrival(back, returning=True))
    with pytest.raises(ForbiddenError, match="took you off"):
        made.join("tab", "Tab", Role.SPEAKER, 3, Arrival(own, returning=True))


@pytest.mark.parametrize(
    ("participant", "marks", "returning", "match"),
    [
        ("anna", Marks("link-anna"), True, "took you off"),
        ("new", Marks("link-anna"), False, "closed"),
        ("new", Marks("other", device=mark_of("device", "anna")), False, "banned"),
        ("old", Marks("link-anna"), True, "closed"),
    ],
)
def test_the_banned_find_every_door_closed(
    participant: str,
    marks: Marks,
    returning: bool,  # noqa: FBT001 - a parameter of the test
    match: str,
) -> None:
    made = floor()
    carry_out(made, "host", say.Ban(n=1, who="anna"), at(1))
    with pytest.raises(ForbiddenError, match=match):
        made.join(participant, "A", Role.SPEAKER, 0, Arrival(marks, returning=returning))


def test_others_of_a_link_that_is_closed_keep_their_places_and_need_a_new_link_after() -> None:
    made = Floor()
    for who in ("anna", "bert"):
        made.join(who, who, Role.SPEAKER, 0, Arrival(Marks("general")))
    made.join("host", "H", Role.HOST, 0, Arrival(Marks("host-link")))
    carry_out(made, "host", say.Ban(n=1, who="anna"), at(1))
    back = Arrival(Marks("general"), returning=True)
    assert not made.join("bert", "bert", Role.SPEAKER, 1, back)
    made.leave("bert")
    with pytest.raises(ForbiddenError, match="closed"):
        made.join("bert", "bert", Role.SPEAKER, 1, back)


def test_who_was_invited_and_has_left_needs_another_invitation() -> None:
    made = floor()
    made.join("guest", "Guest", Role.SPEAKER, 0, Arrival(called=True))
    assert not made.join("guest", "Guest", Role.SPEAKER, 1, Arrival(returning=True))
    made.leave("guest")
    with pytest.raises(ForbiddenError, match="Raise your hand"):
        made.join("guest", "Guest", Role.SPEAKER, 2, Arrival(returning=True))
