"""What a document of Statuspage's public API may hold: every field, its type, and its words.

The list is of what Statuspage's own pages answer with; `complaints` names each place in a
document that departs from it. The one key `rostra` is passed over, as foreign programs do.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

OWN = "rostra"
AT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
COMPONENT_STATUS = {
    "operational",
    "under_maintenance",
    "degraded_performance",
    "partial_outage",
    "major_outage",
}
INCIDENT_STATUS = {"investigating", "identified", "monitoring", "resolved", "postmortem"}
WORK_STATUS = {"scheduled", "in_progress", "verifying", "completed"}
IMPACT = {"none", "minor", "major", "critical"}


class At:
    """A time as Statuspage writes it, `2026-11-29T20:05:00.000Z`."""


class Rows:
    """A list of one shape."""

    def __init__(self, shape: object) -> None:
        self.shape = shape


class Maybe:
    """Null, or a shape."""

    def __init__(self, shape: object) -> None:
        self.shape = shape


PAGE = {"id": str, "name": str, "url": str, "time_zone": {"Etc/UTC"}, "updated_at": At}
STATUS = {"indicator": IMPACT | {"maintenance"}, "description": str}
COMPONENT = {
    "id": str,
    "name": str,
    "status": COMPONENT_STATUS,
    "created_at": At,
    "updated_at": At,
    "position": int,
    "description": Maybe(str),
    "showcase": bool,
    "start_date": Maybe(str),
    "group_id": Maybe(str),
    "page_id": str,
    "group": bool,
    "only_show_if_degraded": bool,
}
GROUP = COMPONENT | {"components": Rows(str)}
AFFECTED = {
    "code": str,
    "name": str,
    "old_status": COMPONENT_STATUS,
    "new_status": COMPONENT_STATUS,
}
UPDATE = {
    "id": str,
    "status": INCIDENT_STATUS | WORK_STATUS,
    "body": str,
    "incident_id": str,
    "created_at": At,
    "updated_at": At,
    "display_at": At,
    "affected_components": Maybe(Rows(AFFECTED)),
    "deliver_notifications": bool,
    "custom_tweet": Maybe(str),
    "tweet_id": Maybe(str),
}
INCIDENT = {
    "id": str,
    "name": str,
    "status": INCIDENT_STATUS,
    "created_at": At,
    "updated_at": At,
    "monitoring_at": Maybe(At),
    "resolved_at": Maybe(At),
    "impact": IMPACT,
    "shortlink": str,
    "started_at": At,
    "page_id": str,
    "incident_updates": Rows(UPDATE),
    "components": Rows(COMPONENT),
    "reminder_intervals": Maybe(str),
    "postmortem_ignored": bool,
    "postmortem_body": Maybe(str),
    "postmortem_body_last_updated_at": Maybe(At),
    "postmortem_published_at": Maybe(At),
    "postmortem_notified_subscribers": bool,
    "postmortem_notified_twitter": bool,
}
WORK = {key: shape for key, shape in INCIDENT.items() if not key.startswith("postmortem")} | {
    "status": WORK_STATUS,
    "impact": {"maintenance"},
    "scheduled_for": At,
    "scheduled_until": At,
}


def shape_of(name: str, document: Mapping[str, Any]) -> dict[str, object]:
    """The shape of the document that is called `name`."""
    fixed: dict[str, dict[str, object]] = {
        "summary": {
            "status": STATUS,
            "components": Rows(COMPONENT),
            "incidents": Rows(INCIDENT),
            "scheduled_maintenances": Rows(WORK),
        },
        "status": {"status": STATUS},
        "components": {"components": Rows(COMPONENT)},
        "incidents": {"incidents": Rows(INCIDENT)},
        "incidents/unresolved": {"incidents": Rows(INCIDENT)},
    }
    if name in fixed:
        return {"page": PAGE, **fixed[name]}
    if name.startswith("scheduled-maintenances"):
        return {"page": PAGE, "scheduled_maintenances": Rows(WORK)}
    if name.startswith("components/"):
        return {"page": PAGE, "component": COMPONENT}
    work = "scheduled_for" in document["incident"]
    return {"page": PAGE, "incident": WORK if work else INCIDENT}


def complaints(name: str, document: Mapping[str, Any]) -> list[str]:
    """Every departure of a document from its shape, by its place."""
    return list(_departures(name, document, shape_of(name, document)))


def _departures(place: str, value: object, shape: object) -> Iterator[str]:
    if isinstance(shape, Maybe):
        return iter(()) if value is None else _departures(place, value, shape.shape)
    if isinstance(shape, Rows):
        return _rows(place, value, shape)
    if isinstance(shape, dict):
        return _fields(place, value, shape)
    return _simple(place, value, shape)


def _simple(place: str, value: object, shape: object) -> Iterator[str]:
    if isinstance(shape, set):
        if value not in shape:
            yield f"{place}: {value!r} is none of {sorted(shape)}"
    elif shape is At:
        if not isinstance(value, str) or not AT.fullmatch(value):
            yield f"{place}: {value!r} is no time"
    elif type(value) is not shape:
        yield f"{place}: {value!r} is no {shape}"


def _rows(place: str, value: object, shape: Rows) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{place}: {value!r} is no list"
        return
    for number, one in enumerate(value):
        yield from _departures(f"{place}[{number}]", one, shape.shape)


def _fields(place: str, value: object, shape: dict[str, object]) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{place}: {value!r} is no object"
        return
    if shape is COMPONENT and value.get("group"):
        shape = GROUP
    found = set(value) - {OWN}
    yield from (f"{place}: {key} is missing" for key in sorted(set(shape) - found))
    yield from (f"{place}: {key} is not known" for key in sorted(found - set(shape)))
    for key in sorted(found & set(shape)):
        yield from _departures(f"{place}.{key}", value[key], shape[key])
