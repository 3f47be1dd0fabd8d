"""The watch's public files as a copy that outlives the house: which, in what order, and stamped.

A plain web server or a bucket serves them as they are: `status/index.html`,
`status/api/v2/summary.json`. What readers begin with is written last, so that nothing it leads to
is missing.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import msgspec

from rostra.watch.board import Board, Chart
from rostra.watch.escaping import xml
from rostra.watch.moments import day_and_clock, iso_s
from rostra.watch.published import JSON, MAX_AGE_S, Printed

ROOT: Final = "status"
HTML: Final = "text/html; charset=utf-8"
SHORT: Final = f"public, max-age={MAX_AGE_S}"
FOREVER: Final = "public, max-age=31536000, immutable"
"""For built files, whose names change with what is in them."""
INDEX: Final = "index.html"
ALWAYS: Final = ""
"""The mark of what is written every time: it tells how old the copy is."""
_NOTE: Final = {
    "en": ("This is a copy, written {at}.", "The live page"),
    "es": ("Esto es una copia, escrita el {at}.", "La página en directo"),
}
_STYLE: Final = "padding:8px 16px;border-bottom:1px solid;text-align:center"
_BUILT: Final = {
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "svg": "image/svg+xml; charset=utf-8",
    "woff2": "font/woff2",
    "png": "image/png",
    "json": JSON,
}


class File(msgspec.Struct, frozen=True):
    """One file of the copy. As long as `mark` stays the same it need not be written again."""

    path: str
    body: bytes
    media: str
    mark: str
    cache: str = SHORT


def documents(printed: Printed) -> Iterator[File]:
    """What the API, feeds, badges and the calendar answer."""
    for path in printed.paths():
        document = printed.get(path)
        if document is not None:
            yield File(f"{ROOT}/{path}", document.body, document.media, document.etag)


def charts(drawn: Iterable[Chart]) -> Iterator[File]:
    """Each component's charts, as the live page has them."""
    for chart in drawn:
        body = msgspec.json.encode(chart)
        path = f"{ROOT}/charts/{chart.component}/{chart.range}.json"
        yield File(path, body, JSON, _digest(body))


def pages(
    drawn: Mapping[str, str], language: str, board: Board, written_utc_us: int, folder: str = ""
) -> Iterator[File]:
    """HTML pages by their names, each with the note; the one to begin with comes last."""
    for name in sorted(drawn, key=lambda one: (one == INDEX, one)):
        page = stamped(drawn[name], language, board.public_url, written_utc_us)
        mark = ALWAYS if name == INDEX else _digest(drawn[name].encode())
        yield File(f"{ROOT}/{folder}{name}", page.encode(), HTML, mark)


def built(name: str, body: bytes, folder: str = "") -> File:
    """A built file of the browser's part."""
    media = _BUILT.get(name.rpartition(".")[2], "application/octet-stream")
    return File(f"{ROOT}/{folder}assets/{name}", body, media, _digest(body), FOREVER)


def beginnings(board: Board, written_utc_us: int) -> Iterator[File]:
    """What leads from the root to the page, and when the copy was written."""
    live = f"{board.public_url}/{ROOT}"
    html = (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        f'<meta http-equiv="refresh" content="0; url={ROOT}/{INDEX}"><title>{xml(board.name)}'
        f'</title><p><a href="{ROOT}/{INDEX}">{xml(board.name)}</a></p></html>\n'
    )
    page = stamped(html, "en", board.public_url, written_utc_us)
    yield File(INDEX, page.encode(), HTML, _digest(html.encode()))
    told = msgspec.json.encode({"written": iso_s(written_utc_us), "live": live})
    yield File(f"{ROOT}/written.json", told, JSON, ALWAYS)


def stamped(html: str, language: str, public_url: str, written_utc_us: int) -> str:
    """The page with a note before what it says: when it was written, and where the live one is."""
    said, live = _NOTE[language]
    address = xml(f"{public_url}/{ROOT}")
    note = (
        f'<aside style="{_STYLE}" data-written="{iso_s(written_utc_us)}">'
        f"{said.format(at=day_and_clock(written_utc_us))} "
        f'{live}: <a href="{address}">{address}</a></aside>\n'
    )
    for tag in ("<main", "</body>", "</html>"):
        before, found, after = html.partition(tag)
        if found:
            return f"{before}{note}{found}{after}"
    return html + note


def signature(board: Board) -> int:
    """Another number as soon as an incident, announced work or a status is another."""
    incidents = [(one.id, one.status, one.updated_utc_us) for one in board.incidents]
    works = [(one.id, one.status, one.updated_utc_us) for one in board.maintenances]
    statuses = [(one.id, one.status) for one in board.components]
    return hash((*incidents, *works, *statuses, board.impact))


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
