"""Subscribing to news of components, and leaving again."""

from pathlib import Path
from typing import Annotated, Final

import msgspec
from fastapi import APIRouter, Depends, Request
from fastapi.responses import FileResponse, JSONResponse, Response

from rostra.domain.errors import NotFoundError, PeerError
from rostra.domain.language import LANGUAGES
from rostra.watch.asking import Body, bounded, checked_ask, read_ask
from rostra.watch.components import COMPONENTS_MAX
from rostra.watch.pages.layout import layout
from rostra.watch.subscribers import Channel, Life, Topic, Wish, checked_wish
from rostra.web import watch_subscribe_pages as pages
from rostra.web.errors import UnknownPathError
from rostra.web.languages import in_language
from rostra.web.limiter import TooOftenError
from rostra.web.watch_forms import Form, read_form
from rostra.web.watch_pages import frame_of, page_answer
from rostra.web.watch_site import SiteHere, site_of
from rostra.web.watch_subscribing import Subscribing

FIELDS_MAX: Final = COMPONENTS_MAX + 10
"""Fields of a form: each component, and the rest of it."""
WORKER_FILE: Final = "sw-status.js"

router = APIRouter()


def subscribing_of(request: Request) -> Subscribing:
    """What takes subscriptions; PeerError (404) where this watch takes none."""
    subscribing = site_of(request).subscribing
    if subscribing is None:
        sentence = "This watch takes no subscriptions. Read its feeds."
        raise NotFoundError(sentence)
    return subscribing


SubscribingHere = Annotated[Subscribing, Depends(subscribing_of)]


@router.get("/api/subscriptions")
async def offer(site: SiteHere, subscribing: SubscribingHere) -> JSONResponse:
    """What can be subscribed to, and how."""
    components = [{"id": one.id, "name": one.name} for one in site.board().components]
    offered = {
        "channels": sorted(subscribing.channels),
        "vapid": subscribing.vapid,
        "components": components,
        "topics": list(Topic),
        "languages": list(LANGUAGES),
    }
    return JSONResponse(offered)


@router.post("/api/subscriptions")
async def subscribe(request: Request, site: SiteHere, subscribing: SubscribingHere) -> JSONResponse:
    """Subscribe by JSON: 201 for a browser, 202 where the address is asked first."""
    subscribing.admit(site.address_of(request))
    ask = read_ask(await request.body(), _known(request), loopback=subscribing.loopback)
    asked = await subscribing.ask(ask)
    status = 201 if asked.state == Life.CONFIRMED else 202
    return JSONResponse(msgspec.to_builtins(asked), status, {"Cache-Control": "no-store"})


class _Leaving(msgspec.Struct, frozen=True):
    token: str


@router.post("/api/subscriptions/end")
async def leave_by_program(request: Request, subscribing: SubscribingHere) -> JSONResponse:
    """End a subscription by its word: what a browser does that turns notifications off."""
    try:
        leaving = msgspec.json.decode(bounded(await request.body()), type=_Leaving)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        sentence = "Send the token of the subscription, as JSON."
        raise PeerError(sentence, 422) from error
    await subscribing.end(leaving.token)
    return JSONResponse({"state": Life.ENDED}, headers={"Cache-Control": "no-store"})


@router.get("/subscribe")
async def form(request: Request, subscribing: SubscribingHere) -> Response:
    """The form, which needs no JavaScript."""
    frame = _frame(request)
    return _page(request, pages.body(frame, subscribing.channels, subscribing.vapid))


@router.post("/subscribe")
async def subscribe_by_form(
    request: Request, site: SiteHere, subscribing: SubscribingHere
) -> Response:
    """Subscribe by the form; what is wrong is said above it, and nothing is lost."""
    frame, given = _frame(request), await _form(request)
    try:
        subscribing.admit(site.address_of(request))
        ask = checked_ask(_asked_by(given), _known(request), loopback=subscribing.loopback)
        asked = await subscribing.ask(ask)
    except PeerError as error:
        inner = pages.body(
            frame,
            subscribing.channels,
            subscribing.vapid,
            refusal=in_language(error.sentence, frame.language),
            filled=pages.Filled(given.one("address"), given.one("url")),
            wish=_ticked(given),
        )
        wait = {"Retry-After": str(error.wait_s)} if isinstance(error, TooOftenError) else None
        return _page(request, inner, error.status, wait)
    return _page(request, pages.asked_body(frame, asked.secret), 202)


