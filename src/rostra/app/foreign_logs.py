"""Puts the lines of NATS and Caddy into the house's own form."""

import re
from typing import Any, Final

import msgspec
import structlog

_NATS_LINE: Final = re.compile(r"\[\d+\] \S+ \S+ \[(?P<level>[A-Z]{3})\] ?(?P<text>.*)")
_NATS_LEVELS: Final = {"FTL": "error", "ERR": "error", "WRN": "warning"}
_NO_NEWS: Final = (
    "Plaintext passwords detected",  # random ones, in a file that only this user reads
    "admin endpoint disabled",  # on purpose
    "HTTP/2 skipped",  # plain HTTP without --domain
    "HTTP/3 skipped",  # as above
    "exiting; byeee",  # when told to
    "aborting with incomplete response",  # a listener of an endless stream left
)
"""What the two servers warn of although it is meant so."""
_KEPT: Final = ("error", "status")
_PEER: Final = re.compile(r"->\S+:\d+")
"""How Go names the other end of a connection in an error."""
TEXT_CHARS_MAX: Final = 2_000
"""Longer texts are cut: what a person reads at night, and no stack trace."""


def parse_line(line: str) -> tuple[str, str, dict[str, str]]:
    """Level (`debug`, `info`, `warning`, `error`), text and further fields of a foreign line.

    NATS writes `[pid] date time [INF] text`, Caddy one JSON object a line; what is neither is
    taken as a warning, because both speak so only when they are in trouble. Of Caddy's fields
    only the error and the status are kept: the others name listeners by their addresses.
    """
    line = line.strip()
    found = _NATS_LINE.fullmatch(line)
    if found is not None:
        return _NATS_LEVELS.get(found["level"], "debug"), _shown(found["text"]), {}
    try:
        fields = msgspec.json.decode(line, type=dict[str, Any])
    except (msgspec.MsgspecError, RecursionError):
        return "warning", _unread(line), {}
    level = str(fields.get("level", "info"))
    text = _shown(str(fields.get("msg", "")))
    kept: dict[str, str] = {key: _shown(str(fields[key])) for key in _KEPT if key in fields}
    known = {"debug": "debug", "info": "debug", "warn": "warning"}
    return known.get(level, "error"), text, kept


def _unread(line: str) -> str:
    """A line that is neither, as far as it may be shown: half an object may hold an address."""
    return "a line that does not read" if line.startswith("{") else _shown(line)


def _shown(text: str) -> str:
    """A text without the addresses of peers, cut to what a line holds."""
    return _PEER.sub("->[hidden]", text)[:TEXT_CHARS_MAX]


def relay(role: str, line: str) -> None:
    """Log one line that the foreign process of `role` wrote."""
    level, text, fields = parse_line(line)
    if text.startswith(_NO_NEWS):
        level = "debug"
    if text:
        log = structlog.get_logger(role).bind(role=role)
        getattr(log, level)(text, **fields)
