"""The rows of `rostra ps`: what the house told, with each forked edge by itself."""

import http.client
from typing import Final

import psutil

from rostra.app.config import Settings
from rostra.app.edge_rows import EdgeRow, read_rows
from rostra.app.house_state import HouseState, ProcessState
from rostra.app.watch_record import ROLE, read_record

PROBE_WAIT_S: Final = 2.0
"""A healthy edge answers in milliseconds, on a busy machine in tenths of a second."""


def rows_of(state: HouseState, settings: Settings) -> list[ProcessState]:
    """One row a process; the edges' parent is followed by the edges that it forked."""
    house = settings.model_copy(update={"port": state.port})
    rows = [ProcessState("house", state.pid, state.origin, healthy=True, restarts=0)]
    for process in state.processes:
        rows.append(process)
        if process.role == "edges":
            forked = _children(process.pid)
            rows += [_row(row, house) for row in read_rows(settings) if row.pid in forked]
    return rows if any(row.role == ROLE for row in rows) else [*rows, *watch_rows(settings)]


def watch_rows(settings: Settings) -> list[ProcessState]:
    """The watch that runs on this data folder, whoever started it, also where no house does."""
    record = read_record(settings)
    if record is None:
        return []
    return [ProcessState(ROLE, record.pid, record.address, _healthy(record.health_port), 0)]


def _children(parent: int) -> set[int]:
    """Who was told of before is perhaps not there any more, and its number another's."""
    try:
        return {child.pid for child in psutil.Process(parent).children()} if parent else set()
    except psutil.Error:
        return set()


def _row(row: EdgeRow, house: Settings) -> ProcessState:
    address = f"{house.edge_bind}:{house.edge_port(row.index)}"
    healthy = _healthy(house.edge_admin_port(row.index))
    return ProcessState("edge", row.pid, address, healthy, row.restarts)


def _healthy(port: int) -> bool:
    door = http.client.HTTPConnection("127.0.0.1", port, timeout=PROBE_WAIT_S)
    try:
        door.request("GET", "/healthz")
        return door.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        door.close()
