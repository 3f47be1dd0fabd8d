"""Incidents and announced work in the words of Atlassian Statuspage's public API."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from rostra.watch.board import IncidentView, MaintenanceView, UpdateView
from rostra.watch.components import Impact
from rostra.watch.moments import iso_ms
from rostra.watch.published_evidence import of_incident

Json = dict[str, Any]

OPEN: Final = ("investigating", "identified", "monitoring")
"""Statuses of an incident that is not over."""
UPCOMING: Final = ("scheduled",)
ACTIVE: Final = ("in_progress", "verifying")


def incident(view: IncidentView, page_id: str, public_url: str, components: list[Json]) -> Json:
    """One incident; `components` are all of the page, of which it gets its own."""
    over = view.resolved_utc_us or _last(view.updates, "resolved")
    row = _common(view, page_id, public_url, components)
    row |= {
        "monitoring_at": _at(_last(view.updates, "monitoring")),
        "resolved_at": _at(over) if view.status not in OPEN else None,
        "impact": str(view.impact),
        "started_at": iso_ms(view.started_utc_us),
    }
    return row | _postmortem(view) | {"rostra": of_incident(view)}


def maintenance(
    view: MaintenanceView, page_id: str, public_url: str, components: list[Json]
) -> Json:
    """Announced work: an incident of impact `maintenance` that has a planned beginning and end."""
    over = _last(view.updates, "completed") or view.updated_utc_us
    row = _common(view, page_id, public_url, components)
    return row | {
        "monitoring_at": _at(_last(view.updates, "verifying")),
        "resolved_at": iso_ms(over) if view.status == "completed" else None,
        "impact": str(Impact.MAINTENANCE),
        "started_at": iso_ms(view.created_utc_us),
        "scheduled_for": iso_ms(view.begins_utc_us),
        "scheduled_until": iso_ms(view.ends_utc_us),
        "rostra": {"cancelled": view.cancelled},
    }


def _common(
    view: IncidentView | MaintenanceView, page_id: str, public_url: str, components: list[Json]
) -> Json:
    names = {one["id"]: one["name"] for one in components}
    # Each key has its place here, for documents are read by people too.
    return {
        "id": view.id,
        "name": view.name,
        "status": view.status,
        "created_at": iso_ms(view.created_utc_us),
        "updated_at": iso_ms(view.updated_utc_us),
        "monitoring_at": None,
        "resolved_at": None,
        "impact": "",
        "shortlink": f"{public_url}/status/incidents/{view.id}",
        "started_at": None,
        "page_id": page_id,
        "incident_updates": [_update(view.id, one, names) for one in view.updates],
        "components": [one for one in components if one["id"] in view.components],
        "reminder_intervals": None,
    }


def _update(subject: str, view: UpdateView, names: Mapping[str, str]) -> Json:
    at = iso_ms(view.utc_us)
    changed = [
        {
            "code": one.component,
            "name": names.get(one.component, one.component),
            "old_status": str(one.old),
            "new_status": str(one.new),
        }
        for one in view.affected
    ]
    return {
        "id": view.id,
        "status": view.status,
        "body": view.body,
        "incident_id": subject,
        "created_at": at,
        "updated_at": at,
        "display_at": at,
        "affected_components": changed or None,
        "deliver_notifications": True,
        "custom_tweet": None,
        "tweet_id": None,
    }


def _postmortem(view: IncidentView) -> Json:
    written = _at(_last(view.updates, "postmortem") or view.updated_utc_us)
    at = written if view.postmortem else None
    return {
        "postmortem_ignored": False,
        "postmortem_body": view.postmortem or None,
        "postmortem_body_last_updated_at": at,
        "postmortem_published_at": at,
        "postmortem_notified_subscribers": bool(view.postmortem),
        "postmortem_notified_twitter": False,
    }


def _last(updates: Sequence[UpdateView], status: str) -> int:
    """When an update last had this status; 0 when none had."""
    return max((one.utc_us for one in updates if one.status == status), default=0)


def _at(utc_us: int) -> str | None:
    return iso_ms(utc_us) if utc_us else None
