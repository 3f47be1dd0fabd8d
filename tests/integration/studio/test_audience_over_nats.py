"""Two edges, a backbone and a studio: what listeners do is one number and one notice for all."""

import asyncio
import json
import time
from itertools import pairwise

from tests.integration.studio.edges import Edge, Listener, edges
from tests.integration.studio.evening import PATIENCE_S, SPACE, Evening
from tests.until import until

from rostra.audience.voices import Asked
from rostra.domain.grid import SAMPLE_RATE_HZ
from rostra.domain.space import State
from rostra.wire.stagelink import OnQuestion, OpenPoll, Questions

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


async def test_questions_and_a_poll_over_two_edges_and_a_studio_that_begins_anew(
    evening: Evening,
) -> None:
    await evening.plan(start_at_once=True)
    await evening.until_state(State.LIVE)
    async with edges(evening.server, "edge-0", "edge-1") as (one, other):
        heard = await one.listen(ANN)
        (space,) = evening.studio.spaces()
        for edge in (one, other):  # the page tried twice: it is one question
            status, answer = await edge.ask("questions", {"text": "Why bees?", "listener": ANN})
            assert status == 202
        question = json.loads(answer)["id"]
        await until(lambda: bool(space.forum.asking.every()))
        claim = "c" * 43
        hand = {"up": True, "listener": BEN, "claim": claim, "name": "Ben", "note": "ants"}
        assert (await other.ask("hands", hand))[0] == 202
        await until(lambda: space._means.asks(SPACE) == (Asked(BEN, claim, "Ben", "ants"),))

        space.forum.obey(OnQuestion(1, question, "show"), "")
        space.forum.obey(OpenPoll(2, "Tea?", ("Yes", "No")), "poll-1")
        await until(lambda: bool(heard.told("questions")) and bool(heard.told("poll")))
        await until(lambda: all(edge.knows("poll-1") for edge in (one, other)))
        for edge, choice in ((one, 0), (other, 1)):
            vote = {"poll": "poll-1", "choice": choice, "listener": ANN}
            assert (await edge.ask("votes", vote))[0] == 202
            assert (await edge.ask("backs", {"question": question, "listener": BEN}))[0] == 202
            await until(lambda: sum(heard.told("poll")[-1][1]["votes"]) == 1)
        await until(lambda: heard.told("questions")[-1][1]["list"][0]["backs"] == 2)
        await until(lambda: heard.told("poll")[-1][1]["votes"] == [0, 1])
        await evening.until(lambda: evening.states[-1].questions[0].backs == 2)

        await evening.stop_studio()
        await evening.start_studio()
        await until(lambda: bool(evening.studio.spaces()), PATIENCE_S)
        (space,) = evening.studio.spaces()
        assert [each.backs for each in space.forum.asking.every()] == [2]
        assert space.forum.polling.poll is not None
        assert sum(space.forum.polling.poll.votes) == 1
        space.forum.obey(Questions(3, "off"), "")
        await evening.until(lambda: evening.states[-1].questions_mode == "off")
