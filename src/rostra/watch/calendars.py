"""Announced work as a calendar that people subscribe to (RFC 5545, RFC 7986)."""

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from rostra.watch.board import Board, MaintenanceView
from rostra.watch.escaping import readable
from rostra.watch.moments import US_PER_S, moment

if TYPE_CHECKING:
    from icalendar import Calendar, Event

REFRESH_S: Final = 3_600
"""How often a calendar should ask anew: work is announced days before it begins."""
SEQUENCE_MAX: Final = 2**31 - 1
"""The largest INTEGER of a calendar (RFC 5545, 3.3.8)."""
PRODUCT: Final = "-//Rostra//watch//EN"


def ics(board: Board) -> bytes:
    """The calendar at `maintenance.ics`: one event for each announced work, UTF-8, CRLF."""
    from icalendar import Calendar  # noqa: PLC0415 - it takes 0.13 s, which starting need not

    calendar = Calendar()
    _head(calendar, board)
    for view in board.maintenances:
        calendar.add_component(_event(board, view))
    return bytes(calendar.to_ical())


def _head(calendar: "Calendar", board: Board) -> None:
    page = f"{board.public_url}/status"
    # One line: an X-property is not of a type whose line breaks would be escaped.
    name = readable(" ".join(f"{board.name}: announced work".split()))
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("url", page)
    calendar.add("source", f"{page}/maintenance.ics", parameters={"value": "URI"})
    often = timedelta(seconds=REFRESH_S)
    calendar.add("refresh-interval", often, parameters={"value": "DURATION"})
    calendar.add("x-published-ttl", f"PT{REFRESH_S // 60}M")


def _event(board: Board, view: MaintenanceView) -> "Event":
    from icalendar import Event  # noqa: PLC0415 - as above

    event = Event()
    event.add("uid", f"{view.id}@{_host(board.public_url)}")
    event.add("dtstamp", moment(view.updated_utc_us))
    event.add("created", moment(view.created_utc_us))
    event.add("last-modified", moment(view.updated_utc_us))
    # Seconds of its life: it never falls, and rises with every change, as RFC 5545 (3.8.7.4) asks.
    lived_s = (view.updated_utc_us - view.created_utc_us) // US_PER_S
    event.add("sequence", min(max(0, lived_s), SEQUENCE_MAX))
    event.add("dtstart", moment(view.begins_utc_us))
    # An end that is not after the beginning is none (3.6.1): the event is then a moment.
    if view.ends_utc_us // US_PER_S > view.begins_utc_us // US_PER_S:
        event.add("dtend", moment(view.ends_utc_us))
    event.add("summary", readable(view.name))
    event.add("description", readable(_description(board, view)))
    event.add("url", f"{board.public_url}/status/incidents/{view.id}")
    event.add("status", "CANCELLED" if view.cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    return event


def _description(board: Board, view: MaintenanceView) -> str:
    names = {one.id: one.name for one in board.components}
    affected = ", ".join(names.get(one, one) for one in view.components)
    lines = [f"Concerns: {affected}"] if affected else []
    lines += [one.body for one in view.updates[:1]]
    return "\n".join(lines)


def _host(url: str) -> str:
    """The host of `http(s)://host:port/…`, without its port; the whole where there is no scheme."""
    rest = url.partition("://")[2] or url
    return rest.partition("/")[0].rpartition("@")[2].partition(":")[0] or "localhost"
