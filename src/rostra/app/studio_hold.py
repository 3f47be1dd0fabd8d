"""The hold programme of one space: its own loop if it has one, and what is said over it."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final, Protocol

import numpy as np
import structlog

from rostra.app.endings import end_all
from rostra.app.studio_booth import Booth
from rostra.domain.errors import HouseError, MalformedError
from rostra.domain.grid import SAMPLE_RATE_HZ
from rostra.domain.ports import Backbone
from rostra.domain.space import Role, State
from rostra.programme.announcing import Announcement, Announcer, Situation, countdown
from rostra.programme.drivers.loops import loop_pcm
from rostra.programme.drivers.speech import recorded
from rostra.programme.hold import Source
from rostra.programme.limiter import Sound
from rostra.programme.sentences import sentence, tongue
from rostra.wire.hold import read_hold
from rostra.wire.states import SpaceDef, SpaceState

FETCH_AGAIN_S: Final = 10.0
"""An object that is not there yet, or not reached, is asked for again after this."""

RECORDINGS: Final = ("welcome", "late", "break")
"""What a host may have recorded."""

PAUSE: Final = np.zeros(SAMPLE_RATE_HZ * 4 // 10, np.float32)
"""Between a recording and the time, which the house speaks."""

UNDER_WAY_MAX: Final = 8
"""Announcements being made at once in one space; one more is left out, for it would be late."""

_LOG = structlog.get_logger(__name__)


def situation_of(state: SpaceState) -> Situation:
    """What of a space's state decides what is said."""
    people = (*state.stage, *state.floor.backstage)
    return Situation(
        state=state.state,
        t0_utc_us=state.t0_utc_us,
        waits_for=state.waits_for,
        reason=state.reason,
        on_hold=state.source == Source.HOLD,
        host_here=any(one.here and one.role != Role.SPEAKER for one in people),
    )


class Heard(Protocol):
    """The programme: `studio_show.Show`."""

    def hold_with(self, hold_pcm: Sound | None) -> None:
        """Play this loop, or the house's."""
        ...

    def speak(self, pcm: Sound, text: str, language: str, until_utc_us: int) -> None:
        """Speak over the loop, with a caption."""
        ...

    def say(self, kind: str, body: dict[str, Any]) -> bool:
        """Put a notice into the stream."""
        ...


class HoldProgramme:
    """Fetches, decides, has spoken. Belongs to the event loop and never waits on it.

    Without a voice the words are still told, as captions; without a booth nothing is said at all.
    """

    def __init__(
        self, space: SpaceDef, backbone: Backbone, booth: Booth | None, heard: Heard
    ) -> None:
        self._space = space.id
        self._language = space.language
        self._backbone = backbone
        self._booth = booth or Booth()
        self._silent = booth is None
        self._heard = heard
        self._announcer: Announcer | None = None
        self._names: dict[str, str] = {}
        self._recordings: dict[str, Sound] = {}
        self._fetching: dict[str, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._mute = False
        self._prepared = False
        self.failures = 0
        """Announcements that could not be made into sound."""

    def define(self, space: SpaceDef) -> None:
        """The plan, at first and whenever it changes: fetch what it names anew."""
        self._language = space.language
        if self._silent:
            return
        wanted = {"": space.hold} | {kind: space.announcements.get(kind, "") for kind in RECORDINGS}
        for kind, name in wanted.items():
            if name != self._names.get(kind, ""):
                self._names[kind] = name
                self._change(kind, name)

    def begin(self, *, welcomed: bool) -> None:
        """The doors are open; whoever listens has been `welcomed` by the studio before."""
        if self._silent:
            return
        self._announcer = Announcer(welcomed=welcomed)
        self._prepared = False

    def tick(self, now_utc_us: int, state: SpaceState) -> None:
        """Look whether something is to be said; several times a second."""
        if self._announcer is None:
            return
        if not self._prepared and state.state is State.LOBBY and now_utc_us < state.t0_utc_us:
            self._prepared = True
            self._spawn(self._prepare())
        found = self._announcer.due(now_utc_us, situation_of(state))
        if found is None:
            return
        if len(self._tasks) >= UNDER_WAY_MAX:
            self.failures += 1
            return
        self._spawn(self._announce(found))

    async def close(self) -> None:
        """Fetch and say nothing more."""
        await end_all(*self._fetching.values(), *self._tasks)

    # -- what is said

    async def _announce(self, what: Announcement) -> None:
        text = sentence(what.saying, what.number, self._language)
        language = tongue(self._language)
        try:
            pcm = await self._sound(what, text, language)
        except HouseError as error:
            self.failures += 1
            if not self._mute:
                _LOG.warning("no voice", space=self._space, reason=error.sentence)
            self._mute = True
            self._heard.say("caption", {"text": text, "lang": language, "who": "house"})
            return
        self._mute = False
        self._heard.speak(pcm, text, language, what.until_utc_us)

    async def _sound(self, what: Announcement, text: str, language: str) -> Sound:
        own = self._recordings.get(what.recording)
        if own is None:
            return await self._booth.speak(text, language)
        if what.after_recording is None:
            return own
        time = sentence(what.after_recording, what.number, self._language)
        return np.concatenate((own, PAUSE, await self._booth.speak(time, language)))

    async def _prepare(self) -> None:
        """Have at hand what must come on the second."""
        for saying, number in countdown():
            try:
                text = sentence(saying, number, self._language)
                await self._booth.speak(text, tongue(self._language))
            except HouseError:  # it is said when the time comes and it fails again
                return

    # -- what is the host's own

    def _change(self, kind: str, name: str) -> None:
        before = self._fetching.pop(kind, None)
        if before is not None:
            before.cancel()
        if name:
            self._fetching[kind] = asyncio.get_running_loop().create_task(self._fetch(kind, name))
        elif kind:
            self._recordings.pop(kind, None)
        else:
            self._heard.hold_with(None)

    async def _fetch(self, kind: str, name: str) -> None:
        """Until it is here or found broken; meanwhile, and then, the house's own is heard."""
        missing = False
        while True:
            try:
                packed = await self._backbone.get_object(name)
                if packed is not None:
                    await self._take(kind, packed)
                    return
                why = "it is not in the object store"
            except MalformedError as error:
                _LOG.warning("not played", space=self._space, object=name, reason=error.sentence)
                return
            except HouseError as error:
                why = error.sentence
            if not missing:
                _LOG.warning("not played yet", space=self._space, object=name, reason=why)
            missing = True
            await asyncio.sleep(FETCH_AGAIN_S)

    async def _take(self, kind: str, packed: bytes) -> None:
        if kind:
            self._recordings[kind] = await self._booth.do(lambda: recorded(packed))
        else:
            self._heard.hold_with(await self._booth.do(lambda: loop_pcm(read_hold(packed))))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
