"""Two edges, a backbone and a studio: what listeners do is one number and one notice for all."""

import asyncio
import time
from itertools import pairwise

from tests.integration.studio.edges import Edge, Listener, edges
from tests.integration.studio.evening import Evening
from tests.until import until

from rostra.domain.grid import SAMPLE_RATE_HZ
from rostra.domain.space import State

ANN, BEN, CY = (f"listener-{name}-0123456789" for name in ("ann", "ben", "cy"))
BACK_S_MAX = 2.0
LOADED_S = 1.0
"""What a machine that runs other tests may take longer."""

NOTICE_GAP_S_MIN = 0.9


def sum_of(listener: Listener) -> dict[str, int]:
    whole: dict[str, int] = {}
    for _, body in listener.told("reactions"):
        for kind, count in body["counts"].items():
            whole[kind] = whole.get(kind, 0) + count
    return whole


async def clap(edge: Edge, listener: str, kind: str = "clap") -> None:
    status, body = await edge.ask("reactions", {"reaction": kind, "listener": listener})
    assert (status, body) == (202, b'{"ok":true}')


async def test_reactions_at_two_edges_come_back_to_both_as_one_number(evening: Evening) -> None:
    await evening.plan(start_at_once=True)
    await evening.until_state(State.LIVE)
    async with edges(evening.server, "edge-0", "edge-1") as (one, other):
        heard = [await one.listen(ANN), await other.listen(BEN)]
        await evening.until(lambda: evening.states[-1].listening == 2)
        began = time.monotonic()
        await asyncio.gather(clap(one, ANN), clap(one, ANN, "wow"), clap(other, BEN))
        assert (await one.ask("hands", {"up": True, "listener": ANN}))[0] == 202
        expected = [{"clap": 2, "wow": 1}] * 2
        await until(lambda: [sum_of(each) for each in heard] == expected, BACK_S_MAX + LOADED_S)
        took_s = time.monotonic() - began
        await evening.until(lambda: evening.states[-1].hands == 1)
        for _ in range(3):
            await clap(other, CY)
        await evening.until(lambda: sum_of(heard[0]).get("clap") == 5)
        places = [pts for pts, _ in heard[0].told("reactions")]
        gaps = [after - before for before, after in pairwise(places)]
        assert gaps
        assert min(gaps) >= NOTICE_GAP_S_MIN * SAMPLE_RATE_HZ
        print(f"reactions came back after {took_s:.2f} s")  # noqa: T201 - shown with -s


async def play(edge: Edge, playlist: str) -> None:
    """Read the playlist as a player does, whatever it says yet."""
    while True:
        await edge.ask(playlist)
        await asyncio.sleep(0.5)


async def test_three_numbers_and_an_edge_that_starts_anew(evening: Evening) -> None:
    await evening.plan(start_at_once=True)
    await evening.until_state(State.LIVE)
    async with edges(evening.server, "edge-0", "edge-1") as running:
        one, other = running
        await one.listen(ANN)
        await other.listen(BEN)
        masters = [(await one.ask("master.m3u8"))[1].decode() for _ in range(3)]
        lists = [text.split()[-1] for text in masters]
        assert len(set(lists)) == 3
        players = [asyncio.create_task(play(one, playlist)) for playlist in lists]
        await evening.until(
            lambda: (evening.states[-1].hls, evening.states[-1].listening) == (3, 5)
        )
        # Three players of one address and program are one unique listener.
        await evening.until(lambda: evening.states[-1].unique == 3)
        seen = len(evening.states)
        await other.stop()
        running[1] = again = Edge(evening.server, "edge-1", "edge-1 second")
        await again.ready()
        await again.listen(BEN)
        await again.listen(CY)
        await evening.until(lambda: evening.states[-1].listening == 6)
        assert max(state.listening for state in evening.states[seen:]) == 6
        await evening.until(lambda: evening.states[-1].unique == 4)
        for player in players:
            player.cancel()
