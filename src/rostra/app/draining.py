"""`rostra edge --drain`: empties edges of this machine, and brings them back."""

import os
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec
from prometheus_client.parser import text_string_to_metric_families

from rostra.app.config import Settings
from rostra.app.edge_rows import DrainOrder, EdgeRow, EdgesState, read_edges, write_order
from rostra.app.house_state import NoHouseError
from rostra.delivery.moving import GRACE_S
from rostra.domain.errors import HouseError, NotFoundError
from rostra.wire.states import EdgeInfo

LOOK_S: Final = 0.25
"""How often the edges are asked how many are left."""

PATIENCE_S: Final = 10.0
"""How long an edge may take beyond its time, and to come back."""

ANSWER_WAIT_S: Final = 2.0
"""A healthy edge answers in milliseconds, on a busy machine in tenths of a second."""

Tell = Callable[[str], None]


@dataclass
class Emptied:
    """One edge that was drained: how many listened when it began, and how long it took."""

    edge: str
    listened: int
    seconds: float


class _EdgeList(msgspec.Struct, frozen=True):
    edges: tuple[EdgeInfo, ...]


def drain(
    settings: Settings, names: Sequence[str], within_s: int, tell: Tell, *, force: bool = False
) -> list[Emptied]:
    """Empty the edges of these names (none: all of this machine) and wait until they have ended.

    Raises HouseError where no other edge would be left, unless `force`.
    """
    state = _running(settings)
    rows = [row for row in _chosen(state, names) if not row.drained]
    if not rows:
        return []
    house = settings.model_copy(update={"port": state.port})
    if not force:
        _require_others(house, rows)
    listened = {row.id: _listeners(house.edge_admin_port(row.index)) or 0 for row in rows}
    write_order(settings, DrainOrder(within_s))
    for row in rows:
        tell(f"{row.id}: {listened[row.id]} listening.")
        os.kill(row.pid, signal.SIGUSR1)
    tell("Ctrl-C stops watching; the edges are emptied all the same.")
    return _watched(house, rows, within_s, tell, listened)


def undrain(settings: Settings) -> list[str]:
    """Have the parent start all edges that were drained; their names, once they run."""
    state = _running(settings)
    away = [row.id for row in state.edges if row.drained]
    if not away:
        return []
    os.kill(state.pid, signal.SIGUSR1)
    deadline = time.monotonic() + PATIENCE_S
    while any(row.id in away and not row.alive for row in _running(settings).edges):
        if time.monotonic() > deadline:
            sentence = f"{', '.join(away)} did not come back. Look into the log of the edges."
            raise HouseError(sentence)
        time.sleep(LOOK_S)
    return away


def _running(settings: Settings) -> EdgesState:
    state = read_edges(settings)
    if state is None or not state.alive:
        sentence = f"No edges run on {settings.data}. Name the folder of the house with --data."
        raise NoHouseError(sentence)
    return state


def _chosen(state: EdgesState, names: Sequence[str]) -> list[EdgeRow]:
    known = {row.id: row for row in state.edges}
    for name in names:
        if name not in known:
            sentence = f"There is no edge {name[:80]!r} on this machine; there are "
            raise NotFoundError(sentence + f"{', '.join(known)}.")
    rows = [known[name] for name in dict.fromkeys(names)] if names else list(state.edges)
    for row in rows:
        if not row.drained and not row.alive:
            sentence = f"{row.id} is just being started; try again in a few seconds."
            raise HouseError(sentence)
    return rows


def _require_others(house: Settings, rows: list[EdgeRow]) -> None:
    """Whoever is drained must have somewhere to go."""
    leaving = {row.id for row in rows}
    body = _get(f"http://127.0.0.1:{house.edge_port(rows[0].index)}/live/edges.json")
    try:
        edges = msgspec.json.decode(body or b"", type=_EdgeList).edges
    except msgspec.MsgspecError as error:
        sentence = f"{rows[0].id} does not say which other edges there are. Look at 'rostra ps',"
        raise HouseError(sentence + " or use --force.") from error
    if not any(e.id not in leaving and e.weight > 0 and not e.draining for e in edges):
        sentence = "No other edge of this house takes listeners: they would have nowhere to go."
        raise HouseError(sentence + " Start another edge first, or use --force.")


def _watched(
    house: Settings, rows: list[EdgeRow], within_s: int, tell: Tell, listened: dict[str, int]
) -> list[Emptied]:
    began = time.monotonic()
    deadline = began + within_s + GRACE_S + PATIENCE_S
    last = dict(listened)
    done: list[Emptied] = []
    while len(done) < len(rows):
        if time.monotonic() > deadline:
            sentence = "The edges did not end in their time. Look into their log."
            raise HouseError(sentence)
        ended = {one.edge for one in done}
        for row in [row for row in rows if row.id not in ended]:
            if not row.alive:
                if not _emptied(house, row):
                    continue
                done.append(Emptied(row.id, listened[row.id], time.monotonic() - began))
                tell(f"{row.id} is empty and has ended after {done[-1].seconds:.0f} s.")
                continue
            left = _listeners(house.edge_admin_port(row.index))
            if left is not None and left != last[row.id]:
                last[row.id] = left
                tell(f"{row.id}: {left} listening.")
        time.sleep(LOOK_S)
    return done


def _emptied(house: Settings, row: EdgeRow) -> bool:
    """Whether an edge that has ended did so because it was empty; False until its parent tells.

    Raises HouseError for one that has died instead.
    """
    now = next((one for one in _running(house).edges if one.id == row.id), row)
    if not now.drained and (now.pid, now.started) != (row.pid, row.started):
        sentence = f"{row.id} ended before it was empty and was started again: it takes listeners."
        raise HouseError(sentence + " Look into the log of the edges, then drain it once more.")
    return now.drained


def _listeners(port: int) -> int | None:
    body = _get(f"http://127.0.0.1:{port}/metrics")
    return None if body is None else int(sum(_samples(body.decode(), "rostra_edge_listeners")))


def _samples(text: str, name: str) -> Iterator[float]:
    for family in text_string_to_metric_families(text):
        if family.name == name:
            yield from (sample.value for sample in family.samples)


def _get(url: str) -> bytes | None:
    """A small answer of an edge of this machine, or None where it does not come."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=ANSWER_WAIT_S) as answer:
            body: bytes = answer.read()
            return body
    except (OSError, urllib.error.URLError):
        return None