@router.get("/subscribe/confirm/{token}")
async def ask_to_confirm(request: Request, token: str, subscribing: SubscribingHere) -> Response:
    """A page with a button: a GET changes nothing, since programs follow links in mail."""
    frame = _frame(request)
    return _page(request, pages.confirm_body(frame, await subscribing.find(token), token))


@router.post("/subscribe/confirm/{token}")
async def confirm(request: Request, token: str, subscribing: SubscribingHere) -> Response:
    """Begin to tell them."""
    frame = _frame(request)
    return _page(request, pages.state_body(frame, await subscribing.confirm(token)))


@router.get("/subscribe/manage/{token}")
async def manage(request: Request, token: str, subscribing: SubscribingHere) -> Response:
    """What they are told, to be changed."""
    frame = _frame(request)
    return _page(request, pages.manage_body(frame, await subscribing.find(token), token))


@router.post("/subscribe/manage/{token}")
async def change(request: Request, token: str, subscribing: SubscribingHere) -> Response:
    """Change what they are told."""
    frame, given = _frame(request), await _form(request)
    try:
        wanted = given.all("component"), given.all("topic"), given.one("language")
        wish = checked_wish(*wanted, _known(request))
    except PeerError as error:
        refusal = in_language(error.sentence, frame.language)
        found = await subscribing.find(token)
        return _page(request, pages.manage_body(frame, found, token, refusal=refusal), error.status)
    changed = await subscribing.change(token, wish)
    return _page(request, pages.manage_body(frame, changed, token, saved=True))


@router.get("/subscribe/end/{token}")
async def ask_to_leave(request: Request, token: str, subscribing: SubscribingHere) -> Response:
    """A page with a button, for those who follow the link."""
    frame = _frame(request)
    return _page(request, pages.end_body(frame, await subscribing.find(token), token))


@router.post("/subscribe/end/{token}")
async def leave(request: Request, token: str, subscribing: SubscribingHere) -> Response:
    """End it at once: the page's button, and a mail program's one click (RFC 8058)."""
    await subscribing.end(token)
    frame = _frame(request)
    return _page(request, pages.left_body(frame))


@router.get(f"/{WORKER_FILE}")
async def worker(site: SiteHere) -> Response:
    """The service worker, whose scope is everything below `/status/`."""
    found = (site.dist or Path()) / WORKER_FILE
    if site.dist is None or not found.is_file():
        sentence = "There is nothing at this address. See the home page."
        raise UnknownPathError(sentence)
    return FileResponse(found, media_type="text/javascript", headers={"Cache-Control": "no-cache"})


async def _form(request: Request) -> Form:
    return read_form(bounded(await request.body()), FIELDS_MAX)


def _asked_by(form: Form) -> Body:
    """What the JSON of the same wish would have been."""
    channel = form.one("channel")
    if channel not in (Channel.EMAIL, Channel.WEBHOOK):
        sentence = "Choose e-mail or a webhook."
        raise PeerError(sentence, 422)
    return Body(
        channel=Channel(channel),
        address=form.one("address"),
        url=form.one("url").strip(),
        components=form.all("component"),
        topics=form.all("topic"),
        language=form.one("language"),
    )


def _ticked(form: Form) -> Wish:
    """What was ticked, right or not, to show it again."""
    topics = tuple(one for one in Topic if one.value in form.all("topic"))
    return Wish(form.all("component"), topics, form.one("language"))


def _known(request: Request) -> frozenset[str]:
    return frozenset(one.id for one in site_of(request).board().components)


def _frame(request: Request) -> pages.Frame:
    return pages.Frame(site_of(request).board(), frame_of(request).language)


def _page(
    request: Request, inner: str, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """The page's own layout around an inner page: not cached, and found by no search engine."""
    drawn, frame = frame_of(request), _frame(request)
    document = layout(
        pages.title_of(frame),
        inner,
        frame.language,
        name=frame.board.name,
        links=drawn.links,
        assets=drawn.assets,
        here="subscribe",
    )
    answer = page_answer(request, document, status)
    answer.headers.update({"X-Robots-Tag": "noindex", **(headers or {})})
    return answer
