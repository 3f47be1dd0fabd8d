"""People at the desk: log in and out, invitations, the owner's link, rates."""

from pathlib import Path

import httpx
import pytest
from tests.integration.web.desk_kit import OPERATOR, PASSWORD, Desk, desk_on, sentence

from rostra.domain.accounts import PASSWORD_CHARS_MAX, AccountRole
from rostra.domain.errors import HouseError
from rostra.web.api_accounts import INVITATION_LIFE_S, PASSWORD_BYTES_MAX
from rostra.web.caller import COOKIE, SESSION_LIFE_S
from rostra.web.limiter import ACCOUNT_RATE, LOGIN_RATE


async def log_in(client: httpx.AsyncClient, name: str, password: str = PASSWORD) -> httpx.Response:
    return await client.post("/api/v1/session", json={"name": name, "password": password})


def files_below(folder: Path) -> list[Path]:
    return list(folder.glob("desk.sqlite3*"))


async def me(client: httpx.AsyncClient) -> str | None:
    account = (await client.get("/api/v1/me")).json()["account"]
    return None if account is None else str(account["name"])


async def test_a_person_logs_in_whatever_the_case_of_their_name_and_out_again(desk: Desk) -> None:
    desk.account("Ada Lovelace")
    browser = desk.browser()
    assert await me(browser) is None
    answer = await log_in(browser, "ada lovelace")
    assert answer.status_code == 204
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie
    assert await me(browser) == "Ada Lovelace"
    stolen = browser.cookies[COOKIE]
    assert (await browser.delete("/api/v1/session")).status_code == 204
    assert await me(browser) is None
    thief = desk.program(cookie=f"{COOKIE}={stolen}")
    assert await me(thief) is None


async def test_a_cookie_is_for_https_only_where_the_page_is(desk: Desk) -> None:
    desk.account("Ada")
    transport = httpx.ASGITransport(desk.app)
    async with httpx.AsyncClient(transport=transport, base_url="https://desk.test") as browser:
        answer = await log_in(browser, "Ada")
    assert "Secure" in answer.headers["set-cookie"]


async def test_the_store_never_holds_a_cookie_or_a_password(desk: Desk, tmp_path: Path) -> None:
    browser = await desk.as_account("Ada")
    kept = b"".join(map(Path.read_bytes, files_below(tmp_path)))
    assert browser.cookies[COOKIE].encode() not in kept
    assert PASSWORD.encode() not in kept
    assert b"argon2id" in kept


@pytest.mark.parametrize("name", ["Ada", "Nobody"])
async def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(
    desk: Desk, name: str
) -> None:
    desk.account("Ada")
    answer = await log_in(desk.browser(), name, "not the password")
    assert answer.status_code == 401
    assert sentence(answer) == "Name and password do not fit together. See both, and try again."
    assert "set-cookie" not in answer.headers


async def test_a_huge_password_is_refused_unhashed(desk: Desk) -> None:
    desk.account("Ada")
    answer = await log_in(desk.browser(), "Ada", "x" * (PASSWORD_BYTES_MAX + 1))
    assert answer.status_code == 401


async def test_a_session_ends_after_its_life(desk: Desk) -> None:
    browser = await desk.as_account("Ada")
    desk.clock.forward(SESSION_LIFE_S - 1)
    assert await me(browser) == "Ada"
    desk.clock.forward(1)
    assert await me(browser) is None


@pytest.mark.parametrize("cookie", ["", "x", "é" * 20, "y" * 5_000])
async def test_a_made_up_cookie_is_nobody(desk: Desk, cookie: str) -> None:
    client = desk.program()
    header = f"{COOKIE}={cookie}".encode()
    answer = await client.get("/api/v1/me", headers=[(b"cookie", header)])
    assert answer.json()["account"] is None


async def test_failed_log_ins_of_one_address_run_out_and_come_back(desk: Desk) -> None:
    desk.account("Ada")
    guesser, other = desk.browser("198.51.100.1"), desk.browser("198.51.100.2")
    for _ in range(LOGIN_RATE.tries_max):
        assert (await log_in(guesser, "Ada", "wrong wrong")).status_code == 401
    refused = await log_in(guesser, "Ada")
    assert refused.status_code == 429
    assert refused.headers["retry-after"] == str(LOGIN_RATE.window_s)
    assert "failed log-ins" in sentence(refused)
    assert (await log_in(other, "Ada")).status_code == 204
    desk.clock.forward(LOGIN_RATE.window_s)
    assert (await log_in(guesser, "Ada")).status_code == 204


async def test_log_ins_that_succeed_use_nothing_up(desk: Desk) -> None:
    desk.account("Ada")
    browser = desk.browser()
    for _ in range(LOGIN_RATE.tries_max + 1):
        assert (await log_in(browser, "Ada")).status_code == 204


