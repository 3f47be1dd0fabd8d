"""The one sentence that the listener's page shows when something is wrong, and no more.

It tells of the worst thing that is open: a person's or the probes' incident, then announced work
that is under way or begins within an hour, then reports that are unusual while probes are fine.
"""

from typing import Any, Final

from rostra.watch.board import Board, IncidentView, MaintenanceView
from rostra.watch.components import Impact
from rostra.watch.moments import clock
from rostra.watch.statuspage_incidents import ACTIVE, OPEN

Json = dict[str, Any]

SOON_US: Final = 3_600_000_000
"""Announced work is told this long before: who has come to listen wants to know."""
NAME_CHARS_MAX: Final = 200
"""A longer name is cut: a banner is one line, or two on a phone."""
_SEVERITY: Final = (Impact.MINOR, Impact.MAJOR, Impact.CRITICAL)
_STATUS: Final = {
    "investigating": {"en": "we are investigating", "es": "lo estamos investigando"},
    "identified": {"en": "the cause is known", "es": "la causa es conocida"},
    "monitoring": {"en": "a remedy is in place", "es": "hay un remedio en marcha"},
}
_PROBES: Final = {
    "ok": {"en": "ok", "es": "bien"},
    "failing": {"en": "failing", "es": "fallan"},
    "mixed": {"en": "mixed", "es": "desiguales"},
}
_UNKNOWN: Final = {"en": "unknown", "es": "se desconoce"}


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
    state = _STATUS[worst.status]
    texts = {language: f"{_cut(worst.name)}: {said}." for language, said in state.items()}
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
    probes = _PROBES.get(first.probes.state, _UNKNOWN)
    times, name = f"{first.level.times:.1f}", _cut(first.name)
    veces = times.replace(".", ",")
    texts = {
        "en": f"{name}: reports {times} times usual; our probes: {probes['en']}.",
        "es": f"{name}: avisos {veces} veces lo habitual; nuestras sondas: {probes['es']}.",
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


def _cut(name: str) -> str:
    return name if len(name) <= NAME_CHARS_MAX else name[: NAME_CHARS_MAX - 1] + "…"
