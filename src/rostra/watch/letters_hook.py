"""What a subscriber's program is sent: JSON in the shape of Atlassian Statuspage's webhooks.

Programs that read Statuspage's notifications find `meta`, `page` and `incident` where they look
for them (Atlassian, "Enable webhook notifications"); announced work is an incident with
`scheduled_for` and `scheduled_until` there, and so it is here.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from rostra.watch.board import Board, ComponentView, IncidentView, MaintenanceView, UpdateView
from rostra.watch.components import Impact
from rostra.watch.events import Event, What
from rostra.watch.letters import Page

HOOK_BODY_CHARS_MAX: Final = 10_000
"""Of each update; a program that wants more reads the API."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_STATUS: Final = {
    What.OPENED: "investigating",
    What.UPDATED: "investigating",
    What.RESOLVED: "resolved",
    What.DISMISSED: "resolved",
    What.SCHEDULED: "scheduled",
    What.BEGUN: "in_progress",
    What.COMPLETED: "completed",
    What.POSTMORTEM: "postmortem",
}
"""For what is no longer on the board."""


def hook_news(page: Page, board: Board, token: str, events: Sequence[Event]) -> bytes:
    """One incident, or announced work, as it is now; `events` are what is new in it."""
    newest = events[-1]
    told = {
        "meta": _meta(page, board, token) | {"events": [one.id for one in events]},
        "page": _page(board),
        "incident": _incident(page, board, newest),
    }
    return msgspec.json.encode(told)


def hook_confirming(page: Page, board: Board, token: str) -> bytes:
    """What asks a program whether it wants to be told.

    It answers with the challenge, or a person opens the address.
    """
    told = {
        "meta": _meta(page, board, token),
        "page": _page(board),
        "confirm": {"challenge": token, "url": page.confirming(token)},
    }
    return msgspec.json.encode(told)


def _meta(page: Page, board: Board, token: str) -> dict[str, object]:
    return {
        "unsubscribe": page.leaving(token),
        "manage": page.managing(token),
        "documentation": f"{page.base}/subscribe",
        "generated_at": _iso(board.utc_us),
    }


def _page(board: Board) -> dict[str, object]:
    return {
        "id": board.name,
        "name": board.name,
        "url": board.public_url,
        "status_indicator": board.impact.value,
        "status_description": board.description,
    }


def _incident(page: Page, board: Board, event: Event) -> dict[str, object]:
    for incident in board.incidents:
        if incident.id == event.subject:
            return _of_incident(page, board, incident)
    for work in board.maintenances:
        if work.id == event.subject:
            return _of_work(page, board, work)
    update = UpdateView(event.id, _STATUS[event.what], event.body, event.utc_us, event.automatic)
    return _common(page, board, event.subject, event.components, (update,)) | {
        "name": event.name,
        "impact": event.impact.value,
        "status": _STATUS[event.what],
        "created_at": _iso(event.utc_us),
        "updated_at": _iso(event.utc_us),
        "resolved_at": _iso(event.utc_us) if _STATUS[event.what] == "resolved" else None,
    }


def _of_incident(page: Page, board: Board, one: IncidentView) -> dict[str, object]:
    return _common(page, board, one.id, one.components, one.updates) | {
        "name": one.name,
        "impact": one.impact.value,
        "status": one.status,
        "created_at": _iso(one.created_utc_us),
        "started_at": _iso(one.started_utc_us),
        "updated_at": _iso(one.updated_utc_us),
        "resolved_at": _iso(one.resolved_utc_us),
        "postmortem_body": one.postmortem or None,
        "attribution": one.attribution.word,
        "automatic": one.automatic,
        "outcome": one.outcome or None,
        "reason": one.reason or None,
    }


def _of_work(page: Page, board: Board, one: MaintenanceView) -> dict[str, object]:
    over = one.status == "completed"
    return _common(page, board, one.id, one.components, one.updates) | {
        "name": one.name,
        "impact": Impact.MAINTENANCE.value,
        "status": one.status,
        "created_at": _iso(one.created_utc_us),
        "updated_at": _iso(one.updated_utc_us),
        "resolved_at": _iso(one.updated_utc_us) if over else None,
        "scheduled_for": _iso(one.begins_utc_us),
        "scheduled_until": _iso(one.ends_utc_us),
    }


def _common(
    page: Page,
    board: Board,
    own_id: str,
    components: Sequence[str],
    updates: Sequence[UpdateView],
) -> dict[str, object]:
    return {
        "id": own_id,
        "shortlink": f"{page.base}/incidents/{own_id}",
        "backfilled": False,
        "impact_override": None,
        "monitoring_at": None,
        "postmortem_body": None,
        "scheduled_for": None,
        "scheduled_until": None,
        "components": [_component(one) for one in board.components if one.id in components],
        "incident_updates": [_update(own_id, one) for one in updates],
    }


def _component(one: ComponentView) -> dict[str, object]:
    return {
        "id": one.id,
        "name": one.name,
        "status": one.status.value,
        "created_at": _iso(one.created_utc_us),
        "updated_at": _iso(one.updated_utc_us),
    }


def _update(incident: str, one: UpdateView) -> dict[str, object]:
    return {
        "id": one.id,
        "incident_id": incident,
        "status": one.status,
        "body": one.body[:HOOK_BODY_CHARS_MAX],
        "created_at": _iso(one.utc_us),
        "updated_at": _iso(one.utc_us),
        "display_at": _iso(one.utc_us),
    }


def _iso(utc_us: int) -> str | None:
    """RFC 3339 with milliseconds; None for what has no time (0)."""
    if utc_us == 0:
        return None
    moment = _EPOCH + timedelta(microseconds=utc_us)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
