"""Operators over HTTP: the API by token, the pages by session, the command line over both."""

import json
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.integration.watch.operator_kit import (
    API,
    BEARER,
    TOKEN,
    Desk,
    Pages,
    asking,
    on_a_port,
    opened,
)

from rostra.app import cli
from rostra.app.watch_client import WATCH_ID_CHARS_MAX, checked_id
from rostra.domain.errors import PeerError
from rostra.watch.board import Affected
from rostra.watch.components import Status
from rostra.web.limiter import NS_PER_S
from rostra.web.watch_acting import LISTED_MAX
from rostra.web.watch_forms import FORM_FIELDS_MAX, read_form
from rostra.web.watch_guard import WATCH_BODY_BYTES_MAX
from rostra.web.watch_operators import (
    ADMIN_LOGIN_RATE,
    COOKIE,
    SESSION_S,
    SESSIONS_MAX,
    Sessions,
)
from rostra.web.watch_site import Site

WORK = {
    "by": "Ada",
    "name": "New disks",
    "body": "Some minutes of silence.",
    "begins": "2027-01-15T14:00:00+01:00",
    "ends": "2027-01-15T15:00:00+01:00",
    "components": ["page"],
}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with opened(tmp_path) as one:
        yield one


@pytest.fixture
async def http(desk: Desk) -> AsyncIterator[httpx.AsyncClient]:
    async with asking(desk) as client:
        yield client


async def test_nobody_writes_or_reads_without_the_token(http: httpx.AsyncClient) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"}):
        for method, path in (
            ("GET", "/incidents"),
            ("POST", "/incidents"),
            ("POST", "/incidents/i1/confirm"),
            ("GET", "/maintenances"),
            ("POST", "/maintenances"),
            ("POST", "/maintenances/i1/edit"),
            ("POST", "/maintenances/i1/cancel"),
            ("GET", "/components/page/reports"),
            ("GET", "/log"),
        ):
            answer = await http.request(method, API + path, headers=headers, json={"by": "Eve"})
            assert answer.status_code == 401
            assert "watch's token" in answer.json()["error"]["sentence"]


async def test_a_draft_is_judged_written_on_and_closed_over_the_api(
    http: httpx.AsyncClient, desk: Desk
) -> None:
    one = desk.alarm(told=True)
    path = f"{API}/incidents/{one.id}"
    for action, asked, phase in (
        ("confirm", {"impact": "major"}, "investigating"),
        ("update", {"body": "A switch.", "status": "identified"}, "identified"),
        ("resolve", {"body": "Replaced."}, "resolved"),
        ("postmortem", {"body": "It was old."}, "postmortem"),
        ("reopen", {"body": "Again."}, "investigating"),
        ("dismiss", {"reason": "It was a drill."}, "dismissed"),
    ):
        answer = await http.post(f"{path}/{action}", headers=BEARER, json={"by": "Ada"} | asked)
        assert answer.status_code == 200, answer.text
        assert answer.json()["phase"] == phase
    kept = (await http.get(path, headers=BEARER)).json()
    assert (kept["outcome"], kept["reason"]) == ("false_alarm", "It was a drill.")
    log = (await http.get(f"{API}/log", headers=BEARER)).json()
    assert [(one["by"], one["action"]) for one in log] == [
        ("Ada", name)
        for name in ("dismiss", "reopen", "postmortem", "resolve", "update", "confirm")
    ]
    assert json.loads(log[4]["detail_json"])["body"] == "A switch."
    assert len(desk.changes) == 6
    assert len(desk.book.untold()) == 7


