"""People's reports of trouble, and the challenge in a flood."""

from typing import Annotated, Any, Final
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from rostra.domain.errors import HouseError, PeerError
from rostra.domain.language import LANGUAGES
from rostra.watch.intake import ReportError, Submission, read, read_form
from rostra.watch.receipts import FullError, OftenError, Receipt
from rostra.web.watch_site import Site, SiteHere, site_of

router = APIRouter()

FORM_FIELDS_MAX: Final = 12
"""The form has four."""

_PREFLIGHT: Final = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "content-type",
    "Access-Control-Max-Age": "86400",
}


async def report(request: Request) -> Response:
    """Take a report: JSON, whatever its media type says, so that `sendBeacon` may send it.

    201 with what became of it, once it is on the disk. A plain function of Starlette's: in a
    flood, what FastAPI does for parameters would be most of the work.
    """
    site = site_of(request)
    submission = read(await request.body(), site.intake.components)
    receipt = await _take(request, site, submission)
    told = {"outcome": receipt.outcome.value, "proof": receipt.proof}
    return JSONResponse(told, 201)


@router.options("/api/reports")
@router.options("/api/challenge")
async def preflight() -> Response:
    """Say to a browser that any site's page may ask."""
    return Response(status_code=204, headers=_PREFLIGHT)


@router.get("/api/challenge")
async def challenge(
    request: Request, site: SiteHere, component: Annotated[str, Query(max_length=40)] = ""
) -> Response:
    """A challenge of ALTCHA for one component, or that none is needed at the moment."""
    if component not in site.intake.components:
        sentence = "This page has no such component. Choose one of its list."
        raise ReportError(sentence)
    made = site.intake.challenge(component, site.address_of(request))
    told: dict[str, Any] = {"needed": made is not None, "challenge": made}
    if made is not None:
        site.metrics.challenges.inc()
    return JSONResponse(told, headers={"Cache-Control": "no-store"})


@router.post("/report")
async def report_from_form(request: Request, site: SiteHere) -> Response:
    """Take a report from the form, and lead back to it with `sent=` what became of it.

    `sent` is `counted`, `unproven`, `repeat` or `surplus`.
    """
    try:
        fields = parse_qsl(
            (await request.body()).decode(), max_num_fields=FORM_FIELDS_MAX, strict_parsing=True
        )
    except ValueError as error:
        sentence = "The form did not come whole. Go back and send it again."
        raise ReportError(sentence) from error
    submission = read_form(dict(fields), site.intake.components)
    receipt = await _take(request, site, submission)
    words = {"sent": receipt.outcome.value, "component": submission.component}
    if request.query_params.get("lang") in LANGUAGES:
        words["lang"] = request.query_params["lang"]
    return RedirectResponse(f"/status/report?{urlencode(words)}", 303)


async def _take(request: Request, site: Site, submission: Submission) -> Receipt:
    try:
        receipt = await site.intake.take(submission, site.address_of(request))
    except (PeerError, HouseError) as error:
        site.metrics.reports.labels(_WHY.get(type(error), "failed")).inc()
        raise
    site.metrics.reports.labels(receipt.outcome.value).inc()
    site.metrics.proofs.labels(receipt.proof).inc()
    return receipt


_WHY: Final[dict[type[Exception], str]] = {FullError: "full", OftenError: "often"}
