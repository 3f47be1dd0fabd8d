"""Reports over real sockets: on the disk before the answer, one a reporter, and bounded."""

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.integration.watch.report_kit import NOW_S, REPORT, Hand, ReportWatch, report_watch
from tests.until import until

from rostra.app import watch_intake
from rostra.app.watch_intake import (
    ADDRESS_RATE,
    ADDRESSES_MAX,
    BATCH_MAX,
    WAITING_MAX,
    Intake,
)
from rostra.store.watch_opening import open_watch_store
from rostra.watch.counting import Outcome
from rostra.watch.intake import Submission
from rostra.watch.kinds import WINDOW_S, Kind, Report
from rostra.watch.receipts import FullError
from rostra.watch.reporters import DEVICES_MAX, PREFIX_COUNTED_MAX


@pytest.fixture
async def watch(tmp_path: Path) -> AsyncIterator[ReportWatch]:
    async with report_watch(tmp_path) as one:
        yield one


async def test_what_is_answered_is_on_the_disk(watch: ReportWatch) -> None:
    assert await watch.outcome() == ("counted", "not_needed")
    other = open_watch_store(watch.folder)
    assert other.reports.taken("stage", 0)[Outcome.COUNTED] == 1
    other.close()


async def test_a_reporter_counts_once_a_window_and_component(watch: ReportWatch) -> None:
    found = [await watch.outcome(), await watch.outcome(kind="echo")]
    found.append(await watch.outcome(component="page"))
    watch.hand.forward(WINDOW_S)
    found.append(await watch.outcome())
    assert [outcome for outcome, _ in found] == ["counted", "repeat", "counted", "counted"]


async def test_one_address_is_at_most_a_few_reporters(watch: ReportWatch) -> None:
    many = [watch.outcome(device=str(number)) for number in range(ADDRESS_RATE.burst)]
    found = [outcome for outcome, _ in await asyncio.gather(*many)]
    assert 1 < found.count("counted") <= DEVICES_MAX


async def test_the_address_is_what_the_nearest_unknown_proxy_saw(watch: ReportWatch) -> None:
    assert (await watch.outcome("203.0.113.9, 198.51.100.7"))[0] == "counted"
    assert (await watch.outcome("192.0.2.1, 198.51.100.7"))[0] == "repeat"
    assert (await watch.outcome("198.51.100.7, 203.0.113.9"))[0] == "counted"


async def test_who_is_no_proxy_is_taken_at_its_own_address(watch: ReportWatch) -> None:
    client, found = watch.client("127.0.9.1"), []
    for claimed in ("203.0.113.9", "203.0.113.10"):
        headers = {"X-Forwarded-For": claimed}
        answer = await client.post("/status/api/reports", json=REPORT, headers=headers)
        found.append(answer.json()["outcome"])
    assert found == ["counted", "repeat"]


@pytest.mark.parametrize(
    ("one", "other", "outcome"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "repeat"),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", "counted"),
        ("::ffff:192.0.2.4", "192.0.2.4", "repeat"),
    ],
)
async def test_ipv6_counts_by_its_64(
    watch: ReportWatch, one: str, other: str, outcome: str
) -> None:
    await watch.outcome(one)
    assert (await watch.outcome(other))[0] == outcome


