"""What the edges' parent tells of its children in `DATA/run/edges.json`, for other commands."""

import contextlib
from pathlib import Path

import msgspec

from rostra.app.config import Settings
from rostra.app.house_state import began_at
from rostra.app.secrets import write_private


class EdgeRow(msgspec.Struct, frozen=True):
    """One forked edge; `pid` is 0 while it is not there."""

    index: int
    pid: int
    restarts: int
    id: str = ""
    started: float = 0.0
    """When the process began, as `house_state.began_at` tells it."""
    drained: bool = False
    """It has been emptied and is not to be there."""

    @property
    def alive(self) -> bool:
        """Whether the process of that number is the edge that was told of."""
        return self.pid > 0 and began_at(self.pid) == self.started


class EdgesState(msgspec.Struct, frozen=True):
    """The edges' parent and its children."""

    pid: int
    started: float
    port: int
    """That of the front door, from which the edges' own are counted."""
    edges: tuple[EdgeRow, ...]

    @property
    def alive(self) -> bool:
        """Whether the parent still is there."""
        return began_at(self.pid) == self.started


class DrainOrder(msgspec.Struct, frozen=True):
    """What an edge reads when it is told to drain."""

    within_s: int


def write_edges(settings: Settings, state: EdgesState) -> None:
    """Replace what was told before; a disk that is full costs `rostra ps` a row, nobody else."""
    with contextlib.suppress(OSError):
        write_private(_path(settings), msgspec.json.encode(state).decode())


def read_edges(settings: Settings) -> EdgesState | None:
    """What was told last; None where that does not read."""
    try:
        return msgspec.json.decode(_path(settings).read_bytes(), type=EdgesState)
    except (OSError, msgspec.MsgspecError):
        return None


def read_rows(settings: Settings) -> tuple[EdgeRow, ...]:
    """The children told of last."""
    state = read_edges(settings)
    return () if state is None else state.edges


def write_order(settings: Settings, order: DrainOrder) -> None:
    """Say how to drain; to be read by the edges that are then told to."""
    write_private(_order_path(settings), msgspec.json.encode(order).decode())


def read_order(settings: Settings) -> DrainOrder | None:
    """The last order, or None where it does not read."""
    try:
        return msgspec.json.decode(_order_path(settings).read_bytes(), type=DrainOrder)
    except (OSError, msgspec.MsgspecError):
        return None


def _path(settings: Settings) -> Path:
    return settings.data / "run" / "edges.json"


def _order_path(settings: Settings) -> Path:
    return settings.data / "run" / "drain.json"
