"""The history of incidents and announced work as RSS 2.0 and Atom (RFC 4287), whole or of one part.

An entry's address is its identity, so that readers know it again; Atom's `updated` tells them when
to show it anew. Bodies are escaped HTML made of what operators wrote, which is text.
"""

from collections.abc import Iterator
from typing import Final

import msgspec

from rostra.watch.board import Board, ComponentView, IncidentView, MaintenanceView, UpdateView
from rostra.watch.escaping import xml
from rostra.watch.moments import day_and_clock, iso_s, rfc822
from rostra.watch.statuspage import changed_utc_us

ENTRIES_MAX: Final = 50
"""As many as Statuspage's feeds have; a reader keeps what it saw."""
TTL_MIN: Final = 5
"""How seldom a reader of RSS should ask, in minutes."""
_HEAD: Final = '<?xml version="1.0" encoding="utf-8"?>\n'


class Entry(msgspec.Struct, frozen=True):
    """One incident or announced work; `html` is not yet escaped for XML."""

    url: str
    title: str
    html: str
    begun_utc_us: int
    updated_utc_us: int
    categories: tuple[str, ...]


def rss(board: Board, component: ComponentView | None = None) -> bytes:
    """The feed at `history.rss`, or at `c/{component}/history.rss`, in UTF-8."""
    place = _place(board, component)
    items = "".join(map(_rss_item, entries(board, component)))
    text = (
        f'{_HEAD}<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel>'
        f"<title>{xml(_title(board, component))}</title><link>{xml(place)}</link>"
        f'<atom:link rel="self" type="application/rss+xml" href="{xml(_self(place, "rss"))}"/>'
        f"<description>{xml(_about(board, component))}</description><language>en</language>"
        f"<lastBuildDate>{rfc822(changed_utc_us(board))}</lastBuildDate><ttl>{TTL_MIN}</ttl>"
        f"{items}</channel></rss>\n"
    )
    return text.encode()


def atom(board: Board, component: ComponentView | None = None) -> bytes:
    """The feed at `history.atom`, or at `c/{component}/history.atom`, in UTF-8."""
    place = _place(board, component)
    address = xml(_self(place, "atom"))
    text = (
        f'{_HEAD}<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">'
        f"<title>{xml(_title(board, component))}</title>"
        f"<subtitle>{xml(_about(board, component))}</subtitle><id>{address}</id>"
        f'<link rel="self" type="application/atom+xml" href="{address}"/>'
        f'<link rel="alternate" type="text/html" href="{xml(place)}"/>'
        f"<updated>{iso_s(changed_utc_us(board))}</updated>"
        f"<author><name>{xml(board.name)}</name></author>"
        f"{''.join(map(_atom_entry, entries(board, component)))}</feed>\n"
    )
    return text.encode()


def entries(board: Board, component: ComponentView | None = None) -> list[Entry]:
    """What a feed tells, newest beginning first, at most `ENTRIES_MAX`."""
    names = {one.id: one.name for one in board.components}
    subjects: list[IncidentView | MaintenanceView] = [*board.incidents, *board.maintenances]
    told = [
        _entry(board, one, names)
        for one in subjects
        if component is None or component.id in one.components
    ]
    told.sort(key=lambda one: one.begun_utc_us, reverse=True)
    return told[:ENTRIES_MAX]


def _entry(board: Board, view: IncidentView | MaintenanceView, names: dict[str, str]) -> Entry:
    affected = tuple(names.get(one, one) for one in view.components)
    begun = view.started_utc_us if isinstance(view, IncidentView) else view.created_utc_us
    kind = str(view.impact) if isinstance(view, IncidentView) else "maintenance"
    return Entry(
        url=f"{board.public_url}/status/incidents/{view.id}",
        title=view.name,
        html="".join(_paragraphs(view, affected)),
        begun_utc_us=begun,
        updated_utc_us=view.updated_utc_us,
        categories=(kind, *affected),
    )


def _paragraphs(view: IncidentView | MaintenanceView, affected: tuple[str, ...]) -> Iterator[str]:
    if isinstance(view, MaintenanceView):
        span = f"{day_and_clock(view.begins_utc_us)} to {day_and_clock(view.ends_utc_us)}"
        yield f"<p>{'Called off' if view.cancelled else 'Announced work'}: {span}</p>"
    elif view.outcome == "false_alarm":
        yield f"<p><strong>False alarm</strong>: {xml(view.reason)}</p>"
    if affected:
        yield f"<p>Concerns: {xml(', '.join(affected))}</p>"
    yield from map(_update, view.updates)


def _update(view: UpdateView) -> str:
    status = xml(view.status.replace("_", " ").capitalize())
    body = xml(view.body).replace("\n", "<br/>")
    at = day_and_clock(view.utc_us)
    return f"<p><small>{at}</small><br/><strong>{status}</strong> - {body}</p>"


def _rss_item(entry: Entry) -> str:
    categories = "".join(f"<category>{xml(one)}</category>" for one in entry.categories)
    return (
        f"<item><title>{xml(entry.title)}</title><link>{xml(entry.url)}</link>"
        f'<guid isPermaLink="true">{xml(entry.url)}</guid>'
        f"<pubDate>{rfc822(entry.begun_utc_us)}</pubDate>{categories}"
        f"<description>{xml(entry.html)}</description></item>"
    )


def _atom_entry(entry: Entry) -> str:
    url = xml(entry.url)
    categories = "".join(f'<category term="{xml(one)}"/>' for one in entry.categories)
    return (
        f"<entry><id>{url}</id><title>{xml(entry.title)}</title>"
        f'<link rel="alternate" type="text/html" href="{url}"/>'
        f"<published>{iso_s(entry.begun_utc_us)}</published>"
        f"<updated>{iso_s(entry.updated_utc_us)}</updated>{categories}"
        f'<content type="html">{xml(entry.html)}</content></entry>'
    )


def _place(board: Board, component: ComponentView | None) -> str:
    page = f"{board.public_url}/status"
    return page if component is None else f"{page}/c/{component.id}"


def _self(place: str, form: str) -> str:
    return f"{place}/history.{form}"


def _title(board: Board, component: ComponentView | None) -> str:
    name = board.name if component is None else f"{board.name}: {component.name}"
    return f"{name} - incidents and announced work"


def _about(board: Board, component: ComponentView | None) -> str:
    name = board.name if component is None else component.name
    return f"Incidents and announced work of {name}. False alarms stay, with their reason."
