"""Listening tickets from the desk: who gets one, for how long, and that an edge would take it."""

from pathlib import Path

import pytest
from tests.integration.web.desk_kit import ORIGIN, START_UTC_US, desk_on, sentence
from tests.integration.web.test_desk_spaces import plan

from rostra.wire.listening import (
    HOURS_DEFAULT,
    HOURS_MAX,
    ListeningRole,
    ListeningTicket,
    ListeningTicketError,
    verify,
)

KEY = b"k" * 32
START_S = START_UTC_US // 1_000_000


async def test_the_owner_and_the_operator_get_tickets_that_edges_take(tmp_path: Path) -> None:
    async with desk_on(tmp_path, listening_key=KEY) as desk:
        host = await desk.as_account("Ada")
        space = (await plan(host))["id"]
        for client in (host, desk.operator()):
            body = {"role": "recorder", "hours": 2}
            answer = await client.post(f"/api/v1/spaces/{space}/tickets", json=body)
            assert answer.status_code == 201, answer.text
            made = answer.json()
            expires = START_S + 2 * 3_600
            wanted = ListeningTicket(ListeningRole.RECORDER, space, expires)
            assert verify(made["ticket"], KEY, expires - 1, space) == wanted
            with pytest.raises(ListeningTicketError):
                verify(made["ticket"], KEY, expires, space)
            assert made["url"] == f"{ORIGIN}/s/{space}?ticket={made['ticket']}"
            assert made["expires_utc_s"] == expires


async def test_by_default_it_is_a_listeners_for_an_evening(tmp_path: Path) -> None:
    async with desk_on(tmp_path, listening_key=KEY) as desk:
        operator = desk.operator()
        space = (await plan(operator))["id"]
        made = (await operator.post(f"/api/v1/spaces/{space}/tickets", json={})).json()
        read = verify(made["ticket"], KEY, START_S, space)
        assert read.role is ListeningRole.LISTENER
        assert read.expires_utc_s == START_S + HOURS_DEFAULT * 3_600


async def test_nobody_else_gets_one(tmp_path: Path) -> None:
    async with desk_on(tmp_path, listening_key=KEY) as desk:
        space = (await plan(await desk.as_account("Ada")))["id"]
        path = f"/api/v1/spaces/{space}/tickets"
        assert (await desk.program().post(path, json={})).status_code == 401
        assert (await (await desk.as_account("Eve")).post(path, json={})).status_code == 403
        unknown = await desk.operator().post("/api/v1/spaces/nowhere/tickets", json={})
        assert unknown.status_code == 404


@pytest.mark.parametrize(
    "body", [{"hours": HOURS_MAX + 1}, {"hours": 0}, {"role": "owner"}, {"for": "ever"}]
)
async def test_no_ticket_is_for_ever_or_for_a_role_that_there_is_not(
    body: dict[str, object], tmp_path: Path
) -> None:
    async with desk_on(tmp_path, listening_key=KEY) as desk:
        space = (await plan(desk.operator()))["id"]
        answer = await desk.operator().post(f"/api/v1/spaces/{space}/tickets", json=body)
        assert answer.status_code == 422


async def test_a_desk_without_a_key_says_what_to_restore(tmp_path: Path) -> None:
    async with desk_on(tmp_path) as desk:
        space = (await plan(desk.operator()))["id"]
        answer = await desk.operator().post(f"/api/v1/spaces/{space}/tickets", json={})
        assert answer.status_code == 503
        assert "secrets/listening.key" in sentence(answer)
