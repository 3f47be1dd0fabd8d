"""Reads forms of operators and subscribers within bounds; the forms need no script."""

from collections.abc import Mapping
from urllib.parse import parse_qs

from fastapi import Request

from rostra.domain.errors import PeerError

FORM_FIELDS_MAX = 300
"""A box for each of 200 components, and the form's own fields."""


class Form:
    """The fields of a form (application/x-www-form-urlencoded)."""

    def __init__(self, fields: Mapping[str, list[str]]) -> None:
        self._fields = fields

    def one(self, name: str) -> str:
        """A field, or an empty word."""
        return self._fields.get(name, [""])[0]

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a field: the boxes that were ticked."""
        return tuple(self._fields.get(name, ()))


async def form_of(request: Request) -> Form:
    """The form that was sent, of a size that the guard lets through; PeerError (415, 422)."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        sentence = "This address takes the form of its own page. Open the page, and send it there."
        raise PeerError(sentence, status=415)
    return read_form(await request.body())


def read_form(body: bytes, fields_max: int = FORM_FIELDS_MAX) -> Form:
    """A body as a form; PeerError (422) for what cannot be read, or has more fields."""
    try:
        text = body.decode("utf-8")
        fields = parse_qs(text, keep_blank_values=True, max_num_fields=fields_max, errors="strict")
    except ValueError as error:
        sentence = "The form cannot be read. Open the page again, and send it anew."
        raise PeerError(sentence, status=422) from error
    return Form(fields)
