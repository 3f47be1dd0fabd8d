"""Every error as `{"error": {"sentence", "field"}}`, or as a small page where a page was asked."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from rostra.domain.errors import HouseError, PeerError
from rostra.domain.language import preferred
from rostra.web.languages import in_language
from rostra.web.limiter import TooOftenError
from rostra.web.plain import plain_page

_log = structlog.get_logger("desk")


class FieldError(PeerError):
    """One named field of a request is wrong."""

    def __init__(self, sentence: str, status: int, field: str) -> None:
        super().__init__(sentence, status)
        self.field = field


class UnknownPathError(PeerError):
    """There is nothing at this path (404)."""

    status = 404


@contextmanager
def field(name: str) -> Iterator[None]:
    """Name the field that a rule's PeerError is about."""
    try:
        yield
    except PeerError as error:
        raise FieldError(error.sentence, error.status, name) from error


def answer(
    request: Request,
    status: int,
    sentence: str,
    about: str | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """An error in the form that suits the path: JSON below `/api`, else a page."""
    language = preferred(request.headers.get("accept-language", ""))
    said = in_language(sentence, language)
    fixed = {"Cache-Control": "no-store", "Content-Language": language, **(headers or {})}
    if request.url.path.startswith(("/api/", "/status/api/")):
        return JSONResponse({"error": {"sentence": said, "field": about}}, status, fixed)
    return plain_page(status, said, language, fixed)


def install(app: FastAPI) -> None:
    """Let the application answer every error with a sentence."""
    app.add_exception_handler(PeerError, _peer)
    app.add_exception_handler(HouseError, _house)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _fault)


async def _peer(request: Request, error: Exception) -> Response:
    assert isinstance(error, PeerError)  # noqa: S101 - registered for this family only
    headers = {"Retry-After": str(error.wait_s)} if isinstance(error, TooOftenError) else None
    about = getattr(error, "field", None)
    return answer(request, error.status, error.sentence, about, headers)


async def _house(request: Request, error: Exception) -> Response:
    assert isinstance(error, HouseError)  # noqa: S101 - registered for this family only
    _log.warning("the house could not answer", route=_route(request), reason=error.sentence)
    status = getattr(error, "status", 503)
    return answer(request, status, error.sentence, headers={"Retry-After": "2"})


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - as above
    sentence, about = sentence_of(error.errors()[0])
    return answer(request, 422, sentence, about)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - as above
    sentence = _HTTP.get(error.status_code, str(error.detail))
    return answer(request, error.status_code, sentence, headers=dict(error.headers or {}))


async def _fault(request: Request, error: Exception) -> Response:
    _log.error("a fault of ours", route=_route(request), exc_info=error)
    sentence = "The desk made a mistake. It is logged; try again, and tell the operator."
    return answer(request, 500, sentence)


def sentence_of(problem: dict[str, Any]) -> tuple[str, str | None]:
    """One of pydantic's problems as a sentence, and the field it is about."""
    where = [str(part) for part in problem.get("loc", ()) if part not in _PLACES]
    kind = problem.get("type", "")
    if kind == "json_invalid":
        return "The request's body is not JSON. Mend its syntax.", None
    if not where:
        return "The request's body must be a JSON object (Content-Type: application/json).", None
    about = ".".join(where)[:80]
    if kind == "missing":
        return f"{about} is missing. Give it.", about
    if kind == "extra_forbidden":
        return f"{about} is not known here. Leave it out.", about
    return f"{about}: {problem.get('msg', 'is not valid')}.", about


def _route(request: Request) -> str:
    # Not the path itself: it may hold a ticket or an invitation.
    return getattr(request.scope.get("route"), "path", "no route")


_PLACES = frozenset({"body", "path", "query", "header", "cookie"})
_HTTP = {
    404: "There is nothing at this address. See the home page.",
    405: "This address does not take that method. See /api/docs.",
}
