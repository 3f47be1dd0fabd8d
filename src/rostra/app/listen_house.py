"""What a headless listener asks a house before it listens: where, what state, which time."""

import hashlib
import math
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin, urlsplit

import httpx
import msgspec

from rostra.delivery.doorkeeper import TICKET
from rostra.delivery.query import argument
from rostra.domain.errors import HouseError, MalformedError, NotFoundError, PeerError
from rostra.domain.limits import SPACE_ID_CHARS_MAX
from rostra.wire.states import EdgeInfo, SpaceState

STEP_TIMEOUT_S: Final = 5.0
"""For a connection, a small answer, or the next bytes: an edge fills within a second."""

SMALL_ANSWER_BYTES_MAX: Final = 1024 * 1024
"""An edge list of 4,096 edges is about 600 kB; a state 10 kB."""

EDGES_TRIED_MAX: Final = 3
"""After three dead edges the front door itself is asked."""

TRANSPORTS: Final = {
    "push": "push.mp4",
    "opus": "push-opus.mp4",
    "aac": "stream.aac",
    "mp3": "stream.mp3",
    "hls": "master.m3u8",
}
"""What can be asked of an edge, and the file it has below `/live/SPACE/`."""

_SPACE: Final = rf"(?P<space>[A-Za-z0-9_-]{{1,{SPACE_ID_CHARS_MAX}}})"
_PAGE: Final = re.compile(rf"(?P<prefix>.*)/s/{_SPACE}/?")
_MEDIA: Final = re.compile(rf"(?P<prefix>.*)/live/{_SPACE}/(?P<file>[a-z0-9.-]+)")


class EdgeList(msgspec.Struct, frozen=True):
    """`edges.json`: the edges that are alive."""

    edges: tuple[EdgeInfo, ...]


_EDGES: Final = msgspec.json.Decoder(EdgeList)


class HouseState(SpaceState, frozen=True):
    """`state.json`: the state of a space and the clock of the edge that answered."""

    now_utc_us: int = 0


_STATE: Final = msgspec.json.Decoder(HouseState)


@dataclass(frozen=True, slots=True)
class Target:
    """What a listener's address means. `direct`: it names the media file itself."""

    origin: str
    space: str
    transport: str
    direct: bool
    query: str = ""
    """What a stream is asked with: the address's ticket, if it has one."""

    @property
    def asked(self) -> str:
        """The media file below `/live/SPACE/`, with its query."""
        return TRANSPORTS[self.transport] + self.query


@dataclass(frozen=True, slots=True)
class Look:
    """One reading of a state, and how the house's clock relates to this machine's."""

    state: HouseState
    house_minus_mono_us: int
    """House's UTC minus this machine's monotonic clock, taken at half of the round trip."""
    round_trip_us: int


def target(url: str, transport: str | None) -> Target:
    """Understand a page's or a media file's address; PeerError says which ones there are."""
    if transport is not None and transport not in TRANSPORTS:
        sentence = f"There is no transport {transport!r}; choose {', '.join(TRANSPORTS)}."
        raise PeerError(sentence)
    base, path = _split(url)
    page, media = _PAGE.fullmatch(path), _MEDIA.fullmatch(path)
    query = _ticket(url)
    if base:
        if page:
            chosen = transport or "push"
            return Target(base + page["prefix"], page["space"], chosen, direct=False, query=query)
        names = {file: name for name, file in TRANSPORTS.items()}
        if media and media["file"] in names:
            chosen = names[media["file"]]
            return Target(base + media["prefix"], media["space"], chosen, direct=True, query=query)
    sentence = f"{url[:200]!r} is no listener's address. It looks like http://HOST:PORT/s/SPACE,"
    sentence += " or ends in push.mp4, push-opus.mp4, stream.aac, stream.mp3 or master.m3u8."
    raise PeerError(sentence)


def _split(url: str) -> tuple[str, str]:
    """`scheme://host:port` and path; empty words for what is no address on the web."""
    try:
        parts = urlsplit(url)
        known = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        return "", ""
    return (f"{parts.scheme}://{parts.netloc}", parts.path) if known else ("", "")


def _ticket(url: str) -> str:
    """The query with the listening ticket of an address, or nothing."""
    word = argument(url.encode("utf-8", "replace"), TICKET)
    return f"?{TICKET.decode()}={word}" if word else ""


