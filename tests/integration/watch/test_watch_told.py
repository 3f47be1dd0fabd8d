"""What reports say, for operators over HTTP: to whom, in what bounds, and nothing of an address."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from tests.integration.watch.operator_kit import API, BEARER, Desk, Pages, asking, opened

from rostra.store.watch_reports import DAY_US, KEPT_DAYS
from rostra.watch.fact_asking import RANGES
from rostra.watch.kinds import Kind
from rostra.web import watch_acting
from rostra.web.watch_admin_templates import CSP

TOLD = f"{API}/components/page/reports"
SAFARI = {"facts": {"browser": "safari", "latency_ms": 613.4}, "source": "listener"}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with opened(tmp_path, {"page": "<i>Page</i>", "stream": "Stream"}) as one:
        yield one


@pytest.fixture
async def http(desk: Desk) -> AsyncIterator[httpx.AsyncClient]:
    async with asking(desk) as client:
        yield client


async def test_a_program_is_told_what_reports_say(http: httpx.AsyncClient, desk: Desk) -> None:
    desk.told(*[SAFARI | {"place": "ES"}] * 10, {"kind": Kind.ECHO}, {"proven": False} | SAFARI)
    answer = await http.get(TOLD, headers=BEARER)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    found = answer.json()
    assert found["tallies"] == [
        {"kind": "no_sound", "counted": 10, "unproven": 1, "repeat": 0, "surplus": 0},
        {"kind": "echo", "counted": 1, "unproven": 0, "repeat": 0, "surplus": 0},
    ]
    assert found["asked"] == {"range": "24h", "kind": "all", "outcome": "counted"}
    told = found["sum"]
    assert (told["reports"], told["with_facts"]) == (11, 10)
    assert told["words"] == [
        {
            "fact": "browser",
            "told": 10,
            "values": [{"value": "safari", "reports": 10}],
            "others": 0,
        }
    ]
    assert told["shared"] == [{"fact": "browser", "value": "safari", "reports": 10, "told": 10}]
    assert (told["numbers"][0]["median"], told["places"]) == (610, [{"value": "ES", "reports": 10}])
    assert told["newest"][0] == {
        "minute_utc_s": desk.clock.utc_us // 1_000_000 - 120,
        "kind": "echo",
        "outcome": "counted",
        "source": "page",
        "place": "",
        "facts": {},
    }
    assert "reporter" not in answer.text


async def test_a_range_a_kind_and_an_outcome_are_chosen(
    http: httpx.AsyncClient, desk: Desk
) -> None:
    desk.told({"kind": Kind.ECHO}, {}, {"proven": False})
    desk.clock.run(3_600 + 300)
    desk.told({"kind": Kind.LATE})

    async def reports(**asked: str) -> int:
        answer = await http.get(TOLD, params=asked, headers=BEARER)
        return int(answer.json()["sum"]["reports"])

    assert await reports() == 3
    assert await reports(range="1h") == 1
    assert await reports(range="14d", outcome="all") == 4
    assert await reports(kind="echo") == 1
    assert await reports(kind="echo", outcome="unproven") == 0
    assert await reports(outcome="unproven") == 1
    assert RANGES["14d"] * 1_000_000 == KEPT_DAYS * DAY_US, "the longest is all there is"
    other = await http.get(f"{API}/components/stream/reports", headers=BEARER)
    assert (other.json()["sum"]["reports"], other.json()["tallies"]) == (0, [])


async def test_what_is_wrong_is_said(http: httpx.AsyncClient) -> None:
    for path, status in (
        (f"{TOLD}?range=90d", 422),
        (f"{TOLD}?kind=outage", 422),
        (f"{TOLD}?outcome=surplus", 422),
        (f"{API}/components/moon/reports", 404),
    ):
        answer = await http.get(path, headers=BEARER)
        assert answer.status_code == status, path
        assert answer.json()["error"]["sentence"].startswith("There is no ")
    assert (await http.get(f"{TOLD}?range=90d")).status_code == 401, "the token comes first"


async def test_one_sum_reads_so_many_reports_and_no_more(
    http: httpx.AsyncClient, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_acting, "SUMMED_MAX", 2)
    desk.told({}, {}, {"kind": Kind.ECHO})
    told = (await http.get(TOLD, headers=BEARER)).json()
    assert told["sum"]["reports"] == 2
    assert [one["kind"] for one in told["sum"]["newest"]] == ["echo", "no_sound"]
    assert sum(one["counted"] for one in told["tallies"]) == 3


async def test_a_person_sees_it_only_when_logged_in(http: httpx.AsyncClient, desk: Desk) -> None:
    one, ada = desk.alarm(), Pages(http)
    desk.told(*[SAFARI] * 5)
    path = "/components/page"
    without = await ada.get(path)
    assert (without.status_code, without.headers["location"]) == (303, "/status/admin")
    assert "safari" not in without.text
    bearer = await http.get(f"/status/admin{path}", headers=BEARER)
    assert bearer.status_code == 303, "the page is for people"
    await ada.log_in()
    for linked in ("", f"/incidents/{one.id}"):
        assert f'href="/status/admin{path}"' in (await ada.get(linked)).text
    page = await ada.get(path)
    assert "Browser: safari, 5 of 5" in page.text
    assert "&lt;i&gt;Page&lt;/i&gt;" in page.text
    assert "<script" not in page.text
    assert page.headers["content-security-policy"] == CSP
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["vary"] == "Accept-Language, Cookie"
    assert (await ada.get(f"{path}?kind=outage")).status_code == 422
    assert (await ada.get("/components/moon")).status_code == 404
    spanish = Pages(http, "es")
    assert "Navegador: safari, 5 de 5" in (await spanish.get(path)).text
