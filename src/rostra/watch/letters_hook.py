"""What a subscriber's program is sent: JSON in the shape of Atlassian Statuspage's webhooks.

Programs that read Statuspage's notifications find `meta`, `page` and `incident` where they look
for them (Atlassian, "Enable webhook notifications"); `incident` is what the public API tells of
it, announced work included.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from rostra.domain.errors import NotFoundError
from rostra.watch.board import Board, IncidentView, UpdateView
from rostra.watch.events import Event, What
from rostra.watch.letters import Page
from rostra.watch.moments import iso_ms
from rostra.watch.statuspage import Json, document

_STATUS: Final = {
    What.RESOLVED: "resolved",
    What.DISMISSED: "resolved",
    What.COMPLETED: "resolved",
    What.POSTMORTEM: "postmortem",
}
"""Of what is no longer on the board; everything else counts as under way."""


def hook_news(page: Page, board: Board, token: str, events: Sequence[Event]) -> bytes:
    """One incident, or announced work, as it is now; `events` are what is new in it."""
    newest = events[-1]
    told = {
        "meta": _meta(page, board, token) | {"events": [one.id for one in events]},
        "page": _page(board),
        "incident": _incident(board, newest),
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


def _meta(page: Page, board: Board, token: str) -> Json:
    return {
        "unsubscribe": page.leaving(token),
        "manage": page.managing(token),
        "documentation": f"{page.base}/subscribe",
        "generated_at": iso_ms(board.utc_us),
    }


def _page(board: Board) -> Json:
    """The page as the API has it, and its status beside, as Statuspage's webhooks do."""
    told = document(board, "status")
    return {
        **told["page"],
        "status_indicator": told["status"]["indicator"],
        "status_description": told["status"]["description"],
    }


def _incident(board: Board, event: Event) -> Json:
    name = f"incidents/{event.subject}"
    try:
        found: Json = document(board, name)["incident"]
    except NotFoundError:
        gone = msgspec.structs.replace(board, incidents=(_of_event(event),))
        found = document(gone, name)["incident"]
    return found


def _of_event(event: Event) -> IncidentView:
    status = _STATUS.get(event.what, "investigating")
    return IncidentView(
        id=event.subject,
        name=event.name,
        status=status,
        impact=event.impact,
        started_utc_us=event.utc_us,
        created_utc_us=event.utc_us,
        updated_utc_us=event.utc_us,
        resolved_utc_us=0 if status == "investigating" else event.utc_us,
        automatic=event.automatic,
        components=event.components,
        updates=(UpdateView(event.id, status, event.body, event.utc_us, event.automatic),),
    )
