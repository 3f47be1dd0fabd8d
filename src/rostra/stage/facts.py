"""What the studio knows and the stage shows: one view for everybody on it."""

from dataclasses import dataclass

from rostra.stage.floor import Floor
from rostra.wire.stagelink import StageView
from rostra.wire.states import OnStage


@dataclass(frozen=True, slots=True)
class StageFacts:
    """What the studio knows and the stage shows: see `stagelink.StageView`."""

    title: str = ""
    state: str = "lobby"
    t0_utc_us: int = 0
    listening: int = 0
    planned_t0_utc_us: int = 0
    waits_for: str = ""
    reason: str = ""
    source: str = "hold"
    hls: int = 0
    unique: int = 0
    hands: int = 0


def view_of(facts: StageFacts, floor: Floor, people: tuple[OnStage, ...], now_us: int) -> StageView:
    """The stage as its participants see it at monotonic `now_us`."""
    return StageView(
        title=facts.title,
        state=facts.state,
        t0_utc_us=facts.t0_utc_us,
        listening=facts.listening,
        people=people,
        planned_t0_utc_us=facts.planned_t0_utc_us,
        waits_for=facts.waits_for,
        reason=facts.reason,
        source=facts.source,
        hls=facts.hls,
        unique=facts.unique,
        hands=facts.hands,
        locked=floor.lock.reason(now_us),
        arrive=floor.arrive,
        next=floor.next_up[1],
        message=floor.message,
    )
