"""What a place at another machine tells the watch, as it travels, and what of it is believed."""

import math
from collections.abc import Mapping
from typing import Final

import msgspec

from rostra.domain.errors import PeerError
from rostra.watch.components import Component
from rostra.watch.moments import US_PER_S
from rostra.watch.probing import STEPS, WHY_CHARS_MAX, Result, Step, sentence

RESULTS_A_POST_MAX: Final = 50
"""Results in one request: with the longest sentences they stay below 64 kB."""

STEPS_MAX: Final = len(STEPS)
"""A probe makes each step once."""

STEP_MS_MAX: Final = 600_000.0
"""Ten minutes: no probe may take longer than one."""

LISTENING_MAX: Final = 1_000_000_000
"""More people than that do not listen to one space."""

FUTURE_S_MAX: Final = 10.0
"""A place corrects its clock by the watch's; half of a slow round trip stays as an error."""

PAST_S_MAX: Final = 3_600.0
"""An hour of what was kept while the watch was away; what is older would change history."""


class Told(msgspec.Struct, frozen=True):
    """One result as a place tells it: without its name, which its token says."""

    component: str
    utc_us: int
    ok: bool
    steps: tuple[Step, ...] = ()
    own_fault: bool = False
    listening: int = -1


class Telling(msgspec.Struct, frozen=True):
    """The body of `POST /status/api/probes`."""

    results: tuple[Told, ...]


class Listed(msgspec.Struct, frozen=True):
    """The answer to a place that asks what it shall probe, and what time it is here."""

    place: str
    now_utc_us: int
    components: tuple[Component, ...]


class Taken(msgspec.Struct, frozen=True):
    """The answer to a telling: how many were new, and the time here."""

    taken: int
    now_utc_us: int


_TELLING: Final = msgspec.json.Decoder(Telling)


def read(body: bytes) -> Telling:
    """Read a telling; PeerError says what is wrong with it."""
    try:
        told = _TELLING.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        words = f"This is no list of results: {sentence(str(error))}."
        raise PeerError(words, status=422) from error
    if len(told.results) > RESULTS_A_POST_MAX:
        words = f"{len(told.results)} results exceed {RESULTS_A_POST_MAX}. Send them in parts."
        raise PeerError(words, status=413)
    return told


def believed(
    told: Telling, place: str, components: Mapping[str, Component], now_utc_us: int
) -> list[Result]:
    """The results of a place; PeerError for the first that cannot be one, and none is taken."""
    return [_believed(one, place, components, now_utc_us) for one in told.results]


def _believed(
    one: Told, place: str, components: Mapping[str, Component], now_utc_us: int
) -> Result:
    if one.component not in components:
        words = f"There is no component {sentence(one.component)[:40]!r} here. Ask for the list."
        raise PeerError(words, status=409)
    ahead_s = (one.utc_us - now_utc_us) / US_PER_S
    if ahead_s > FUTURE_S_MAX:
        words = f"A result is {ahead_s:.0f} s ahead of the watch's clock. See that place's clock."
        raise PeerError(words, status=422)
    if -ahead_s > PAST_S_MAX:
        words = f"A result is {-ahead_s:.0f} s old; after {PAST_S_MAX:.0f} s it is not taken."
        raise PeerError(words, status=422)
    if len(one.steps) > STEPS_MAX or not -1 <= one.listening <= LISTENING_MAX:
        words = "A result has too many steps, or no possible number of listeners."
        raise PeerError(words, status=422)
    steps = tuple(map(_step, one.steps))
    well = one.ok and all(step.ok for step in steps) and not one.own_fault
    return Result(one.component, place, one.utc_us, well, steps, one.own_fault, one.listening)


def _step(step: Step) -> Step:
    if step.name not in STEPS:
        words = f"There is no step {sentence(step.name)[:40]!r} in a probe."
        raise PeerError(words, status=422)
    if not (math.isfinite(step.ms) and 0 <= step.ms <= STEP_MS_MAX):
        words = f"A step takes 0 to {STEP_MS_MAX:.0f} ms."
        raise PeerError(words, status=422)
    return Step(step.name, step.ms, step.ok, sentence(step.why[: 4 * WHY_CHARS_MAX]))