async def test_each_line_of_an_incident_says_what_it_changes_of_components(
    http: httpx.AsyncClient, desk: Desk
) -> None:
    one = desk.alarm()
    path = f"{API}/incidents/{one.id}"
    well, worse, partly = Status.OPERATIONAL, Status.DEGRADED, Status.PARTIAL
    for action, asked, said in (
        ("confirm", {}, [Affected("page", well, worse)]),
        ("update", {"body": "We look."}, []),
        (
            "update",
            {"body": "More than we thought.", "impact": "major", "components": ["page", "stream"]},
            [Affected("page", worse, partly), Affected("stream", well, partly)],
        ),
        (
            "update",
            {"body": "Only the stream.", "components": ["stream"]},
            [Affected("page", partly, well)],
        ),
        ("resolve", {"body": "Over."}, [Affected("stream", partly, well)]),
        ("postmortem", {"body": "It was old."}, []),
        ("reopen", {"body": "Again."}, [Affected("stream", well, partly)]),
        ("dismiss", {"reason": "A drill."}, [Affected("stream", partly, well)]),
    ):
        answer = await http.post(f"{path}/{action}", headers=BEARER, json={"by": "Ada"} | asked)
        assert answer.status_code == 200, answer.text
        kept = desk.book.incident(one.id)
        assert kept is not None
        assert list(kept.updates[0].affected) == said, action


async def test_work_takes_its_components_and_gives_them_back(
    http: httpx.AsyncClient, desk: Desk
) -> None:
    made = await http.post(f"{API}/maintenances", headers=BEARER, json=WORK)
    path = f"{API}/maintenances/{made.json()['id']}"
    well, resting = Status.OPERATIONAL, Status.MAINTENANCE
    for asked, said in (
        ({"body": "Soon."}, []),
        ({"body": "Now.", "status": "in_progress"}, [Affected("page", well, resting)]),
        (
            {"body": "The stream too.", "components": ["page", "stream"]},
            [Affected("stream", well, resting)],
        ),
        ({"body": "Look at it.", "status": "verifying"}, []),
    ):
        answer = await http.post(f"{path}/edit", headers=BEARER, json={"by": "Ada"} | asked)
        assert answer.status_code == 200, answer.text
        assert list(desk.book.maintenances(0)[0].updates[0].affected) == said
    done = {"by": "Ada", "body": "Done.", "status": "completed"}
    await http.post(f"{path}/edit", headers=BEARER, json=done)
    assert desk.book.maintenances(0)[0].updates[0].affected == (
        Affected("page", resting, well),
        Affected("stream", resting, well),
    )


async def test_what_is_wrong_is_said_and_changes_nothing(
    http: httpx.AsyncClient, desk: Desk
) -> None:
    one = desk.alarm()
    for path, body, status in (
        (f"incidents/{one.id}/confirm", {}, 422),
        (f"incidents/{one.id}/confirm", {"by": " "}, 422),
        (f"incidents/{one.id}/confirm", {"by": "Ada", "colour": "red"}, 422),
        (f"incidents/{one.id}/explode", {"by": "Ada"}, 404),
        (f"incidents/{one.id}/resolve", {"by": "Ada", "body": "x"}, 409),
        ("incidents/none/confirm", {"by": "Ada"}, 404),
        ("incidents", {"by": "Ada", "name": "x", "body": "x", "components": ["moon"]}, 422),
        ("incidents", {"by": "Ada", "name": "x", "body": "x", "components": ["page"]}, 409),
        ("maintenances", WORK | {"ends": "2027-01-15T13:00:00Z"}, 422),
        ("maintenances", WORK | {"begins": "soon"}, 422),
        ("maintenances/none/cancel", {"by": "Ada", "body": "x"}, 404),
    ):
        answer = await http.post(f"{API}/{path}", headers=BEARER, json=body)
        assert answer.status_code == status, (path, answer.text)
        assert answer.json()["error"]["sentence"].endswith(".")
    assert desk.book.newest(9) == [one]
    assert desk.book.log(9) == []
    large = await http.post(
        f"{API}/incidents", headers=BEARER, content=b"x" * (WATCH_BODY_BYTES_MAX + 1)
    )
    assert large.status_code == 413


