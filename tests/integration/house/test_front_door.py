"""The front door of a real house: what it refuses, and what it does when an edge is gone."""

import os
import signal
from collections.abc import Iterator

import httpx
import pytest
from tests.house import House, until

from rostra.app.frontdoor import BODY_BYTES_MAX, HEADER_BYTES_MAX
from rostra.wire.playlist import MediaPlaylist
from rostra.wire.playlist_read import read_media

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


def playlist_of(http: httpx.Client, space: str) -> MediaPlaylist:
    """The playlist as a player finds it behind the front door."""
    master = http.get(f"/live/{space}/master.m3u8").raise_for_status().text
    return read_media(http.get(f"/live/{space}/{master.split()[-1]}").raise_for_status().text)


def test_a_player_of_hls_finds_every_segment_behind_the_front_door(own_house: House) -> None:
    own_house.start()
    made = own_house.create_space("Filled")
    with httpx.Client(base_url=own_house.origin) as http, own_house.without("studio"):

        def filled() -> list[str]:
            try:
                names = [one.name for one in playlist_of(http, made.id).segments]
            except httpx.HTTPStatusError as error:
                if error.response.status_code not in {409, 503}:  # not open yet, or gathering
                    raise
                return []
            return names if sum(name.startswith("fill-") for name in names) >= 2 else []

        names = until(filled, 25)
        master = http.get(f"/live/{made.id}/master.m3u8").text.split()[-1]
        run = master.partition("/")[0]
        for name in names:
            for _ in range(8):
                answer = http.get(f"/live/{made.id}/{run}/aac/{name}")
                assert answer.status_code == 200, name
        numbers = [playlist_of(http, made.id).segments[-1].number for _ in range(40)]
        assert numbers == sorted(numbers)
        other = http.get(f"/live/{made.id}/{run}/aac/fill-edge-9-1.m4s")
        assert other.status_code == 404


@pytest.mark.parametrize(
    ("language", "title"), [("es-AR,es;q=0.9", "Un momento"), ("en", "One moment"), ("", "One")]
)
def test_what_is_down_says_so_in_the_readers_language(
    house: House, language: str, title: str
) -> None:
    headers = {"Accept-Language": language}
    with httpx.Client(base_url=house.origin, headers=headers) as http, house.without("desk"):
        desk = http.get("/create")
        api = http.get("/api/v1/me")
        state = http.get("/live/nowhere/state.json")
    assert (desk.status_code, api.status_code, state.status_code) == (503, 503, 404)
    assert f"<h1>{title}" in desk.text
    assert desk.headers["Content-Type"].startswith("text/html")
    assert "desk" in api.json()["error"]["sentence"]
    spanish = "No hay ningún espacio" in state.json()["error"]["sentence"]
    assert spanish == language.startswith("es")


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
