"""A floor that another studio left is taken over with all that hosts had decided."""

import msgspec

from rostra.domain.ports import Moment
from rostra.domain.space import Role, State
from rostra.stage import keeping
from rostra.stage.bans import Marks, mark_of
from rostra.stage.commands import carry_out, sweep
from rostra.stage.floor import Floor
from rostra.stage.invitations import claim_of
from rostra.stage.lock import GRACE_US
from rostra.stage.places import PHOTO_CHARS_MAX, Arrival, photo_of
from rostra.wire import stagelink as say
from rostra.wire.photos import photo_name
from rostra.wire.states import SpaceState

US = 1_000_000
SECRET = "s" * 43
BEFORE = Moment(50 * 10**9, 7_000 * US)
AFTER = Moment(3 * 10**9, 7_020 * US)
"""Another machine: its monotonic clock is its own."""


class Raised:
    listener, claim, name, note = "listener", claim_of(SECRET), "Lea", "hello"


def decided() -> Floor:
    """A floor on which hosts have decided all that there is to decide."""
    floor = Floor()
    for who, role in (("host", Role.HOST), ("anna", Role.SPEAKER), ("bert", Role.SPEAKER)):
        arrival = Arrival(Marks(f"link-{who}", device=mark_of("device", who)), photo="f00d")
        floor.join(who, who.title(), role, 0, arrival)
        floor.connected(who, 0)
    floor.queue.hear((Raised(),), 0, 0)
    for command in (
        say.SetRole(n=1, who="anna", role="cohost"),
        say.Seat(n=2, who="bert", where="backstage"),
        say.Limit(n=3, who="bert", seconds=30),
        say.Lock(n=4, on=True),
        say.Arrive(n=5, where="backstage"),
        say.Invite(n=6, who=Raised.claim),
        say.NoteOn(n=7, who=Raised.claim, text="first"),
        say.Next(n=8, who=Raised.claim),
        say.Say(n=9, text="Soon"),
    ):
        carry_out(floor, "host", command, BEFORE)
    floor.bans.add(Marks("bad-link", device="bad"))
    return floor


def left(floor: Floor) -> SpaceState:
    """The state that the first studio wrote, as the second one reads it."""
    people = floor.people()
    state = SpaceState(
        "tea",
        "Tea",
        State.LIVE,
        0,
        stage=keeping.on_stage(people),
        removed=floor.removed,
        next=floor.next_up[1],
        message=floor.message,
        floor=keeping.kept(floor, people),
    )
    return msgspec.json.decode(msgspec.json.encode(state), type=SpaceState)


def test_all_that_was_decided_is_found_again() -> None:
    before = decided()
    state = left(before)
    assert [one.id for one in state.stage] == ["host", "anna"]
    after = Floor()
    keeping.restore(after, state, AFTER)
    assert {one.id: (one.role, one.where, one.photo) for one in after.places} == {
        "host": (Role.HOST, "stage", "f00d"),
        "anna": (Role.COHOST, "stage", "f00d"),
        "bert": (Role.SPEAKER, "backstage", "f00d"),
    }
    assert after.place("bert").marks == before.place("bert").marks
    assert (after.lock.by_host, after.lock.hosted, after.arrive) == (True, True, "backstage")
    assert (after.message, after.next_up[1]) == ("Soon", "Lea")
    assert after.bans == before.bans
    assert after.queue.hand(Raised.claim).host_note == "first"
    assert after.invitations.begin(SECRET, AFTER) == Raised.claim
    for who in ("host", "anna", "bert"):
        after.connected(who, 0)
    assert left(after).floor == state.floor


def test_times_go_on_by_the_clock_on_the_wall() -> None:
    after = Floor()
    keeping.restore(after, left(decided()), AFTER)
    after.connected("bert", 3 * US)
    assert not sweep(after, Moment(AFTER.mono_ns + 9 * 10**9, 0))
    assert sweep(after, Moment(AFTER.mono_ns + 10 * 10**9, 0))
    assert after.place("bert").muted


def test_the_lock_counts_from_the_takeover() -> None:
    after = Floor()
    state = left(decided())
    state = msgspec.structs.replace(state, floor=msgspec.structs.replace(state.floor, locked=False))
    keeping.restore(after, state, AFTER)
    assert after.lock.reason(3 * US + GRACE_US - 1) == ""
    assert after.lock.reason(3 * US + GRACE_US) == "no_host"


def test_only_the_name_of_an_object_is_a_photograph() -> None:
    assert photo_of("a1-B_2") == "a1-B_2"
    assert photo_of(photo_name("a" * 64)) == photo_name("a" * 64)
    for word in ("", "../x", "a/b", "x" * (PHOTO_CHARS_MAX + 1), "a.png", "ä"):
        assert photo_of(word) == ""