def client() -> httpx.AsyncClient:
    """The HTTP client of one listener: plain bytes, bounded waits, no proxy."""
    return httpx.AsyncClient(
        timeout=STEP_TIMEOUT_S,
        headers={"Accept-Encoding": "identity", "User-Agent": "rostra-listen"},
        trust_env=False,
    )


async def get(http: httpx.AsyncClient, url: str) -> bytes:
    """A small answer's body. NotFoundError for a 404, HouseError when nobody answers."""
    try:
        async with http.stream("GET", url) as answer:
            body = bytearray()
            async for piece in answer.aiter_raw():
                body += piece
                if len(body) > SMALL_ANSWER_BYTES_MAX:
                    sentence = f"{url} answers with more than {SMALL_ANSWER_BYTES_MAX} bytes."
                    raise MalformedError(sentence, status=413)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise unreachable(url, error) from error
    check(answer, bytes(body))
    return bytes(body)


def unreachable(url: str, error: Exception) -> HouseError:
    """The sentence for an address at which nobody answers."""
    why = str(error) or type(error).__name__
    sentence = f"{url} does not answer ({why}). Is the house running, and the address right?"
    return HouseError(sentence)


def check(answer: httpx.Response, body: bytes = b"") -> None:
    """Raise what an answer's status means: PeerError with the house's own sentence."""
    if answer.is_success:
        return
    sentence = f"{answer.url} answers {answer.status_code}: {_sentence(body)}"
    if answer.status_code == NotFoundError.status:
        raise NotFoundError(sentence)
    raise PeerError(sentence, status=answer.status_code)


def _sentence(body: bytes) -> str:
    try:
        said = str(msgspec.json.decode(body)["error"]["sentence"])
    except (msgspec.MsgspecError, UnicodeDecodeError, LookupError, TypeError):
        said = "no reason was given."
    return "".join(sign for sign in said if sign.isprintable())[:300]


async def look(http: httpx.AsyncClient, base: str, space: str) -> Look:
    """Read `state.json` and the clock in it."""
    url = f"{base}/live/{space}/state.json"
    before_ns = time.monotonic_ns()
    body = await get(http, url)
    after_ns = time.monotonic_ns()
    try:
        state = _STATE.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        sentence = f"{url} is not a state of a space: {error}."
        raise MalformedError(sentence) from error
    middle_us = (before_ns + after_ns) // 2_000
    return Look(state, state.now_utc_us - middle_us, (after_ns - before_ns) // 1_000)


async def bases(http: httpx.AsyncClient, origin: str, seed: bytes) -> list[str]:
    """Addresses to listen at, best first, the front door last.

    Without a readable edge list there is the front door alone.
    """
    try:
        edges = _EDGES.decode(await get(http, f"{origin}/live/edges.json")).edges
    except (PeerError, msgspec.MsgspecError, UnicodeDecodeError):
        edges = ()
    chosen = edge_order(edges, seed)[:EDGES_TRIED_MAX]
    found = [resolved(base, origin) for edge in chosen for base in edge.bases]
    return [*dict.fromkeys(base for base in found if base not in {"", origin}), origin]


def resolved(base: str, origin: str) -> str:
    """An edge's address as seen from `origin`, without a slash at its end.

    `:PORT` is the same host at that port, `/path` a way through the front door; the empty word
    for what is no address at all.
    """
    try:
        if base.startswith(":"):
            parts = urlsplit(origin)
            host = parts.hostname or ""
            base = f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{base}"
        return urljoin(origin + "/", base).rstrip("/")
    except ValueError:
        return ""


def edge_order(edges: Sequence[EdgeInfo], seed: bytes) -> list[EdgeInfo]:
    """Edges by weighted rendezvous (Thaler and Ravishankar 1998; weights by -w / ln h).

    Each listener's `seed` gives another order, stable while edges come and go. Those that are
    being emptied are left out.
    """

    def score(edge: EdgeInfo) -> float:
        digest = hashlib.blake2b(edge.id.encode(), digest_size=8, key=seed[:64]).digest()
        chance = (int.from_bytes(digest, "big") + 1) / (2**64 + 1)
        return -edge.weight / math.log(chance)

    open_ones = (edge for edge in edges if edge.weight > 0 and not edge.draining)
    return sorted(open_ones, key=score, reverse=True)
