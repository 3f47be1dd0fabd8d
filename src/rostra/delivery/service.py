"""Answers requests from memory alone: no desk, no database, no disk stands behind a listener."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

import msgspec

from rostra.delivery import hls_answers
from rostra.delivery.access import OPEN, Access
from rostra.delivery.answers import (
    CORS,
    FOREVER,
    HTML,
    JSON,
    NEVER,
    PREFLIGHT,
    Answer,
    Asset,
    sentence,
)
from rostra.delivery.channel import Channel
from rostra.delivery.cors import restricted
from rostra.delivery.crowd import Caller, Crowd
from rostra.delivery.csp import Policies, origin_of, policy
from rostra.delivery.cutting import Form
from rostra.delivery.holding import Hold, Holds, T
from rostra.delivery.pages import Template, plain_page, state_json
from rostra.delivery.paths import Kind, Route, parse
from rostra.delivery.photos import Gallery
from rostra.delivery.ranges import part
from rostra.delivery.refusals import Code, RefusedError, title_of
from rostra.delivery.spaces import Directory
from rostra.delivery.streams import Join, stream_head
from rostra.domain.language import preferred
from rostra.domain.media import Codec
from rostra.domain.space import DOORS_OPEN, OVER, State
from rostra.wire.messages import SpaceTally
from rostra.wire.states import SpaceState

EDGES_CACHE: Final = "public, max-age=2"
"""Every joiner reads it; a new edge may wait two seconds for its first listener."""

NOT_OPEN_RETRY_S: Final = 10
"""When a player may ask again whether the doors are open."""

_ALLOWED: Final = {Code.METHOD: "GET, HEAD, OPTIONS", Code.METHOD_POST: "POST, OPTIONS"}
US_PER_S: Final = 1_000_000

TICKETED: Final = frozenset({Kind.STREAM, Kind.MASTER, Kind.PLAYLIST, Kind.VOICE})
"""Where a listening ticket is looked at. Segments are for caches, which know nobody."""

_PAGE_HEADERS: Final = {
    "Content-Type": HTML,
    "Cache-Control": NEVER,
    "Content-Security-Policy": policy(),
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
}


@dataclass(frozen=True, slots=True)
class Now:
    """Both clocks at the turn of the loop: monotonic nanoseconds, UTC microseconds."""

    mono_ns: int
    utc_us: int


@dataclass(frozen=True, slots=True)
class Request:
    """One request head; header names in lower case."""

    method: str
    target: bytes
    headers: Mapping[str, str]
    chunked: bool = True
    """Whether the peer understands chunked bodies (HTTP/1.1)."""
    keep: bool = True
    """Whether the connection stays open after the answer (RFC 9112, section 9.3)."""
    source: str = ""
    """The client's address as the edge believes it (`sources`); neither logged nor stored."""
    body: bytes = b""
    """What a POST brought."""

    @property
    def caller(self) -> Caller:
        """Who asks, for counts and limits."""
        return Caller(self.target, self.source, self.headers.get("user-agent", ""))

    @property
    def language(self) -> str:
        """The house's language that the asker reads best."""
        return preferred(self.headers.get("accept-language", ""))


class Tallier(Protocol):
    """Whoever knows the open connections."""

    def tally(self, space: str) -> SpaceTally:
        """Those of one space."""
        ...


