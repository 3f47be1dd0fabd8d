"""What a studio reads at its start, answers at its door, and bounds at its end."""

import asyncio
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.fakes.backbone import FakeBackbone
from tests.fakes.grid_messages import message
from tests.fakes.one_space import EPOCH_US, SECOND_US, SPACE, OneSpace

from rostra.app import studio as studio_module
from rostra.app.studio import (
    LEAVE_S_MAX,
    RELEASE_S_MAX,
    SPACES_END_S_MAX,
    STOP_WAIT_S,
    leave,
)
from rostra.app.studio_calls import RESUME_FOR_S, Door, Keys
from rostra.app.studio_found import find, next_message
from rostra.app.studio_record import CLOSE_S_MAX
from rostra.app.studio_setup import boot_name
from rostra.app.studio_space import ROOM_CLOSE_S_MAX
from rostra.app.supervisor import ROLES_END_S
from rostra.domain.errors import HouseError
from rostra.domain.limits import SPEAKERS_MAX
from rostra.domain.space import Role, State
from rostra.wire.messages import (
    BUCKET_STATE,
    Answer,
    Offer,
    Refusal,
    pack,
    programme_subject,
    read_reply,
    to_json,
)
from rostra.wire.states import SpaceDef, SpaceState
from rostra.wire.tickets import Ticket, TicketKind, sign

NOW_S = 1_000_000
DESK, OWN = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()


def test_the_goodbye_is_over_before_the_house_kills() -> None:
    assert max(ROOM_CLOSE_S_MAX, CLOSE_S_MAX) + RELEASE_S_MAX < SPACES_END_S_MAX
    assert SPACES_END_S_MAX + 2 * LEAVE_S_MAX == STOP_WAIT_S
    assert ROLES_END_S - 1.0 >= STOP_WAIT_S


async def test_a_goodbye_that_hangs_or_fails_costs_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(studio_module, "LEAVE_S_MAX", 0.05)
    said: list[str] = []

    async def hangs() -> None:
        await asyncio.Event().wait()

    async def fails() -> None:
        sentence = "The backbone is gone."
        raise HouseError(sentence)

    async def says() -> None:
        said.append("bye")

    await asyncio.wait_for(leave(hangs(), fails(), says()), 5)
    assert said == ["bye"]


def test_a_boot_has_a_word_of_its_own_where_the_system_tells(tmp_path: Path) -> None:
    file = tmp_path / "boot_id"
    assert boot_name(file) == ""
    file.write_text("one")
    first = boot_name(file)
    assert boot_name(file) == first != ""
    file.write_text("another")
    assert boot_name(file) != first


def test_the_newest_of_a_run_is_known_whatever_lies_beside_it() -> None:
    held = [pack(message(number, run=run)) for number, run in ((7, "a"), (9, "a"), (99, "b"))]
    assert next_message([*held, b"\xc1"], "a") == 10
    assert next_message(held, "c") == 0


async def test_a_space_is_found_with_its_revision_and_its_newest_message() -> None:
    backbone, plan = FakeBackbone(), SpaceDef(SPACE, "Tea", 5)
    new = await find(backbone, plan)
    assert (new.state.state, new.revision, new.next_message) == (State.SCHEDULED, 0, 0)
    state = SpaceState(SPACE, "Tea", State.LIVE, 5, run="a")
    revision = await backbone.put(BUCKET_STATE, SPACE, to_json(state))
    await backbone.publish(programme_subject(SPACE), pack(message(7, run="a")))
    found = await find(backbone, plan)
    assert (found.state, found.revision, found.next_message) == (state, revision, 8)
    revision = await backbone.put(BUCKET_STATE, SPACE, b"{broken")
    broken = await find(backbone, plan)
    assert (broken.state.state, broken.revision) == (State.SCHEDULED, revision)


class AtTheDoor:
    def __init__(self, one: OneSpace, now_s: int = NOW_S) -> None:
        self.door = Door(
            one.space, Keys(DESK.public_key(), OWN), lambda: now_s, lambda: "participant"
        )

    async def offer(self, ticket: str, sdp: str = "offer") -> Answer | Refusal:
        reply = read_reply(await self.door.answer(pack(Offer(ticket, sdp, "Ada"))))
        assert isinstance(reply, Answer | Refusal)
        return reply


def host_link(expires_s: int = NOW_S + 60) -> str:
    return sign(Ticket(TicketKind.HOST, SPACE, "link", expires_s), DESK)


async def test_a_resume_ticket_is_good_for_its_time_and_not_longer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = OneSpace(monkeypatch)
    answer = await AtTheDoor(one).offer(host_link())
    assert isinstance(answer, Answer)
    last = await AtTheDoor(one, NOW_S + RESUME_FOR_S - 1).offer(answer.resume)
    assert isinstance(last, Answer)
    assert last.participant == answer.participant
    late = await AtTheDoor(one, NOW_S + RESUME_FOR_S).offer(answer.resume)
    assert isinstance(late, Refusal)
    assert "expired" in late.sentence
    await one.space.close()


async def test_a_studio_that_ends_answers_503_and_a_space_that_is_over_409(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = OneSpace(monkeypatch)
    await one.enter("host", Role.HOST)
    await one.space.close()
    refused = await AtTheDoor(one).offer(host_link())
    assert isinstance(refused, Refusal)
    assert refused.status == 503
    assert "Try again" in refused.sentence


async def test_whoever_comes_back_finds_a_place_on_a_stage_full_of_ghosts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = OneSpace(monkeypatch, t0_utc_us=EPOCH_US + 60 * SECOND_US)
    await one.run(0.2)
    for number in range(SPEAKERS_MAX):
        await one.space.join(f"ghost{number}", "G", Role.SPEAKER, "offer", "")
    speaker = sign(Ticket(TicketKind.SPEAKER, SPACE, "link", NOW_S + 60), DESK)
    refused = await AtTheDoor(one).offer(speaker)
    assert isinstance(refused, Refusal)
    assert refused.status == 409
    back = Ticket(TicketKind.RESUME, SPACE, "anna", NOW_S + 60, "Anna", "speaker", "link")
    assert isinstance(await AtTheDoor(one).offer(sign(back, OWN)), Answer)
    await one.space.close()