async def test_work_is_announced_changed_moved_on_and_called_off(
    http: httpx.AsyncClient,
) -> None:
    made = await http.post(f"{API}/maintenances", headers=BEARER, json=WORK)
    assert made.status_code == 201, made.text
    path = f"{API}/maintenances/{made.json()['id']}"
    later = {"by": "Ada", "body": "An hour more.", "ends": "2027-01-15T15:00:00Z"}
    edited = (await http.post(f"{path}/edit", headers=BEARER, json=later)).json()
    hour_us = 3_600_000_000
    assert edited["ends_utc_us"] - made.json()["ends_utc_us"] == hour_us
    begun = {"by": "Ada", "body": "We begin early.", "status": "in_progress"}
    moved = await http.post(f"{path}/edit", headers=BEARER, json=begun)
    assert moved.json()["status"] == "in_progress"
    gone = await http.post(
        f"{path}/cancel", headers=BEARER, json={"by": "Ada", "body": "No disks."}
    )
    assert gone.json()["cancelled"]
    over = await http.post(f"{path}/edit", headers=BEARER, json=begun)
    assert over.status_code == 409


async def test_a_person_logs_in_judges_and_leaves(http: httpx.AsyncClient, desk: Desk) -> None:
    one, ada = desk.alarm(), Pages(http)
    assert "Ada" not in (await ada.get("")).text
    entered = await ada.log_in()
    cookie = entered.headers["set-cookie"]
    assert all(word in cookie for word in ("HttpOnly", "SameSite=strict", "Path=/status/admin"))
    assert f"Max-Age={SESSION_S}" in cookie
    home = await ada.get("")
    assert "Unusual reports: Page" in home.text
    assert "form-action 'self'" in home.headers["content-security-policy"]
    assert home.headers["cache-control"] == "no-store"
    shown = await ada.get(f"/incidents/{one.id}")
    assert "Reports 10 × usual; our probes: ok" in shown.text  # noqa: RUF001 - as shown
    assert "<script" not in shown.text
    refused = await ada.post(
        f"/incidents/{one.id}", action="dismiss", reason="<b>A drill</b>", word="yes"
    )
    assert refused.status_code == 422
    assert "The word DISMISS was not typed" in refused.text
    assert "&lt;b&gt;A drill&lt;/b&gt;" in refused.text  # what was typed is not lost
    done = await ada.post(
        f"/incidents/{one.id}", action="dismiss", reason="A drill", word="dismiss"
    )
    assert done.headers["location"] == f"/status/admin/incidents/{one.id}"
    kept = desk.book.incident(one.id)
    assert kept is not None
    assert kept.outcome == "false_alarm"
    assert "dismiss a1" in (await ada.get("/log")).text
    assert (await ada.post("/logout")).status_code == 303
    assert (await ada.get("/log")).headers["location"] == "/status/admin"
    assert [one.action for one in desk.book.log(9)] == ["logout", "dismiss", "login"]


async def test_forms_open_incidents_and_announce_work_in_spanish(
    http: httpx.AsyncClient, desk: Desk
) -> None:
    ada = Pages(http, "es-ES,es;q=0.9")
    await ada.log_in(name="Inés")
    form = (await ada.get("/open")).text
    assert "Abrir un incidente" in form
    assert '<option value="">Leve, o más si lo dicen los indicios</option>' in form
    assert " selected" not in form, "a default is no choice"
    empty = await ada.post("/open", name="Sin sonido", body="", components=["page", "stream"])
    assert empty.status_code == 422
    assert 'value="Sin sonido"' in empty.text
    made = await ada.post(
        "/open", name="Sin sonido", body="Lo oímos.", impact="major", components=["page", "stream"]
    )
    assert made.status_code == 303
    page = (await ada.get(made.headers["location"].removeprefix("/status/admin"))).text
    assert "Investigando" in page
    assert desk.book.newest(1)[0].components == ("page", "stream")
    times = {"begins": "2027-01-15T13:00", "ends": "2027-01-15T14:00"}
    work = await ada.post(
        "/maintenance", name="Discos", body="Una hora.", components=["page"], **times
    )
    assert work.status_code == 303, work.text
    path = work.headers["location"].removeprefix("/status/admin")
    assert "2027-01-15T13:00" in (await ada.get(path)).text
    assert (await ada.post(path, action="cancel", body="No.", word="CANCEL")).status_code == 303
    assert desk.book.maintenances(0)[0].stage == "cancelled"
    assert (await ada.post("/maintenance", name="x", body="", **times)).status_code == 422
    assert (await ada.get("/maintenance")).status_code == 200
    assert (await ada.post(path, action="edit", body="x")).status_code == 409
    assert "Cancelado" in (await ada.get("")).text


