import pytest

from rostra.domain.errors import ForbiddenError, NotFoundError, PeerError
from rostra.domain.limits import COMMANDS_PER_S_MAX, NAME_CHARS_MAX, SPEAKERS_MAX
from rostra.domain.space import Role
from rostra.stage.floor import (
    COMING_US,
    HOST_PLACES,
    NEVER_CAME_US,
    PLACE_KEPT_US,
    REMOVED_MAX,
    Floor,
)


def floor(*speakers: str) -> Floor:
    made = Floor()
    made.join("host", "Hanna", Role.HOST, 0)
    for speaker in speakers:
        made.join(speaker, speaker.title(), Role.SPEAKER, 0)
    for person in made.people():
        made.connected(person.id)
    return made


def test_places_in_order_of_arrival() -> None:
    people = floor("anna", "bert").people({"bert"})
    assert [(person.id, person.name, person.role) for person in people] == [
        ("host", "Hanna", "host"),
        ("anna", "Anna", "speaker"),
        ("bert", "Bert", "speaker"),
    ]
    assert [person.speaking for person in people] == [False, False, True]
    assert all(person.here and not person.muted for person in people)


def test_a_full_stage_refuses() -> None:
    full = Floor()
    for number in range(SPEAKERS_MAX):
        assert full.join(f"p{number}", "P", Role.SPEAKER, 0)
    with pytest.raises(PeerError, match="20 people") as refused:
        full.join("late", "L", Role.SPEAKER, 0)
    assert refused.value.status == 409
    assert not full.join("p0", "P", Role.SPEAKER, 0)


def test_oneself_and_a_host_mute_but_only_oneself_unmutes() -> None:
    stage = floor("anna", "bert")
    assert stage.mute("anna", "", on=True)
    assert not stage.mute("anna", "anna", on=True)
    assert stage.mute("anna", "anna", on=False)
    assert stage.mute("host", "anna", on=True)
    with pytest.raises(ForbiddenError, match="Only Anna"):
        stage.mute("host", "anna", on=False)
    with pytest.raises(ForbiddenError, match="Only a host"):
        stage.mute("bert", "anna", on=True)
    assert stage.muted == {"anna"}
    with pytest.raises(NotFoundError):
        stage.mute("host", "nobody", on=True)


def test_muted_nobody_speaks() -> None:
    stage = floor("anna")
    stage.mute("anna", "", on=True)
    assert not stage.people({"anna"})[1].speaking


def test_removed_for_good() -> None:
    stage = floor("anna")
    assert stage.remove("host", "anna").name == "Anna"
    assert "anna" not in stage
    with pytest.raises(ForbiddenError):
        stage.join("anna", "Anna", Role.SPEAKER, 0)


def test_only_a_host_removes_and_not_themselves() -> None:
    stage = floor("anna", "bert")
    with pytest.raises(ForbiddenError):
        stage.remove("anna", "bert")
    with pytest.raises(ForbiddenError):
        stage.remove("host", "host")
    assert len(stage) == 3


def test_the_removed_are_remembered_up_to_a_limit() -> None:
    stage = floor()
    for number in range(REMOVED_MAX + 1):
        stage.join(f"p{number}", "P", Role.SPEAKER, 0)
        stage.remove("host", f"p{number}")
    assert stage.join("p0", "P", Role.SPEAKER, 0)
    with pytest.raises(ForbiddenError):
        stage.join(f"p{REMOVED_MAX}", "P", Role.SPEAKER, 0)


def test_a_lost_place_is_kept_and_taken_back() -> None:
    stage = floor("anna")
    stage.mute("anna", "", on=True)
    assert stage.lost("anna", 1_000)
    assert not stage.lost("anna", 2_000)
    assert not stage.people()[1].here
    assert stage.expired(PLACE_KEPT_US) == ()
    assert not stage.join("anna", "Anna", Role.SPEAKER, 3_000)
    assert stage.connected("anna")
    person = stage.people()[1]
    assert person.here
    assert person.muted


def test_an_absent_one_loses_the_place_in_the_end() -> None:
    stage = floor("anna")
    stage.join("never", "N", Role.SPEAKER, 0)
    stage.lost("anna", 0)
    assert stage.expired(NEVER_CAME_US) == ()
    assert stage.expired(NEVER_CAME_US + 1) == ("never",)
    assert stage.expired(PLACE_KEPT_US + 1) == ("anna", "never")


