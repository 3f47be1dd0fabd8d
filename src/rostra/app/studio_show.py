"""The programme of one space while its doors are open: its run, its clock, and what is planned."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

import structlog

from rostra.app.studio_clock import ClockThread
from rostra.domain.errors import HouseError
from rostra.domain.grid import message_pts
from rostra.domain.ports import Clock
from rostra.domain.space import State
from rostra.programme.bed import Spoken
from rostra.programme.drivers.run import ProgrammeRun
from rostra.programme.hold import Source
from rostra.programme.limiter import Sound
from rostra.programme.pace import CAPTURE_SAMPLES, Pace, first_block
from rostra.programme.timeline import ClockStep, Left, Timeline
from rostra.wire.messages import pack

REOPEN_MAX: Final = 5
"""Times that a failed clock of one space is started again; then the studio lets the space go and
takes it anew, if no other studio does."""

STEADY_NS: Final = 60_000_000_000
"""A clock that ran for a minute is well again: its earlier failures count no more."""

ZERO_MOVES_US: Final = 5_000
"""A slewed clock moves pts 0 by half a millisecond a second, which is not worth a state each."""

_LOG = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Begun:
    """A run, as a space's state tells it; the empty one is still to begin.

    `boot` names the monotonic clock that `zero_mono_us` (pts 0) was read from. Messages below
    `next_message` have been heard.
    """

    run: str = ""
    epoch_utc_us: int = 0
    stepped_us: int = 0
    boot: str = ""
    zero_mono_us: int = 0
    next_message: int = 0


@dataclass(frozen=True, slots=True)
class Gear:
    """What a programme needs of the studio; `boot` names this machine's monotonic clock."""

    clock: Clock
    hold_pcm: Sound
    fresh_id: Callable[[], str]
    boot: str = ""


class Owner(Protocol):
    """The space that the programme is of; all but `mix` is called on the event loop."""

    def mix(self, block: int, mono_ns: int) -> Sound:
        """The stage's 20 ms of `block`, float32[960]; called in the clock's thread."""
        ...

    @property
    def anybody_here(self) -> bool:
        """Whether somebody is connected to the stage."""
        ...

    @property
    def state(self) -> State:
        """Where the space is."""
        ...

    @property
    def live_utc_us(self) -> int | None:
        """When it goes live by the clock, if it is to."""
        ...

    def send(self, message: bytes) -> None:
        """One message of the programme, complete."""
        ...

    def note(self, kind: str, body: dict[str, Any]) -> None:
        """Something for the record."""
        ...


