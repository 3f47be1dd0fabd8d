"""Every public file of a board by its path below `/status/`: one list for the server and the copy.

A file is made when it is first asked for, and once: a board is asked for by many.
"""

import hashlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

import msgspec

from rostra.domain.language import LANGUAGES
from rostra.watch import badges, feeds
from rostra.watch.banner import banner
from rostra.watch.board import Board, ComponentView
from rostra.watch.calendars import ics
from rostra.watch.statuspage import Documents

JSON: Final = "application/json; charset=utf-8"

MAX_AGE_S: Final = 30
"""How long whoever fetched a file may keep it: boards are seconds old, and pages poll."""

Maker = Callable[[], bytes]


class Document(msgspec.Struct, frozen=True):
    """One file as it is sent; `etag` is strong: other bytes have another one (RFC 9110, 8.8.3)."""

    body: bytes
    media: str
    etag: str


class Printed:
    """The files of one board."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self._made: dict[str, Document] = {}
        self._makers = dict(_makers(board))

    def paths(self) -> list[str]:
        """Of every file, in the order in which they are written."""
        return list(self._makers)

    def get(self, path: str) -> Document | None:
        """The file at `path`, or None where there is none."""
        if path not in self._makers:
            return None
        if path not in self._made:
            body = self._makers[path]()
            self._made[path] = Document(body, media_of(path), etag_of(body))
        return self._made[path]


def media_of(path: str) -> str:
    """The media type of a public file, by the end of its name."""
    return _MEDIA[path.rpartition(".")[2]]


def etag_of(body: bytes) -> str:
    """A strong entity tag of these bytes, in its quotes."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


_MEDIA: Final = {
    "json": JSON,
    "svg": "image/svg+xml; charset=utf-8",
    "rss": "application/rss+xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "ics": "text/calendar; charset=utf-8",
}


def _makers(board: Board) -> Iterator[tuple[str, Maker]]:
    documents = Documents(board)
    for name in documents.names():
        yield f"api/v2/{name}.json", partial(_statuspage, documents, name)
    yield "maintenance.ics", partial(ics, board)
    yield from _drawn(board, None, "")
    for view in board.components:
        yield from _drawn(board, view, f"c/{view.id}/")
    yield "board.json", partial(msgspec.json.encode, board)
    # Last: who sees a new banner may follow it to what is written by then.
    yield "banner.json", lambda: msgspec.json.encode(banner(board))


def _drawn(board: Board, view: ComponentView | None, folder: str) -> Iterator[tuple[str, Maker]]:
    """Feeds and badges, of the page or of one component."""
    yield f"{folder}history.rss", partial(feeds.rss, board, view)
    yield f"{folder}history.atom", partial(feeds.atom, board, view)
    for language in LANGUAGES:
        # English has no suffix: it is what most READMEs embed.
        suffix = "" if language == LANGUAGES[0] else f".{language}"
        yield f"{folder}badge{suffix}.svg", partial(_badge, board, view, language)


def _badge(board: Board, view: ComponentView | None, language: str) -> bytes:
    drawn = badges.of_page(board, language) if view is None else badges.of_component(view, language)
    return drawn.encode()


def _statuspage(documents: Documents, name: str) -> bytes:
    return msgspec.json.encode(documents.document(name))
