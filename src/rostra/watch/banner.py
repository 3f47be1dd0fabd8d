"""The one sentence that the listener's page shows when something is wrong, and no more.

It tells of the worst thing that is open: a person's or the probes' incident, then announced work
that is under way or begins within an hour, then reports that are unusual while probes are fine.
"""

from typing import Any, Final

from rostra.domain.language import LANGUAGES
from rostra.watch.board import Board, IncidentView, MaintenanceView
from rostra.watch.components import Impact
from rostra.watch.moments import clock
from rostra.watch.statuspage_incidents import ACTIVE, OPEN
from rostra.watch.words import evidence, status

Json = dict[str, Any]

SOON_US: Final = 3_600_000_000
"""Announced work is told this long before: who has come to listen wants to know."""
NAME_CHARS_MAX: Final = 200
"""A longer name is cut: a banner is one line, or two on a phone."""
_SEVERITY: Final = (Impact.MINOR, Impact.MAJOR, Impact.CRITICAL)


def banner(board: Board) -> Json:
    """`{open, kind, impact, id, url, components, since, text: {en, es}}`; closed, it is all empty.

    `kind` is `incident`, `maintenance`, `reports` or empty; `since` is in microseconds, UTC.
    """
    found = _incident(board) or _maintenance(board) or _reports(board)
    if found is not None:
        return {"open": True, **found}
    nothing: Json = {"open": False, "kind": "", "impact": "none", "id": "", "components": []}
    return nothing | {"url": f"{board.public_url}/status", "since": 0, "text": {"en": "", "es": ""}}


def _incident(board: Board) -> Json | None:
    worst = max(
        (one for one in board.incidents if one.status in OPEN and one.impact in _SEVERITY),
        key=lambda one: (_SEVERITY.index(one.impact), one.started_utc_us),
        default=None,
    )
    if worst is None:
        return None
    names = {"en": worst.name, "es": worst.name_es or worst.name}
    texts = {one: f"{_cut(name)}: {_lowered(worst.status, one)}." for one, name in names.items()}
    return _told(board, worst, "incident", str(worst.impact), worst.started_utc_us, texts)


def _maintenance(board: Board) -> Json | None:
    near = [one for one in board.maintenances if one.status in ACTIVE]
    near += [
        one
        for one in board.maintenances
        if one.status == "scheduled" and one.begins_utc_us - board.utc_us <= SOON_US
    ]
    if not near:
        return None
    one, name = near[0], _cut(near[0].name)
    begins, ends = clock(one.begins_utc_us), clock(one.ends_utc_us)
    texts = {
        "en": f"Announced work: {name}, {begins} to {ends}.",
        "es": f"Trabajos anunciados: {name}, de {begins} a {ends}.",
    }
    return _told(board, one, "maintenance", "maintenance", one.begins_utc_us, texts)


def _reports(board: Board) -> Json | None:
    draft = next((one for one in board.incidents if one.status in OPEN), None)
    if draft is None:
        return None
    named = {one.id: one for one in board.components}
    affected = [named[one] for one in draft.components if one in named]
    if not affected:
        return None
    first = affected[0]
    texts = {
        one: f"{_cut(first.name)}: {evidence(first.level, first.probes, one, board.utc_us)}."
        for one in LANGUAGES
    }
    return _told(board, draft, "reports", "none", draft.started_utc_us, texts)


def _told(  # noqa: PLR0913, PLR0917 - the fields of one object
    board: Board,
    about: IncidentView | MaintenanceView,
    kind: str,
    impact: str,
    since_utc_us: int,
    text: dict[str, str],
) -> Json:
    return {
        "kind": kind,
        "impact": impact,
        "id": about.id,
        "components": list(about.components),
        "url": f"{board.public_url}/status/incidents/{about.id}",
        "since": since_utc_us,
        "text": text,
    }


def _lowered(word: str, language: str) -> str:
    return status(word, language).lower()


def _cut(name: str) -> str:
    return name if len(name) <= NAME_CHARS_MAX else name[: NAME_CHARS_MAX - 1] + "…"
