"""Whatever comes in: times, addresses, origins, names either are kept or get a sentence."""

import re
import string
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from typing import TypeVar

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from starlette.datastructures import Headers

from rostra.domain.accounts import checked_name, name_key
from rostra.domain.errors import PeerError
from rostra.domain.schedule import checked_description, checked_language, checked_title
from rostra.web.guard import foreign_sentence
from rostra.web.limiter import NS_PER_S, Limiter, Rate, TooOftenError, network_of
from rostra.web.pages import policy
from rostra.web.times import AHEAD_MAX_S, LATE_MAX_S, iso, parse_at

NOW = 1_800_000_000_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
ahead = st.integers(-LATE_MAX_S * 1_000_000, AHEAD_MAX_S * 1_000_000)


T = TypeVar("T")


def outcome(work: Callable[[], T]) -> tuple[T | None, PeerError | None]:
    """What came of it: a value or a refusal; any other exception fails the test."""
    try:
        return work(), None
    except PeerError as error:
        return None, error


@given(ahead, offsets)
def test_any_time_in_any_zone_comes_back_to_the_microsecond(ahead_us: int, zone: timezone) -> None:
    t0 = NOW + ahead_us
    written = (EPOCH + timedelta(microseconds=t0)).astimezone(zone).isoformat()
    assert parse_at(written, NOW) == t0
    assert parse_at(iso(t0), NOW) == t0


@given(st.text(max_size=60) | st.from_regex(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?[Z+-][\d:]*"))
def test_any_text_is_a_time_within_bounds_or_a_sentence(text: str) -> None:
    t0, refusal = outcome(lambda: parse_at(text, NOW))
    if t0 is None:
        assert refusal is not None
        assert refusal.status == 422
        assert refusal.sentence.endswith(".")
    else:
        assert -LATE_MAX_S <= (t0 - NOW) / 1_000_000 <= AHEAD_MAX_S


@given(st.text(max_size=40) | st.ip_addresses().map(str))
def test_any_address_is_one_network_and_naming_is_stable(address: str) -> None:
    network = network_of(address)
    assert network_of(network.partition("/")[0]) in {network, network.partition("/")[0]}


@given(st.ip_addresses(v=6), st.integers(0, 2**64 - 1))
def test_one_customers_addresses_are_one(address: object, low: int) -> None:
    high = int(address) >> 64 << 64  # type: ignore[call-overload]  # an IPv6Address
    assume(high >> 64)
    one, two = (str(type(address)(high | part)) for part in (low, low ^ 1))  # type: ignore[call-arg]  # as above
    assert network_of(one) == network_of(two)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 40)), max_size=80))
def test_no_window_ever_holds_more_than_its_tries(tries: list[tuple[str, int]]) -> None:
    rate = Rate("knocks", 4, 30)
    limiter = Limiter(rate, b"salt")
    now, passed = 0, dict[str, list[int]]()
    for address, pause_s in tries:
        now += pause_s * NS_PER_S
        _, refusal = outcome(partial(limiter.take, address, now))
        if refusal is not None:
            assert isinstance(refusal, TooOftenError)
            assert 1 <= refusal.wait_s <= rate.window_s
        else:
            passed.setdefault(address, []).append(now)
    for times in passed.values():
        # Fixed windows: at a seam two windows' tries may meet, never more.
        for start in times:
            within = [t for t in times if start <= t < start + rate.window_s * NS_PER_S]
            assert len(within) <= 2 * rate.tries_max


origins = st.text(string.printable, max_size=40) | st.tuples(
    st.sampled_from(["http", "https", "HTTP", "null", ""]),
    st.sampled_from(["://", "//", ":", ""]),
    st.text(".@:/?#[]ahoustebx", max_size=12) | st.sampled_from(["a.test", "house.test"]),
    st.text(".@:/?#[]atx", max_size=4),
).map("".join)


@given(origins, st.sampled_from(["same-origin", "none", "cross-site", "x", None]))
def test_a_cookie_passes_only_with_an_own_origin_or_word_of_the_browser(
    origin: str, site: str | None
) -> None:
    headers = {"host": "a.test", "cookie": "rostra_session=x", "origin": origin}
    if site is not None:
        headers["sec-fetch-site"] = site
    passes = foreign_sentence(Headers(headers), "http://house.test") is None
    after = origin.partition("//")[2]
    if passes:
        assert re.match(r"(a|house)\.test($|[/?#])", after)
        assert site in {"same-origin", "none", None}


@given(st.binary(max_size=200), st.text(max_size=30))
def test_a_policy_has_its_directives_whatever_document_and_host(page: bytes, host: str) -> None:
    directives = [part.split(" ", 1)[0] for part in policy(page, host).split("; ")]
    assert len(directives) == len(set(directives)) == 12
    assert "\n" not in policy(page, host)


@given(st.text(max_size=200))
def test_names_and_texts_are_kept_stable_or_refused(text: str) -> None:
    for rule in (checked_name, checked_title, checked_description, checked_language):
        kept, refusal = outcome(partial(rule, text))
        if kept is None:
            assert refusal is not None
            assert refusal.status == 422
        else:
            assert rule(kept) == kept
            assert "\x00" not in kept


@given(st.text(max_size=60))
def test_a_name_is_itself_whatever_the_case(name: str) -> None:
    key = name_key(name)
    assert name_key(unicodedata.normalize("NFD", name)) == key or not name.isascii()
    if name.isascii():
        assert name_key(name.upper()) == name_key(name.lower()) == key


@pytest.mark.xfail(strict=True, reason="the canary: it must be found that not every text is a time")
@given(st.text(max_size=60))
def test_canary(text: str) -> None:
    parse_at(text, NOW)
