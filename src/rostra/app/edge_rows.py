"""What the edges' parent tells of its children in `DATA/run/edges.json`, for `rostra ps`."""

import contextlib
from pathlib import Path

import msgspec

from rostra.app.config import Settings
from rostra.app.secrets import write_private


class EdgeRow(msgspec.Struct, frozen=True):
    """One forked edge; `pid` is 0 while it is not there."""

    index: int
    pid: int
    restarts: int


def write_rows(settings: Settings, rows: list[EdgeRow]) -> None:
    """Replace what was told before; a disk that is full costs `rostra ps` a row, nobody else."""
    with contextlib.suppress(OSError):
        write_private(_path(settings), msgspec.json.encode(rows).decode())


def read_rows(settings: Settings) -> list[EdgeRow]:
    """What was told last; nothing where that does not read."""
    try:
        return msgspec.json.decode(_path(settings).read_bytes(), type=list[EdgeRow])
    except (OSError, msgspec.MsgspecError):
        return []


def _path(settings: Settings) -> Path:
    return settings.data / "run" / "edges.json"