def test_commands_are_rationed_and_the_ration_refills() -> None:
    stage = floor("anna")
    for _ in range(COMMANDS_PER_S_MAX):
        stage.spend("anna", 0)
    with pytest.raises(PeerError) as refused:
        stage.spend("anna", 0)
    assert refused.value.status == 429
    stage.spend("host", 0)
    stage.spend("anna", 1_000_000 // COMMANDS_PER_S_MAX)


@pytest.mark.parametrize(
    ("given", "shown"), [("  Anna\n\tB ", "Anna B"), ("", "Speaker"), ("\u202ex", "x")]
)
def test_names_are_one_printable_line(given: str, shown: str) -> None:
    stage = Floor()
    stage.join("a", given, Role.SPEAKER, 0)
    assert stage.people()[0].name == shown


def test_a_name_that_is_too_long_is_refused() -> None:
    with pytest.raises(PeerError, match=str(NAME_CHARS_MAX)):
        Floor().join("a", "x" * (NAME_CHARS_MAX + 1), Role.SPEAKER, 0)


def test_a_stage_that_another_studio_ran_is_restored_away_and_muted() -> None:
    before = floor("anna", "ben")
    before.mute("anna", "", on=True)
    after = Floor()
    after.restore(before.people(frozenset({"ben"})), 1_000)
    people = [(one.id, one.name, one.muted, one.here, one.speaking) for one in after.people()]
    assert people[1:] == [("anna", "Anna", True, False, False), ("ben", "Ben", False, False, False)]
    assert after.muted == {"anna"}
    assert not after.join("anna", "Somebody", Role.HOST, 2_000)
    assert after.connected("anna")
    assert after.place("anna").role is Role.SPEAKER
    after.spend("anna", 2_000)
    assert after.expired(1_000 + PLACE_KEPT_US) == ()
    assert after.expired(1_001 + PLACE_KEPT_US) == ("host", "ben")


def test_no_more_are_restored_than_a_stage_holds() -> None:
    before = floor("anna", "ben", "cleo")
    after = Floor(speakers_max=2)
    after.restore(before.people(), 0)
    assert len(after) == 2


def test_the_removed_stay_removed_after_a_restart_up_to_the_same_limit() -> None:
    before = floor("anna")
    before.remove("host", "anna")
    after = Floor()
    after.restore(before.people(), 0, before.removed)
    with pytest.raises(ForbiddenError):
        after.join("anna", "Anna", Role.SPEAKER, 0)
    assert after.make_way("anna", Role.SPEAKER, 0, returning=True) == ()
    flooded = Floor()
    flooded.restore((), 0, (f"p{number}" for number in range(REMOVED_MAX + 5)))
    assert flooded.removed[0] == "p5"
    assert len(flooded.removed) == REMOVED_MAX


def test_what_must_outlast_a_crash_is_places_mutes_and_removals_and_no_speech() -> None:
    stage = floor("anna")
    seen = [stage.lasting]
    stage.lost("anna", 5)
    assert stage.lasting == seen[-1]
    stage.mute("host", "anna", on=True)
    seen.append(stage.lasting)
    stage.remove("host", "anna")
    seen.append(stage.lasting)
    stage.join("bert", "Bert", Role.SPEAKER, 0)
    seen.append(stage.lasting)
    assert len(set(seen)) == len(seen)


def full_of_ghosts() -> Floor:
    """Offers came for every place, one a second, and nobody behind them."""
    stage = Floor()
    for number in range(SPEAKERS_MAX):
        stage.join(f"ghost{number}", "G", Role.SPEAKER, number * 1_000_000)
    return stage


def test_a_host_finds_a_place_beyond_a_full_stage_while_none_is_here() -> None:
    stage = Floor()
    for number in range(SPEAKERS_MAX):
        stage.join(f"p{number}", "P", Role.SPEAKER, 0)
        stage.connected(f"p{number}")
    assert stage.make_way("host", Role.HOST, 0) == ()
    assert stage.join("host", "Hanna", Role.HOST, 0)
    assert len(stage) == SPEAKERS_MAX + HOST_PLACES
    with pytest.raises(PeerError, match="full"):
        stage.join("another", "Host", Role.HOST, 0)
    stage.connected("host")
    stage.leave("p0")
    with pytest.raises(PeerError, match="full"):
        stage.join("another", "Host", Role.HOST, 0)


@pytest.mark.parametrize(("role", "returning"), [(Role.HOST, False), (Role.SPEAKER, True)])
def test_hosts_and_who_comes_back_take_the_oldest_ghosts_place_at_once(
    role: Role,
    returning: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    stage = full_of_ghosts()
    stage.join("first", "Host", Role.HOST, 0)
    stage.connected("first")
    now = (SPEAKERS_MAX - 1) * 1_000_000
    assert stage.make_way("late", role, now, returning=returning) == ("ghost0", "ghost1")
    stage.leave("ghost0")
    assert stage.make_way("late", role, now, returning=returning) == ("ghost1",)
    stage.leave("ghost1")
    assert stage.join("late", "Late", role, now)
    assert stage.make_way("first", role, now, returning=returning) == ()


def test_others_take_a_ghosts_place_that_had_its_time() -> None:
    stage = full_of_ghosts()
    assert stage.make_way("late", Role.SPEAKER, COMING_US) == ()
    with pytest.raises(PeerError, match="full"):
        stage.join("late", "L", Role.SPEAKER, COMING_US)
    assert stage.make_way("late", Role.SPEAKER, COMING_US + 1) == ("ghost0",)


def test_a_place_that_is_kept_is_no_ghosts() -> None:
    stage = Floor(speakers_max=1)
    stage.join("anna", "Anna", Role.SPEAKER, 0)
    stage.connected("anna")
    stage.lost("anna", 0)
    assert stage.make_way("late", Role.SPEAKER, PLACE_KEPT_US, returning=True) == ()
