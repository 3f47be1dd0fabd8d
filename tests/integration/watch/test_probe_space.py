"""A space and a house heard as a listener hears them, over real sockets."""

import time
from typing import Any

import msgspec
import pytest
from tests.fakes.faulty_server import FaultyServer, answer
from tests.integration.listen.small_house import SmallHouse

from rostra.app import watch_probe_space
from rostra.app.watch_probe_space import LISTED_MAX, SpaceProbe
from rostra.watch.drivers.probe_kinds import run
from rostra.watch.drivers.probe_net import Means
from rostra.watch.drivers.probe_steps import Trail
from rostra.watch.probing import Step

MEANS = Means()


class PagedHouse(SmallHouse):
    """A small house with pages and a list, whose state a test may change."""

    def __init__(self) -> None:
        super().__init__()
        self.listed: Any = {"live": [{"id": "talk", "state": "live"}], "coming": []}
        self.more: dict[str, Any] = {"listening": 41}
        self.later: dict[str, Any] = {}
        """What the state is from its second reading on."""
        self.looks = 0

    def _body(self, path: str) -> bytes:
        if path in {"/", "/s/talk"}:
            return b"<title>Talk</title>"
        if path == "/api/v1/spaces":
            return msgspec.json.encode(self.listed)
        return super()._body(path)

    def _state(self) -> bytes:
        self.looks += 1
        fields = msgspec.json.decode(super()._state())
        later = self.later if self.looks > 1 else {}
        return msgspec.json.encode({**fields, **self.more, **later})


async def heard(probe: SpaceProbe) -> Trail:
    trail = Trail()
    await run(probe.probe, trail, 10.0)
    return trail


def by_name(trail: Trail) -> dict[str, Step]:
    return {step.name: step for step in trail.steps}


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch_probe_space, "HEAR_S", 0.4)


async def test_what_is_open_in_a_house_is_found_and_heard() -> None:
    async with PagedHouse() as house:
        trail = await heard(SpaceProbe(house.url, MEANS))
    steps = by_name(trail)
    names = ["resolve", "connect", "page", "first_sound", "slow", "gap", "silence"]
    assert list(steps) == names
    assert all(step.ok for step in trail.steps), trail.steps
    assert 0 < steps["first_sound"].ms < 1_000
    assert trail.listening == 41
    assert house.connections == 1


async def test_a_house_in_which_nothing_is_open_is_well() -> None:
    async with PagedHouse() as house:
        house.listed = {"live": [], "coming": [{"id": "talk", "state": "scheduled"}]}
        trail = await heard(SpaceProbe(house.url, MEANS))
        assert [(step.name, step.ok) for step in trail.steps] == [
            ("resolve", True),
            ("connect", True),
            ("page", True),
        ]
        assert trail.listening == -1
        assert house.connections == 0
        house.listed = {"live": [{"id": f"../{n}"} for n in range(LISTED_MAX)], "coming": []}
        house.listed["coming"] = [{"id": "talk", "state": "live"}]
        assert len((await heard(SpaceProbe(house.url, MEANS))).steps) == 3
        house.listed = "closed"
        wrong = by_name(await heard(SpaceProbe(house.url, MEANS)))["page"]
        assert wrong.why == "The house's list of spaces cannot be read."


async def test_missing_sound_is_a_gap_and_no_outage() -> None:
    async with PagedHouse() as house:
        house.lost_parts = frozenset({1})
        steps = by_name(await heard(SpaceProbe(f"{house.url}/s/talk", MEANS)))
    assert steps["first_sound"].ok
    assert steps["gap"].why == "320 ms of sound were missing."


async def test_a_stream_that_breaks_off_and_one_that_never_sounds() -> None:
    async with PagedHouse() as house:
        house.parts_per_connection = 3
        steps = by_name(await heard(SpaceProbe(f"{house.url}/s/talk", MEANS)))
        assert steps["gap"].why == "The sound broke off."
        house.garbage = True
        steps = by_name(await heard(SpaceProbe(f"{house.url}/s/talk", MEANS)))
        assert not steps["first_sound"].ok


