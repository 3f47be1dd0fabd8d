import pytest

from rostra.domain.errors import HouseError
from rostra.stage.drivers.ice import DATAGRAMS_MAX, Datagrams, configuration, options
from rostra.stage.ports import IceOptions, IceServer


def test_nothing_configured_asks_nobody() -> None:
    assert options() == IceOptions()
    assert configuration(options()).iceServers == []


def test_servers_as_a_browser_names_them() -> None:
    house = options(servers=(IceServer(("turn:turn.example:3478",), "u", "c"),))
    (server,) = configuration(house).iceServers or []
    assert server.urls == ["turn:turn.example:3478"]
    assert (server.username, server.credential) == ("u", "c")


def test_a_range_of_ports() -> None:
    house = options(udp_ports=" 50000 - 50200 ")
    assert (house.udp_first, house.udp_last) == (50_000, 50_200)


@pytest.mark.parametrize("words", ["50000", "a-b", "9-8", "0-10", "1-70000", "-5"])
def test_a_range_that_is_none_names_the_option(words: str) -> None:
    with pytest.raises(HouseError, match=r"stage\.udp_ports"):
        options(udp_ports=words)


def test_an_address_that_is_none_names_the_option() -> None:
    with pytest.raises(HouseError, match=r"stage\.public_address"):
        options(public_address="my.house")


async def test_a_flood_of_datagrams_drops_the_oldest_and_keeps_the_end() -> None:
    queue = Datagrams()
    for number in range(DATAGRAMS_MAX + 10):
        queue.put_nowait((b"%d" % number, 1))
    assert queue.qsize() == DATAGRAMS_MAX
    assert queue.dropped == 10
    assert queue.get_nowait() == (b"10", 1)
    for _ in range(5):
        queue.put_nowait(None)
    assert queue.qsize() == DATAGRAMS_MAX + 4
