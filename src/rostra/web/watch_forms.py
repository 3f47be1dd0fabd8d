"""Reads bodies and forms of operators within bounds; the forms need no script."""

from collections.abc import Mapping
from urllib.parse import parse_qs

from fastapi import Request

from rostra.domain.errors import PeerError

ADMIN_BYTES_MAX = 64 * 1024
"""A post-mortem of 20,000 characters in UTF-8, as percent escapes for the most part ASCII."""

FORM_FIELDS_MAX = 300
"""A box for each of 200 components, and the form's own fields."""


async def body_of(request: Request) -> bytes:
    """The whole body; PeerError (413) beyond `ADMIN_BYTES_MAX`."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > ADMIN_BYTES_MAX:
            sentence = f"The request's body exceeds {ADMIN_BYTES_MAX} bytes. Shorten it."
            raise PeerError(sentence, status=413)
    return bytes(body)


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
    """The form that was sent; PeerError (413, 415, 422) for what is none."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        sentence = "This address takes the form of its own page. Open the page, and send it there."
        raise PeerError(sentence, status=415)
    return read_form(await body_of(request))


def read_form(body: bytes) -> Form:
    """A body as a form; PeerError (422) for what cannot be read."""
    try:
        text = body.decode("utf-8")
        fields = parse_qs(
            text, keep_blank_values=True, max_num_fields=FORM_FIELDS_MAX, errors="strict"
        )
    except ValueError as error:
        sentence = "The form cannot be read. Open the page again, and send it anew."
        raise PeerError(sentence, status=422) from error
    return Form(fields)
