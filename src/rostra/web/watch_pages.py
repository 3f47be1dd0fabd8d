"""The pages themselves, in HTML that needs no script."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from rostra.domain.language import LANGUAGES, preferred
from rostra.watch.board import Board, Chart
from rostra.watch.components import ID_CHARS_MAX
from rostra.watch.pages import render
from rostra.watch.pages.links import SERVED, Links
from rostra.watch.pages.render import Answered, Frame
from rostra.web import watch_assets
from rostra.web.watch_assets import assets_of
from rostra.web.watch_rendering import rendering_of
from rostra.web.watch_site import site_of

PAGE_CSP: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
"""Everything comes from the watch itself, and nothing is inline."""

PAGE_AGE_S: Final = 5
"""A board is made anew every few seconds; what lies before the watch may keep a page as long."""

HEADERS: Final = {
    "Content-Security-Policy": PAGE_CSP,
    "Cache-Control": f"public, max-age={PAGE_AGE_S}",
    "Vary": "Accept-Language",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}

router = APIRouter(include_in_schema=False)
router.include_router(watch_assets.router)
root = APIRouter(include_in_schema=False)
"""What is outside `/status` on the watch's own port."""

Draw = Callable[[Board, Frame], Awaitable[str | None]]


@root.api_route("/", methods=["GET", "HEAD"])
async def home() -> Response:
    """The watch's own address leads to its page."""
    return RedirectResponse(SERVED, 307)


@router.api_route("/", methods=["GET", "HEAD"])
async def typed() -> Response:
    """A slash more is what people type."""
    return RedirectResponse(SERVED, 308)


@router.api_route("", methods=["GET", "HEAD"])
async def status(request: Request) -> Response:
    """The page that is asked for first."""

    async def draw(board: Board, frame: Frame) -> str:
        wanted = [(one.id, "24h") for one in board.components]
        charts = await charts_of(request, wanted)
        return render.status(board, {chart.component: chart for chart in charts}, frame)

    return await _answer(request, draw)


@router.api_route("/c/{component}", methods=["GET", "HEAD"])
async def component(request: Request, component: str) -> Response:
    """One component with its charts."""

    async def draw(board: Board, frame: Frame) -> str | None:
        if component not in {one.id for one in board.components}:
            return None
        wanted = [(component, "24h"), (component, "90d")]
        charts = await charts_of(request, wanted)
        return render.component(board, component, charts, frame)

    return await _answer(request, draw)


@router.api_route("/incidents/{incident}", methods=["GET", "HEAD"])
async def incident(request: Request, incident: str) -> Response:
    """One incident with its timeline and evidence."""

    async def draw(board: Board, frame: Frame) -> str | None:
        return render.incident(board, incident, frame)

    return await _answer(request, draw)


@router.api_route("/history", methods=["GET", "HEAD"])
async def history(request: Request) -> Response:
    """All that happened, by month."""

    async def draw(board: Board, frame: Frame) -> str:
        return render.history(board, frame)

    return await _answer(request, draw)


@router.api_route("/method", methods=["GET", "HEAD"])
async def method(request: Request) -> Response:
    """How counting, alarm and attribution work."""

    async def draw(board: Board, frame: Frame) -> str:
        return render.method(board, frame)

    return await _answer(request, draw)


@router.api_route("/report", methods=["GET", "HEAD"])
async def report(request: Request) -> Response:
    """The form, with what the link chose; or thanks, to where a sent form leads (`sent`)."""
    asked = request.query_params
    if asked.get("sent"):
        board, frame = site_of(request).board(), frame_of(request)
        return page_answer(request, render.thanks(board, frame, asked["sent"]))
    chosen = {name: asked.get(name, "")[:ID_CHARS_MAX] for name in ("component", "kind")}

    async def draw(board: Board, frame: Frame) -> str:
        return render.report(board, frame, Answered(chosen["component"], chosen["kind"]))

    if any(chosen.values()):
        # Addresses that anybody can make up fill no cache.
        frame = frame_of(request)
        return page_answer(request, await draw(site_of(request).board(), frame))
    return await _answer(request, draw)


@router.get("/{path:path}")
async def nowhere(request: Request, path: str) -> Response:
    """404 with a page that leads back."""
    del path
    return page_answer(request, _nowhere(request), 404)


async def charts_of(request: Request, wanted: Sequence[tuple[str, str]]) -> list[Chart]:
    """Charts by component and range, one after the other: the store writes reports meanwhile."""
    site = site_of(request)
    return [await site.chart(*one) for one in wanted]


def frame_of(request: Request) -> Frame:
    """Language, links and assets for who asks."""
    chosen = request.query_params.get("lang", "")
    chosen = chosen if chosen in LANGUAGES else ""
    language = chosen or preferred(request.headers.get("accept-language", ""))
    return Frame(language, Links(chosen=chosen), assets_of(site_of(request).dist))


def page_answer(
    request: Request, document: str, status_code: int = 200, caching: str = "no-store"
) -> Response:
    """A page that is made for one request: a form's answer, an error."""
    headers = HEADERS | {
        "Cache-Control": caching,
        "Content-Language": frame_of(request).language,
    }
    return Response(document, status_code, headers, "text/html; charset=utf-8")


async def _answer(request: Request, draw: Draw) -> Response:
    frame = frame_of(request)

    async def drawn(board: Board) -> str | None:
        return await draw(board, frame)

    key = (request.url.path, frame.language, frame.links.chosen)
    kept = await rendering_of(request.app).page(key, drawn)
    if kept is None:
        return page_answer(request, _nowhere(request), 404)
    headers = HEADERS | {"ETag": kept.etag, "Content-Language": frame.language}
    if kept.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(kept.body, headers=headers, media_type="text/html; charset=utf-8")


def _nowhere(request: Request) -> str:
    return render.nowhere(site_of(request).board(), frame_of(request))
