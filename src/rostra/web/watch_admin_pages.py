"""The operators' pages: small HTML below `/status/admin`, a form for each action, no script."""

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from rostra.domain.errors import PeerError
from rostra.watch import texts
from rostra.watch.acts import Act
from rostra.watch.fact_asking import Asked
from rostra.web import watch_admin_views as views
from rostra.web.watch_acting import Acting, Plan
from rostra.web.watch_admin_views import MINUTE_CHARS, Shown, Typed
from rostra.web.watch_admin_words import labels
from rostra.web.watch_forms import Form, form_of
from rostra.web.watch_operators import (
    COOKIE,
    Session,
    acting_of,
    log_in,
    must_be_person,
    session_of,
    sessions_of,
    set_cookie,
)
from rostra.web.watch_site import Site, SiteHere

router = APIRouter(include_in_schema=False)

HOME: Final = "/status/admin"


@router.get("/admin")
async def home(request: Request, site: SiteHere) -> Response:
    """The list, or the way in."""
    session = session_of(request, site)
    if session is None:
        return Shown(request, site).page("login")
    return await views.listed(Shown(request, site, session), acting_of(site))


@router.post("/admin/login")
async def enter(request: Request, site: SiteHere) -> Response:
    """Begin a session with the token."""
    form = await form_of(request)
    acting = acting_of(site)
    try:
        name = texts.line(form.one("name"), "name", texts.OPERATOR_CHARS_MAX)
        cookie = log_in(request, site, form.one("token"), name)
        await acting.note(name, "login")
    except PeerError as error:
        return Shown(request, site, typed=_typed(form), problem=error).page("login")
    answer = RedirectResponse(HOME, 303)
    set_cookie(request, answer, cookie)
    return answer


@router.post("/admin/logout")
async def leave(request: Request, site: SiteHere) -> Response:
    """End the session."""
    _, session, acting = await _posted(request, site)
    sessions_of(request, site).end(request.cookies.get(COOKIE, ""))
    await acting.note(session.name, "logout")
    answer = RedirectResponse(HOME, 303)
    set_cookie(request, answer, "")
    return answer


@router.get("/admin/open")
async def show_open(request: Request, site: SiteHere) -> Response:
    """The form for an incident that no alarm opened."""
    session = session_of(request, site)
    if session is None:
        return RedirectResponse(HOME, 303)
    return views.opening(Shown(request, site, session), acting_of(site))


@router.post("/admin/open")
async def do_open(request: Request, site: SiteHere) -> Response:
    """Open it."""
    form, session, acting = await _posted(request, site)
    try:
        made = await acting.open(_act(form, session))
    except PeerError as error:
        return views.opening(Shown(request, site, session, _typed(form), error), acting)
    return RedirectResponse(f"{HOME}/incidents/{made.id}", 303)


@router.get("/admin/incidents/{incident_id}")
async def show_incident(incident_id: str, request: Request, site: SiteHere) -> Response:
    """One incident with a form for each action that it takes."""
    session = session_of(request, site)
    if session is None:
        return RedirectResponse(HOME, 303)
    acting = acting_of(site)
    return views.incident(Shown(request, site, session), acting, await acting.incident(incident_id))


@router.post("/admin/incidents/{incident_id}")
async def do_incident(incident_id: str, request: Request, site: SiteHere) -> Response:
    """Do what the form says."""
    form, session, acting = await _posted(request, site)
    shown = Shown(request, site, session, _typed(form))
    try:
        if form.one("action") == "dismiss":
            _must_be_typed(form, shown, "word_dismiss")
        await acting.do(form.one("action"), incident_id, _act(form, session))
    except PeerError as error:
        refused = Shown(request, site, session, _typed(form), error)
        return views.incident(refused, acting, await acting.incident(incident_id))
    return RedirectResponse(f"{HOME}/incidents/{incident_id}", 303)


@router.get("/admin/maintenance")
async def show_new_work(request: Request, site: SiteHere) -> Response:
    """The form that announces work."""
    session = session_of(request, site)
    if session is None:
        return RedirectResponse(HOME, 303)
    return views.work(Shown(request, site, session), acting_of(site), None)


