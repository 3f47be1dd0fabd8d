"""Every public file of a board by its path below `/status/`: one list for the server and the copy.

A file is made when it is first asked for, and once: a board is asked for by many.
"""

import hashlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

import msgspec

from rostra.watch.board import Board
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


_MEDIA: Final = {"json": JSON}


def _makers(board: Board) -> Iterator[tuple[str, Maker]]:
    documents = Documents(board)
    for name in documents.names():
        yield f"api/v2/{name}.json", partial(_statuspage, documents, name)
    yield "board.json", partial(msgspec.json.encode, board)


def _statuspage(documents: Documents, name: str) -> bytes:
    return msgspec.json.encode(documents.document(name))