class Show:
    """Opens, plans and closes the programme of one space."""

    def __init__(self, space: str, begun: Begun, gear: Gear, owner: Owner) -> None:
        self._space = space
        self._gear = gear
        self._owner = owner
        self._loop = asyncio.get_running_loop()
        self._begun = begun
        self._programme: ProgrammeRun | None = None
        self._timeline: Timeline | None = None
        self._thread: ClockThread | None = None
        self._told: dict[str, Any] = {}
        self._closed = False
        self._failures = 0
        self._failed_ns = 0
        self._notices_dropped = 0
        self._unsaid = 0
        self._hold_pcm = gear.hold_pcm
        self.skipped_messages = 0
        self.reopened = 0

    # -- on the event loop

    @property
    def running(self) -> bool:
        """Whether there is a programme at this moment."""
        return self._programme is not None

    @property
    def begun(self) -> Begun:
        """The run as whoever takes it over needs to know it."""
        return self._begun

    @property
    def notices_dropped(self) -> int:
        """Notices that found the programme's queue full."""
        now = 0 if self._programme is None else self._programme.notices_dropped
        return self._notices_dropped + now

    @property
    def source(self) -> Source:
        """What listeners hear."""
        return Source.HOLD if self._programme is None else self._programme.source

    @property
    def unsaid(self) -> int:
        """Announcements that found no moment."""
        return self._unsaid + (0 if self._programme is None else self._programme.unsaid)

    def utc_us(self) -> int:
        """The time that the space lives by: the programme's, so that plan and state agree."""
        now = self._gear.clock.now()
        return now.utc_us if self._timeline is None else self._timeline.utc_us_at(now.mono_ns)

    def check(self) -> None:
        """HouseError when the clock cannot be kept running."""
        if self._failures > REOPEN_MAX:
            sentence = f"The clock of {self._space} failed {self._failures} times."
            raise HouseError(sentence)

    def open(self, why: str) -> None:
        """Begin the programme, or go on with the run that was begun; `why` is for the record."""
        now = self._gear.clock.now()
        timeline = self._timeline = self._timeline or self._anchored()
        begun = self._begun
        self._programme = ProgrammeRun(self._space, begun.run, begun.epoch_utc_us, self._hold_pcm)
        self.plan()
        self._told.clear()
        self._thread = ClockThread(
            name=f"clock {self._space}",
            clock=self._gear.clock,
            timeline=timeline,
            pace=Pace(timeline, first_block(timeline, now.mono_ns), CAPTURE_SAMPLES),
            work=self,
            failed=self._failed,
        )
        self._owner.note(why, {"run": begun.run, "epoch_utc_us": begun.epoch_utc_us})
        self._thread.start()

    def plan(self) -> None:
        """Plan the crossfade to the stage by the clock as it is now, or take the plan back."""
        if self._programme is None or self._timeline is None:
            return
        live_utc_us = self._owner.live_utc_us
        if live_utc_us is not None:
            self._programme.live_at(self._timeline.pts_of_utc(live_utc_us))
        elif self._owner.state is State.LOBBY:  # any other state forgets its plan by itself
            self._programme.live_at(None)

    def hold_with(self, hold_pcm: Sound | None) -> None:
        """Play this loop, or the house's, from now on."""
        self._hold_pcm = self._gear.hold_pcm if hold_pcm is None else hold_pcm
        if self._programme is not None:
            self._programme.hold_with(self._hold_pcm)

    def speak(self, pcm: Sound, text: str, language: str, until_utc_us: int) -> None:
        """Speak over hold audio, if it can be begun by then."""
        if self._programme is not None and self._timeline is not None:
            until_pts = self._timeline.pts_of_utc(until_utc_us)
            self._programme.say(Spoken(pcm, text, language, until_pts))

    def tell(self, kind: str, body: dict[str, Any]) -> None:
        """Put into the stream what has changed since it was last told."""
        if self._told.get(kind) != body and self.say(kind, body):
            self._told[kind] = body

    def say(self, kind: str, body: dict[str, Any]) -> bool:
        """Put something into the stream that happened now; False where there is no stream yet."""
        if self._programme is None:
            return False
        try:
            self._programme.notice(kind, body)
        except HouseError:  # the run's first block is not made yet: told at the next look
            return False
        return True

    def pause(self) -> None:
        """Stop clock and programme; `open` goes on with the run."""
        if self._thread is not None:
            self._thread.stop()
            self._thread.join()
            self._thread = None
        self._notices_dropped = self.notices_dropped
        self._unsaid = self.unsaid
        self._programme = None

    def close(self) -> None:
        """Stop for good: a failure that is still under way opens nothing any more."""
        self._closed = True
        self.pause()

    def _anchored(self) -> Timeline:
        """The run's timeline: a new one's, or as it was left, wherever UTC is by now."""
        now, begun = self._gear.clock.now(), self._begun
        if not begun.run:
            timeline = Timeline(now)
            self._begun = Begun(self._gear.fresh_id(), timeline.epoch_utc_us)
        else:
            known = bool(begun.boot) and begun.boot == self._gear.boot
            zero_us = begun.zero_mono_us if known else None
            heard = message_pts(begun.next_message)
            left = Left(begun.epoch_utc_us, begun.stepped_us, zero_us, heard)
            timeline = Timeline(now, left)
        self._keep(timeline)
        if timeline.taken_over is not None:
            self._stepped(timeline.taken_over)
        return timeline

    def _keep(self, timeline: Timeline) -> None:
        zero_us = timeline.zero_mono_us
        if abs(zero_us - self._begun.zero_mono_us) < ZERO_MOVES_US:
            zero_us = self._begun.zero_mono_us
        self._begun = replace(
            self._begun,
            stepped_us=timeline.stepped_us,
            boot=self._gear.boot,
            zero_mono_us=zero_us,
        )

    def _stepped(self, step: ClockStep) -> None:
        body = {"delta_us": step.delta_us, "total_us": step.total_us}
        _LOG.warning("the clock stepped", space=self._space, **body)
        self._owner.note("clock_step", body)
        self.look()
        self.plan()

    def look(self) -> None:
        """Keep what a next studio needs to know; to be called now and then."""
        if self._timeline is not None:
            self._keep(self._timeline)

    def _skipped(self, messages: int) -> None:
        self.skipped_messages += messages
        _LOG.warning("programme skipped", space=self._space, messages=messages)
        self._owner.note("skipped", {"messages": messages})

    def _reopen(self, error: BaseException) -> None:
        """A clock died: say so, and go on with the same run on the same timeline."""
        if self._closed:
            return
        now_ns = self._gear.clock.now().mono_ns
        if now_ns - self._failed_ns >= STEADY_NS:
            self._failures = 0
        self._failures += 1
        self._failed_ns = now_ns
        _LOG.error("clock failed", space=self._space, failures=self._failures, exc_info=error)
        self._owner.note("failure", {"error": type(error).__name__})
        self.pause()
        if self._failures <= REOPEN_MAX:
            self.reopened += 1
            self.open("restart")

    # -- in the clock's thread

    def turn(self, block: int, mono_ns: int) -> None:
        """Mix 20 ms, and send what became complete."""
        programme = self._programme
        if programme is None:
            return
        mix = self._owner.mix(block, mono_ns)
        owner = self._owner
        done = programme.step(block, mix, anybody_here=owner.anybody_here, state=owner.state)
        for message in done:
            self._on_loop(owner.send, pack(message))

    def skipped(self, messages: int) -> None:
        """The studio fell behind; what is lost is counted and written down."""
        self._on_loop(self._skipped, messages)

    def stepped(self, step: ClockStep) -> None:
        """UTC stepped; the programme goes on as it was, its plans follow the clock."""
        self._on_loop(self._stepped, step)

    def _failed(self, error: BaseException) -> None:
        self._on_loop(self._reopen, error)

    def _on_loop(self, do: Callable[..., None], *arguments: object) -> None:
        self._loop.call_soon_threadsafe(do, *arguments)
