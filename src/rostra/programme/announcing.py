"""Decides what the hold programme says, and when: a rule of time and state, without a voice."""

from dataclasses import dataclass
from typing import Final

from rostra.domain.space import State
from rostra.programme.sentences import Saying

SECOND_US: Final = 1_000_000

MARKS_S: Final = (1_800, 600, 300, 120, 60, 30, 10)
"""Before T0 the time is told at these: rarely while there is time to do something else, often
when it is worth staying, and then so that everybody is quiet."""

REPEAT_S: Final = 300
"""In the lobby something is said every five minutes: who comes between two marks knows soon."""

REPEAT_WAITING_S: Final = 120
"""While something is wrong, or paused, it is said again every two minutes: nobody who joins waits
longer for the word why."""

QUIET_S: Final = 20
"""A mark so soon after other words is left out: it would say the same again."""

MARK_LATE_US: Final = 4 * SECOND_US
"""A mark that was slept through for longer is left out: it would be wrong."""

COUNTDOWN_S: Final = 60
"""Below a minute only what is certain is counted down: with a host here."""

SECONDS_TRUE_US: Final = SECOND_US
"""How long "ten seconds" may be begun after its moment."""

MINUTES_TRUE_US: Final = 15 * SECOND_US
"""How long a sentence with minutes, or without a time, may be."""

PAUSE_SAID_AFTER_US: Final = 1_500_000
"""A pause is told when it has lasted so long: the fade is over, and who returns at once is not
talked over."""

MINUTES_MAX: Final = 120
"""Beyond two hours a count of minutes tells nobody anything: "later" is said."""

_MINUTE_US: Final = 60 * SECOND_US


@dataclass(frozen=True, slots=True)
class Situation:
    """What the rule looks at."""

    state: State
    t0_utc_us: int
    waits_for: str = ""
    """What a late start waits for; empty while nothing is late."""
    reason: str = ""
    """Why the space is in its state: `break` is a host's."""
    on_hold: bool = True
    """Whether listeners hear the hold programme."""
    host_here: bool = False


@dataclass(frozen=True, slots=True)
class Announcement:
    """Something to be said now, and not after `until_utc_us`.

    `recording` names the recording of a host (`welcome`, `late`, `break`) that takes its place;
    then `after_recording`, if any, is still spoken behind it.
    """

    saying: Saying
    number: int
    until_utc_us: int
    recording: str = ""
    after_recording: Saying | None = None


