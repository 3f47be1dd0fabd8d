import re

from rostra.app.config import Edge, Settings
from rostra.app.frontdoor import (
    BODY_BYTES_MAX,
    HEADER_BYTES_MAX,
    HSTS,
    LENGTH_DIGITS_MIN,
    caddyfile,
)


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
