import re

import pytest

from rostra.app.config import Edge, Settings
from rostra.app.frontdoor import (
    BODY_BYTES_MAX,
    HEADER_BYTES_MAX,
    HSTS,
    LENGTH_DIGITS_MIN,
    caddyfile,
)
from rostra.app.frontdoor_watch import ANSWER, DIAL, REPORT_BYTES_MAX
from rostra.app.watch_options import Watch


def test_nothing_administers_it_and_heads_and_bodies_are_bounded() -> None:
    text = caddyfile(Settings())
    assert "admin off" in text
    assert f"max_header_size {HEADER_BYTES_MAX}" in text
    assert f"max_size {BODY_BYTES_MAX}" in text


def test_each_edge_has_its_own_path_and_all_share_the_audiences() -> None:
    text = caddyfile(Settings(port=9_000, edge=Edge(count=3)))
    for index in range(3):
        assert f"handle_path /e/edge-{index}/*" in text
    assert "reverse_proxy 127.0.0.1:9001 127.0.0.1:9002 127.0.0.1:9003 {" in text
    assert "edge-3" not in text
    named = caddyfile(Settings(edge=Edge(count=2, name="fra")))
    assert "handle_path /e/fra-1/*" in named
    assert "fill-fra-0-" in named
    assert "edge-0" not in named


def test_plain_http_asks_nobody_for_a_certificate_and_a_domain_does() -> None:
    plain, named = caddyfile(Settings()), caddyfile(Settings(domain="talk.example.org"))
    assert "auto_https off" in plain
    assert re.search(r"^:8000 \{", plain, re.MULTILINE)
    assert "auto_https off" not in named
    assert re.search(r"^talk\.example\.org \{", named, re.MULTILINE)


def test_browsers_are_told_to_come_by_https_where_there_is_any() -> None:
    assert f"Strict-Transport-Security {HSTS}" in caddyfile(Settings(domain="talk.example.org"))
    assert "Strict-Transport-Security" not in caddyfile(Settings())


def test_the_shortest_length_that_is_refused_by_its_digits_is_the_largest_body() -> None:
    assert int(BODY_BYTES_MAX.removesuffix("MB")) * 1_000_000 == 10 ** (LENGTH_DIGITS_MIN - 1)


def test_it_believes_the_proxies_that_the_edges_believe() -> None:
    assert "trusted_proxies" not in caddyfile(Settings())
    before = caddyfile(Settings(edge=Edge(proxies=("127.0.0.0/8", "203.0.113.0/24"))))
    assert "trusted_proxies static 203.0.113.0/24\n" in before
    assert "trusted_proxies_strict" in before


def test_the_status_page_is_the_watchs_on_this_machine() -> None:
    text = caddyfile(Settings(port=9_000))
    route = text[text.index("handle @status") :]
    assert "reverse_proxy 127.0.0.1:9206 {" in route
    assert f"dial_timeout {DIAL}" in route
    assert f"response_header_timeout {ANSWER}" in route
    assert f"max_size {REPORT_BYTES_MAX}" in route
    assert "9100" not in text, "the public port of the watch may speak TLS"


@pytest.mark.parametrize("on", [True, False])
def test_a_watch_that_is_published_on_this_houses_name_is_behind_the_front_door(
    on: bool,  # noqa: FBT001 - one of two
) -> None:
    own = Watch(on=on, public_url="https://talk.example.org:8100")
    assert "redir" not in caddyfile(Settings(domain="talk.example.org", watch=own))


def test_a_watch_elsewhere_is_pointed_to_so_that_it_sees_who_reports() -> None:
    own = Watch(on=False, public_url="https://status.example.net/")
    text = caddyfile(Settings(domain="talk.example.org", watch=own))
    assert "redir https://status.example.net{uri} 307" in text
    assert ":8206" not in text