async def register(
    client: httpx.AsyncClient, name: str, token: str = "", password: str = PASSWORD
) -> httpx.Response:
    body = {"name": name, "password": password, "token": token}
    return await client.post("/api/v1/accounts", json=body)


async def test_the_owners_link_makes_one_owner(tmp_path: Path) -> None:
    came: list[bool] = []
    async with desk_on(tmp_path, owner_came=lambda: came.append(True)) as desk:
        desk.invitation("first-word", AccountRole.OWNER)
        browser = desk.browser()
        answer = await register(browser, "Owner", "first-word")
        assert answer.status_code == 201
        assert answer.json()["role"] == "owner"
        assert came == [True]
        assert await me(browser) == "Owner"
        again = await register(desk.browser(), "Second", "first-word")
        assert again.status_code == 403
        assert "was used" in sentence(again)


async def test_an_owner_invites_and_a_member_may_not(desk: Desk) -> None:
    owner = await desk.as_account("Owner", AccountRole.OWNER)
    made = await owner.post("/api/v1/invitations")
    assert made.status_code == 201
    token = made.json()["url"].rpartition("/invite/")[2]
    guest = desk.browser()
    answer = await register(guest, "Guest", token)
    assert (answer.status_code, answer.json()["role"]) == (201, "member")
    assert (await guest.post("/api/v1/invitations")).status_code == 403
    assert (await desk.browser().post("/api/v1/invitations")).status_code == 401
    assert (await desk.operator().post("/api/v1/invitations")).status_code == 201


async def test_an_invitation_expires(desk: Desk) -> None:
    made = await desk.operator().post("/api/v1/invitations")
    desk.clock.forward(INVITATION_LIFE_S)
    answer = await register(desk.browser(), "Late", made.json()["url"].rpartition("/")[2])
    assert answer.status_code == 403


async def test_a_taken_name_uses_no_invitation_up(desk: Desk) -> None:
    desk.account("Ada")
    desk.invitation("word", AccountRole.MEMBER)
    taken = await register(desk.browser(), "ADA", "word")
    assert taken.status_code == 409
    assert taken.json()["error"]["field"] == "name"
    assert (await register(desk.browser(), "Grace", "word")).status_code == 201


async def test_without_invitation_only_where_accounts_are_open(desk: Desk, tmp_path: Path) -> None:
    closed = await register(desk.browser(), "Ada")
    assert closed.status_code == 403
    assert "by invitation" in sentence(closed)
    async with desk_on(tmp_path / "open", accounts_open=True) as free:
        browser = free.browser()
        answer = await register(browser, "Ada")
        assert (answer.status_code, answer.json()["role"]) == (201, "member")
        assert (await browser.get("/api/v1/me")).json()["accounts_open"] is True


@pytest.mark.parametrize(
    ("name", "password", "field"),
    [
        ("", PASSWORD, "name"),
        ("x" * 61, PASSWORD, "name"),
        ("Ada\u202eadA", PASSWORD, "name"),
        ("Ada", "too short", "password"),
        ("Ada", "x" * (PASSWORD_CHARS_MAX + 1), "password"),
    ],
)
async def test_a_bad_registration_names_its_field(
    desk: Desk, name: str, password: str, field: str
) -> None:
    desk.invitation("word", AccountRole.MEMBER)
    answer = await register(desk.browser(), name, "word", password)
    assert answer.status_code == 422
    assert answer.json()["error"]["field"] == field


async def test_tries_to_make_accounts_run_out(desk: Desk) -> None:
    browser = desk.browser()
    for number in range(ACCOUNT_RATE.tries_max):
        assert (await register(browser, f"Guess {number}", "wrong")).status_code == 403
    assert (await register(browser, "Ada", "wrong")).status_code == 429


async def test_a_wrong_operators_token_is_refused_even_beside_a_cookie(desk: Desk) -> None:
    browser = await desk.as_account("Owner", AccountRole.OWNER)
    answer = await browser.get("/api/v1/me", headers={"authorization": f"Bearer {OPERATOR}x"})
    assert answer.status_code == 401
    assert "operator's token" in sentence(answer)


async def test_a_house_without_a_token_has_no_operator(tmp_path: Path) -> None:
    async with desk_on(tmp_path, operator_token="") as desk:
        client = desk.program(authorization="Bearer ")
        assert (await client.post("/api/v1/invitations")).status_code == 401


async def test_a_dead_database_is_a_sentence(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        words = "The desk's database does not answer: disk I/O error."
        raise HouseError(words)

    browser = await desk.as_account("Ada")
    monkeypatch.setattr(type(desk.store.accounts), "session_account", broken)
    answer = await browser.get("/api/v1/me")
    assert answer.status_code == 503
    assert "database" in sentence(answer)