@router.post("/admin/maintenance")
async def do_new_work(request: Request, site: SiteHere) -> Response:
    """Announce it."""
    form, session, acting = await _posted(request, site)
    try:
        made = await acting.schedule(_plan(form, session))
    except PeerError as error:
        return views.work(Shown(request, site, session, _typed(form), error), acting, None)
    return RedirectResponse(f"{HOME}/maintenance/{made.id}", 303)


@router.get("/admin/maintenance/{work_id}")
async def show_work(work_id: str, request: Request, site: SiteHere) -> Response:
    """Announced work with its forms."""
    session = session_of(request, site)
    if session is None:
        return RedirectResponse(HOME, 303)
    acting = acting_of(site)
    return views.work(Shown(request, site, session), acting, await acting.maintenance(work_id))


@router.post("/admin/maintenance/{work_id}")
async def do_work(work_id: str, request: Request, site: SiteHere) -> Response:
    """Change it, or call it off."""
    form, session, acting = await _posted(request, site)
    shown = Shown(request, site, session, _typed(form))
    try:
        if form.one("action") == "cancel":
            _must_be_typed(form, shown, "word_cancel")
            await acting.cancel(work_id, Plan(by=session.name, body=form.one("body")))
        else:
            await acting.edit(work_id, _plan(form, session))
    except PeerError as error:
        refused = Shown(request, site, session, _typed(form), error)
        return views.work(refused, acting, await acting.maintenance(work_id))
    return RedirectResponse(f"{HOME}/maintenance/{work_id}", 303)


@router.get("/admin/components/{component}")
async def show_told(component: str, request: Request, site: SiteHere) -> Response:
    """What reports of one component say, of what the address asks for."""
    session = session_of(request, site)
    if session is None:
        return RedirectResponse(HOME, 303)
    asked = Asked.read(request.query_params)
    found = await acting_of(site).reports(component, asked)
    return views.told(Shown(request, site, session), found)


@router.get("/admin/log")
async def show_log(request: Request, site: SiteHere) -> Response:
    """What operators did."""
    session = session_of(request, site)
    if session is None:
        return RedirectResponse(HOME, 303)
    rows = [
        {"at": views.when(one.utc_us), "by": one.by, "action": one.action, "subject": one.subject}
        for one in await acting_of(site).log()
    ]
    return Shown(request, site, session).page("log", rows=rows)


async def _posted(request: Request, site: Site) -> tuple[Form, Session, Acting]:
    """A form that one of our own pages sent for who is logged in, and what acts upon it."""
    form = await form_of(request)
    return form, must_be_person(request, site, form.one("csrf")), acting_of(site)


def _must_be_typed(form: Form, shown: Shown, word: str) -> None:
    """PeerError (422) unless the word stands there that the page asks for."""
    expected = labels(shown.language)[word]
    if form.one("word").strip().upper() not in {expected, labels("en")[word]}:
        sentence = f"The word {expected} was not typed, so nothing was done. Type it below."
        raise PeerError(sentence, status=422)


def _act(form: Form, session: Session) -> Act:
    return Act(
        by=session.name,
        body=form.one("body"),
        name=form.one("name"),
        reason=form.one("reason"),
        status=form.one("status"),
        impact=form.one("impact"),
        attribution=form.one("attribution"),
        components=form.all("components"),
    )


def _plan(form: Form, session: Session) -> Plan:
    return Plan(
        by=session.name,
        name=form.one("name"),
        body=form.one("body"),
        begins=_utc(form.one("begins")),
        ends=_utc(form.one("ends")),
        components=form.all("components"),
        status=form.one("status"),
    )


def _utc(text: str) -> str:
    """What a browser's field gives as UTC; what somebody typed with a zone stays."""
    return f"{text}Z" if len(text) == MINUTE_CHARS else text


def _typed(form: Form) -> Typed:
    return Typed(
        action=form.one("action"),
        name=form.one("name"),
        body=form.one("body"),
        reason=form.one("reason"),
        status=form.one("status"),
        impact=form.one("impact"),
        begins=form.one("begins"),
        ends=form.one("ends"),
        components=form.all("components"),
    )
