"""Which web pages may read an edge's answers (CORS): every one, or those of listed origins."""

import re
from dataclasses import replace
from typing import Final

from rostra.delivery.access import Access
from rostra.delivery.answers import Answer
from rostra.delivery.streams import Join

ANY: Final = ("*",)

_ALLOW: Final = "Access-Control-Allow-Origin"
_OPEN_LINE: Final = f"{_ALLOW}: *\r\n".encode()
_NAME: Final = r"(?P<name>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(?::[0-9]+)?"
_PARTS: Final = re.compile(f"https?://{_NAME}")
_HOST: Final = re.compile(_NAME)


def restricted(said: Answer | Join, origin: str, host: str, access: Access) -> Answer | Join:
    """An answer that is open to all, as the configuration has it.

    The house's own pages may always read: those of its public origin, and those of the same host
    at whatever port, which is how an edge is reached beside the front door.
    """
    if access.origins == ANY:
        return said
    allowed = origin if _allowed(origin, host, access) else ""
    if isinstance(said, Join):
        line = f"{_ALLOW}: {allowed}\r\n" if allowed else ""
        return replace(said, head=said.head.replace(_OPEN_LINE, f"{line}Vary: Origin\r\n".encode()))
    if _ALLOW not in said.headers:
        return said
    headers = {name: value for name, value in said.headers.items() if name != _ALLOW}
    headers["Vary"] = ", ".join(filter(None, (headers.get("Vary"), "Origin")))
    if allowed:
        headers[_ALLOW] = allowed
    return Answer(said.status, said.body, headers)


def _allowed(origin: str, host: str, access: Access) -> bool:
    # A list holds only what was checked when it was read, so a header cannot be broken by it.
    if origin in access.origins or (origin and origin == access.origin):
        return True
    page, here = _PARTS.fullmatch(origin), _HOST.fullmatch(host)
    return bool(page and here and page["name"].lower() == here["name"].lower())
