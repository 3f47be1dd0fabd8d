"""The heads of endless answers, and what it takes to join one."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from rostra.delivery.answers import CORS, NEVER, head
from rostra.delivery.channel import Channel
from rostra.delivery.crowd import Caller
from rostra.delivery.cutting import PUSH_FORMS, Form, Unit, chunk
from rostra.wire import icy, mp4

CONTENT_TYPES: Final = {
    Form.PUSH: "audio/mp4",
    Form.OPUS: "audio/mp4",
    Form.AAC: "audio/aac",
    Form.MP3: "audio/mpeg",
    Form.ICY: "audio/mpeg",
}

_INITS: Final = {Form.PUSH: mp4.init_segment, Form.OPUS: mp4.opus_init_segment}

MP3_KBPS: Final = 64

HEADS_KEPT: Final = 1_024
"""Heads that are remembered: one a form and title."""


@dataclass(frozen=True, slots=True)
class Join:
    """A request that becomes a listener: what to write first, and where it belongs."""

    channel: Channel
    form: Form
    chunked: bool
    head: bytes
    head_only: bool = False
    language: str = "en"
    """Of the words, if it has to be refused."""
    reserved: bool = False
    """It shows a host's, recorder's or probe's ticket: no limit of the edge holds for it."""
    source: str = ""
    """The client's address, for budgets (`Request.source`)."""
    caller: Caller | None = None
    """Who asks, for the count of unique listeners."""

    def first(self, burst: Unit | None) -> bytes:
        """Head, initialisation and burst: one write, and the player can start."""
        init = _INITS[self.form]() if self.form in PUSH_FORMS else b""
        body = init + (burst.plain if burst else b"")
        return self.head + (chunk(body) if self.chunked else body)


@lru_cache(maxsize=HEADS_KEPT)
def stream_head(form: Form, title: str, *, chunked: bool) -> bytes:
    """The head of an endless answer; it is closed, not kept, when the space is over.

    `title` goes into `icy-name`: what cannot stand in a header becomes a space or a mark.
    """
    headers = {
        "Content-Type": CONTENT_TYPES[form],
        "Cache-Control": NEVER,
        "Connection": "close",
        "X-Accel-Buffering": "no",
        **CORS,
    }
    if chunked:
        headers["Transfer-Encoding"] = "chunked"
    if form is Form.ICY:
        headers["icy-metaint"] = str(icy.METAINT)
        headers["icy-br"] = str(MP3_KBPS)
        headers["icy-name"] = "".join(c if c.isprintable() else " " for c in title)
    return head(200, headers)