async def test_a_form_of_another_site_or_an_earlier_log_in_does_nothing(
    http: httpx.AsyncClient, desk: Desk
) -> None:
    one, ada = desk.alarm(), Pages(http)
    form = {"action": "confirm", "body": "x"}
    assert (await ada.post(f"/incidents/{one.id}", **form)).status_code == 401
    await ada.log_in()
    ada.csrf = "forged"
    for path in (f"/incidents/{one.id}", "/open", "/maintenance", "/maintenance/w", "/logout"):
        answer = await ada.post(path, **form)
        assert answer.status_code == 403
    path = f"/status/admin/incidents/{one.id}"
    assert (await http.post(path, json=form, headers=ada.headers)).status_code == 415
    assert (await http.post(path, data=form)).status_code == 403  # a cookie, and no Origin
    assert desk.book.incident(one.id) == one


async def test_a_session_ends_with_its_time_and_guesses_are_few(
    http: httpx.AsyncClient, desk: Desk
) -> None:
    ada = Pages(http)
    await ada.log_in()
    desk.clock.run(SESSION_S)
    assert (await ada.get("/open")).headers["location"] == "/status/admin"
    for _ in range(ADMIN_LOGIN_RATE.tries_max):
        assert (await ada.log_in("wrong")).status_code == 403
    late = await ada.log_in()
    assert late.status_code == 429
    assert COOKIE not in late.headers.get("set-cookie", "")


def test_sessions_and_forms_have_an_end() -> None:
    sessions = Sessions(b"salt")
    cookies = [sessions.begin("Ada", 0) for _ in range(SESSIONS_MAX + 1)]
    assert sessions.of(cookies[0], 1) is None
    assert sessions.of(cookies[1], 1) is not None
    assert sessions.of(cookies[1], SESSION_S * NS_PER_S) is None
    assert sessions.of("x" * 1_000, 1) is None
    assert read_form(b"&".join([b"a=1"] * FORM_FIELDS_MAX)).one("a") == "1"
    for bad in (b"&".join([b"a=1"] * (FORM_FIELDS_MAX + 1)), b"a=%ff", b"\xff"):
        with pytest.raises(PeerError, match="cannot be read"):
            read_form(bad)
    assert LISTED_MAX >= 50
    assert checked_id("a" * WATCH_ID_CHARS_MAX)
    with pytest.raises(PeerError, match="is no id"):
        checked_id("a" * (WATCH_ID_CHARS_MAX + 1))


