"""What a running house tells about itself in `DATA/run/house.json`, for the other commands."""

from pathlib import Path

import msgspec
import psutil

from rostra.app.config import Settings
from rostra.app.secrets import write_private
from rostra.domain.errors import HouseError


class ProcessState(msgspec.Struct, frozen=True):
    """One process of the house, a row of `rostra ps`."""

    role: str
    pid: int
    address: str
    healthy: bool
    restarts: int


class HouseState(msgspec.Struct, frozen=True):
    """The whole house."""

    pid: int
    started: float
    """When the process began, as `began_at` tells it."""
    port: int
    origin: str
    processes: tuple[ProcessState, ...] = ()


class NoHouseError(HouseError):
    """No house runs on this data folder."""


def state_path(settings: Settings) -> Path:
    """Where the state stands."""
    return settings.data / "run" / "house.json"


def write_state(settings: Settings, state: HouseState) -> None:
    """Replace what was told before."""
    write_private(state_path(settings), msgspec.json.encode(state).decode())


def read_state(settings: Settings) -> HouseState:
    """What the running house tells; NoHouseError if none runs on this data folder."""
    path = state_path(settings)
    sentence = f"No house runs on {settings.data}. Start one with: rostra serve --data "
    sentence += str(settings.data)
    try:
        state = msgspec.json.decode(path.read_bytes(), type=HouseState)
    except (OSError, msgspec.MsgspecError) as error:
        raise NoHouseError(sentence) from error
    if not _alive(state):
        raise NoHouseError(sentence)
    return state


def desk_url(state: HouseState) -> str:
    """Where the desk of this house answers on this machine."""
    address = next((row.address for row in state.processes if row.role == "desk"), "")
    if not address:
        sentence = "The house is only just starting. Try again in a few seconds."
        raise HouseError(sentence)
    return f"http://{address}"


def began_at(pid: int) -> float:
    """When a process began, on a clock that no one sets; -1 where none of that number runs.

    On Linux ticks since the machine started (proc(5), field 22): psutil reckons them to UTC, which
    a step of the clock moves.
    """
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return _created(pid)
    fields = text.rpartition(")")[2].split()
    ended = fields[0] in _ENDED  # but nobody has asked for its exit code yet
    return -1.0 if ended else float(fields[19])


_ENDED = "ZXx"
"""States of a process that runs no more (proc(5), field 3)."""


def _created(pid: int) -> float:
    try:
        return psutil.Process(pid).create_time()
    except psutil.Error:
        return -1.0


def _alive(state: HouseState) -> bool:
    """Whether the process of that number is the one that wrote the state."""
    return began_at(state.pid) == state.started
