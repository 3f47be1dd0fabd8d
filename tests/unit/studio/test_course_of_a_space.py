"""One space from doors to end: hosts who are late, come, break, press at once; nobody there."""

import asyncio

import pytest
from tests.fakes.one_space import EPOCH_US, SECOND_US, OneSpace

from rostra.app import attendance
from rostra.app.attendance import EMPTY_US, MISSED_US
from rostra.app.beginning import MINUTE_US
from rostra.app.studio_means import Found
from rostra.domain.space import Cause, Role, State
from rostra.stage.places import Arrival
from rostra.wire.stagelink import Ack, Break, End, Later, Nack, StageView, Start

T0_S = 12.0


def planned(monkeypatch: pytest.MonkeyPatch, **more: object) -> OneSpace:
    return OneSpace(monkeypatch, t0_utc_us=EPOCH_US + int(T0_S * SECOND_US), **more)


async def live(monkeypatch: pytest.MonkeyPatch) -> OneSpace:
    one = OneSpace(monkeypatch, start_at_once=True)
    await one.run(0.3)
    assert one.space.state is State.LIVE
    return one


def nacks(peer: object) -> list[str]:
    return [word.sentence for word in peer.of(Nack)]  # type: ignore[attr-defined] # of MemoryPeer


# -- T0


async def test_t0_slips_while_speakers_wait_without_a_host(monkeypatch: pytest.MonkeyPatch) -> None:
    one = planned(monkeypatch)
    await one.run(0.3)
    anna = await one.enter("anna")
    await one.run(T0_S + 5)
    told, view = one.state(), anna.of(StageView)[-1]
    assert told.state is State.LOBBY
    assert (told.slips, told.waits_for) == (1, "host")
    assert told.t0_utc_us == one.plan.t0_utc_us + 2 * MINUTE_US
    assert told.planned_t0_utc_us == one.plan.t0_utc_us
    assert isinstance(view, StageView)
    assert (view.t0_utc_us, view.planned_t0_utc_us) == (told.t0_utc_us, told.planned_t0_utc_us)
    assert view.waits_for == "host"
    notices = [n.body for m in one.messages for n in m.notices if n.kind == "state"]
    assert notices[-1]["waits_for"] == "host"
    assert notices[-1]["t0_utc_us"] == told.t0_utc_us
    assert notices[-1]["since_utc_us"] == told.since_utc_us
    [line] = one.pages.of("slip")
    assert (line["slips"], line["t0_utc_us"]) == (1, told.t0_utc_us)
    await one.space.close()


async def test_a_host_who_is_late_is_waited_for_and_starts_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = planned(monkeypatch)
    await one.run(T0_S)
    host = await one.enter("host", Role.HOST)
    await one.run(0.3)
    told = one.state()
    assert (told.state, told.waits_for, told.slips) == (State.LOBBY, "", 1)
    host.say(Start(n=1))
    await one.run(0.3)
    assert (one.state().state, one.state().reason) == (State.LIVE, "host")
    await one.space.close()


