"""The rows of `rostra ps`: what the house told, with each forked edge by itself."""

import http.client
from typing import Final

import psutil

from rostra.app.config import load
from rostra.app.house_state import HouseState, ProcessState

PROBE_WAIT_S: Final = 2.0
"""A healthy edge answers in milliseconds, on a busy machine in tenths of a second."""


def rows_of(state: HouseState) -> list[ProcessState]:
    """One row a process; the edges' parent is followed by the edges that it forked."""
    rows = [ProcessState("house", state.pid, state.origin, healthy=True, restarts=0)]
    for process in state.processes:
        rows.append(process)
        if process.role == "edges":
            rows += _forked(process, state.port)
    return rows


def _forked(parent: ProcessState, port: int) -> list[ProcessState]:
    settings = load(port=port)
    try:
        children = sorted(psutil.Process(parent.pid).children(), key=lambda child: child.pid)
    except (psutil.Error, ValueError):
        return []
    found = []
    for child in children:
        index = _index(child, settings.edge_admin_port(0))
        if index is not None:
            address = f"{settings.edge.bind}:{settings.edge_port(index)}"
            found.append(
                ProcessState(
                    "edge",
                    child.pid,
                    address,
                    _healthy(settings.edge_admin_port(index)),
                    restarts=0,
                )
            )
    return found


def _healthy(port: int) -> bool:
    door = http.client.HTTPConnection("127.0.0.1", port, timeout=PROBE_WAIT_S)
    try:
        door.request("GET", "/healthz")
        return door.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        door.close()


def _index(child: psutil.Process, first_port: int) -> int | None:
    """Which edge a child is, by the health port that it alone holds."""
    try:
        ports = {
            connection.laddr[1]
            for connection in child.net_connections(kind="tcp")
            if connection.status == psutil.CONN_LISTEN
        }
    except psutil.Error:
        return None
    held = [port - first_port for port in ports if 0 <= port - first_port < 64]  # noqa: PLR2004 - edge.count's limit
    return held[0] if len(held) == 1 else None
