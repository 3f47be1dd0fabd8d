"""What a space needs of its studio, and what it is found as."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from rostra.app.studio_booth import Booth
from rostra.app.studio_lease import StudioBackbone
from rostra.app.studio_record import Record
from rostra.app.studio_show import Begun
from rostra.audience.crowd import Figures
from rostra.audience.forum import Forum
from rostra.domain.ports import Clock
from rostra.programme.limiter import Sound
from rostra.stage.ports import Engine
from rostra.stage.queue import AskLike
from rostra.wire.states import SpaceDef, SpaceState


class Hold(Protocol):
    """The studio's hold on a space: `Lease`."""

    @property
    def holds(self) -> bool:
        """Whether the space is certainly ours: only then is anything of it published."""
        ...

    @property
    def disputed(self) -> bool:
        """Whether it may be another studio's: then nothing of it is written down."""
        ...


class Tape(Protocol):
    """What keeps a programme: `programme.drivers.recording.Recorder`."""

    written: int

    @property
    def missed(self) -> int:
        """Messages that are in no recording."""
        ...

    def add(self, message: bytes) -> None:
        """Take a packed message; never waits."""
        ...

    def close(self) -> None:
        """Write what waits; from a thread of its own, for it waits for the disk."""
        ...


class NoTape:
    """Where nothing is recorded."""

    written = missed = 0

    def __init__(self, space: str) -> None: ...

    def add(self, message: bytes) -> None:
        """Forget it."""

    def close(self) -> None:
        """Nothing waits."""


@dataclass(frozen=True, slots=True)
class Means:
    """What a space needs of the studio."""

    backbone: StudioBackbone
    clock: Clock
    engine: Engine
    hold_pcm: Sound
    fresh_id: Callable[[], str]
    boot: str
    """Names this machine's monotonic clock until the next reboot."""
    audience: Callable[[str, str], Figures]
    """The audience of a space and its run, over all edges."""
    reactions: Callable[[str], Mapping[str, int]]
    """Reactions in a space that are to be told now, each only once."""
    forum: Callable[[str], Forum]
    """The questions and the poll of a space."""
    record: Callable[[str, Callable[[], bool]], Record]
    """The record of a space, given whether the space may be another studio's."""
    configuration: Mapping[str, Any]
    """What the journal keeps of the versions and options that an evening ran on; no secret."""
    asks: Callable[[str], tuple[AskLike, ...]] = lambda _: ()
    """Raised hands of a space that carry a claim, in order of raising."""
    booth: Booth | None = None
    """Where announcements are made; without one nothing is announced, and no own loop played."""
    recorder: Callable[[str], Tape] = NoTape
    """The recorder of a space."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What went wrong in one space since this studio took it."""

    skipped_messages: int
    reopened: int
    notices_dropped: int
    lost_lines: int
    unsaid: int = 0
    """Announcements that found no moment, or no voice."""
    recorded: int = 0
    unrecorded: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """A space as it was left.

    `revision` is that of its state in the bucket, 0 if it has none; `next_message` follows the
    newest message of its run that anybody has heard.
    """

    state: SpaceState
    revision: int = 0
    next_message: int = 0


def begun_of(found: Found) -> Begun:
    """The run that is gone on with, if there is one."""
    state = found.state
    return Begun(
        run=state.run,
        epoch_utc_us=state.epoch_utc_us,
        stepped_us=state.stepped_us,
        boot=state.boot,
        zero_mono_us=state.zero_mono_us,
        next_message=found.next_message,
    )


def plan_of(plan: SpaceDef) -> dict[str, Any]:
    """What of the desk's plan an evening is judged by later."""
    return {"title": plan.title, "t0_utc_us": plan.t0_utc_us, "at_once": plan.start_at_once}


def plan_left(state: SpaceState, plan: SpaceDef) -> dict[str, Any]:
    """The same as the last studio knew it."""
    t0_utc_us = state.planned_t0_utc_us or state.t0_utc_us
    return plan_of(plan) | {"title": state.title, "t0_utc_us": t0_utc_us}
