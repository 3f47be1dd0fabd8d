"""What a space says over hold audio, and the loop and recordings of its own that it fetches."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
import pytest
from tests.fakes.backbone import FakeBackbone
from tests.until import until

from rostra.app import studio_hold
from rostra.app.studio_booth import JOBS_MAX, Booth
from rostra.app.studio_hold import UNDER_WAY_MAX, HoldProgramme
from rostra.domain.errors import HouseError
from rostra.domain.grid import HOLD_LOOP_SAMPLES
from rostra.domain.space import State
from rostra.programme.announcing import REPEAT_S
from rostra.programme.drivers.loops import encode_loop
from rostra.programme.limiter import Sound
from rostra.wire.hold import hold_name, pack_hold
from rostra.wire.states import FloorState, OnStage, SpaceDef, SpaceState

S = 1_000_000
T0 = 10_000 * S
PLAN = SpaceDef("tea", "Tea", T0)
SPEECH = np.full(960, 0.1, np.float32)


class QuietVoice:
    """Says nothing, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.broken = False

    def hush(self) -> None: ...

    def speak(self, text: str, language: str) -> Sound:
        self.asked.append((text, language))
        if self.broken:
            sentence = "There is no voice."
            raise HouseError(sentence)
        return SPEECH


@dataclass
class Stream:
    """What listeners get."""

    loops: list[Sound | None] = field(default_factory=list)
    spoken: list[tuple[Sound, str, str, int]] = field(default_factory=list)
    told: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def hold_with(self, hold_pcm: Sound | None) -> None:
        self.loops.append(hold_pcm)

    def speak(self, pcm: Sound, text: str, language: str, until_utc_us: int) -> None:
        self.spoken.append((pcm, text, language, until_utc_us))

    def say(self, kind: str, body: dict[str, Any]) -> bool:
        self.told.append((kind, body))
        return True


class Place:
    """The hold programme of one space, and all that it stands on."""

    def __init__(self, plan: SpaceDef = PLAN) -> None:
        self.backbone, self.stream, self.voice = FakeBackbone(), Stream(), QuietVoice()
        self.booth = Booth()
        self.booth.voice = self.voice  # type: ignore[assignment] # a voice of the test's
        self.hold = HoldProgramme(plan, self.backbone, self.booth, self.stream)

    def look(self, left_s: int, **more: Any) -> None:  # noqa: ANN401 - of SpaceState
        state = SpaceState("tea", "Tea", State.LOBBY, T0)
        self.hold.tick(T0 - left_s * S, msgspec.structs.replace(state, **more))


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    one = Place()
    yield one
    await one.hold.close()


def loop_of(seconds_units: int = 1, amplitude: float = 0.1) -> bytes:
    at = np.arange(seconds_units * HOLD_LOOP_SAMPLES) / 48_000
    return pack_hold(encode_loop((amplitude * np.sin(2 * np.pi * 500 * at)).astype(np.float32)))


async def test_it_welcomes_and_has_the_countdown_ready(place: Place) -> None:
    place.hold.define(PLAN)
    place.look(1_800)
    assert place.voice.asked == [], "the doors are shut"
    place.hold.begin(welcomed=False)
    place.look(1_800)
    await until(lambda: place.stream.spoken)
    [(pcm, text, language, until_us)] = place.stream.spoken
    assert (pcm is SPEECH, language) == (True, "en")
    assert text.startswith("Welcome.")
    assert "30 minutes" in text
    assert until_us > T0 - 1_800 * S
    await until(lambda: ("10 seconds.", "en") in place.voice.asked)


async def test_it_speaks_the_space_s_language_and_counts_down_for_a_host_alone() -> None:
    place = Place()
    place.hold.define(msgspec.structs.replace(PLAN, language="es-AR"))
    place.hold.begin(welcomed=True)
    place.look(11)
    place.look(10)
    await asyncio.sleep(0)
    host = OnStage("a", "Ada", "cohost", muted=False, here=True)
    place.hold.begin(welcomed=True)
    place.look(11, floor=FloorState(backstage=(host,)))
    place.look(10, floor=FloorState(backstage=(host,)))
    await until(lambda: place.stream.spoken)
    assert [(text, spoken) for _, text, spoken, _ in place.stream.spoken] == [
        ("10 segundos.", "es")
    ]
    await place.hold.close()


async def test_without_a_voice_the_words_are_told_all_the_same(place: Place) -> None:
    place.voice.broken = True
    place.hold.begin(welcomed=False)
    place.look(1_800)
    await until(lambda: place.stream.told)
    [(kind, body)] = place.stream.told
    assert (kind, body["lang"], body["who"]) == ("caption", "en", "house")
    assert body["text"].startswith("Welcome.")
    assert (place.hold.failures, place.stream.spoken) == (1, [])


