"""Reads request heads off a connection with httptools, within limits on size and number."""

import re
from dataclasses import replace
from typing import Final

import httptools

from rostra.delivery.paths import TARGET_BYTES_MAX
from rostra.delivery.refusals import Code, RefusedError
from rostra.delivery.service import Request
from rostra.delivery.sources import LOOPBACK, Proxies, plain_source, source_of
from rostra.domain.errors import PeerError
from rostra.domain.limits import REQUEST_HEAD_BYTES_MAX

BODY_BYTES_MAX: Final = 4 * 1024
"""Nothing that an edge takes is longer; a reaction is a few bytes."""

PIPELINED_MAX: Final = 16
"""Requests sent ahead of their answers; browsers send none."""

KEPT_HEADERS: Final = frozenset(
    {
        b"host",
        b"accept-encoding",
        b"accept-language",
        b"if-none-match",
        b"icy-metadata",
        b"connection",
        b"range",
        b"if-range",
        b"origin",
        b"user-agent",
        b"x-forwarded-for",
    }
)
"""Headers that change an answer; the others are read and forgotten."""

VERSIONS: Final = frozenset({"1.0", "1.1"})
"""The versions of HTTP that an edge speaks (RFC 9112, section 2.3)."""

_NO_VERSION: Final = "0.0"
"""What the parser knows of a connection whose first line has ended without one: HTTP/0.9, in which
no more would ever come."""

_NOT_HTTP: Final = "This is not an HTTP/1.1 request; nothing was read from it."
_HOST: Final = "host"
_HOST_FORM: Final = re.compile(rb"[A-Za-z0-9._~%!$&'()*+,;=:\[\]-]{0,255}")
"""A name or address with or without a port (RFC 3986, section 3.2.2), or nothing. A request with
no host at all is forgiven: an edge has no second one that could be meant."""

_FORWARDED: Final = "x-forwarded-for"


class RequestReader:
    """Turns bytes into requests. Raises PeerError for what breaks HTTP or a limit.

    `address` is the other end of the socket, `proxies` are those whose word on it is believed.
    """

    __slots__ = (
        "_address",
        "_body",
        "_complete",
        "_head",
        "_headers",
        "_kept",
        "_method",
        "_parser",
        "_proxies",
        "_target",
        "_trailing",
        "unfinished",
    )

    def __init__(self, address: str = "", proxies: Proxies = LOOPBACK) -> None:
        self._address = address
        self._proxies = proxies
        self.unfinished = True
        """A request is awaited for the first time, or has begun and is not whole."""
        self._parser = httptools.HttpRequestParser(self)
        self._complete: list[Request] = []
        self._headers: dict[str, str] = {}
        self._target = b""
        self._trailing = False
        self._method = ""
        self._head = 0
        self._body = 0
        self._kept = b""

    def close(self) -> None:
        """Nothing more will be read: let go of the parser, which holds on to this reader.

        Without it only the collector of cycles finds the two, which a crowd would keep busy.
        """
        del self._parser

    @property
    def room(self) -> int:
        """How much to read at most: what a head may still have."""
        return REQUEST_HEAD_BYTES_MAX - self._head

    def feed(self, data: bytes) -> list[Request]:
        """Take bytes, at most `room` of them; return the requests that they complete."""
        self._head += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            # It is answered in plain HTTP; what follows is not HTTP any more.
            self._complete[-1] = replace(self._complete[-1], keep=False)
        except httptools.HttpParserCallbackError as error:
            cause = error.__context__
            if isinstance(cause, PeerError):
                raise cause from None
            raise
        except httptools.HttpParserError as error:
            if self._complete and not self._complete[-1].keep:
                return self._taken()  # what follows a last request is not read (RFC 9112, 9.6)
            raise PeerError(_NOT_HTTP) from error
        if self._target and data.endswith(b"\n") and self._parser.get_http_version() == _NO_VERSION:
            raise PeerError(_NOT_HTTP)
        if self._head >= REQUEST_HEAD_BYTES_MAX:
            sentence = f"A request's head may have {REQUEST_HEAD_BYTES_MAX} bytes; send less."
            raise PeerError(sentence, status=431)
        return self._taken()

    def _taken(self) -> list[Request]:
        complete, self._complete = self._complete, []
        return complete

    def on_message_begin(self) -> None:
        """The first sign of a request has come."""
        self.unfinished = True

    def on_url(self, url: bytes) -> None:
        """A piece of the target has come."""
        self._target += url
        if len(self._target) > TARGET_BYTES_MAX:
            refused = RefusedError(Code.TOO_LONG, limit=TARGET_BYTES_MAX)
            raise refused

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header has come, or a trailer, which is none (RFC 9110, 6.5.1)."""
        if self._trailing:
            return
        lower = name.lower()
        if lower == b"host" and (_HOST in self._headers or not _HOST_FORM.fullmatch(value)):
            sentence = "A request names one host, as it stands in an address (RFC 9112, 3.2)."
            raise PeerError(sentence)
        if lower in KEPT_HEADERS:
            key, said = lower.decode("latin-1"), value.decode("latin-1")
            if key == _FORWARDED and key in self._headers:
                # Each proxy may add a line of its own; together they are one list, in order.
                said = f"{self._headers[key]},{said}"
            self._headers[key] = said

    def on_headers_complete(self) -> None:
        """The head is whole; what follows is a body or the next request."""
        if self._parser.get_http_version() not in VERSIONS:
            raise PeerError(_NOT_HTTP)
        self._method = self._parser.get_method().decode("latin-1")
        self._head = 0
        self._trailing = True

    def on_body(self, body: bytes) -> None:
        """A piece of a body: a POST's is kept, others nobody asked for."""
        self._body += len(body)
        self._head = 0
        if self._body > BODY_BYTES_MAX:
            sentence = f"A request's body may have {BODY_BYTES_MAX} bytes here."
            raise PeerError(sentence, status=413)
        if self._method == "POST":
            self._kept += body

    def on_message_complete(self) -> None:
        """One request is whole."""
        self.unfinished = self._trailing = False
        if len(self._complete) >= PIPELINED_MAX:
            sentence = f"More than {PIPELINED_MAX} requests came before their answers were read."
            raise PeerError(sentence)
        modern = self._parser.get_http_version() == "1.1"
        keep = bool(self._parser.should_keep_alive())
        forwarded = self._headers.pop(_FORWARDED, "")
        source = plain_source(self._address)
        if forwarded:
            source = source_of(self._address, forwarded, self._proxies)
        request = Request(
            self._method, self._target, self._headers, modern, keep, source, self._kept
        )
        self._complete.append(request)
        self._target, self._headers, self._head, self._body = b"", {}, 0, 0
        self._kept = b""
