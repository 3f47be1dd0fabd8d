"""The guard of the watch: bodies, foreign writes, headers; health and figures on another port."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from prometheus_client import generate_latest
from starlette.datastructures import Headers
from tests.integration.watch.report_kit import REPORT, ReportWatch, report_watch

from rostra.watch.intake import REPORT_BYTES_MAX
from rostra.web import body
from rostra.web.watch_guard import WATCH_BODY_BYTES_MAX, foreign_write
from rostra.web.watch_reports import FORM_FIELDS_MAX

URL = "https://status.example"


@pytest.fixture
async def watch(tmp_path: Path) -> AsyncIterator[ReportWatch]:
    async with report_watch(tmp_path) as one:
        yield one


@pytest.mark.parametrize(
    ("path", "bytes_max"),
    [("/status/api/reports", REPORT_BYTES_MAX), ("/status/nothing", WATCH_BODY_BYTES_MAX)],
)
async def test_a_body_over_its_bound_is_refused(
    watch: ReportWatch, path: str, bytes_max: int
) -> None:
    refused = await watch.client().post(path, content=b" " * (bytes_max + 1))
    taken = await watch.client().post(path, content=b" " * bytes_max)
    assert (refused.status_code, str(bytes_max) in refused.text) == (413, True)
    assert taken.status_code in {405, 422}


async def test_a_slow_body_is_given_up(watch: ReportWatch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "BODY_TIMEOUT_S", 0.05)
    where = httpx.URL(watch.base)
    reader, writer = await asyncio.open_connection(where.host, where.port)
    writer.write(b"POST /status/api/reports HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{")
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    assert answer.startswith(b"HTTP/1.1 408 ")


async def test_a_form_with_too_many_fields_is_refused(watch: ReportWatch) -> None:
    most = {**REPORT, **{f"x{number}": "1" for number in range(FORM_FIELDS_MAX - len(REPORT))}}
    assert (await watch.client().post("/status/report", data=most)).status_code == 303
    refused = await watch.client().post("/status/report", data={**most, "one": "more"})
    assert (refused.status_code, "did not come whole" in refused.text) == (422, True)


@pytest.mark.parametrize("path", ["/status/api/reports", "/status/nothing", "/status/report"])
async def test_every_answer_has_the_headers(watch: ReportWatch, path: str) -> None:
    for answer in (await watch.client().get(path), await watch.client().post(path)):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
        open_to_all = "Access-Control-Allow-Origin" in answer.headers
        assert open_to_all is (path == "/status/api/reports")


@pytest.mark.parametrize(
    ("given", "refused"),
    [
        ({}, False),
        ({"cookie": "x=1"}, True),
        ({"cookie": "x=1", "sec-fetch-site": "same-origin", "origin": "null"}, False),
        ({"cookie": "x=1", "origin": URL}, False),
        ({"origin": "http://inside:8000", "host": "inside:8000"}, False),
        ({"origin": "https://elsewhere.example"}, True),
        ({"origin": "null"}, True),
        ({"origin": "https://[broken"}, True),
        ({"sec-fetch-site": "cross-site"}, True),
        ({"sec-fetch-site": "same-site"}, True),
        ({"sec-fetch-site": "cross-site", "authorization": "Bearer x"}, False),
        ({"origin": "https://elsewhere.example", "authorization": "Basic x"}, True),
    ],
)
def test_other_sites_write_nothing(given: dict[str, str], refused: bool) -> None:  # noqa: FBT001 - a case
    assert (foreign_write(Headers(given), "/status/api/admin/x", URL) is not None) is refused
    assert foreign_write(Headers(given), "/status/api/reports", URL) is None


async def test_figures_tell_what_became_of_reports_and_are_not_in_public(
    watch: ReportWatch,
) -> None:
    for path in ("/metrics", "/healthz", "/status/metrics", "/status/healthz"):
        assert (await watch.client().get(path)).status_code == 404
    for _ in range(2):
        await watch.outcome()
    await watch.report(kind="fire")
    await watch.client().post("/status/report", headers={"Origin": "https://elsewhere.example"})
    figures = generate_latest(watch.site.metrics.registry).decode()
    for line in (
        'rostra_watch_reports_total{outcome="counted"} 1.0',
        'rostra_watch_reports_total{outcome="repeat"} 1.0',
        'rostra_watch_report_proofs_total{proof="not_needed"} 2.0',
        'rostra_watch_refused_total{reason="origin"} 1.0',
        "rostra_watch_reports_waiting 0.0",
        "rostra_watch_flood 0.0",
    ):
        assert line in figures
