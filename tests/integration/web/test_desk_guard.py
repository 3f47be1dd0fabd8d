"""What stands before every route: foreign origins, bodies, headers, metrics."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from tests.integration.web.desk_kit import Desk, sentence

from rostra.web import body
from rostra.web.body import DROPPED_BYTES_MAX
from rostra.web.caller import COOKIE
from rostra.web.guard import BODY_BYTES_MAX, STAGE_BODY_BYTES_MAX

SPACE = {"title": "An evening", "at": "now"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "http://desk.test"}, 201),
        ({"origin": "http://desk.test", "sec-fetch-site": "same-origin"}, 201),
        ({"sec-fetch-site": "same-origin"}, 201),
        ({"origin": "http://evil.test"}, 403),
        ({"origin": "http://desk.test.evil.test"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://["}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "http://desk.test", "sec-fetch-site": "cross-site"}, 403),
        ({}, 403),
    ],
)
async def test_a_cookie_alone_plans_nothing(
    desk: Desk, headers: dict[str, str], status: int
) -> None:
    cookie = (await desk.as_account("Ada")).cookies[COOKIE]
    client = desk.program(cookie=f"{COOKIE}={cookie}", **headers)
    answer = await client.post("/api/v1/spaces", json=SPACE)
    assert answer.status_code == status, answer.text
    if status == 403:
        assert "Origin" in sentence(answer) or "Another site" in sentence(answer)


async def test_another_sites_page_cannot_log_a_browser_in(desk: Desk) -> None:
    desk.account("Mallory")
    client = desk.program(origin="http://evil.test")
    answer = await client.post(
        "/api/v1/session", json={"name": "Mallory", "password": "correct horse battery"}
    )
    assert answer.status_code == 403


async def test_a_program_without_cookie_needs_no_origin(desk: Desk) -> None:
    assert (await desk.operator().post("/api/v1/spaces", json=SPACE)).status_code == 201


@pytest.mark.parametrize(
    ("path", "most"),
    [("/api/v1/spaces", BODY_BYTES_MAX), ("/api/v1/spaces/x/stage", STAGE_BODY_BYTES_MAX)],
)
async def test_a_body_over_the_limit_is_413_announced_or_not(
    desk: Desk, path: str, most: int
) -> None:
    async def trickle() -> AsyncIterator[bytes]:
        for _ in range(most // 1_024 + 1):
            yield b"x" * 1_024

    client = desk.operator()
    whole = await client.post(path, content=b" " * (most + 1))
    parts = await client.post(path, content=trickle())
    fits = await client.post(path, content=b" " * most)
    assert [whole.status_code, parts.status_code, fits.status_code] == [413, 413, 422]
    assert str(most) in sentence(whole)


async def test_what_is_too_much_is_read_up_to_a_limit(desk: Desk) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1_024
            yield b"x" * 1_024

    answer = await desk.operator().post("/api/v1/spaces", content=endless())
    assert answer.status_code == 413
    assert DROPPED_BYTES_MAX < sent <= DROPPED_BYTES_MAX + 2 * 1_024


@pytest.mark.parametrize("length", ["-1", "1e9", "9" * 30, "ten", "²"])
async def test_an_odd_length_is_refused(desk: Desk, length: str) -> None:
    header = [(b"content-length", length.encode())]
    answer = await desk.operator().post("/api/v1/spaces", content=b"{}", headers=header)
    assert answer.status_code == 413


async def test_a_slow_body_is_given_up(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "BODY_TIMEOUT_S", 0.05)
    never = asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield b"{"
        await never.wait()

    answer = await desk.operator().post("/api/v1/spaces", content=slow())
    assert answer.status_code == 408
    assert "did not come" in sentence(answer)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b"\xff\xfe",
        b"{" * 5_000,
        json.dumps({"at": 7}).encode(),
    ],
)
async def test_whatever_is_no_request_gets_a_sentence(desk: Desk, body: bytes) -> None:
    headers = {"content-type": "application/json"}
    answer = await desk.operator().post("/api/v1/spaces", content=body, headers=headers)
    assert 400 <= answer.status_code < 500
    assert sentence(answer).endswith(".")


async def test_an_unknown_field_is_named(desk: Desk) -> None:
    answer = await desk.operator().post("/api/v1/spaces", json={**SPACE, "startAtOnce": True})
    assert answer.status_code == 422
    assert answer.json()["error"]["field"] == "startAtOnce"


@pytest.mark.parametrize("path", ["/", "/api/v1/me", "/api/docs", "/nothing", "/api/v1/nothing"])
async def test_every_answer_is_guarded(desk: Desk, path: str) -> None:
    answer = await desk.browser().get(path)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "unsafe-inline'; connect" not in answer.headers["content-security-policy"].replace(
        "style-src-attr 'unsafe-inline'", ""
    )


async def test_metrics_and_health_are_for_this_machine_only(desk: Desk) -> None:
    inside, outside = desk.program(), desk.program(**{"x-forwarded-for": "192.0.2.7"})
    await inside.get("/api/v1/me")
    text = (await inside.get("/metrics")).text
    assert 'rostra_desk_requests_total{method="GET",status="200"} ' in text
    assert (await inside.get("/healthz")).text == "ok\n"
    assert (await outside.get("/metrics")).status_code == 404
    assert (await outside.get("/healthz")).status_code == 404


async def test_an_unknown_method_is_counted_as_other(desk: Desk) -> None:
    answer = await desk.program().request("BREW", "/api/v1/me")
    assert answer.status_code == 405
    text = (await desk.program().get("/metrics")).text
    assert 'method="other",status="405"' in text
    assert "BREW" not in text


async def test_refusals_are_said_in_the_readers_language(desk: Desk) -> None:
    spanish = desk.browser(**{"accept-language": "es-ES,es;q=0.9,en;q=0.5"})
    asked = await spanish.post("/api/v1/spaces", json={"title": "x", "at": "now"})
    assert (asked.status_code, asked.headers["content-language"]) == (401, "es")
    assert sentence(asked) == "Entra primero: esto necesita una cuenta de esta casa."
    owner = await desk.as_account("Ada")
    owner.headers["accept-language"] = "es"
    empty = await owner.post("/api/v1/spaces", json={"title": " ", "at": "now"})
    assert sentence(empty) == "Falta el título. Escribe al menos una letra."
    page = await spanish.get("/create")  # no browser application is built for this desk
    assert page.status_code == 503
    assert '<html lang="es">' in page.text
    assert "<h1>Ahora no</h1>" in page.text
    english = desk.browser()
    assert sentence(await english.get("/api/v1/spaces/nowhere00")).startswith("There is no space")
