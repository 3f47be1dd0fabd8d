"""The prober of a place: its pace, its results, and what it finds about itself."""

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.fakes.faulty_server import FaultyServer, answer
from tests.until import until

from rostra.app import watch_place_health, watch_probes, watch_probing
from rostra.app.machine import MachineClock
from rostra.app.watch_place_health import CONTROLS_MAX, PlaceHealth
from rostra.app.watch_probes import Prober
from rostra.app.watch_probing import PENDING_MAX, Probing
from rostra.domain.errors import HouseError
from rostra.domain.ports import Moment
from rostra.store.watch_opening import open_watch_store
from rostra.watch.components import Component, Target
from rostra.watch.drivers.probe_net import Address, Lookups, Means
from rostra.watch.drivers.probe_steps import Trail
from rostra.watch.ports import Panels
from rostra.watch.probing import Result

NOBODY = "127.0.0.1:9"


def tcp(address: str, name: str = "c") -> Component:
    return Component(name, "C", Target.TCP, address, every_s=5, timeout_s=2)


def named(**hosts: str) -> Lookups:
    """A resolver that knows these names and no others; `?` does not answer."""

    def ask(host: str, port: int) -> list[Address]:
        found = hosts.get(host, host if host[0].isdigit() else "")
        if found == "?":
            raise socket.gaierror(socket.EAI_AGAIN, "")
        if not found:
            raise socket.gaierror(socket.EAI_NONAME, "")
        return [(found, port)]

    return Lookups(ask)


@asynccontextmanager
async def running(work: Callable[[], Coroutine[Any, Any, None]]) -> AsyncIterator[None]:
    task = asyncio.create_task(work())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def test_a_place_probes_all_it_is_given_and_stamps_its_results() -> None:
    taken: list[Result] = []
    async with FaultyServer() as web:
        web.paths["/"] = answer()
        components = [
            Component("page", "P", Target.HTTP, web.url),
            tcp(NOBODY, "port"),
            Component("none", "N"),
        ]
        prober = Prober(components, "here", taken.append, utc_us=lambda: 42)
        results = await prober.once()
    assert sorted(results, key=lambda one: one.component) == sorted(
        taken, key=lambda one: one.component
    )
    assert [(one.component, one.ok, one.place, one.utc_us) for one in results] == [
        ("page", True, "here", 42),
        ("port", False, "here", 42),
    ]
    assert not results[1].own_fault  # nobody at home on this machine: that is the target's


