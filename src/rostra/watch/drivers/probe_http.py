"""Asks for one page over HTTP/1.1 with bounds on everything that may come back."""

import asyncio
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urljoin

import httptools

from rostra.watch.drivers.probe_net import (
    READ_BYTES,
    Address,
    Endpoint,
    Means,
    connected,
    endpoint_of,
    is_open_address,
)
from rostra.watch.drivers.probe_steps import FailedError, Trail
from rostra.watch.probing import sentence

HEAD_BYTES_MAX: Final = 64 * 1024
"""Status line and headers; browsers take about as much."""

PAGE_BYTES_MAX: Final = 2 * 1024 * 1024
"""A page that is larger, or has no end, is not what a visitor waits for."""

REDIRECTS_MAX: Final = 5
"""As many as a browser's user would notice; a loop has more."""

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_OK: Final = range(200, 300)
_INFORMATION: Final = range(100, 200)


@dataclass(slots=True)
class Answer:
    """One whole answer; headers by their names in lower case, the last of each."""

    url: str
    status: int
    headers: dict[str, str]
    body: bytes
    address: Address = ("", 0)
    certificate_end_s: float | None = None


async def page(means: Means, url: str, trail: Trail, bytes_max: int = PAGE_BYTES_MAX) -> Answer:
    """The answer at `url`, redirects followed; FailedError unless its status is 2xx."""
    first: Answer | None = None
    for _ in range(REDIRECTS_MAX + 1):
        answer = await _once(means, url, trail, bytes_max, first)
        first = first or answer
        if answer.status not in _REDIRECTS:
            break
        with trail.step("page"):
            url = _next(answer)
    with trail.step("page"):
        _must_be_well(answer)
    return answer


def _must_be_well(answer: Answer) -> None:
    if answer.status in _REDIRECTS:
        words = f"The page redirects more than {REDIRECTS_MAX} times."
        raise FailedError(words)
    if answer.status not in _OK:
        words = f"The page answers with status {answer.status}."
        raise FailedError(words)


def _next(answer: Answer) -> str:
    where = answer.headers.get("location", "")
    try:
        url = urljoin(answer.url, where)
        endpoint_of(url)
    except (ValueError, FailedError) as error:
        words = f"The page redirects to {sentence(where)[:60]!r}, which is no address."
        raise FailedError(words) from error
    return url


async def _once(
    means: Means, url: str, trail: Trail, bytes_max: int, first: Answer | None
) -> Answer:
    endpoint, target = endpoint_of(url)
    async with connected(means, endpoint, trail) as line:
        with trail.step("page"):
            _must_not_lead_inside(first, line.address)
            line.writer.write(_request(endpoint, target))
            reading = _Reading(bytes_max)
            await _read(line.reader, reading)
            end_s = line.certificate_end_s()
            headers = reading.headers
            body = bytes(reading.body)
            return Answer(url, reading.status, headers, body, line.address, end_s)


def _must_not_lead_inside(first: Answer | None, address: Address) -> None:
    """A public target may not send a place on to machines of the place's own network."""
    if first is not None and is_open_address(first.address[0]) and not is_open_address(address[0]):
        words = "The page redirects to an address inside this place's network."
        raise FailedError(words)


def _request(endpoint: Endpoint, target: str) -> bytes:
    host = f"[{endpoint.host}]" if ":" in endpoint.host else endpoint.host
    usual = 443 if endpoint.tls else 80
    name = host if endpoint.port == usual else f"{host}:{endpoint.port}"
    lines = (
        f"GET {target} HTTP/1.1",
        f"Host: {name}",
        "User-Agent: rostra-watch",
        "Accept: */*",
        "Accept-Encoding: identity",
        "Cache-Control: no-cache",
        "Connection: close",
    )
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")


async def _read(reader: asyncio.StreamReader, reading: "_Reading") -> None:
    parser = reading.parser = httptools.HttpResponseParser(reading)
    head_bytes = 0
    while not reading.whole:
        data = await reader.read(READ_BYTES)
        if not data:
            reading.ended()
            return
        if not reading.in_body:
            head_bytes += len(data)
        try:
            parser.feed_data(data)
        except httptools.HttpParserUpgrade as error:
            words = "The answer changes the protocol, which nobody asked for."
            raise FailedError(words) from error
        except httptools.HttpParserError as error:
            words = "The answer is not HTTP."
            raise reading.wrong or FailedError(words) from error
        if not reading.in_body and head_bytes > HEAD_BYTES_MAX:
            words = f"The answer's head exceeds {HEAD_BYTES_MAX} bytes."
            raise FailedError(words)
        if reading.wrong:
            raise reading.wrong


@dataclass(slots=True)
class _Reading:
    """What the parser calls back; limits end it (`wrong`)."""

    bytes_max: int
    parser: httptools.HttpResponseParser | None = None
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytearray = field(default_factory=bytearray)
    in_body: bool = False
    whole: bool = False
    wrong: FailedError | None = None

    def on_header(self, name: bytes, value: bytes | None) -> None:
        self.headers[name.decode("latin-1").lower()] = (value or b"").decode("latin-1")

    def on_headers_complete(self) -> None:
        self.status = self.parser.get_status_code() if self.parser else 0
        self.in_body = self.status not in _INFORMATION

    def on_body(self, data: bytes) -> None:
        self.body += data
        if len(self.body) > self.bytes_max:
            del self.body[self.bytes_max :]
            self.wrong = FailedError(f"The answer exceeds {self.bytes_max} bytes.")

    def on_message_complete(self) -> None:
        self.whole = self.in_body
        if not self.whole:
            self.headers.clear()

    def ended(self) -> None:
        """The connection is closed: that ends a body which nothing else ends (RFC 9112, 6.3)."""
        counted = {"content-length", "transfer-encoding"} & self.headers.keys()
        if not self.in_body or counted:
            raise EOFError