class Service:
    """Everything that an edge can say, by route.

    `template` is None and `assets` empty while the browser application is not built: the page
    then says so, and the streams go on.
    """

    def __init__(
        self,
        directory: Directory,
        channels: Mapping[str, Channel],
        template: Template | None,
        assets: Mapping[str, Asset],
        access: Access = OPEN,
    ) -> None:
        self.directory = directory
        self.access = access
        self.crowd = Crowd()
        self.gallery = Gallery()
        self.refused: Counter[Code] = Counter()
        """Answers that were a refusal, by its code."""
        self._channels = channels
        self._template = template
        self._assets = assets
        self._policies = Policies(directory, access.csp_sources, access.siblings, access.watch)

    def answer(self, request: Request, now: Now) -> Answer | Join | Hold:
        """The answer to one request; a peer's mistake becomes a sentence with its status."""
        said = self._said(request, now)
        return said if isinstance(said, Hold) else self._restricted(said, request)

    def _restricted(self, said: Answer | Join, request: Request) -> Answer | Join:
        asked = request.headers
        return restricted(said, asked.get("origin", ""), asked.get("host", ""), self.access)

    def _said(self, request: Request, now: Now) -> Answer | Join | Hold:
        try:
            route = parse(request.target)
            if request.method == "OPTIONS":
                return Answer(204, b"", {**PREFLIGHT, "Cache-Control": FOREVER})
            _check_method(request.method, route)
            return self._dressed(self._route(route, request, now), route, request)
        except RefusedError as error:
            self.refused[error.code] += 1
            return _refusal(error, request)

    def joined(self, join: Join) -> None:
        """A request for a stream has become a listener."""
        channel = join.channel
        if join.caller is not None:
            self.crowd.joined(channel.space, channel.run, join.caller)

    def ripe(self, holds: Holds[T]) -> list[T]:
        """Some of those whose wait is over: their requests can be answered."""
        return holds.ripe(self._channels)

    def refuse(self, code: Code, request: Request) -> Answer | Join:
        """What is said to a request that cannot be held, or not any longer."""
        return self._restricted(_refusal(RefusedError(code), request), request)

    def tally(self, hall: Tallier, now: Now) -> tuple[SpaceTally, ...]:
        """The audience by space, since the last tally where it is no count of now."""
        rows = [
            msgspec.structs.replace(hall.tally(space), run=channel.run)
            for space, channel in list(self._channels.items())
        ]
        return self.crowd.tallied(rows, now.mono_ns)

    def _route(self, route: Route, request: Request, now: Now) -> Answer | Join | Hold:
        reserved = route.kind in TICKETED and self.access.doorkeeper.reserved(
            request.target, route.space, now.utc_us // US_PER_S
        )
        match route.kind:
            case Kind.STREAM:
                return self._stream(route, request, reserved=reserved)
            case Kind.PAGE:
                return self._page(route.space, request, now)
            case Kind.ASSET:
                return self._asset(route.name, request)
            case Kind.PHOTO:
                return self.gallery.answer(route.name)
        if route.kind in hls_answers.KINDS:
            return self._file(route, request, now)
        return self._small(route, request, now)

    def _dressed(
        self, answer: Answer | Join | Hold, route: Route, request: Request
    ) -> Answer | Join | Hold:
        """An answer with what its request adds: a part of it, or a ticket in its addresses."""
        if not isinstance(answer, Answer):
            return answer
        if route.kind is Kind.MASTER:
            return self.access.doorkeeper.master(answer, request.target)
        if route.kind is Kind.PLAYLIST:
            return self.access.doorkeeper.playlist(answer)
        headers = request.headers
        if "range" in headers and request.method == "GET":
            return part(answer, headers["range"], headers.get("if-range", ""), request.language)
        return answer

    def _small(self, route: Route, request: Request, now: Now) -> Answer:
        match route.kind:
            case Kind.MASTER:
                return hls_answers.master_answer(
                    self._channel(route.space), self.crowd, request.caller
                )
            case Kind.VOICE:
                return self._voice(route, request, now)
            case Kind.EDGES:
                return self._edges()
            case Kind.HEALTH:
                return Answer(200, b"ok\n", {"Content-Type": "text/plain", "Cache-Control": NEVER})
            case Kind.STATE:
                state, codecs = self._space(route.space), self._codecs(route.space)
                me, watch = self.directory.me.id, self.access.watch
                body = state_json(state, now.utc_us, me, codecs, watch)
                return Answer(200, body, {"Content-Type": JSON, "Cache-Control": NEVER, **CORS})
        raise RefusedError(Code.NOT_YET)

    def _voice(self, route: Route, request: Request, now: Now) -> Answer:
        """What a listener sends: 202, for it is told to the studio with the next tally."""
        state = self._space(route.space)
        if state.state in OVER:
            raise _over(state)
        if state.state not in DOORS_OPEN:
            raise RefusedError(Code.NOT_OPEN, title=state.title)
        made = self.crowd.post(state, route.name, request.body, request.source, now.mono_ns)
        body = msgspec.json.encode({"ok": True} | ({"id": made} if made else {}))
        return Answer(202, body, {"Content-Type": JSON, "Cache-Control": NEVER, **CORS})

    def _space(self, space: str) -> SpaceState:
        state = self.directory.space(space)
        if state is not None:
            return state
        if not self.directory.loaded:
            raise RefusedError(Code.JUST_STARTED)
        raise RefusedError(Code.NO_SUCH_SPACE, space=space)

    def _channel(self, space: str) -> Channel:
        state = self._space(space)
        channel = self._channels.get(space)
        if state.state in OVER and (channel is None or not channel.shelf.over):
            raise _over(state)
        if state.state not in DOORS_OPEN | OVER or channel is None:
            raise RefusedError(Code.NOT_OPEN, title=state.title)
        if not channel.window.run:
            raise RefusedError(Code.BEGINNING)
        return channel

    def _codecs(self, space: str) -> tuple[Codec, ...]:
        channel = self._channels.get(space)
        return channel.window.codecs() if channel else (Codec.AAC,)

    def _stream(self, route: Route, request: Request, *, reserved: bool) -> Join:
        state = self._space(route.space)
        channel = self._channels.get(route.space)
        if state.state in OVER:
            raise _over(state)
        if channel is None or not channel.open:
            raise RefusedError(Code.NOT_OPEN, title=state.title)
        form = route.form or Form.PUSH
        if form is Form.OPUS and Codec.OPUS not in channel.window.codecs():
            code = Code.NO_OPUS if channel.window.run else Code.BEGINNING
            raise RefusedError(code, title=state.title)
        if form is Form.MP3 and request.headers.get("icy-metadata", "").strip() == "1":
            form = Form.ICY
        head = stream_head(form, state.title, chunked=request.chunked)
        only = request.method == "HEAD"
        language, source = request.language, request.source
        caller = None if only else request.caller
        return Join(channel, form, request.chunked, head, only, language, reserved, source, caller)

    def _file(self, route: Route, request: Request, now: Now) -> Answer | Hold:
        channel = self._channel(route.space)
        accepts = request.headers.get("accept-encoding", "")
        found = hls_answers.answer(channel, route, request.target, accepts)
        playlist = route.kind is Kind.PLAYLIST
        self.crowd.read(route.space, route.run, request.caller, now.mono_ns, playlist=playlist)
        return found

    def _edges(self) -> Answer:
        body = self.directory.edges_json()
        return Answer(200, body, {"Content-Type": JSON, "Cache-Control": EDGES_CACHE, **CORS})

    def _asset(self, name: str, request: Request) -> Answer:
        asset = self._assets.get(name)
        if asset is None:
            raise RefusedError(Code.OLD_FILE)
        headers = request.headers
        return asset.answer(headers.get("accept-encoding", ""), headers.get("if-none-match", ""))

    def _page(self, space: str, request: Request, now: Now) -> Answer:
        state = self._space(space)
        if self._template is None:
            raise RefusedError(Code.NOT_BUILT)
        host = request.headers.get("host", "")
        origin = self.access.origin or origin_of(host)
        me, codecs = self.directory.me.id, self._codecs(space)
        body = self._template.page(state, now.utc_us, me, origin, codecs, watch=self.access.watch)
        guard = {"Content-Security-Policy": self._policies.of(origin)}
        return Answer(200, body, {**_PAGE_HEADERS, **guard})


def _check_method(method: str, route: Route) -> None:
    if route.kind is Kind.VOICE:
        if method != "POST":
            raise RefusedError(Code.METHOD_POST, method=method)
    elif method not in {"GET", "HEAD"}:
        raise RefusedError(Code.METHOD, method=method)


def _over(state: SpaceState) -> RefusedError:
    code = Code.CANCELLED if state.state is State.CANCELLED else Code.OVER
    return RefusedError(code, title=state.title)


def _refusal(error: RefusedError, request: Request) -> Answer:
    language = request.language
    words = error.said(language)
    headers = {"Content-Language": language}
    if error.code in _ALLOWED:
        headers["Allow"] = _ALLOWED[error.code]
    if error.status in {409, 429, 503}:
        headers["Retry-After"] = str(error.retry_s or NOT_OPEN_RETRY_S)
    if not request.target.startswith(b"/s/"):
        return sentence(error.status, words, error.code, headers)
    page = plain_page(title_of(error.status, language), words, language)
    return Answer(error.status, page, {**_PAGE_HEADERS, **headers})