class Announcer:
    """The rule's memory: what has been said. One a run; `due` is asked again and again.

    `welcomed` is for a studio that takes a run over: those who listen have been welcomed.
    """

    def __init__(self, *, welcomed: bool = False) -> None:
        self._welcomed = welcomed
        self._t0_us: int | None = None
        self._mark_s = MARKS_S[0] + 1
        self._first_us: int | None = None
        self._said_us: int | None = None
        self._pause: tuple[State, str] | None = None
        self._pause_us = 0
        self._pause_said = False

    def due(self, now_us: int, now: Situation) -> Announcement | None:
        """What is to be said at this moment, once; None nearly always. Times are UTC."""
        if self._first_us is None:
            self._first_us = now_us
        if now.state is State.LOBBY:
            self._pause = None
            found = self._lobby(now_us, now)
        elif now.state is State.INTERRUPTED or (now.state is State.LIVE and now.on_hold):
            found = self._paused(now_us, now)
        else:
            self._pause = None
            return None
        if found is not None:
            self._said_us = now_us
        return found

    # -- before it begins

    def _lobby(self, now_us: int, now: Situation) -> Announcement | None:
        left_us = now.t0_utc_us - now_us
        before_us, self._t0_us = self._t0_us, now.t0_utc_us
        moved = before_us is not None and before_us != now.t0_utc_us
        passed = self._passed(left_us)
        if moved:
            self._mark_s = MARKS_S[0] + 1
        fresh = passed is not None and passed < self._mark_s
        if fresh and passed is not None:
            self._mark_s = passed
        if not self._welcomed or before_us is None or moved:
            return self._arrival(now_us, left_us, now, moved=moved)
        if fresh and passed is not None and passed * SECOND_US - left_us <= MARK_LATE_US:
            return self._mark(now_us, passed, now)
        return self._again(now_us, left_us, now)

    @staticmethod
    def _passed(left_us: int) -> int | None:
        """The last of the marks that has come; None before the first."""
        return min((mark for mark in MARKS_S if mark * SECOND_US >= left_us), default=None)

    def _arrival(
        self, now_us: int, left_us: int, now: Situation, *, moved: bool
    ) -> Announcement | None:
        """The first look at a T0: welcome, or what it was moved for."""
        fresh, self._welcomed = not self._welcomed, True
        if left_us < _MINUTE_US * 3 // 4:  # it begins now, and speaks for itself
            return None
        if fresh:
            saying = Saying.LATE if now.waits_for else Saying.WELCOME
            return _timed(saying, now_us, left_us)
        if moved:
            return _timed(Saying.LATE if now.waits_for else Saying.MOVED, now_us, left_us)
        return None

    def _mark(self, now_us: int, mark_s: int, now: Situation) -> Announcement | None:
        if mark_s < COUNTDOWN_S and not now.host_here:
            return None
        just_said = self._said_us is not None and now_us - self._said_us < QUIET_S * SECOND_US
        if mark_s > MARKS_S[-1] and just_said:
            return None
        if mark_s < COUNTDOWN_S:
            return Announcement(Saying.SECONDS, mark_s, now_us + SECONDS_TRUE_US)
        return _timed(_begins(now), now_us, mark_s * SECOND_US)

    def _again(self, now_us: int, left_us: int, now: Situation) -> Announcement | None:
        every_s = REPEAT_WAITING_S if now.waits_for else REPEAT_S
        if self._silent_us(now_us) < every_s * SECOND_US:
            return None
        coming = max((mark for mark in MARKS_S if mark * SECOND_US < left_us), default=0)
        if left_us - coming * SECOND_US < _MINUTE_US:  # the mark says it
            return None
        return _timed(_begins(now), now_us, left_us)

    def _silent_us(self, now_us: int) -> int:
        """How long nothing has been said, from the first look on."""
        since_us = self._first_us if self._said_us is None else self._said_us
        return 0 if since_us is None else now_us - since_us

    # -- while it is interrupted

    def _paused(self, now_us: int, now: Situation) -> Announcement | None:
        pause = now.state, now.reason
        if pause != self._pause:
            self._pause, self._pause_us, self._pause_said = pause, now_us, False
        if not self._pause_said:
            if now_us - self._pause_us < PAUSE_SAID_AFTER_US:
                return None
        elif self._silent_us(now_us) < REPEAT_WAITING_S * SECOND_US:
            return None
        self._pause_said = True
        if now.state is State.LIVE:
            return Announcement(Saying.QUIET, 0, now_us + MINUTES_TRUE_US)
        if now.reason == "break":
            return Announcement(Saying.BREAK, 0, now_us + MINUTES_TRUE_US, "break")
        return Announcement(Saying.EMPTY, 0, now_us + MINUTES_TRUE_US)


def countdown() -> tuple[tuple[Saying, int], ...]:
    """What must be at hand on the second, and is therefore made beforehand."""
    return tuple((Saying.SECONDS, mark) for mark in MARKS_S if mark < COUNTDOWN_S)


def _begins(now: Situation) -> Saying:
    return Saying.LATE if now.waits_for else Saying.BEGINS


def _timed(saying: Saying, now_us: int, left_us: int) -> Announcement:
    """A sentence that tells how long it is until T0, to the nearest minute."""
    minutes = max(1, (left_us + _MINUTE_US // 2) // _MINUTE_US)
    later = {Saying.WELCOME: Saying.WELCOME_LATER}.get(saying, Saying.LATER)
    until_us = now_us + MINUTES_TRUE_US
    recording = {Saying.WELCOME: "welcome", Saying.LATE: "late"}.get(saying, "")
    after = {Saying.WELCOME: Saying.BEGINS, Saying.LATE: Saying.LATE_TIME}.get(saying)
    if minutes > MINUTES_MAX:
        return Announcement(later, 0, until_us, recording)
    return Announcement(saying, minutes, until_us, recording, after)
