"""An edge is emptied: its listeners go over to another, and nobody loses a second."""

import asyncio
import json
import subprocess
from typing import Any

import httpx
import pytest
from tests.figures import show
from tests.house import House, until
from tests.integration.house.movers import Movers

from rostra.app.config import Settings

pytestmark = pytest.mark.house

LISTENERS = 200
WITHIN_S = 2
DRAIN = ("edge", "--drain", "edge-0", "--within", str(WITHIN_S), "--json")


def edges_at(port: int) -> dict[str, dict[str, Any]]:
    """`edges.json` of one edge, by the edges' ids."""
    rows = httpx.get(f"http://127.0.0.1:{port}/live/edges.json").json()["edges"]
    return {row["id"]: row for row in rows}


def plays(port: int, space: str) -> bool:
    """Whether an edge has the space's sound; one that has just started may not know of it yet."""
    return httpx.head(f"http://127.0.0.1:{port}/live/{space}/push.mp4").is_success


def metrics(port: int) -> str:
    return httpx.get(f"http://127.0.0.1:{port}/metrics").text


def roles(house: House) -> dict[str, list[bool]]:
    found: dict[str, list[bool]] = {}
    for row in house.ps():
        found.setdefault(row["role"], []).append(row["healthy"])
    return found


async def emptied(house: House, space: str) -> tuple[subprocess.CompletedProcess[str], Movers]:
    """Drain the first edge with a crowd on it; how the command ended, and what the crowd heard."""
    own = Settings(port=house.port)
    here, there = own.edge_port(0), own.edge_port(1)
    await asyncio.to_thread(until, lambda: all(plays(port, space) for port in (here, there)))
    async with Movers(here, there, space, LISTENERS) as movers:
        counted = f'rostra_edge_listeners{{kind="push",space="{space}"}} {LISTENERS}.0'
        await asyncio.to_thread(until, lambda: counted in metrics(own.edge_admin_port(0)))
        both = {"edge-0", "edge-1"}
        await asyncio.to_thread(
            until, lambda: all(edges_at(port).keys() == both for port in (here, there))
        )
        draining = asyncio.create_task(asyncio.to_thread(house.cli, *DRAIN))
        await movers.until_all_are_told()
        listed = await asyncio.to_thread(edges_at, there)
        assert listed["edge-0"]["draining"] is True, "every edge says so at once"
        assert "draining" not in listed["edge-1"]
        await movers.until_all_listen_there(5)
        return await draining, movers


def test_an_edge_is_emptied_without_a_lost_second(own_house: House) -> None:
    own_house.start()
    space = own_house.create_space().id
    done, movers = asyncio.run(emptied(own_house, space))
    assert done.returncode == 0, done.stderr
    (row,) = json.loads(done.stdout)
    lost = [one.lost_s for one in movers.all]
    show({"drained": LISTENERS, "within_s": WITHIN_S, "lost_s": max(lost), **row})
    assert max(lost) == 0
    assert row["listened"] == LISTENERS
    own = Settings(port=own_house.port)
    with pytest.raises(httpx.ConnectError):
        edges_at(own.edge_port(0))
    gone = until(lambda: (found := roles(own_house))["edges"] == [True] and found)
    assert gone["edge"] == [True], "what was drained is gone and not missed"
    assert "an edge died" not in own_house.log()

    last = own_house.cli("edge", "--drain")
    assert last.returncode == 1
    assert "No other edge of this house takes listeners" in last.stderr

    back = own_house.cli("edge", "--undrain", "--json")
    assert json.loads(back.stdout) == ["edge-0"], back.stderr
    until(lambda: roles(own_house)["edge"] == [True, True])
    assert "draining" not in edges_at(own.edge_port(0))["edge-0"]
