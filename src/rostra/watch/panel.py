"""What all places together find of one component: who may speak, and when two agree.

A place speaks once its results are steady. What fails once says nothing; what comes and goes is
noise and is left out until it is stable again; a place in trouble of its own says nothing new of
the target. One place alone proves nothing about others, and the view says so.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from rostra.watch.board import PlaceView, ProbesView
from rostra.watch.components import Component, Target
from rostra.watch.moments import US_PER_S
from rostra.watch.probing import STEPS, Result
from rostra.watch.telling import FUTURE_S_MAX

AGREE: Final = 2
"""Results in a row that change a place's word, and places that must agree on a failure."""

RECENT_RESULTS: Final = 10
"""Results among which changes are counted: some three minutes at 20 s."""

NOISY_CHANGES: Final = 4
"""So many changes between good and bad among them are noise of the place or its way."""

STEADY_RESULTS: Final = 5
"""Equal results in a row after which a noisy place is believed again."""

SILENT_AFTER: Final = 3
"""Intervals without a word after which a place is silent, beside the time a probe may take."""

AHEAD_US: Final = round(FUTURE_S_MAX * US_PER_S)
"""No place is believed further ahead of the watch: what is was told before the clock was set back,
and would make its place deaf until that time comes again."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What one place has told so far; `word` is `ok`, `failing`, or empty before it is sure."""

    word: str = ""
    since_utc_us: int = 0
    last_utc_us: int = 0
    """Its newest result, whatever that says."""
    told_utc_us: int = 0
    """Its newest result that says something of the target."""
    own_trouble: bool = False
    noisy: bool = False
    run: int = 0
    """Equal results in a row until now."""
    run_since_utc_us: int = 0
    recent: tuple[bool, ...] = ()
    step: str = ""
    why: str = ""
    first_sound_ms: float = 0.0
    was: str = ""
    """Its word before a silence, until two results in a row settle what it is now."""
    was_since_utc_us: int = 0

    def after(self, result: Result, silent_us: int) -> "Tally":
        """The tally with one more result; one that is older than the newest changes nothing."""
        if result.utc_us <= self.last_utc_us:
            return self
        if result.own_fault:
            return replace(self, last_utc_us=result.utc_us, own_trouble=True)
        if result.utc_us - self.told_utc_us > silent_us:
            return self.begun_anew(result.utc_us).told(result)
        return self.told(result)

    def begun_anew(self, now_utc_us: int) -> "Tally":
        """A tally that is sure of nothing, and remembers since when its word was what it was."""
        since_us = self.was_since_utc_us if self.was else self.since_utc_us
        return Tally(was=self.was or self.word, was_since_utc_us=min(since_us, now_utc_us))

    def told(self, result: Result) -> "Tally":
        """The tally with one more result that says something of the target."""
        again = bool(self.recent) and self.recent[-1] == result.ok
        run = self.run + 1 if again else 1
        began = self.run_since_utc_us if again else result.utc_us
        recent = (*self.recent, result.ok)[-RECENT_RESULTS:]
        noisy = self.noisy or _changes(recent) >= NOISY_CHANGES
        if run >= STEADY_RESULTS:
            noisy, recent = False, recent[-run:]
        sure = run >= AGREE or (result.ok and not self.word)
        word = ("ok" if result.ok else "failing") if sure else self.word
        since = self.was_since_utc_us if word and word == self.was else began
        failed = result.failed
        return Tally(
            word=word,
            since_utc_us=self.since_utc_us if word == self.word else since,
            last_utc_us=result.utc_us,
            told_utc_us=result.utc_us,
            noisy=noisy,
            run=run,
            run_since_utc_us=began,
            recent=recent,
            step=failed.name if failed else self.step,
            why=failed.why if failed else self.why,
            first_sound_ms=_first_sound_ms(result) or self.first_sound_ms,
            was="" if run >= AGREE else self.was,
            was_since_utc_us=self.was_since_utc_us,
        )

    def speaks(self, now_utc_us: int, silent_us: int) -> bool:
        """Whether its word counts now."""
        return bool(self.word) and not self.noisy and self.fresh(now_utc_us, silent_us)

    def fresh(self, now_utc_us: int, silent_us: int) -> bool:
        """Whether it has told of the target lately."""
        return lately(self.told_utc_us, now_utc_us, silent_us)


