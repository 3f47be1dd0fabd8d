"""The desk's rules alone: rates, times, origins, policies, sentences, waiting work."""

import asyncio
import threading

import pytest
from starlette.datastructures import Headers

from rostra.domain.accounts import checked_name, checked_password
from rostra.domain.errors import PeerError
from rostra.domain.schedule import (
    LANGUAGE_CHARS_MAX,
    SPACE_ID_ALPHABET,
    checked_description,
    checked_language,
    checked_title,
)
from rostra.web.errors import sentence_of
from rostra.web.guard import foreign_sentence
from rostra.web.limiter import ADDRESSES_MAX, NS_PER_S, Limiter, Rate, TooOftenError, network_of
from rostra.web.pages import policy
from rostra.web.passwords import hash_password, password_fits
from rostra.web.reference_page import reference_page
from rostra.web.times import AHEAD_MAX_S, AT_CHARS_MAX, LATE_MAX_S, iso, parse_at
from rostra.web.words import SECRET_CHARS_MAX, hash_of, new_secret, new_space_id, same
from rostra.web.workers import HASH_WAITING_MAX, STORE_WAITING_MAX, BusyError, Workers

NOW = 1_800_000_000_000_000
RATE = Rate("knocks", 3, 60)


def test_tries_run_out_within_a_window_and_come_back_after_it() -> None:
    limiter = Limiter(RATE, b"salt")
    for second in (0, 10, 20):
        limiter.take("192.0.2.1", second * NS_PER_S)
    with pytest.raises(TooOftenError, match=r"knocks.*in 30 seconds"):
        limiter.take("192.0.2.1", 30 * NS_PER_S)
    limiter.take("192.0.2.2", 30 * NS_PER_S)
    limiter.take("192.0.2.1", 60 * NS_PER_S)


def test_a_try_that_succeeded_is_given_back() -> None:
    limiter = Limiter(RATE, b"salt")
    for _ in range(10):
        limiter.take("192.0.2.1", 0)
        limiter.give_back("192.0.2.1")
    limiter.give_back("unknown")
    assert len(limiter) == 1


def test_the_table_forgets_the_address_unseen_for_longest() -> None:
    limiter = Limiter(RATE, b"salt")
    for number in range(ADDRESSES_MAX + 5):
        limiter.take(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", 0)
    assert len(limiter) == ADDRESSES_MAX


def test_no_address_stands_in_the_table() -> None:
    limiter = Limiter(RATE, b"salt")
    limiter.take("192.0.2.1", 0)
    assert "192.0.2" not in repr(vars(limiter))
    assert Limiter(RATE, b"other")._key("192.0.2.1") != limiter._key("192.0.2.1")


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_what_counts_as_one_address(address: str, network: str) -> None:
    assert network_of(address) == network


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("now", "2027-01-15T08:00:00Z"),
        (" NOW ", "2027-01-15T08:00:00Z"),
        ("2027-01-15T09:30:00+01:00", "2027-01-15T08:30:00Z"),
        ("2027-01-15 08:30Z", "2027-01-15T08:30:00Z"),
        ("2027-01-15T08:30:00.250Z", "2027-01-15T08:30:00.250000Z"),
        ("2027-01-15T07:58:00Z", "2027-01-15T07:58:00Z"),
    ],
)
def test_times_are_read(text: str, shown: str) -> None:
    assert iso(parse_at(text, NOW)) == shown


@pytest.mark.parametrize(
    "text",
    [
        "", "20:00", "2027-01-15T09:30:00", "2027-02-30T09:30:00Z", "2027-01-15", "١٢", "tonight",
        "2027-01-15T09:30:00+99:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00",
        "2027-01-15T09:30:00Z" + " " * AT_CHARS_MAX + "x",
    ],
)  # fmt: skip
def test_other_times_are_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(PeerError) as refused:
        parse_at(text, NOW)
    assert refused.value.status == 422


def test_the_bounds_of_a_plan_are_exact() -> None:
    second = 1_000_000
    for ahead_s in (-LATE_MAX_S, AHEAD_MAX_S):
        at = NOW + ahead_s * second
        assert parse_at(iso(at), NOW) == at
        with pytest.raises(PeerError):
            parse_at(iso(at + (second if ahead_s > 0 else -second)), NOW)