async def test_a_late_start_and_a_break_are_told_by_the_state(place: Place) -> None:
    place.hold.begin(welcomed=True)
    place.look(400)
    place.look(190, t0_utc_us=T0 + 120 * S, waits_for="host")
    place.look(0, state=State.INTERRUPTED, reason="break")
    place.look(-2, state=State.INTERRUPTED, reason="break")
    await until(lambda: len(place.stream.spoken) == 2)
    late, pause = (text for _, text, _, _ in place.stream.spoken)
    assert "waiting for the host" in late
    assert "5 minutes" in late
    assert "break" in pause
    place.look(-4, state=State.LIVE, source="stage")
    await asyncio.sleep(0)
    assert len(place.stream.spoken) == 2


async def test_a_loop_of_its_own_is_played_and_the_house_s_again_after_it(place: Place) -> None:
    packed = loop_of(2)
    name = hold_name(packed)
    await place.backbone.put_object(name, packed)
    place.hold.define(msgspec.structs.replace(PLAN, hold=name))
    await until(lambda: place.stream.loops)
    [own] = place.stream.loops
    assert own is not None
    assert len(own) == 2 * HOLD_LOOP_SAMPLES
    place.hold.define(PLAN)
    assert place.stream.loops[1:] == [None]


async def test_a_loop_that_is_not_there_yet_is_asked_for_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studio_hold, "FETCH_AGAIN_S", 0.0)
    packed = loop_of()
    asked = counted(place, monkeypatch)
    place.hold.define(msgspec.structs.replace(PLAN, hold="hold-x"))
    await until(lambda: len(asked) > 3)
    await place.backbone.put_object("hold-x", packed)
    await until(lambda: place.stream.loops)


def counted(place: Place, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    asked: list[str] = []
    really = place.backbone.get_object

    async def get(name: str) -> bytes | None:
        asked.append(name)
        return await really(name)

    monkeypatch.setattr(place.backbone, "get_object", get)
    return asked


@pytest.mark.parametrize("broken", [b"no loop", loop_of()[:-5]])
async def test_a_broken_loop_is_not_played_and_not_asked_for_again(
    place: Place, broken: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studio_hold, "FETCH_AGAIN_S", 0.0)
    asked = counted(place, monkeypatch)
    await place.backbone.put_object("hold-x", broken)
    place.hold.define(msgspec.structs.replace(PLAN, hold="hold-x"))
    await until(place.hold._fetching[""].done)
    assert (asked, place.stream.loops) == (["hold-x"], [])


async def test_a_host_s_recording_is_heard_and_then_the_time(place: Place) -> None:
    await place.backbone.put_object("hold-w", loop_of(1, 0.2))
    await place.backbone.put_object("hold-b", loop_of(1, 0.2))
    own = {"welcome": "hold-w", "break": "hold-b", "something": "hold-z"}
    place.hold.define(msgspec.structs.replace(PLAN, announcements=own))
    await until(lambda: set(place.hold._recordings) == {"welcome", "break"})
    place.hold.begin(welcomed=False)
    place.look(600)
    await until(lambda: place.stream.spoken)
    welcome, text, _, _ = place.stream.spoken[0]
    assert text.startswith("Welcome.")
    assert ("The conversation begins in 10 minutes.", "en") in place.voice.asked
    assert len(welcome) > 0.9 * HOLD_LOOP_SAMPLES + len(SPEECH)
    place.look(0, state=State.INTERRUPTED, reason="break")
    place.look(-2, state=State.INTERRUPTED, reason="break")
    await until(lambda: len(place.stream.spoken) == 2)
    assert len(place.stream.spoken[1][0]) <= HOLD_LOOP_SAMPLES


async def test_what_cannot_be_said_in_time_is_left_out_and_counted(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting: asyncio.Future[Sound] = asyncio.get_running_loop().create_future()

    async def wait(_text: str, _language: str) -> Sound:
        return await waiting

    monkeypatch.setattr(place.booth, "speak", wait)
    place.hold.begin(welcomed=True)
    for step in range(UNDER_WAY_MAX + 2):
        place.look(100_000 - step * REPEAT_S)
    assert place.hold.failures == 2  # the countdown is being made, too


async def test_a_booth_has_so_much_to_do_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    booth = Booth()
    monkeypatch.setattr(booth, "_begun", True)  # nobody works
    tasks = [asyncio.create_task(booth.do(lambda: 1)) for _ in range(JOBS_MAX)]
    await asyncio.sleep(0)
    with pytest.raises(HouseError, match="wait already"):
        await booth.do(lambda: 1)
    for task in tasks:
        task.cancel()


async def test_a_job_s_error_is_raised_where_it_was_asked_for() -> None:
    booth = Booth()

    def fail() -> None:
        sentence = "It does not work."
        raise HouseError(sentence)

    with pytest.raises(HouseError, match="does not work"):
        await booth.do(fail)
    assert await booth.do(lambda: 7) == 7


def test_a_job_whose_loop_is_gone_ends_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    booth = Booth()
    jobs: list[Callable[[], None]] = []
    monkeypatch.setattr(booth._jobs, "put_nowait", jobs.append)

    async def ask() -> None:
        task = asyncio.create_task(booth.do(lambda: 1))
        await until(lambda: jobs)
        task.cancel()

    asyncio.run(ask())
    jobs[0]()
    assert asyncio.run(Booth().do(lambda: 2)) == 2
