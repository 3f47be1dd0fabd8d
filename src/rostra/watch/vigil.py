"""The state of a component's reports: quiet, unusual, alarm; quick to rise, slow to fall."""

from typing import Final

import msgspec

from rostra.watch.moments import US_PER_S

CALM_US: Final = 900 * US_PER_S
"""For so long nothing may be restless before a state is left: what flickers is one alarm."""
RANK: Final = {"quiet": 0, "unusual": 1, "alarm": 2}


class Vigil(msgspec.Struct, frozen=True):
    """What is carried from one judgement of a component to the next."""

    state: str = "quiet"
    since_utc_us: int = 0
    restless_utc_us: int = 0
    """When something was last above the usual level."""
    cleared_utc_us: int = 0
    """When the last alarm ended: the CUSUM begins there anew."""


def step(vigil: Vigil, seen: str, *, restless: bool, now_utc_us: int) -> Vigil:
    """Go on by one judgement, of which the tests alone say `seen`.

    quiet -> unusual -> alarm at once, as the tests say; back to quiet, never by degrees, when the
    last `CALM_US` had nothing restless. A moment that is kept but lies ahead is of before the clock
    was set back, and is taken for now: else the state would stay until that moment comes again.
    """
    vigil = msgspec.structs.replace(
        vigil,
        since_utc_us=min(vigil.since_utc_us, now_utc_us),
        restless_utc_us=min(vigil.restless_utc_us, now_utc_us),
        cleared_utc_us=min(vigil.cleared_utc_us, now_utc_us),
    )
    if restless:
        vigil = msgspec.structs.replace(vigil, restless_utc_us=now_utc_us)
    if RANK[seen] > RANK[vigil.state]:
        return msgspec.structs.replace(vigil, state=seen, since_utc_us=now_utc_us)
    if vigil.state == "quiet" or now_utc_us - vigil.restless_utc_us < CALM_US:
        return vigil
    return msgspec.structs.replace(
        vigil,
        state="quiet",
        since_utc_us=now_utc_us,
        cleared_utc_us=now_utc_us if vigil.state == "alarm" else vigil.cleared_utc_us,
    )