def test_names_titles_and_texts_are_kept_as_people_see_them() -> None:
    assert checked_name("  Zoe\u0308 ") == "Zoë"
    assert checked_title("👩‍🎤 live") == "👩‍🎤 live"
    assert checked_description("a\r\nb\n") == "a\nb"
    assert checked_language("zh-Hant") == "zh-Hant"
    assert checked_password("0123456789") == "0123456789"
    for wrong in ("x", "en-" + "a" * LANGUAGE_CHARS_MAX, "en_US", ""):
        with pytest.raises(PeerError):
            checked_language(wrong)


@pytest.mark.parametrize(
    ("headers", "own"),
    [
        ({"host": "a:8000", "origin": "http://a:8000"}, True),
        ({"host": "a:8000", "origin": "http://a"}, False),
        ({"host": "127.0.0.1:1", "x-forwarded-host": "b", "origin": "https://b"}, True),
        ({"host": "127.0.0.1:1", "origin": "https://house.test"}, True),
        ({"host": "", "origin": "null"}, False),
        ({"host": "a", "cookie": "x=1"}, True),
        ({"host": "a", "cookie": "rostra_session=1"}, False),
        ({"host": "a", "cookie": "rostra_session=1", "authorization": "Bearer x"}, True),
    ],
)
def test_whose_request_it_is(headers: dict[str, str], *, own: bool) -> None:
    assert (foreign_sentence(Headers(headers), "https://house.test") is None) is own


def test_the_policy_names_inline_parts_by_hash_and_edges_by_host() -> None:
    said = policy(b"<script>1</script><script src='/x.js'></script><style>a{}</style>", "a.test")
    directives = dict(part.split(" ", 1) for part in said.split("; "))
    expected = "'self' 'sha256-a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s='"
    assert directives["script-src"] == expected
    assert "sha256-" in directives["style-src"]
    assert "unsafe" not in directives["script-src"]
    assert directives["media-src"] == "'self' blob: a.test:*"
    assert "evil" not in policy(b"", "evil; script-src *")


def test_the_reference_escapes_what_it_shows() -> None:
    shown = reference_page(
        {
            "info": {"title": "<b>API</b>"},
            "paths": {"/x/{<i>}": {"get": {"description": "<script>", "responses": {"200": {}}}}},
        }
    )
    assert "<script>" not in shown
    assert "&lt;b&gt;API" in shown
    assert "/x/{&lt;i&gt;}" in shown


@pytest.mark.parametrize(
    ("problem", "field"),
    [
        ({"type": "json_invalid", "loc": ("body", 3)}, None),
        ({"type": "missing", "loc": ("body",)}, None),
        ({"type": "missing", "loc": ("body", "title")}, "title"),
        ({"type": "extra_forbidden", "loc": ("body", "x" * 500)}, "x" * 80),
        ({"type": "enum", "loc": ("path", "action"), "msg": "Input should be 'a'"}, "action"),
        ({}, None),
    ],
)
def test_problems_become_sentences(problem: dict[str, object], field: str | None) -> None:
    sentence, about = sentence_of(problem)
    assert sentence.endswith((".", ")."))
    assert about == field


def test_secrets_are_long_ids_readable_and_comparison_needs_both() -> None:
    assert len({new_secret() for _ in range(50)}) == 50
    assert len(new_secret()) <= SECRET_CHARS_MAX
    ids = {new_space_id() for _ in range(200)}
    assert len(ids) == 200
    assert set("".join(ids)) <= set(SPACE_ID_ALPHABET)
    assert not set(SPACE_ID_ALPHABET) & set("01loi")
    assert same("word", "word")
    assert not same("", "")
    assert not same("wörd", "word")
    assert hash_of("word") != hash_of("word2")


def test_passwords_fit_themselves_only() -> None:
    stored = hash_password("correct horse")
    assert password_fits(stored, "correct horse")
    assert not password_fits(stored, "wrong horse")
    assert not password_fits(None, "correct horse")
    assert not password_fits("no hash at all", "correct horse")


@pytest.mark.parametrize(
    ("pool", "most"), [("hashes", HASH_WAITING_MAX), ("store", STORE_WAITING_MAX)]
)
async def test_what_exceeds_the_waiting_room_is_told_so(pool: str, most: int) -> None:
    workers = Workers()
    chosen = getattr(workers, pool)
    go = threading.Event()
    under_way = [asyncio.ensure_future(chosen.run(go.wait)) for _ in range(most)]
    await asyncio.sleep(0)
    with pytest.raises(BusyError, match="busy"):
        await chosen.run(go.wait)
    go.set()
    assert await asyncio.gather(*under_way) == [True] * most
    assert await chosen.run(lambda: "room again") == "room again"
    workers.close()
