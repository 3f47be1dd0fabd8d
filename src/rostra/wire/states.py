"""Spaces and edges as they are planned and as they are: JSON in the backbone's buckets."""

from typing import Any

import msgspec

from rostra.domain.space import State


class SpaceDef(msgspec.Struct, frozen=True):
    """A space as the desk wrote it down: bucket `defs`, key SPACE, JSON."""

    id: str
    title: str
    t0_utc_us: int
    hosts: tuple[str, ...] = ()
    description: str = ""
    language: str = "en"
    doors_before_s: int = 1_800
    cancelled: bool = False
    start_at_once: bool = False
    """An operator's explicit start: live as soon as a studio takes it, host or not."""
    hold: str = ""
    """The object of the space's own hold loop (`wire.hold`); the house's where empty."""
    announcements: dict[str, str] = {}
    """Objects of announcements that a host recorded, by `welcome`, `late`, `break`."""


class OnStage(msgspec.Struct, frozen=True):
    """One person on the stage as everybody may know them."""

    id: str
    name: str
    role: str
    muted: bool
    here: bool
    """False while their connection is lost and their place is kept."""
    speaking: bool = False
    where: str = "stage"
    """`stage`, or `backstage`: heard there alone."""
    until_utc_us: int = 0
    """When their time is up; 0 without a limit."""
    photo: str = ""
    """The object of their photograph, served below `/live/SPACE/photos/`."""


class Question(msgspec.Struct, frozen=True):
    """A written question of a listener; `backs` counts the listeners who want it asked."""

    id: str
    text: str
    name: str = ""
    backs: int = 0
    state: str = "pending"
    """`pending` (hosts alone see it), `shown`, `answered`."""


class Poll(msgspec.Struct, frozen=True):
    """A poll: `votes[i]` listeners chose `choices[i]`, one voice each."""

    id: str
    question: str
    choices: tuple[str, ...]
    votes: tuple[int, ...]
    open: bool = True


class FloorState(msgspec.Struct, frozen=True):
    """What a next studio needs of a stage beside those who are seen on it; nobody else is told.

    `bans` are hashes of accounts, devices and listeners; `closed_links` the subjects of links that
    let nobody in any more; `asks` the queue: claim, name, note, the host's note; `invitations`
    those that can be claimed, with when they end (UTC, µs).
    """

    backstage: tuple[OnStage, ...] = ()
    bans: tuple[str, ...] = ()
    closed_links: tuple[str, ...] = ()
    asks: tuple[tuple[str, str, str, str], ...] = ()
    invitations: tuple[tuple[str, int], ...] = ()
    locked: bool = False
    arrive: str = "stage"
    hosted: bool = False
    """A host has been here in this run: without one the stage is locked."""
    roles: tuple[tuple[str, str], ...] = ()
    """Roles that hosts gave, by participant: they come back with a resume ticket."""
    marks: dict[str, tuple[str, str, str, str]] = {}
    """What each is known by who has a place: link, and hashes of account, device, listener."""


class SpaceState(msgspec.Struct, frozen=True):
    """A space as its studio runs it: bucket `state`, key SPACE, and `state.json`."""

    id: str
    title: str
    state: State
    t0_utc_us: int
    hosts: tuple[str, ...] = ()
    description: str = ""
    language: str = "en"
    since_utc_us: int = 0
    reason: str = ""
    run: str = ""
    epoch_utc_us: int = 0
    listening: int = 0
    """Open connections and HLS sessions over all edges, merged once a second."""
    stage: tuple[OnStage, ...] = ()
    stepped_us: int = 0
    """How far the machine's UTC clock has stepped in this run, which the programme did not follow:
    pts 0 is at `epoch_utc_us` + `stepped_us` by the clock as it is now."""
    removed: tuple[str, ...] = ()
    """Participants whom a host took off the stage, so that the next studio refuses them too."""
    boot: str = ""
    """The monotonic clock that `zero_mono_us` is read from: another word after each reboot."""
    zero_mono_us: int = 0
    """Where pts 0 lies on that clock: a studio that comes back knows how much time has passed."""
    hls: int = 0
    """The HLS sessions among `listening`."""
    unique: int = 0
    """How many different listeners this run has had, estimated; 0 when unknown."""
    hands: int = 0
    """Raised hands."""
    planned_t0_utc_us: int = 0
    """T0 as it was announced at first; 0 where it is still that."""
    waits_for: str = ""
    """What a late start waits for: `host`, or nothing."""
    slips: int = 0
    """How often T0 has been moved because it could not be kept."""
    source: str = "hold"
    """What is heard: `hold` or `stage`."""
    next: str = ""
    message: str = ""
    questions_mode: str = "approved"
    questions: tuple[Question, ...] = ()
    """Those that are shown, most backed first."""
    poll: Poll | None = None
    floor: FloorState = FloorState()
    audience: dict[str, Any] = {}
    """What a next studio needs of questions and polls; nobody else is told."""


class EdgeInfo(msgspec.Struct, frozen=True):
    """One edge as it announces itself: bucket `edges`, key EDGE, JSON; also in `edges.json`.

    `bases` are tried in order: its own address, then the way through the front door.
    """

    id: str
    bases: tuple[str, ...]
    weight: int = 1
    draining: bool = False
    """It is being emptied and takes newcomers as a last resort only."""