class Panel:
    """The places of one component; `places` that are not named here are not heard."""

    def __init__(self, component: Component, places: Iterable[str]) -> None:
        self.component = component
        seconds = SILENT_AFTER * component.every_s + component.timeout_s
        self.silent_us = round(seconds * US_PER_S)
        """After so long without a word a place is silent."""
        self._tallies = {place: Tally() for place in places}

    def take(self, result: Result) -> None:
        """Hear one result; another component's, or an unknown place's, changes nothing."""
        before = self._tallies.get(result.place)
        if before is not None and result.component == self.component.id:
            self._tallies[result.place] = before.after(result, self.silent_us)

    def forget_ahead(self, now_utc_us: int) -> None:
        """Begin anew with places whose newest result is too far ahead: the clock was set back."""
        for place, tally in self._tallies.items():
            if tally.last_utc_us > now_utc_us + AHEAD_US:
                self._tallies[place] = tally.begun_anew(now_utc_us)

    def view(self, now_utc_us: int) -> ProbesView:
        """What the places find, all together and each."""
        if self.component.target is Target.NONE or not self._tallies:
            return ProbesView()
        tallies = tuple(self._tallies.values())
        fresh = [one for one in tallies if one.fresh(now_utc_us, self.silent_us)]
        speaking = [one for one in fresh if one.speaks(now_utc_us, self.silent_us)]
        failing = [one for one in speaking if one.word == "failing"]
        state = _together(speaking, failing, sum(one.noisy for one in fresh))
        worst = _worst(failing or [one for one in fresh if one.noisy])
        named = worst is not None and state in {"failing", "mixed"}
        return ProbesView(
            state=state,
            since_utc_us=_since(state, speaking, failing),
            one_place=len(speaking) == 1,
            step=worst.step if named and worst else "",
            why=worst.why if named and worst else "",
            places=tuple(
                self._place(place, tally, now_utc_us) for place, tally in self._tallies.items()
            ),
        )

    def _place(self, place: str, tally: Tally, now_utc_us: int) -> PlaceView:
        state = self._state(tally, now_utc_us)
        telling = state in {"failing", "noisy"}
        return PlaceView(
            place=place,
            state=state,
            since_utc_us=tally.since_utc_us,
            last_utc_us=tally.last_utc_us,
            step=tally.step if telling else "",
            why=tally.why if telling else "",
            first_sound_ms=tally.first_sound_ms,
        )

    def _state(self, tally: Tally, now_utc_us: int) -> str:
        if not lately(tally.last_utc_us, now_utc_us, self.silent_us):
            return "silent"
        if tally.own_trouble:
            return "own_trouble"
        return tally.word if tally.word and not tally.noisy else "noisy"


def lately(then_utc_us: int, now_utc_us: int, silent_us: int) -> bool:
    """Whether what was told then still counts now; 0 is never."""
    return bool(then_utc_us) and -AHEAD_US <= now_utc_us - then_utc_us <= silent_us


def _together(speaking: list[Tally], failing: list[Tally], noisy: int) -> str:
    """The word of all: two agree and are no minority, or there is but one to be heard."""
    if not speaking:
        # Several places at once that find it coming and going agree on just that.
        return "mixed" if noisy >= AGREE else "unknown"
    if not failing:
        return "ok"
    agree = len(failing) >= AGREE and 2 * len(failing) >= len(speaking)
    return "failing" if agree or len(speaking) == 1 else "mixed"


def _since(state: str, speaking: list[Tally], failing: list[Tally]) -> int:
    """When what is said began: a failure of several, when the second of them saw it."""
    times = sorted(one.since_utc_us for one in (failing or speaking))
    if not times:
        return 0
    if state == "failing":
        return times[min(AGREE, len(times)) - 1]
    return times[-1] if state == "ok" else times[0]


def _worst(tallies: list[Tally]) -> Tally | None:
    """The one that came least far."""
    order = {step: at for at, step in enumerate(STEPS)}
    return min(tallies, key=lambda one: order.get(one.step, len(STEPS)), default=None)


def _changes(recent: tuple[bool, ...]) -> int:
    return sum(one != next_one for one, next_one in pairwise(recent))


def _first_sound_ms(result: Result) -> float:
    return next((one.ms for one in result.steps if one.name == "first_sound" and one.ok), 0.0)
