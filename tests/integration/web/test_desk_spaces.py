"""Spaces at the desk: plan, list, link, command, and who may."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from tests.integration.web.desk_kit import ORIGIN, START_UTC_US, Desk, desk_on, sentence

from rostra.domain.accounts import AccountRole
from rostra.domain.limits import HOSTS_MAX, TITLE_CHARS_MAX
from rostra.domain.ports import Entry
from rostra.domain.schedule import DOORS_BEFORE_S_MAX, DOORS_BEFORE_S_MIN, PlannedSpace
from rostra.domain.space import State
from rostra.store.spaces import UPCOMING_MAX
from rostra.web import api_spaces, board, calls
from rostra.web.board import EVENT_BODY_BYTES_MAX, KIND_CHARS_MAX
from rostra.web.limiter import SPACE_RATE
from rostra.wire.messages import (
    BUCKET_DEFS,
    BUCKET_STATE,
    Command,
    Done,
    HouseEvent,
    Refusal,
    Reply,
    call_subject,
    event_subject,
    from_json,
    pack,
    read_call,
    to_json,
)
from rostra.wire.states import SpaceDef, SpaceState
from rostra.wire.tickets import TicketKind, verify

TOMORROW = datetime.fromtimestamp(START_UTC_US / 1e6, UTC) + timedelta(days=1)


async def plan(client: httpx.AsyncClient, **fields: object) -> dict[str, str]:
    body = {"title": "An evening", "at": TOMORROW.isoformat(), **fields}
    answer = await client.post("/api/v1/spaces", json=body)
    assert answer.status_code == 201, answer.text
    given: dict[str, str] = answer.json()
    return given


def told(desk: Desk, space: str) -> SpaceDef:
    return from_json(SpaceDef, desk.backbone.buckets[BUCKET_DEFS][space])


async def say(desk: Desk, space: str, state: State, **fields: object) -> None:
    """A studio says where a space is; returns once the desk knows."""
    said = SpaceState(space, "An evening", state, START_UTC_US, **fields)  # type: ignore[arg-type]  # by test
    await desk.backbone.put(BUCKET_STATE, space, to_json(said))
    await until(lambda: desk.deps.board.live(space) == said)


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not true():  # noqa: ASYNC110 - the desk's own tasks have no event to wait for
            await asyncio.sleep(0.001)


def studio(desk: Desk, reply: Reply) -> list[Command]:
    """A studio for every space, that answers always the same and keeps what it was asked."""
    asked: list[Command] = []

    async def answer(payload: bytes) -> bytes:
        call = read_call(payload)
        assert isinstance(call, Command)
        asked.append(call)
        return pack(reply)

    desk.backbone._responders = _Everywhere(answer)
    return asked


class _Everywhere(dict[str, Callable[[bytes], Awaitable[bytes]]]):
    def __init__(self, answer: Callable[[bytes], Awaitable[bytes]]) -> None:
        super().__init__()
        self._answer = answer

    def __contains__(self, _: object) -> bool:
        return True

    def __getitem__(self, _: str) -> Callable[[bytes], Awaitable[bytes]]:
        return self._answer


async def test_a_member_plans_a_space_and_studios_hear_of_it(desk: Desk) -> None:
    ada = await desk.as_account("Ada")
    made = await plan(ada, description="On engines.\n", language="pt-BR")
    assert made["listen_url"] == f"{ORIGIN}/s/{made['id']}"
    plans = told(desk, made["id"])
    assert plans == SpaceDef(
        id=made["id"],
        title="An evening",
        t0_utc_us=int(TOMORROW.timestamp()) * 1_000_000,
        hosts=("Ada",),
        description="On engines.",
        language="pt-BR",
    )
    for url, kind in ((made["host_url"], "host"), (made["speaker_url"], "speaker")):
        word = url.rpartition("/")[2]
        now = START_UTC_US // 1_000_000
        kinds = frozenset({TicketKind(kind)})
        verify(word, (desk.key.public_key(),), now, made["id"], kinds)


@pytest.mark.parametrize(("operator", "at_once"), [(True, True), (False, False)])
async def test_now_is_live_at_once_for_the_operator_only(
    desk: Desk, *, operator: bool, at_once: bool
) -> None:
    client = desk.operator() if operator else await desk.as_account("Ada")
    made = await plan(client, at="now")
    assert told(desk, made["id"]).start_at_once is at_once
    assert told(desk, made["id"]).t0_utc_us == START_UTC_US


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * (TITLE_CHARS_MAX + 1)}, "title"),
        ({"title": "a\x00b"}, "title"),
        ({"description": "x" * 2_001}, "description"),
        ({"language": "english please"}, "language"),
        ({"hosts": ["x"] * (HOSTS_MAX + 1)}, "hosts"),
        ({"hosts": [""]}, "hosts"),
        ({"at": "tomorrow"}, "at"),
        ({"at": "2027-01-16T20:00:00"}, "at"),
        ({"at": "2001-01-16T20:00:00Z"}, "at"),
        ({"at": 7}, "at"),
        ({"doors_before_s": DOORS_BEFORE_S_MIN - 1}, "doors_before_s"),
        ({"doors_before_s": DOORS_BEFORE_S_MAX + 1}, "doors_before_s"),
    ],
)
async def test_a_bad_plan_names_its_field(
    desk: Desk, fields: dict[str, object], field: str
) -> None:
    body = {"title": "An evening", "at": "now", **fields}
    answer = await desk.operator().post("/api/v1/spaces", json=body)
    assert answer.status_code == 422
    assert answer.json()["error"]["field"] == field
    assert BUCKET_DEFS not in desk.backbone.buckets


@pytest.mark.parametrize("doors", [DOORS_BEFORE_S_MIN, 900, DOORS_BEFORE_S_MAX])
async def test_a_plan_says_when_its_doors_open(desk: Desk, doors: int) -> None:
    made = await plan(desk.operator(), doors_before_s=doors)
    assert told(desk, made["id"]).doors_before_s == doors


async def test_a_start_in_the_past_is_a_plain_error_and_plans_nothing(desk: Desk) -> None:
    body = {"title": "Late", "at": "2001-01-16T20:00:00Z"}
    answer = await desk.operator().post("/api/v1/spaces", json=body)
    assert sentence(answer).startswith("The time 2001-01-16T20:00:00Z is in the past.")
    assert BUCKET_DEFS not in desk.backbone.buckets


async def test_nobody_plans_without_an_account(desk: Desk) -> None:
    answer = await desk.browser().post("/api/v1/spaces", json={"title": "T", "at": "now"})
    assert answer.status_code == 401
    assert (await desk.browser().get("/api/v1/spaces/mine")).status_code == 401


async def test_lists_show_what_is_on_and_what_comes(desk: Desk) -> None:
    ada = await desk.as_account("Ada")
    first, second, third, gone = [(await plan(ada))["id"] for _ in range(4)]
    await say(desk, first, State.LIVE, listening=12)
    await say(desk, second, State.INTERRUPTED, listening=300, reason="house")
    await say(desk, gone, State.ENDED)
    shown = (await desk.program().get("/api/v1/spaces")).json()
    assert [space["id"] for space in shown["live"]] == [second, first]
    assert [space["listening"] for space in shown["live"]] == [300, 12]
    assert [space["id"] for space in shown["coming"]] == [third]
    assert set(shown["coming"][0]) == {
        "id", "title", "description", "language", "hosts", "t0_utc", "state", "reason",
        "listening", "listen_url",
    }  # fmt: skip
    desk.clock.forward(2 * 86_400 + 1)
    assert (await desk.program().get("/api/v1/spaces")).json()["coming"] == []


async def test_states_outlive_the_desk(desk: Desk, tmp_path: Path) -> None:
    space = (await plan(desk.operator()))["id"]
    await say(desk, space, State.LIVE)
    await until(lambda: desk.store.spaces.get(space).state is State.LIVE)  # type: ignore[union-attr]  # it is there
    async with desk_on(tmp_path) as again:
        shown = (await again.program().get(f"/api/v1/spaces/{space}")).json()
        assert (shown["state"], shown["listening"]) == ("live", 0)


async def test_links_are_shown_to_the_spaces_owner_and_the_operator_only(desk: Desk) -> None:
    ada = await desk.as_account("Ada")
    eve = await desk.as_account("Eve")
    owner = await desk.as_account("Owner", AccountRole.OWNER)
    made = await plan(ada)
    path = f"/api/v1/spaces/{made['id']}"
    for client, knows in (
        (desk.program(), False), (eve, False), (ada, True), (owner, True), (desk.operator(), True)
    ):  # fmt: skip
        body = (await client.get(path)).json()
        assert (body.get("host_url") == made["host_url"]) is knows
        assert ("speaker_url" in body) is knows
    assert [space["id"] for space in (await ada.get("/api/v1/spaces/mine")).json()["spaces"]] == [
        made["id"]
    ]
    assert (await eve.get("/api/v1/spaces/mine")).json()["spaces"] == []


@pytest.mark.parametrize("role", ["speaker", "host"])
async def test_further_links_are_for_one_person_each(desk: Desk, role: str) -> None:
    ada, eve = await desk.as_account("Ada"), await desk.as_account("Eve")
    path = f"/api/v1/spaces/{(await plan(ada))['id']}/links"
    body = {"role": role, "name": "Grace"}
    one, two = await ada.post(path, json=body), await ada.post(path, json=body)
    assert (one.status_code, two.status_code) == (201, 201)
    assert one.json()["url"] != two.json()["url"]
    word = one.json()["url"].rpartition("/")[2]
    shown = (await desk.program().get(f"/api/v1/tickets/{word}")).json()
    assert (shown["role"], shown["name"]) == (role, "Grace")
    assert (await eve.post(path, json=body)).status_code == 403
    assert (await desk.browser().post(path, json=body)).status_code == 401
    assert (await ada.post(path, json={"role": "operator"})).status_code == 422


@pytest.mark.parametrize("action", ["start", "break", "end", "cancel"])
async def test_only_its_owner_and_the_operator_command_a_space(desk: Desk, action: str) -> None:
    ada, eve = await desk.as_account("Ada"), await desk.as_account("Eve")
    space = (await plan(ada))["id"]
    path = f"/api/v1/spaces/{space}/{action}"
    asked = studio(desk, Done("live"))
    assert (await desk.browser().post(path)).status_code == 401
    assert (await eve.post(path)).status_code == 403
    assert asked == []
    assert (await ada.post(path)).json() == {"state": "live"}
    assert (await desk.operator().post(path)).status_code == 200
    kinds = [TicketKind.HOST, TicketKind.OPERATOR]
    now = START_UTC_US // 1_000_000
    for command, kind in zip(asked, kinds, strict=True):
        assert command.action == action
        read = verify(command.ticket, (desk.key.public_key(),), now, space, frozenset({kind}))
        assert read.expires_utc_s - now <= 60


async def test_a_studios_refusal_is_passed_on(desk: Desk) -> None:
    space = (await plan(desk.operator()))["id"]
    studio(desk, Refusal(409, "The space is live already."))
    answer = await desk.operator().post(f"/api/v1/spaces/{space}/start")
    assert (answer.status_code, sentence(answer)) == (409, "The space is live already.")


async def test_a_silent_studio_is_504(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "COMMAND_TIMEOUT_S", 0.05)
    space = (await plan(desk.operator()))["id"]
    never = asyncio.Event()

    async def silent(_: bytes) -> bytes:
        await never.wait()
        return b""

    await desk.backbone.serve(call_subject(space), silent)
    answer = await desk.operator().post(f"/api/v1/spaces/{space}/start")
    assert answer.status_code == 504
    assert "gave no answer" in sentence(answer)


async def test_an_odd_answer_is_no_crash(desk: Desk) -> None:
    space = (await plan(desk.operator()))["id"]

    async def odd(_: bytes) -> bytes:
        return b"\xc1 not msgpack"

    await desk.backbone.serve(call_subject(space), odd)
    answer = await desk.operator().post(f"/api/v1/spaces/{space}/start")
    assert answer.status_code == 503


@pytest.mark.parametrize("action", ["end", "cancel"])
async def test_without_a_studio_a_scheduled_space_is_called_off_at_the_desk(
    desk: Desk, action: str
) -> None:
    ada = await desk.as_account("Ada")
    space = (await plan(ada))["id"]
    for other in ("start", "break"):
        refused = await ada.post(f"/api/v1/spaces/{space}/{other}")
        assert refused.status_code == 503
        assert "No studio" in sentence(refused)
    assert (await ada.post(f"/api/v1/spaces/{space}/{action}")).json() == {"state": "cancelled"}
    assert told(desk, space).cancelled is True
    assert (await ada.get(f"/api/v1/spaces/{space}")).json()["state"] == "cancelled"


async def test_without_its_studio_a_live_space_is_not_called_off(desk: Desk) -> None:
    space = (await plan(desk.operator()))["id"]
    await say(desk, space, State.LIVE)
    answer = await desk.operator().post(f"/api/v1/spaces/{space}/end")
    assert answer.status_code == 503
    assert told(desk, space).cancelled is False


async def test_planning_needs_no_backbone_and_is_made_known_when_it_is_back(desk: Desk) -> None:
    desk.backbone.away = True
    space = (await plan(desk.operator()))["id"]
    assert BUCKET_DEFS not in desk.backbone.buckets
    desk.backbone.away = False
    async with asyncio.timeout(5), desk.backbone.changed:
        await desk.backbone.changed.wait_for(lambda: BUCKET_DEFS in desk.backbone.buckets)
    assert told(desk, space).title == "An evening"


async def test_a_new_desk_fills_an_empty_bucket(desk: Desk, tmp_path: Path) -> None:
    space = (await plan(desk.operator()))["id"]
    async with desk_on(tmp_path) as again:
        await until(lambda: space in again.backbone.buckets.get(BUCKET_DEFS, {}))


async def test_an_empty_bucket_is_filled_with_more_than_a_list_holds(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rostra.store.spaces.UPCOMING_MAX", 2)
    made = {(await plan(desk.operator()))["id"] for _ in range(5)}
    async with desk_on(tmp_path) as again:
        await until(lambda: again.backbone.buckets.get(BUCKET_DEFS, {}).keys() == made)


async def test_history_is_kept_and_what_is_none_is_counted(desk: Desk) -> None:
    space = (await plan(desk.operator()))["id"]
    good = HouseEvent(space, "started", START_UTC_US, {"by": "clock"})
    bad = [
        (event_subject("nowhere"), to_json(HouseEvent("nowhere", "started", 1))),
        (event_subject("other"), to_json(good)),
        (event_subject(space), b"not json"),
        (event_subject(space), to_json(HouseEvent(space, "k" * (KIND_CHARS_MAX + 1), 1))),
        (
            event_subject(space),
            to_json(HouseEvent(space, "big", 1, {"x": "y" * EVENT_BODY_BYTES_MAX})),
        ),
    ]
    for subject, payload in [*bad, (event_subject(space), to_json(good))]:
        await desk.backbone.publish(subject, payload)
    kept = desk.store.spaces.history(space)
    assert [(line.kind, json.loads(line.body_json)) for line in kept] == [
        ("started", {"by": "clock"})
    ]
    metrics = (await desk.program().get("/metrics")).text
    assert f"rostra_desk_lost_events_total {len(bad)}.0" in metrics


async def test_what_is_no_state_disturbs_nobody(desk: Desk) -> None:
    space = (await plan(desk.operator()))["id"]
    await desk.backbone.put(BUCKET_STATE, "broken", b"{")
    await say(desk, space, State.LOBBY)
    assert desk.deps.board.live("broken") is None
    await desk.backbone.delete(BUCKET_STATE, space)
    await until(lambda: desk.deps.board.live(space) is None)


async def test_the_board_forgets_whom_it_heard_of_longest_ago(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert board.STATES_MAX >= UPCOMING_MAX
    monkeypatch.setattr(board, "STATES_MAX", 2)
    for name in ("one", "two", "one", "three"):
        said = SpaceState(name, "T", State.LIVE, START_UTC_US)
        await desk.deps.board.take(Entry(name, to_json(said), 1))
    known = [name for name in ("one", "two", "three") if desk.deps.board.live(name)]
    assert known == ["one", "three"]


async def test_new_spaces_of_one_address_run_out_but_not_the_operators(desk: Desk) -> None:
    ada = await desk.as_account("Ada")
    for _ in range(SPACE_RATE.tries_max):
        await plan(ada)
    answer = await ada.post("/api/v1/spaces", json={"title": "One more", "at": "now"})
    assert answer.status_code == 429
    await plan(desk.operator())


async def test_an_account_has_room_for_so_many_spaces(desk: Desk) -> None:
    account = desk.account("Grace")
    for number in range(api_spaces.OPEN_SPACES_MAX):
        desk.store.spaces.add(
            PlannedSpace(f"s{number}", "T", START_UTC_US, START_UTC_US, owner=account.id)
        )
    browser = desk.browser()
    await browser.post(
        "/api/v1/session", json={"name": "Grace", "password": "correct horse battery"}
    )
    body = {"title": "One more", "at": "now"}
    assert (await browser.post("/api/v1/spaces", json=body)).status_code == 409
    desk.store.spaces.cancel("s7")
    assert (await browser.post("/api/v1/spaces", json=body)).status_code == 201


@pytest.mark.parametrize("space", ["nowhere", "x" * 500, "..", "%00", "a%20b", "%C3%A9"])
async def test_an_unknown_space_is_404_with_a_sentence(desk: Desk, space: str) -> None:
    answer = await desk.operator().get(f"/api/v1/spaces/{space}")
    assert answer.status_code == 404
    assert sentence(answer).endswith(".")


async def test_links_lead_where_the_asker_found_the_house(desk: Desk, tmp_path: Path) -> None:
    near = {"x-forwarded-host": "192.168.1.5:8000"}
    space = (await plan(desk.operator()))["id"]
    shown = (await desk.program(**near).get(f"/api/v1/spaces/{space}")).json()
    assert shown["listen_url"] == f"http://192.168.1.5:8000/s/{space}"
    odd = {"x-forwarded-host": "evil.test/x?"}
    shown = (await desk.program(**odd).get(f"/api/v1/spaces/{space}")).json()
    assert shown["listen_url"] == f"{ORIGIN}/s/{space}"
    async with desk_on(tmp_path, origin="https://rostra.test", origin_fixed=True) as public:
        shown = (await public.program(**near).get(f"/api/v1/spaces/{space}")).json()
        assert shown["listen_url"] == f"https://rostra.test/s/{space}"