async def test_the_slipped_t0_starts_by_the_clock_with_a_host(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = planned(monkeypatch)
    await one.run(T0_S)
    await one.enter("host", Role.HOST)
    one.clock.mono_ns += 110 * 1_000_000_000  # a minute and more, in which nothing is mixed
    await one.run(12.0)
    state = one.state()
    assert (state.state, state.reason) == (State.LIVE, "clock")
    late_us = state.since_utc_us - (one.plan.t0_utc_us + 2 * MINUTE_US)
    assert 0 <= late_us < SECOND_US // 5
    await one.space.close()


async def test_another_studio_keeps_the_slipped_t0_and_slips_on_from_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = planned(monkeypatch)
    await one.run(T0_S)
    left = one.state()
    await one.space.close()
    one.found(Found(left, 1))
    one.space._open("restart")
    await one.run(1.0)
    assert one.state().t0_utc_us == left.t0_utc_us == one.plan.t0_utc_us + 2 * MINUTE_US
    assert one.pages.kinds.count("slip") == 1
    one.clock.mono_ns += 110 * 1_000_000_000
    await one.run(1.0)
    told = one.state()
    assert (told.slips, told.planned_t0_utc_us) == (2, one.plan.t0_utc_us)
    assert told.t0_utc_us == one.plan.t0_utc_us + 5 * MINUTE_US
    await one.space.close()


async def test_a_studio_that_takes_over_seconds_before_t0_lets_the_host_come_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = planned(monkeypatch)
    await one.enter("host", Role.HOST)
    await one.run(T0_S - 5)
    left = one.state()
    await one.space.close()
    one.found(Found(left, 1))
    one.space._open("restart")
    await one.run(6.0)
    assert (one.state().state, one.state().slips) == (State.LIVE, 0)
    await one.space.close()


@pytest.mark.parametrize(
    ("after_us", "state"),
    [(MISSED_US - SECOND_US, State.LIVE), (MISSED_US + SECOND_US, State.LOBBY)],
)
async def test_a_studio_that_comes_long_after_t0_counts_on_nobody_who_was_there(
    monkeypatch: pytest.MonkeyPatch, after_us: int, state: State
) -> None:
    one = planned(monkeypatch)
    await one.run(0.3)
    await one.enter("host", Role.HOST)
    await one.run(0.5)
    left = one.state()
    await one.space.close()
    one.clock.mono_ns += (int(T0_S * SECOND_US) + after_us) * 1_000
    one.found(Found(left, 1))
    one.space._open("restart")
    await one.run(0.3)
    told = one.state()
    assert told.state is state
    assert (told.waits_for == "host") is (state is State.LOBBY)
    await one.space.close()


async def test_hosts_move_t0_on_and_speakers_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    one = planned(monkeypatch)
    host = await one.enter("host", Role.HOST)
    anna = await one.enter("anna")
    anna.say(Later(n=1, minutes=5))
    host.say(Later(n=2, minutes=5))
    host.say(Later(n=3, minutes=61))
    await one.run(T0_S + 3)
    told = one.state()
    assert (told.state, told.slips, told.waits_for) == (State.LOBBY, 0, "")
    assert told.t0_utc_us == one.plan.t0_utc_us + 5 * MINUTE_US
    assert told.planned_t0_utc_us == one.plan.t0_utc_us
    assert list(host.of(Ack)) == [Ack(n=2)]
    assert nacks(host) == ["The start moves by 1 to 60 minutes at once."]
    assert nacks(anna) == ["Only a host can move the beginning."]
    [line] = one.pages.of("later")
    assert (line["by"], line["minutes"]) == ("host", 5)
    await one.space.close()


async def test_an_operators_start_at_once_waits_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    one = await live(monkeypatch)
    assert (one.state().reason, one.state().slips, one.pages.of("slip")) == ("operator", 0, [])
    await one.space.close()


# -- breaks and an empty stage


async def test_a_break_is_a_hosts_and_start_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    one = await live(monkeypatch)
    host, anna = await one.enter("host", Role.HOST), await one.enter("anna")
    anna.say(Break(n=1))
    host.say(Break(n=2))
    await one.run(0.3)
    assert (one.state().state, one.state().reason) == (State.INTERRUPTED, "break")
    await one.run(3.0)
    assert one.state().state is State.INTERRUPTED, "a host is there, and it stays a break"
    left = one.state()
    await one.space.close()
    one.found(Found(left, 1))
    one.space._open("restart")
    host = await one.enter("host", Role.HOST)
    await one.run(1.0)
    assert (one.state().state, one.state().reason) == (State.INTERRUPTED, "break")
    host.say(Start(n=3))
    await one.run(0.3)
    assert (one.state().state, one.state().reason) == (State.LIVE, "host")
    assert nacks(anna) == ["Only a host can call a break."]
    await one.space.close()


async def test_an_empty_stage_is_interrupted_by_the_house_until_a_host_is_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert EMPTY_US == 20 * SECOND_US
    monkeypatch.setattr(attendance, "EMPTY_US", 2 * SECOND_US)
    one = await live(monkeypatch)
    host = await one.enter("host", Role.HOST)
    await one.run(2.5)
    host.sink.closed()
    await one.run(1.5)
    assert one.state().state is State.LIVE, "a lost connection has its time"
    await one.run(1.0)
    assert (one.state().state, one.state().reason) == (State.INTERRUPTED, "empty")
    await one.enter("host", Role.HOST)
    await one.run(0.2)
    assert (one.state().state, one.state().reason) == (State.LIVE, "back")
    await one.space.close()


async def test_a_clock_that_is_set_empties_no_stage(monkeypatch: pytest.MonkeyPatch) -> None:
    one = await live(monkeypatch)
    await one.run(1.0)
    one.clock.step(7_200)
    await one.run(4.0)
    assert one.state().state is State.LIVE
    await one.space.close()


# -- two at once, one twice


async def test_two_hosts_press_start_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    one = planned(monkeypatch)
    hosts = [await one.enter(name, Role.HOST) for name in ("host", "other")]
    for host in hosts:
        host.say(Start(n=1))
    await one.run(0.3)
    assert one.state().state is State.LIVE
    assert [nacks(host) for host in hosts] == [[], ["The space is live already."]]
    assert [line["cause"] for line in one.pages.of("state")] == ["host", "host"]
    await one.space.close()


async def test_start_and_end_at_once_end_it_and_the_loser_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = await live(monkeypatch)
    hosts = [await one.enter(name, Role.HOST) for name in ("host", "other")]
    hosts[0].say(Break(n=1))
    await one.settle()
    hosts[0].say(End(n=2))
    hosts[1].say(Start(n=2))
    hosts[1].say(End(n=3))
    await one.run(0.3)
    assert one.space.life.state is State.ENDED
    assert nacks(hosts[0]) == []
    assert nacks(hosts[1]) == [
        "A space that is ended cannot become live.",
        "A space that is ended cannot become ended.",
    ]
    await one.space.close()


async def test_a_speaker_who_joins_twice_has_one_place(monkeypatch: pytest.MonkeyPatch) -> None:
    one = await live(monkeypatch)
    first = await one.enter("anna")
    again = Arrival(returning=True)
    await asyncio.gather(*(
        one.space.join("anna", "Anna", Role.SPEAKER, "offer", "again", arrival=again)
        for _ in range(2)
    ))  # fmt: skip
    one.engine.peers[-1].sink.connected()
    await one.settle()
    assert [(person.id, person.here) for person in one.state().stage] == [("anna", True)]
    assert first.is_closed
    await one.space.close()


async def test_what_has_begun_waits_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    one = planned(monkeypatch)
    await one.run(T0_S)
    assert one.state().waits_for == "host"
    one.space.command("start", Cause.OPERATOR)
    await one.run(0.1)
    assert (one.state().waits_for, one.state().slips) == ("", 1)
    await one.space.close()