async def test_a_network_counts_up_to_its_bound(
    watch: ReportWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rostra.watch.counting.PREFIX_COUNTED_MAX", 3)
    found = [(await watch.outcome(f"192.0.2.{number}"))[0] for number in range(5)]
    assert found == ["counted"] * 3 + ["unproven"] * 2
    assert (await watch.outcome("192.0.3.1"))[0] == "counted"
    assert PREFIX_COUNTED_MAX > 3


async def test_an_address_that_reports_too_often_is_told_when_to_come(watch: ReportWatch) -> None:
    await asyncio.gather(*(watch.outcome("192.0.2.8") for _ in range(ADDRESS_RATE.burst)))
    refused = await watch.report("192.0.2.8")
    wait_s = int(refused.headers["Retry-After"])
    assert (refused.status_code, 0 < wait_s <= 30) == (429, True)
    assert (await watch.outcome("192.0.2.9"))[0] == "counted"
    watch.hand.forward(wait_s)
    assert (await watch.outcome("192.0.2.8"))[0] == "repeat"
    assert ADDRESSES_MAX * 200 < 2**25, "bytes of the table of budgets"


async def test_a_full_queue_says_so_and_loses_nothing(
    watch: ReportWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_intake, "WAITING_MAX", 2)
    gate, take = threading.Event(), watch.store.reports.take

    def slow(reports: list[Report], window: int) -> list[Outcome]:
        gate.wait(5)
        return take(reports, window)

    monkeypatch.setattr(watch.store.reports, "take", slow)
    waiting = [asyncio.create_task(watch.outcome(f"192.0.2.{number}")) for number in range(2)]
    await until(lambda: watch.intake.waiting == 2)
    refused = await watch.report("192.0.2.77")
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
    gate.set()
    assert [(await one)[0] for one in waiting] == ["counted", "counted"]
    monkeypatch.undo()
    assert (await watch.outcome("192.0.2.77"))[0] == "counted"
    assert WAITING_MAX > BATCH_MAX


async def test_who_comes_while_a_batch_is_written_waits_for_company_too(
    watch: ReportWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, sizes, take = threading.Event(), list[int](), watch.store.reports.take

    def slow(reports: list[Report], window: int) -> list[Outcome]:
        sizes.append(len(reports))
        gate.wait(5)
        return take(reports, window)

    monkeypatch.setattr(watch.store.reports, "take", slow)
    first = asyncio.create_task(watch.outcome("192.0.2.1"))
    await until(lambda: sizes == [1])
    monkeypatch.setattr(watch_intake, "GATHER_S", 3.0)
    meanwhile = asyncio.create_task(watch.outcome("192.0.2.2"))
    await until(lambda: watch.intake.waiting == 2)
    gate.set()
    await first
    assert sizes == [1], "the second is not alone in a transaction of its own"
    third = asyncio.create_task(watch.outcome("192.0.2.3"))
    await asyncio.gather(meanwhile, third)
    assert sizes == [1, 2]


async def test_many_at_once_are_a_few_transactions_and_all_there(
    watch: ReportWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_intake, "BATCH_MAX", 30)
    sizes: list[int] = []
    take = watch.store.reports.take

    def noted(reports: list[Report], window: int) -> list[Outcome]:
        sizes.append(len(reports))
        return take(reports, window)

    monkeypatch.setattr(watch.store.reports, "take", noted)
    many = [watch.outcome(f"192.0.{number}.1") for number in range(80)]
    found = [outcome for outcome, _ in await asyncio.gather(*many)]
    taken = watch.store.reports.taken("stage", 0)
    assert sum(taken.values()) == sum(sizes) == len(found) == 80
    assert taken[Outcome.COUNTED] == found.count("counted") == 60
    assert taken[Outcome.UNPROVEN] == found.count("unproven") == 20
    assert max(sizes) <= 30
    assert len(sizes) < 50


async def test_a_book_that_fails_is_told_and_the_next_report_is_taken(
    watch: ReportWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(reports: list[Report], window: int) -> list[Outcome]:
        raise ValueError(len(reports), window)

    monkeypatch.setattr(watch.store.reports, "take", broken)
    failed = await watch.report()
    assert (failed.status_code, "could not be kept" in failed.text) == (503, True)
    monkeypatch.undo()
    assert (await watch.outcome())[0] == "counted"


async def test_the_intake_begins_again_with_what_still_waits(tmp_path: Path) -> None:
    store, hand = open_watch_store(tmp_path), Hand()
    intake = Intake(store.reports, hand, ["stage"])
    for number in range(2):
        running = asyncio.create_task(intake.run())
        sent = Submission("stage", Kind.ECHO)
        waiting = asyncio.create_task(intake.take(sent, f"192.0.{number}.1"))
        await until(lambda: intake.waiting)
        running.cancel()
        await asyncio.wait({running})
        assert (await waiting).outcome is Outcome.COUNTED
        with pytest.raises(FullError):
            await intake.take(sent, "192.0.9.1")
    store.close()


async def test_what_a_player_says_is_kept_for_a_while(watch: ReportWatch) -> None:
    await watch.outcome(facts={"stalls": 3, "name": "Ana"}, place="es", source="listener")
    kept = watch.store.reports.details("stage", 0, 10)
    assert [(one.facts, one.place, one.source, one.outcome) for one in kept] == [
        ({"stalls": 3}, "ES", "listener", Outcome.COUNTED)
    ]
    assert watch.store.reports.places("stage", NOW_S) == {"ES": 1}


async def test_any_media_type_is_read_as_json_and_any_site_may_send_it(watch: ReportWatch) -> None:
    client = watch.client()
    beacon = {"Content-Type": "text/plain;charset=UTF-8", "Origin": "https://talk.example"}
    beacon["Sec-Fetch-Site"] = "cross-site"
    sent = await client.post(
        "/status/api/reports", content=b'{"component":"stage","kind":"echo"}', headers=beacon
    )
    assert (sent.status_code, sent.headers["Access-Control-Allow-Origin"]) == (201, "*")
    assert "Set-Cookie" not in sent.headers
    refused = await client.post("/status/api/reports", content=b"{}", headers=beacon)
    assert (refused.status_code, refused.headers["Access-Control-Allow-Origin"]) == (422, "*")
    asked = await client.options("/status/api/reports", headers=beacon)
    assert (asked.status_code, asked.headers["Access-Control-Allow-Methods"]) == (204, "GET, POST")


async def test_the_form_leads_back_to_itself(watch: ReportWatch) -> None:
    client = watch.client()
    for sent in ("counted", "repeat"):
        answer = await client.post("/status/report", data={**REPORT, "place": ""})
        assert answer.status_code == 303
        assert answer.headers["Location"] == f"/status/report?sent={sent}&component=stage"
    assert watch.store.reports.counts("stage", 0, 2 * NOW_S).keys() == {Kind.NO_SOUND}
    wrong = await client.post("/status/report", data={"component": "nothing"})
    assert (wrong.status_code, "no such component" in wrong.text) == (422, True)


async def test_the_form_is_not_for_other_sites(watch: ReportWatch) -> None:
    headers = {"Origin": "https://elsewhere.example"}
    answer = await watch.client().post("/status/report", data=REPORT, headers=headers)
    assert answer.status_code == 403
    assert sum(watch.store.reports.taken("stage", 0).values()) == 0
