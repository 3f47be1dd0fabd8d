"""The board as the documents of Atlassian Statuspage's public API, version 2, path for path.

Field names, their order and words are those that Statuspage's own pages answer with (such as
`githubstatus.com/api/v2/summary.json`), so that programs written for them read this page too.
What only this page knows stands under one more key, `rostra`, which such programs pass over.
Times are RFC 3339 in UTC with milliseconds; an unknown one is null.
"""

import hashlib
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any, Final

from rostra.domain.errors import NotFoundError
from rostra.watch.board import INCIDENTS_MAX, Board, ComponentView
from rostra.watch.components import Status
from rostra.watch.moments import iso_ms
from rostra.watch.published_evidence import of_board, of_component
from rostra.watch.statuspage_incidents import ACTIVE, OPEN, UPCOMING, incident, maintenance

Json = dict[str, Any]

FIXED: Final = (
    "summary",
    "status",
    "components",
    "incidents",
    "incidents/unresolved",
    "scheduled-maintenances",
    "scheduled-maintenances/upcoming",
    "scheduled-maintenances/active",
)
"""Names of the documents that every page has; beside them one a component and an incident."""
_WORST_LAST: Final = list(Status)
_PAGE_ID_CHARS: Final = 12


class Documents:
    """The documents of one board; what several of them share is made once."""

    def __init__(self, board: Board) -> None:
        self._board = board

    def names(self) -> Iterator[str]:
        """The name of each, without `.json`."""
        yield from FIXED
        yield from (f"components/{one['id']}" for one in self._components)
        yield from (f"incidents/{one['id']}" for one in (*self._incidents, *self._works))

    def document(self, name: str) -> Json:
        """The document at `/status/api/v2/{name}.json`; NotFoundError where there is none."""
        kind, _, id_ = name.partition("/")
        page = {"page": _page(self._board)}
        if name in FIXED:
            return page | self._fixed()[name]()
        if kind == "components":
            return page | {"component": _one(self._components, id_, "component")}
        if kind == "incidents":
            rows = [*self._incidents, *self._works]
            return page | {"incident": _one(rows, id_, "incident")}
        sentence = f"There is no document {name[:80]}.json here. Begin with summary.json."
        raise NotFoundError(sentence)

    def _fixed(self) -> dict[str, Callable[[], Json]]:
        works = "scheduled_maintenances"
        return {
            "summary": self._summary,
            "status": lambda: {"status": _status(self._board)},
            "components": lambda: {"components": self._components},
            "incidents": lambda: {"incidents": self._incidents[:INCIDENTS_MAX]},
            "incidents/unresolved": lambda: {"incidents": self._unresolved()},
            "scheduled-maintenances": lambda: {works: self._works},
            "scheduled-maintenances/upcoming": lambda: {works: self._with(UPCOMING)},
            "scheduled-maintenances/active": lambda: {works: self._with(ACTIVE)},
        }

    def _summary(self) -> Json:
        return {
            "components": self._components,
            "incidents": self._unresolved(),
            "scheduled_maintenances": self._with((*UPCOMING, *ACTIVE)),
            "status": _status(self._board),
            "rostra": of_board(self._board),
        }

    @cached_property
    def _components(self) -> list[Json]:
        return _components(self._board)

    @cached_property
    def _incidents(self) -> list[Json]:
        page, url = page_id(self._board), self._board.public_url
        return [incident(one, page, url, self._components) for one in self._board.incidents]

    @cached_property
    def _works(self) -> list[Json]:
        page, url = page_id(self._board), self._board.public_url
        return [maintenance(one, page, url, self._components) for one in self._board.maintenances]

    def _unresolved(self) -> list[Json]:
        return [one for one in self._incidents if one["status"] in OPEN]

    def _with(self, statuses: tuple[str, ...]) -> list[Json]:
        return [one for one in self._works if one["status"] in statuses]


def names(board: Board) -> Iterator[str]:
    """The name of each document of the board."""
    return Documents(board).names()


def document(board: Board, name: str) -> Json:
    """One document of the board; NotFoundError where there is none."""
    return Documents(board).document(name)


def page_id(board: Board) -> str:
    """Twelve characters that stay the same as long as the page's address does."""
    return hashlib.sha256(board.public_url.encode()).hexdigest()[:_PAGE_ID_CHARS]


def group_id(board: Board, name: str) -> str:
    """A group's id; the `_` keeps it apart from every component's, which never has one."""
    known = f"{board.public_url} {name}".encode()
    return f"group_{hashlib.sha256(known).hexdigest()[:_PAGE_ID_CHARS]}"


def changed_utc_us(board: Board) -> int:
    """When anything last changed that the page tells; 0 for an empty one."""
    told = [one.updated_utc_us for one in board.components]
    told += [one.updated_utc_us for one in board.incidents]
    told += [one.updated_utc_us for one in board.maintenances]
    return max(told, default=0)


def _page(board: Board) -> Json:
    return {
        "id": page_id(board),
        "name": board.name,
        "url": f"{board.public_url}/status",
        "time_zone": "Etc/UTC",
        # Not the board's own age: the document would change at every look, and its ETag with it.
        "updated_at": iso_ms(changed_utc_us(board)),
    }


def _status(board: Board) -> Json:
    return {"indicator": str(board.impact), "description": board.description}


def _components(board: Board) -> list[Json]:
    """Groups and components, each group before its own; positions count from 1 on each floor."""
    listed: list[Json] = []
    done: set[str] = set()
    top = 0
    for view in sorted(board.components, key=lambda one: one.position):
        if view.group and view.group in done:
            continue
        top += 1
        if not view.group:
            listed.append(component(board, view, top))
            continue
        done.add(view.group)
        listed += _group(board, view.group, top)
    return listed


def _group(board: Board, name: str, position: int) -> list[Json]:
    members = sorted(
        (one for one in board.components if one.group == name), key=lambda one: one.position
    )
    head = {
        "id": group_id(board, name),
        "name": name,
        "status": str(max((one.status for one in members), key=_WORST_LAST.index)),
        "created_at": iso_ms(min(one.created_utc_us for one in members)),
        "updated_at": iso_ms(max(one.updated_utc_us for one in members)),
        "position": position,
        "description": None,
        "showcase": False,
        "start_date": None,
        "group_id": None,
        "page_id": page_id(board),
        "group": True,
        "only_show_if_degraded": False,
        "components": [one.id for one in members],
    }
    return [head, *(component(board, one, place) for place, one in enumerate(members, start=1))]


def component(board: Board, view: ComponentView, position: int) -> Json:
    """One component as Statuspage tells it, with our evidence beside it."""
    return {
        "id": view.id,
        "name": view.name,
        "status": str(view.status),
        "created_at": iso_ms(view.created_utc_us),
        "updated_at": iso_ms(view.updated_utc_us),
        "position": position,
        "description": view.description or None,
        "showcase": True,
        "start_date": None,
        "group_id": group_id(board, view.group) if view.group else None,
        "page_id": page_id(board),
        "group": False,
        "only_show_if_degraded": False,
        "rostra": of_component(view),
    }


def _one(rows: list[Json], id_: str, what: str) -> Json:
    for row in rows:
        if row["id"] == id_:
            return row
    sentence = f"There is no {what} {id_[:80]} here. See {what}s.json for those there are."
    raise NotFoundError(sentence)