async def test_a_watch_without_a_token_takes_no_orders(desk: Desk) -> None:
    desk.app.state.site = Site(
        desk.clock, desk.app.state.site.board, desk.app.state.site.chart, token=""
    )
    transport = httpx.ASGITransport(desk.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://watch.test") as client:
        for headers in ({}, {"Authorization": "Bearer "}):
            answer = await client.get(f"{API}/incidents", headers=headers)
            assert answer.status_code == 503


@pytest.fixture
def served(desk: Desk) -> Iterator[str]:
    with on_a_port(desk) as url:
        yield url


@pytest.fixture
def rostra(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    def run(*arguments: str, data: Path = tmp_path) -> tuple[int, str, str]:
        code = cli.run([*arguments, "--data", str(data)])
        out, err = capsys.readouterr()
        return code, out, err

    return run


def test_the_command_line_judges_and_announces(
    desk: Desk, served: str, rostra: Callable[..., Any], tmp_path: Path
) -> None:
    one, at = desk.alarm(), ("--url", f"{served}/status")
    assert rostra("incident", "list", *at)[0] == 3  # no token here yet
    (tmp_path / "secrets").mkdir(exist_ok=True)
    (tmp_path / "secrets" / "watch.token").write_text(TOKEN + "\n")
    code, out, _ = rostra("incident", "list", *at)
    assert code == 0
    assert out.splitlines()[1].split()[:3] == [one.id, "draft", "none"]
    code, out, _ = rostra("incident", "confirm", one.id, "--impact", "major", "--json", *at)
    assert (code, json.loads(out)["phase"]) == (0, "investigating")
    told = ("--body", "We look.", "--status", "identified")
    assert rostra("incident", "update", one.id, *told, *at)[0] == 0
    assert rostra("incident", "resolve", one.id, "--body", "Over.", *at)[0] == 0
    assert rostra("incident", "postmortem", one.id, "--body", "Old.", "--by", "Ada", *at)[0] == 0
    again = ("--body", "It is back.", "--impact", "critical", "--component", "stream")
    code, _, err = rostra("incident", "dismiss", one.id, "--reason", "No.", *at)
    assert (code, err) == (
        1,
        "An incident that is postmortem cannot become dismissed. See its page.\n",
    )
    code, out, _ = rostra("incident", "reopen", one.id, *again, "--json", *at)
    back = json.loads(out)
    assert (code, back["phase"], back["impact"]) == (0, "investigating", "critical")
    assert back["components"] == ["stream"]
    code, _, err = rostra("incident", "reopen", one.id, *again, *at)
    assert (code, err) == (1, "This incident is open. Update it.\n")
    made = ("--name", "Hum", "--body", "We hear it.", "--component", "page")
    code, out, _ = rostra("incident", "open", *made, *at)
    assert out == "i1  investigating  Hum\n"
    hum = desk.book.incident("i1")
    assert hum is not None
    assert (hum.impact, hum.impact_by_default) == ("minor", True)
    work = ("--name", "Disks", "--body", "x", "--begins", "now", "--ends", "2027-01-15T13:00:00Z")
    code, out, _ = rostra("maintenance", "schedule", *work, "--component", "page", *at)
    assert out == "i2  scheduled  Disks\n"
    assert json.loads(rostra("maintenance", "list", "--json", *at)[1])[0]["name"] == "Disks"
    later = ("--name", "More disks", "--ends", "2027-01-15T14:00:00Z", "--status", "in_progress")
    code, out, _ = rostra("maintenance", "edit", "i2", "--body", "Longer.", *later, *at)
    assert out == "i2  in_progress  More disks\n"
    moved = ("--body", "Done?", "--status", "cancelled")
    code, _, err = rostra("maintenance", "edit", "i2", *moved, *at)
    assert (code, err.startswith("There is no status 'cancelled' to set")) == (1, True)
    (kept,) = json.loads(rostra("maintenance", "list", "--json", *at)[1])
    assert (kept["components"], kept["ends_utc_us"]) == (["page"], 1_800_021_600_000_000)
    assert rostra("maintenance", "edit", "not-an-id", *moved, *at)[0] == 1
    assert rostra("maintenance", "cancel", "i2", "--body", "No.", *at)[1].startswith("i2  cancel")
    log = desk.book.log(99)
    assert [each.by for each in log if each.action == "postmortem"] == ["Ada"]
    assert all(each.by for each in log)
    assert rostra("incident", "open", "--name", "x")[0] == 2


def test_without_a_watch_the_command_line_says_so(
    rostra: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "secrets").mkdir(exist_ok=True)
    (tmp_path / "secrets" / "watch.token").write_text(TOKEN)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        code, _, err = rostra("incident", "list", "--url", url)
    assert code == 3
    assert err.startswith(f"No watch answers at {url}.")