async def test_after_a_first_failure_the_next_probe_comes_soon(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("AGAIN_S", "SPREAD_S"):
        monkeypatch.setattr(watch_probes, name, 0.01)
    taken: list[Result] = []
    slow = Component("c", "C", Target.TCP, NOBODY, every_s=3_600)
    async with running(Prober([slow], "here", taken.append).run):
        await until(lambda: len(taken) == 2)
    assert [one.ok for one in taken] == [False, False]


async def test_a_fault_of_ours_accuses_no_target_and_ends_no_probe(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def broken(*_: object) -> bool:
        raise ZeroDivisionError

    monkeypatch.setattr(watch_probes, "run", broken)
    (result,) = await Prober([tcp(NOBODY)], "here", lambda _: None).once()
    assert (result.ok, result.own_fault) == (False, True)


@pytest.mark.parametrize(("control", "own"), [("dead", True), ("alive", False)])
async def test_controls_tell_the_own_network_from_the_target(
    control: str, *, own: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nothing is far away in a test: this machine's own addresses have to do.
    monkeypatch.setattr(watch_place_health, "_is_loopback", lambda _: False)
    monkeypatch.setattr(watch_place_health, "_routed", lambda: True)
    async with FaultyServer() as web:
        controls = [f"127.0.0.1:{web.port}" if control == "alive" else NOBODY]
        means = Means(named(far="127.0.0.9"))
        prober = Prober([tcp("far:9")], "here", lambda _: None, controls=controls, means=means)
        (result,) = await prober.once()
    assert (result.ok, result.own_fault) == (False, own)


async def test_a_silent_resolver_is_the_places_own_unless_another_name_is_found() -> None:
    async def probed(lookups: Lookups, *more: Component) -> Result:
        prober = Prober(
            [*more, tcp("gone:1", "gone")], "here", lambda _: None, means=Means(lookups)
        )
        for _ in range(2):  # the first time round, the other names are not known yet
            results = await prober.once()
        return results[-1]

    assert (await probed(named(gone="?"))).own_fault
    other = tcp("other:1", "other")
    assert not (await probed(named(gone="?", other="127.0.0.1"), other)).own_fault
    both = await probed(named(gone="?", other="?"), other)
    assert both.own_fault
    assert both.failed is not None
    assert both.failed.why == "The resolver of this place does not answer."
    assert not (await probed(named(other="127.0.0.1"), other)).own_fault


class SteppingClock:
    """UTC leaps with every look, the monotonic clock does not."""

    def __init__(self) -> None:
        self.utc_us = 0

    def now(self) -> Moment:
        self.utc_us += 5_000_000
        return Moment(time.monotonic_ns(), self.utc_us)


async def test_a_late_loop_and_a_step_of_the_clock_are_seen() -> None:
    health = PlaceHealth(Means(), [NOBODY] * (CONTROLS_MAX + 1), SteppingClock())
    async with running(health.run):
        before = Moment(time.monotonic_ns(), 0)
        await asyncio.sleep(0)
        time.sleep(0.6)  # noqa: ASYNC251 - a loop that is held up is what is tested
        await until(lambda: health._late_ms(before) > 0)
        found = await health.look("203.0.113.9", Trail(), before)
    assert found.loop_late_ms > 200
    assert found.clock_step_ms > 4_000
    assert (found.controls, found.controls_well) == (CONTROLS_MAX, 0)


class HandClock:
    """Set by hand."""

    def __init__(self, utc_us: int) -> None:
        self.utc_us = utc_us

    def now(self) -> Moment:
        return Moment(time.monotonic_ns(), self.utc_us)


async def test_the_watch_hears_writes_and_remembers(tmp_path: Path) -> None:
    store = open_watch_store(tmp_path)
    component = tcp(NOBODY)
    seen: list[Result] = []

    def probing() -> Probing:
        clock = MachineClock()
        return Probing([component], "here", {"there": "t"}, store.probes, clock, seen=seen.append)

    now_us = time.time_ns() // 1_000
    try:
        one = probing()
        for back_s in (10, 5):
            one.take(Result("c", "here", now_us - back_s * 1_000_000, ok=False))
        await one.write()
        await one.write()
        view = one.panels["c"].view(now_us)
        assert (view.state, view.one_place, len(view.places)) == ("failing", True, 2)
        assert len(seen) == 2
        assert one.listening("c") == -1
        one.take(Result("c", "here", now_us - 1_000_000, ok=False, listening=12))
        one.take(Result("c", "here", now_us, ok=False))
        assert (one.listening("c"), one.listening("x")) == (12, -1)
        one.take(Result("c", "there", now_us - 600_000_000, ok=False, listening=99))
        assert one.listening("c") == 12
        assert one.view("c", now_us).state == "failing"
        assert one.view("x", now_us).state == "none"
        panels: Panels = one
        assert panels.view("c", now_us + 600_000_000).state == "unknown"
        again = probing()
        async with running(again.run):
            await until(lambda: again.panels["c"].view(now_us).state == "failing")
        assert len(store.probes.recent("c", 0)) >= 2
    finally:
        store.close()


async def test_since_outlives_a_restart_and_a_step_back_of_the_clock(tmp_path: Path) -> None:
    store = open_watch_store(tmp_path)
    clock = HandClock(1_900_000_000 * 1_000_000)
    began_us = clock.utc_us - 86_400 * 1_000_000

    def at(utc_us: int, *, listening: int = -1) -> Result:
        return Result("c", "there", utc_us, ok=False, listening=listening)

    def probing() -> Probing:
        return Probing([tcp(NOBODY)], "here", {"there": "t"}, store.probes, clock)

    try:
        for back_s in (86_400, 86_395, 86_390, 10, 5):
            store.probes.add([at(clock.utc_us - back_s * 1_000_000)])
        store.probes.add([at(clock.utc_us + 3_600 * 1_000_000)])
        one = probing()
        await one._recall()
        view = one.view("c", clock.utc_us)
        assert (view.state, view.since_utc_us) == ("failing", began_us)
        one.take(at(clock.utc_us, listening=9))
        assert one.listening("c") == 9
        clock.utc_us -= 3_600 * 1_000_000
        assert (one.listening("c"), one.view("c", clock.utc_us).state) == (-1, "unknown")
        one.take(at(clock.utc_us + 3_000 * 1_000_000, listening=9))
        assert one.listening("c") == -1
        for more in (1, 2):
            one.take(at(clock.utc_us + more, listening=more))
        view = one.view("c", clock.utc_us)
        assert (one.listening("c"), view.state, view.since_utc_us) == (2, "failing", began_us)
    finally:
        store.close()


async def test_results_wait_for_a_disk_that_takes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_watch_store(tmp_path)
    probing = Probing([tcp(NOBODY)], "here", {}, store.probes, MachineClock())

    def refuses(_results: object) -> int:
        sentence = "The disk is full."
        raise HouseError(sentence)

    try:
        with monkeypatch.context() as full:
            full.setattr(store.probes, "add", refuses)
            for at in range(3):
                probing.take(Result("c", "here", at + 1, ok=True))
            with pytest.raises(HouseError):
                await probing.write()
        await probing.write()
        assert len(store.probes.recent("c", 0)) == 3
        assert PENDING_MAX == 5_000
        monkeypatch.setattr(watch_probing, "PENDING_MAX", 2)
        for at in range(5):
            probing.take(Result("c", "here", at + 10, ok=True))
        assert probing.lost == 3
    finally:
        store.close()
