"""What the command line asks of a running house, over the desk's HTTP API."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from rostra.app.config import Settings
from rostra.app.house_state import desk_url, read_state
from rostra.app.secrets import operator_token
from rostra.domain.errors import HouseError, PeerError
from rostra.domain.limits import SPACE_ID_CHARS_MAX, TICKET_CHARS_MAX

CALL_WAIT_S: Final = 15.0
"""The desk itself waits up to ten seconds for a studio that starts a connection."""
UPLOAD_WAIT_S: Final = 180.0
"""For a file's way to the desk, and a minute to read and encode it."""
_SERVER_FAULT: Final = 500


def operator(settings: Settings) -> httpx.Client:
    """A client with the operator's rights on the house of this data folder.

    It speaks to the desk itself: no proxy, no name and no certificate lies between.
    """
    return httpx.Client(**operator_options(settings, desk_url(read_state(settings))))


def operator_options(settings: Settings, url: str) -> dict[str, Any]:
    """What an httpx client of the operator is made of, blocking or not."""
    return {
        "base_url": url,
        "headers": {"Authorization": f"Bearer {operator_token(settings)}"},
        "timeout": CALL_WAIT_S,
        "trust_env": False,
    }


def call(client: httpx.Client, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
    """One call of the API; PeerError or HouseError with the desk's own sentence."""
    try:
        answer = client.request(method, path, json=body)
    except httpx.HTTPError as error:
        sentence = f"The house at {client.base_url} does not answer ({error}). See `rostra ps`."
        raise HouseError(sentence) from error
    return read(answer)


def upload(client: httpx.Client, path: str, file: Path) -> Any:  # noqa: ANN401 - JSON
    """Send a file as a request's body; PeerError or HouseError as `call`."""
    try:
        with file.open("rb") as body:
            answer = client.post(path, content=body, timeout=UPLOAD_WAIT_S)
    except OSError as error:
        sentence = f"{file} cannot be read: {error.strerror}."
        raise PeerError(sentence) from error
    except httpx.HTTPError as error:
        sentence = f"The house at {client.base_url} does not answer ({error}). See `rostra ps`."
        raise HouseError(sentence) from error
    return read(answer)


def read(answer: httpx.Response) -> Any:  # noqa: ANN401 - JSON
    """The body of a good answer; otherwise the error that it tells of."""
    try:
        body = answer.json() if answer.content else None
    except ValueError as error:
        sentence = f"{answer.url.host} answers with {answer.status_code} and no JSON. Is it Rostra?"
        raise HouseError(sentence) from error
    if answer.is_success:
        return body
    sentence = _sentence(body) or f"The desk answers with status {answer.status_code}."
    if answer.status_code >= _SERVER_FAULT:
        raise HouseError(sentence)
    raise PeerError(sentence, answer.status_code)


def _sentence(body: object) -> str:
    if not isinstance(body, dict):
        return ""
    error = body.get("error")
    if isinstance(error, dict):
        return str(error.get("sentence", ""))
    return str(body.get("detail", ""))


def checked_space(space: str) -> str:
    """The id of a space as it was typed; PeerError if it cannot be one."""
    if (
        not (space.isascii() and space.replace("-", "").isalnum())
        or len(space) > SPACE_ID_CHARS_MAX
    ):
        sentence = f"{space[:40]!r} is not the id of a space. See `rostra space list`."
        raise PeerError(sentence)
    return space


@dataclass(frozen=True, slots=True, repr=False)
class Link:
    """A speaker's or a host's link, taken apart."""

    origin: str
    ticket: str


def parse_link(url: str) -> Link:
    """Take `http(s)://HOST[:PORT]/join/TICKET` or `/host/TICKET` apart.

    Raises PeerError with the remedy for anything else.
    """
    sentence = "This is no speaker's link: it looks like http://HOST/join/TICKET. Copy it again."
    try:
        parts = urlsplit(url.strip())
        known = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError as error:
        raise PeerError(sentence) from error
    words = parts.path.split("/")
    if not known or len(words) != 3 or words[1] not in {"join", "host"} or not words[2]:  # noqa: PLR2004 - "", kind, ticket
        raise PeerError(sentence)
    if len(words[2]) > TICKET_CHARS_MAX or not words[2].isascii():
        raise PeerError(sentence)
    return Link(f"{parts.scheme}://{parts.netloc}", words[2])
