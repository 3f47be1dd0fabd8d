"""Puts the desk's application together: routes, guard, errors, and what runs beside them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import structlog
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from rostra.domain.errors import HouseError
from rostra.web import api_accounts, api_spaces, api_stage, api_tickets, api_uploads, pages
from rostra.web.deps import Deps, DepsHere
from rostra.web.errors import UnknownPathError, install
from rostra.web.guard import Guard
from rostra.web.plain import PLAIN_CSP
from rostra.web.reference_page import reference_page
from rostra.web.schemas import ErrorView

_log = structlog.get_logger("desk")
_DESCRIPTION = (
    "Every error is {error: {sentence, field}} with a fitting status. People carry the cookie"
    " rostra_session; programs of the operator send Authorization: Bearer with the house's token."
)


def create_app(deps: Deps) -> FastAPI:
    """The desk's whole application; its lifespan follows the backbone and fills its buckets."""
    app = FastAPI(
        title="Rostra API",
        version="1",
        description=_DESCRIPTION,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
        redirect_slashes=False,  # an address with a slash more is another address
        responses={
            422: {"model": ErrorView},
            "4XX": {"model": ErrorView},
            "5XX": {"model": ErrorView},
        },
    )
    app.state.deps = deps
    install(app)
    app.add_middleware(Guard, deps=deps)
    # Uploads come before `/spaces/{space_id}/{action}`, which would take their paths.
    for part in (api_accounts, api_stage, api_tickets, api_uploads, api_spaces):
        app.include_router(part.router, prefix="/api/v1")
    app.include_router(_own)
    app.include_router(pages.router)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    deps: Deps = app.state.deps
    backbone = deps.outside.backbone
    async with AsyncExitStack() as stack:
        stack.callback(deps.workers.close)
        await deps.board.listen(backbone)
        await deps.definitions.tell_all()
        for work in (deps.board.follow(backbone), deps.definitions.run()):
            task = asyncio.create_task(work)
            task.add_done_callback(_say_if_failed)
            stack.push_async_callback(_stop, task)
        yield


async def _stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def _say_if_failed(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception() is not None:
        _log.error("a part of the desk ended by a fault of ours", exc_info=task.exception())


_own = APIRouter(include_in_schema=False)


@_own.get("/api/docs")
async def reference(request: Request) -> Response:
    """The API's reference for people."""
    document = reference_page(request.app.openapi())
    return HTMLResponse(document, headers={"Content-Security-Policy": PLAIN_CSP})


@_own.get("/healthz")
async def healthz(request: Request, deps: DepsHere) -> Response:
    """200 while the database answers, on the desk's own port only."""
    _must_be_inside(request)
    try:
        await deps.workers.store.run(deps.outside.accounts.has_owner)
    except HouseError as error:
        return PlainTextResponse(error.sentence + "\n", 503)
    return PlainTextResponse("ok\n")


@_own.get("/metrics")
async def metrics(request: Request, deps: DepsHere) -> Response:
    """Prometheus's text, on the desk's own port only."""
    _must_be_inside(request)
    text = generate_latest(deps.metrics.registry)
    return Response(text, media_type=CONTENT_TYPE_LATEST)


def _must_be_inside(request: Request) -> None:
    # What came through the front door says so; the machine's own programs do not.
    if "x-forwarded-for" in request.headers or "x-forwarded-host" in request.headers:
        sentence = "There is nothing at this address. See the home page."
        raise UnknownPathError(sentence)
