"""The headless listener's limits and its edge list, against a small house on real sockets."""

import msgspec
import pytest
from tests.integration.edge.edge_house import house as edge_house
from tests.integration.listen.small_house import SmallHouse

from rostra.app import listen_house
from rostra.app.listen_house import bases, client, get, look, resolved
from rostra.domain.errors import MalformedError

SEED = b"a listener"


async def test_only_so_many_edges_are_tried_and_the_front_door_last(house: SmallHouse) -> None:
    many = 10 * listen_house.EDGES_TRIED_MAX
    house.edges = [{"id": f"e{n}", "bases": [f":{n + 1}", f"/e/{n}"]} for n in range(many)]
    async with client() as http:
        found = await bases(http, house.url, SEED)
        other = await bases(http, house.url, b"another listener")
    assert len(found) == 2 * listen_house.EDGES_TRIED_MAX + 1
    assert found[-1] == house.url
    assert found != other, "each listener has its own order"


async def test_a_small_answer_that_is_not_small_is_refused(
    house: SmallHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with client() as http:
        allowed = len(await get(http, f"{house.url}/live/edges.json"))
        monkeypatch.setattr(listen_house, "SMALL_ANSWER_BYTES_MAX", allowed)
        assert await get(http, f"{house.url}/live/edges.json")
        house.edges = [{"id": "e1", "bases": ["/e/1"]}]
        most = listen_house.SMALL_ANSWER_BYTES_MAX
        words = f"more than {most} bytes"
        with pytest.raises(MalformedError, match=words) as caught:
            await get(http, f"{house.url}/live/edges.json")
        assert caught.value.status == 413
        # A list beyond the limit is no list: the front door is left.
        assert await bases(http, house.url, SEED) == [house.url]
        with pytest.raises(MalformedError, match=words):
            await look(http, house.url, "talk")


async def test_the_list_that_a_real_edge_gives_is_read() -> None:
    with edge_house() as subject:
        port = subject.address[1]
        front = f"http://127.0.0.1:{port}"
        async with client() as http:
            found = await bases(http, front, SEED)
            names = msgspec.json.decode(await get(http, f"{front}/live/edges.json"))
        # Its own port, from any origin of the same host, then its way through the front door.
        assert names["edges"][0]["bases"] == [f":{port}", "/e/edge-0"]
        assert found == [f"{front}/e/edge-0", front]


@pytest.mark.parametrize(
    ("base", "address"),
    [
        (":8001", "http://radio.example:8001"),
        ("/e/edge-1", "http://radio.example:8000/e/edge-1"),
        ("http://other.example:9/", "http://other.example:9"),
        ("http://[", ""),
    ],
)
def test_an_edges_address_is_seen_from_the_visitors_origin(base: str, address: str) -> None:
    assert resolved(base, "http://radio.example:8000") == address


def test_an_address_of_numbers_keeps_its_brackets() -> None:
    assert resolved(":8001", "http://[::1]:8000") == "http://[::1]:8001"
