"""What an operator does to incidents and announced work: the API for programs."""

from typing import Any, Final, TypeVar

import msgspec
from fastapi import APIRouter, Request
from fastapi.responses import Response

from rostra.domain.errors import PeerError
from rostra.watch.acts import Act
from rostra.watch.fact_asking import Asked
from rostra.watch.incidents import Incident
from rostra.watch.maintenance import Maintenance
from rostra.web import watch_admin_pages
from rostra.web.watch_acting import Plan
from rostra.web.watch_operators import must_be_program
from rostra.web.watch_site import SiteHere

router = APIRouter(include_in_schema=False)

API: Final = "/api/admin"

_T = TypeVar("_T")


@router.get(f"{API}/incidents")
async def list_incidents(request: Request, site: SiteHere) -> Response:
    """The open ones first, then the newest."""
    acting = must_be_program(request, site)
    return _answer([_incident(one) for one in await acting.incidents()])


@router.post(f"{API}/incidents")
async def open_incident(request: Request, site: SiteHere) -> Response:
    """Open an incident that no alarm did."""
    acting = must_be_program(request, site)
    return _answer(_incident(await acting.open(await _read(request, Act))), 201)


@router.get(f"{API}/incidents/{{incident_id}}")
async def get_incident(incident_id: str, request: Request, site: SiteHere) -> Response:
    """One incident."""
    acting = must_be_program(request, site)
    return _answer(_incident(await acting.incident(incident_id)))


@router.post(f"{API}/incidents/{{incident_id}}/{{action}}")
async def act(incident_id: str, action: str, request: Request, site: SiteHere) -> Response:
    """Confirm, dismiss, update, resolve, reopen, or look back (`postmortem`)."""
    acting = must_be_program(request, site)
    asked = await _read(request, Act)
    return _answer(_incident(await acting.do(action, incident_id, asked)))


@router.get(f"{API}/maintenances")
async def list_maintenances(request: Request, site: SiteHere) -> Response:
    """Announced work that is not over, and that of the last 90 days."""
    acting = must_be_program(request, site)
    return _answer([_work(one) for one in await acting.maintenances()])


@router.post(f"{API}/maintenances")
async def schedule(request: Request, site: SiteHere) -> Response:
    """Announce work."""
    acting = must_be_program(request, site)
    return _answer(_work(await acting.schedule(await _read(request, Plan))), 201)


@router.post(f"{API}/maintenances/{{maintenance_id}}/edit")
async def edit(maintenance_id: str, request: Request, site: SiteHere) -> Response:
    """Change announced work, or move it on with `status`."""
    acting = must_be_program(request, site)
    return _answer(_work(await acting.edit(maintenance_id, await _read(request, Plan))))


@router.post(f"{API}/maintenances/{{maintenance_id}}/cancel")
async def cancel(maintenance_id: str, request: Request, site: SiteHere) -> Response:
    """Call announced work off."""
    acting = must_be_program(request, site)
    return _answer(_work(await acting.cancel(maintenance_id, await _read(request, Plan))))


@router.get(f"{API}/components/{{component}}/reports")
async def told(component: str, request: Request, site: SiteHere) -> Response:
    """What reports of a component say, of what the address asks for."""
    acting = must_be_program(request, site)
    found = await acting.reports(component, Asked.read(request.query_params))
    return _answer(msgspec.to_builtins(found))


@router.get(f"{API}/log")
async def log(request: Request, site: SiteHere) -> Response:
    """What operators did, newest first."""
    acting = must_be_program(request, site)
    return _answer([msgspec.to_builtins(one) for one in await acting.log()])


async def _read(request: Request, shape: type[_T]) -> _T:
    try:
        return msgspec.json.decode(await request.body(), type=shape)
    except msgspec.MsgspecError as error:
        sentence = f"The request's body cannot be read: {error}. Mend it."
        raise PeerError(sentence, status=422) from error


def _incident(incident: Incident) -> dict[str, Any]:
    return {"phase": incident.phase.value, **msgspec.to_builtins(incident.view())}


def _work(work: Maintenance) -> dict[str, Any]:
    return dict(msgspec.to_builtins(work.view()))


def _answer(body: object, status: int = 200) -> Response:
    return Response(
        msgspec.json.encode(body),
        status,
        media_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


router.include_router(watch_admin_pages.router)
