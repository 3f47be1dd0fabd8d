"""The front door of a real house: what it refuses, and what it does when an edge is gone."""

import os
import signal
from collections.abc import Iterator

import httpx
import pytest
from tests.house import House

from rostra.app.frontdoor import BODY_BYTES_MAX, HEADER_BYTES_MAX

pytestmark = pytest.mark.house

KB = 1_000
SLOP_BYTES = 4_096
"""What Go's server reads above its limit of a head."""


def chunks(total_bytes: int) -> Iterator[bytes]:
    yield from (b"x" * KB for _ in range(total_bytes // KB))


def test_a_head_or_body_beyond_its_limit_is_refused_and_the_next_is_served(house: House) -> None:
    head = int(HEADER_BYTES_MAX.removesuffix("KB")) * KB + SLOP_BYTES
    body = int(BODY_BYTES_MAX.removesuffix("MB")) * KB * KB
    with httpx.Client(base_url=house.origin) as http:
        assert http.get("/", headers={"X-Long": "x" * (head + KB)}).status_code == 431
        for _ in range(20):
            refused = http.post("/api/v1/spaces", content=b"x" * (body + KB))
            assert refused.status_code == 413
            assert refused.json()["error"]["field"] == "size"
            assert http.post("/api/v1/spaces", content=chunks(body + KB)).status_code == 413
            assert http.post("/api/v1/spaces", content=b"x" * (body - KB)).status_code == 413
        assert http.get("/", headers={"X-Long": "x" * KB}).status_code == 200


def test_a_dead_edge_is_not_seen_through_the_front_door(own_house: House) -> None:
    own_house.start()
    made = own_house.create_space("Both edges")
    page = f"{own_house.origin}/s/{made.id}"
    victim = next(row for row in own_house.ps() if row["role"] == "edge")
    with httpx.Client() as http:
        assert http.get(page).status_code == 200
        os.kill(victim["pid"], signal.SIGKILL)
        answers = [http.get(page).status_code for _ in range(40)]
    assert answers == [200] * 40
    now = {row["pid"] for row in own_house.ps() if row["role"] == "edge"}
    assert victim["pid"] not in now
