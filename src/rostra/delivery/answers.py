"""The edge's HTTP answers as bytes: status lines, headers by kind of resource, bodies."""

import gzip
import hashlib
from collections.abc import Mapping
from typing import Final

import msgspec

from rostra.delivery.refusals import Code

JSON: Final = "application/json"
HTML: Final = "text/html; charset=utf-8"
PLAYLIST_TYPE: Final = "application/vnd.apple.mpegurl"
SEGMENT_TYPE: Final = "audio/mp4"

FOREVER: Final = "public, max-age=31536000, immutable"
NEVER: Final = "no-store"
PLAYLIST_CACHE: Final = "public, max-age=1"
"""A media playlist changes every 1.92 s; a second in a CDN takes the crowd off the edge."""

GZIP_MIN_BYTES: Final = 512
"""Below this the header costs more than compression saves."""

CORS: Final = {"Access-Control-Allow-Origin": "*"}
PREFLIGHT: Final = {
    **CORS,
    "Access-Control-Allow-Methods": "GET, HEAD, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Content-Type, Icy-MetaData, Range",
    "Access-Control-Max-Age": "86400",
}
ALWAYS: Final = {"X-Content-Type-Options": "nosniff"}


_PHRASES: Final = {
    200: "OK",
    202: "Accepted",
    204: "No Content",
    206: "Partial Content",
    304: "Not Modified",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    408: "Request Timeout",
    409: "Conflict",
    410: "Gone",
    413: "Content Too Large",
    414: "URI Too Long",
    416: "Range Not Satisfiable",
    429: "Too Many Requests",
    431: "Request Header Fields Too Large",
    503: "Service Unavailable",
}
"""Reason phrases (RFC 9110, RFC 6585) of the answers that an edge gives."""

NO_CONTENT: Final = 204
NOT_MODIFIED: Final = 304


def head(status: int, headers: Mapping[str, str]) -> bytes:
    """Status line and headers, up to the empty line (RFC 9112)."""
    lines = [f"HTTP/1.1 {status} {_PHRASES.get(status, '')}"]
    lines += [f"{name}: {value}" for name, value in {**ALWAYS, **headers}.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


class Answer:
    """A small answer that fits into memory: made once, written to whoever asks."""

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.status = status
        self.body = body
        self.headers = dict(headers)

    def bytes(self, *, keep: bool, with_body: bool = True) -> bytes:
        """The whole answer; `keep` leaves the connection open for the next request."""
        headers = {**self.headers, "Content-Length": str(len(self.body))}
        if self.status in {NO_CONTENT, NOT_MODIFIED}:
            del headers["Content-Length"]
        headers["Connection"] = "keep-alive" if keep else "close"
        return head(self.status, headers) + (self.body if with_body else b"")


def sentence(
    status: int,
    words: str,
    code: Code = Code.BAD_REQUEST,
    headers: Mapping[str, str] | None = None,
    more: Mapping[str, object] | None = None,
) -> Answer:
    """An error as JSON: `{"error": {"status": …, "code": …, "sentence": …}}` and `more`."""
    error = {"status": status, "code": code, "sentence": words, **(more or {})}
    body = msgspec.json.encode({"error": error})
    fixed = {"Content-Type": JSON, "Cache-Control": NEVER, **CORS}
    return Answer(status, body, {**fixed, **(headers or {})})


class Asset:
    """A built file in memory, plain and compressed, with its entity tag."""

    def __init__(self, body: bytes, content_type: str) -> None:
        tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        packed = gzip.compress(body, 9, mtime=0) if len(body) >= GZIP_MIN_BYTES else body
        common = {
            "Content-Type": content_type,
            "Cache-Control": FOREVER,
            "ETag": tag,
            "Vary": "Accept-Encoding",
            **CORS,
        }
        self.tag = tag
        self.plain = Answer(200, body, common)
        self.packed = self.plain
        if len(packed) < len(body):
            self.packed = Answer(200, packed, {**common, "Content-Encoding": "gzip"})
        self.unchanged = Answer(304, b"", common)

    def answer(self, accepts: str, known: str) -> Answer:
        """What fits the request's Accept-Encoding and If-None-Match."""
        if self.tag in known:
            return self.unchanged
        return self.packed if "gzip" in accepts else self.plain
