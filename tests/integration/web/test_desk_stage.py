"""A link's page and a speaker's offer on its way through the desk."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.integration.web.desk_kit import START_UTC_US, Desk, sentence

from rostra.domain.limits import SDP_BYTES_MAX
from rostra.domain.ports import Entry
from rostra.domain.schedule import PlannedSpace
from rostra.domain.space import State
from rostra.web.limiter import OFFER_RATE
from rostra.web.links import LINK_LIFE_S
from rostra.wire.messages import (
    Answer,
    Claim,
    Offer,
    Refusal,
    Reply,
    call_subject,
    pack,
    read_call,
    to_json,
)
from rostra.wire.states import FloorState, SpaceState
from rostra.wire.tickets import Ticket, TicketKind, sign

NOW_S = START_UTC_US // 1_000_000
SDP = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\n"
SPACE = PlannedSpace("kaffee23", "An evening", START_UTC_US, START_UTC_US)


def ticket(desk: Desk, kind: TicketKind = TicketKind.SPEAKER, expires_s: int = NOW_S + 60) -> str:
    return sign(Ticket(kind, SPACE.id, "one", expires_s, "Grace"), desk.key)


async def studio(desk: Desk, reply: Reply) -> list[Offer | Claim]:
    asked: list[Offer | Claim] = []

    async def answer(payload: bytes) -> bytes:
        call = read_call(payload)
        assert isinstance(call, Offer | Claim)
        asked.append(call)
        return pack(reply)

    desk.store.spaces.add(SPACE)
    await desk.backbone.serve(call_subject(SPACE.id), answer)
    return asked


async def test_a_links_page_learns_what_it_may(desk: Desk) -> None:
    desk.store.spaces.add(SPACE)
    answer = await desk.program().get(f"/api/v1/tickets/{ticket(desk)}")
    assert answer.json() == {
        "space": "kaffee23",
        "role": "speaker",
        "name": "Grace",
        "title": "An evening",
        "state": "scheduled",
        "t0_utc": "2027-01-15T08:00:00Z",
        "ice_servers": [],
        "listen_url": "http://desk.test/s/kaffee23",
        "speaker_url": "",
    }


async def test_links_that_are_forged_expired_or_for_something_else(desk: Desk) -> None:
    desk.store.spaces.add(SPACE)
    stranger = Ed25519PrivateKey.from_private_bytes(b"s" * 32)
    forged = sign(Ticket(TicketKind.HOST, SPACE.id, "one", NOW_S + 60), stranger)
    good = ticket(desk)
    body, signature = good.partition(".")[0], forged.partition(".")[2]
    bad = {
        forged: "was not made by this house",
        f"{body}.{signature}": "was not made by this house",
        ticket(desk, expires_s=NOW_S): "has expired",
        ticket(desk, TicketKind.OPERATOR): "for something else",
        ticket(desk, TicketKind.RESUME): "for something else",
        "nonsense": "is incomplete",
        "a.b": "damaged",
    }
    for word, part in bad.items():
        answer = await desk.program().get(f"/api/v1/tickets/{word}")
        assert answer.status_code == (401 if "expired" in part else 403), word
        assert part in sentence(answer)


async def test_a_planned_spaces_links_end_a_week_after_t0(desk: Desk) -> None:
    body = {"title": "T", "at": "now"}
    made = (await desk.operator().post("/api/v1/spaces", json=body)).json()
    path = f"/api/v1/tickets/{made['speaker_url'].rpartition('/')[2]}"
    desk.clock.forward(LINK_LIFE_S - 1)
    assert (await desk.program().get(path)).status_code == 200
    desk.clock.forward(1)
    assert (await desk.program().get(path)).status_code == 401


async def test_a_link_that_a_ban_closed_gives_way_to_another(desk: Desk) -> None:
    desk.store.spaces.add(SPACE)
    link = ticket(desk, TicketKind.HOST)
    seen = []
    for closed in ((), ("speaker-link",), ("speaker-link", "speaker-link-2")):
        floor = FloorState(closed_links=closed)
        told = SpaceState(SPACE.id, "An evening", State.LIVE, START_UTC_US, floor=floor)
        await desk.deps.board.take(Entry(SPACE.id, to_json(told), 1))
        page = (await desk.program().get(f"/api/v1/tickets/{link}")).json()
        seen.append(desk.deps.links.read(page["speaker_url"].rsplit("/", 1)[1]).subject)
    assert seen == ["speaker-link", "speaker-link-2", "speaker-link-3"]


async def test_a_hosts_link_that_a_ban_closed_brings_no_other_link(desk: Desk) -> None:
    desk.store.spaces.add(SPACE)
    floor = FloorState(closed_links=("one",))
    told = SpaceState(SPACE.id, "An evening", State.LIVE, START_UTC_US, floor=floor)
    await desk.deps.board.take(Entry(SPACE.id, to_json(told), 1))
    page = await desk.program().get(f"/api/v1/tickets/{ticket(desk, TicketKind.HOST)}")
    assert (page.status_code, page.json()["speaker_url"]) == (200, "")


async def test_a_hosts_link_brings_the_speakers_link_and_a_speakers_none(desk: Desk) -> None:
    made = (await desk.operator().post("/api/v1/spaces", json={"title": "T", "at": "now"})).json()
    shown = {}
    for role in ("host", "speaker"):
        word = made[f"{role}_url"].rpartition("/")[2]
        shown[role] = (await desk.program().get(f"/api/v1/tickets/{word}")).json()["speaker_url"]
    word = shown["host"].rpartition("/join/")[2]
    read = (await desk.program().get(f"/api/v1/tickets/{word}")).json()
    assert (read["space"], read["role"]) == (made["id"], "speaker")
    assert shown["speaker"] == ""


async def test_an_offer_goes_to_the_studio_and_its_answer_comes_back(desk: Desk) -> None:
    asked = await studio(desk, Answer("v=0 answer", "me", "back"))
    word = ticket(desk)
    body = {"ticket": word, "sdp": SDP, "name": " Grace Hopper "}
    answer = await desk.program().post("/api/v1/spaces/kaffee23/stage", json=body)
    assert answer.json() == {"sdp": "v=0 answer", "participant": "me", "resume": "back"}
    assert asked == [Offer(word, SDP, "Grace Hopper", language="en")]


async def test_a_claim_carries_the_secret_the_device_and_the_account(desk: Desk) -> None:
    asked = await studio(desk, Answer("v=0 answer", "me", "back"))
    body = {"secret": "s" * 43, "sdp": SDP, "name": " Lea ", "device": "phone", "photo": "f00d"}
    client = desk.program()
    client.headers["accept-language"] = "es"
    answer = await client.post("/api/v1/spaces/kaffee23/claim", json=body)
    assert answer.json() == {"sdp": "v=0 answer", "participant": "me", "resume": "back"}
    assert asked == [Claim("s" * 43, SDP, "Lea", "phone", "", "f00d", "es")]


@pytest.mark.parametrize(("status", "says"), [(403, "Nobody has"), (410, "It is over")])
async def test_a_refused_claim_has_the_studios_status(desk: Desk, status: int, says: str) -> None:
    await studio(desk, Refusal(status, f"{says}."))
    body = {"secret": "s" * 43, "sdp": SDP}
    answer = await desk.program().post("/api/v1/spaces/kaffee23/claim", json=body)
    assert (answer.status_code, sentence(answer)) == (status, f"{says}.")


@pytest.mark.parametrize("wrong", [{"secret": "s" * 129}, {"device": "d" * 129}, {"sdp": "no"}])
async def test_a_claim_that_can_be_none_never_reaches_the_studio(
    desk: Desk, wrong: dict[str, str]
) -> None:
    asked = await studio(desk, Answer("v=0 answer", "me", "back"))
    body = {"secret": "s" * 43, "sdp": SDP} | wrong
    answer = await desk.program().post("/api/v1/spaces/kaffee23/claim", json=body)
    assert answer.status_code == 422
    assert asked == []


async def test_a_studio_that_refuses_is_believed(desk: Desk) -> None:
    await studio(desk, Refusal(409, "Thirteen people are on stage; that is all it holds."))
    body = {"ticket": ticket(desk), "sdp": SDP}
    answer = await desk.program().post("/api/v1/spaces/kaffee23/stage", json=body)
    assert (answer.status_code, sentence(answer)[:8]) == (409, "Thirteen")


async def test_an_odd_status_of_a_studio_is_a_bad_gateway(desk: Desk) -> None:
    await studio(desk, Refusal(200, "Fine."))
    body = {"ticket": ticket(desk), "sdp": SDP}
    answer = await desk.program().post("/api/v1/spaces/kaffee23/stage", json=body)
    assert answer.status_code == 502


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"sdp": "v=0" + "x" * SDP_BYTES_MAX}, 413, "sdp"),
        ({"sdp": "hello"}, 422, "sdp"),
        ({"sdp": ""}, 422, "sdp"),
        ({"ticket": "hello"}, 403, "ticket"),
        ({"name": "x" * 61}, 422, "name"),
        ({"name": "a\x07"}, 422, "name"),
    ],
)
async def test_a_broken_offer_never_reaches_the_studio(
    desk: Desk, change: dict[str, str], status: int, field: str
) -> None:
    asked = await studio(desk, Answer("", "", ""))
    body = {"ticket": ticket(desk), "sdp": SDP, **change}
    answer = await desk.program().post("/api/v1/spaces/kaffee23/stage", json=body)
    assert answer.status_code == status
    assert answer.json()["error"]["field"] == field
    assert asked == []


async def test_a_ticket_opens_its_own_space_only(desk: Desk) -> None:
    asked = await studio(desk, Answer("", "", ""))
    body = {"ticket": ticket(desk), "sdp": SDP}
    answer = await desk.program().post("/api/v1/spaces/other234/stage", json=body)
    assert answer.status_code == 403
    assert asked == []


async def test_no_studio_is_503_and_says_so(desk: Desk) -> None:
    desk.store.spaces.add(SPACE)
    body = {"ticket": ticket(desk), "sdp": SDP}
    for away in (False, True):
        desk.backbone.away = away
        answer = await desk.program().post("/api/v1/spaces/kaffee23/stage", json=body)
        assert answer.status_code == 503
        assert "No studio can be reached" in sentence(answer)


async def test_offers_of_one_address_run_out(desk: Desk) -> None:
    await studio(desk, Answer("v=0", "me", "back"))
    body = {"ticket": ticket(desk), "sdp": SDP}
    client, other = desk.program("198.51.100.9"), desk.program("198.51.100.10")
    path = "/api/v1/spaces/kaffee23/stage"
    statuses = {
        (await client.post(path, json=body)).status_code for _ in range(OFFER_RATE.tries_max)
    }
    assert statuses == {200}
    assert (await client.post(path, json=body)).status_code == 429
    assert (await other.post(path, json=body)).status_code == 200