async def test_another_edge_is_tried_where_the_first_is_dead() -> None:
    async with PagedHouse() as house:
        house.edges = [{"id": "dead", "bases": ["http://127.0.0.1:9"]}]
        trail = await heard(SpaceProbe(f"{house.url}/s/talk", MEANS))
    assert all(step.ok for step in trail.steps), trail.steps


async def test_a_space_that_is_over_is_well_and_an_unknown_one_is_not() -> None:
    async with PagedHouse() as house:
        house.state = "ended"
        assert all(
            step.ok for step in (await heard(SpaceProbe(f"{house.url}/s/talk", MEANS))).steps
        )
        steps = by_name(await heard(SpaceProbe(f"{house.url}/s/other", MEANS)))
        assert "404" in steps["page"].why


async def test_digital_silence_is_a_fault_only_while_somebody_speaks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("rostra.watch.hearing.SILENCE_S", 0.5)
    ada = {"id": "a", "name": "Ada", "role": "host", "muted": False, "here": True}
    async with PagedHouse() as house:
        house._aac = [house.silent_unit] * len(house._aac)
        house.more = {"source": "stage", "stage": [{**ada, "speaking": True}]}
        steps = by_name(await heard(SpaceProbe(f"{house.url}/s/talk", MEANS)))
        assert "while somebody spoke" in steps["silence"].why
        house.looks, house.later = 0, {"stage": [{**ada, "speaking": False}]}
        assert all(
            step.ok for step in (await heard(SpaceProbe(f"{house.url}/s/talk", MEANS))).steps
        )
        house.later, house.more["source"] = {}, "hold"
        assert all(
            step.ok for step in (await heard(SpaceProbe(f"{house.url}/s/talk", MEANS))).steps
        )


async def test_a_start_that_is_seen_is_measured_against_t0() -> None:
    now_us = time.time_ns() // 1_000
    async with PagedHouse() as house:
        house.state, house.more = "lobby", {"t0_utc_us": now_us + 900_000}
        house.later = {
            "state": "live",
            "reason": "clock",
            "since_utc_us": now_us + 1_300_000,
        }
        probe = SpaceProbe(f"{house.url}/s/talk", MEANS)
        steps = by_name(await heard(probe))
        assert steps["t0"].why == "The start was 400 ms late."
        house.looks, house.later["since_utc_us"] = 0, now_us + 905_000
        assert by_name(await heard(SpaceProbe(f"{house.url}/s/talk", MEANS)))["t0"].ms == 5.0


async def test_a_start_between_two_probes_is_measured_and_one_to_come_is_waited_for() -> None:
    now_us = time.time_ns() // 1_000
    async with PagedHouse() as house:
        house.state, house.more = "lobby", {"t0_utc_us": now_us + 60_000_000}
        probe = SpaceProbe(f"{house.url}/s/talk", MEANS)
        assert probe.next_in_s() is None
        assert "t0" not in by_name(await heard(probe))
        wish_s = probe.next_in_s()
        assert wish_s is not None
        assert 50 < wish_s < 59
        house.more |= {"state": "live", "reason": "clock", "since_utc_us": now_us + 59_000_000}
        assert by_name(await heard(probe))["t0"].why == "The start was 1000 ms early."


async def test_a_space_that_does_not_begin_is_late() -> None:
    async with PagedHouse() as house:
        house.state, house.more = "lobby", {"t0_utc_us": time.time_ns() // 1_000 - 9_000_000}
        steps = by_name(await heard(SpaceProbe(f"{house.url}/s/talk", MEANS)))
    assert "the space has not begun" in steps["t0"].why


async def test_a_page_that_fails_comes_before_every_sound() -> None:
    async with FaultyServer() as web:
        web.paths["/s/talk"] = answer()
        trail = await heard(SpaceProbe(f"{web.url}/s/talk", MEANS))
    assert trail.steps[-1].why == "/live/edges.json: The page answers with status 404."
