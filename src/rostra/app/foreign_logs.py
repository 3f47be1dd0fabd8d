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
LINE_CHARS_MAX: Final = 2_000
"""Longer lines are cut; a stack trace belongs to its own line."""


def parse_line(line: str) -> tuple[str, str, dict[str, Any]]:
    """Level (`debug`, `info`, `warning`, `error`), text and further fields of a foreign line.

    NATS writes `[pid] date time [INF] text`, Caddy one JSON object a line; what is neither is
    taken as a warning, because both speak so only when they are in trouble.
    """
    line = line.strip()[:LINE_CHARS_MAX]
    found = _NATS_LINE.fullmatch(line)
    if found is not None:
        return _NATS_LEVELS.get(found["level"], "debug"), found["text"], {}
    try:
        fields = msgspec.json.decode(line, type=dict[str, Any])
    except (msgspec.MsgspecError, RecursionError):
        return "warning", line, {}
    level = str(fields.get("level", "info"))
    text = str(fields.get("msg", ""))
    kept: dict[str, Any] = {key: fields[key] for key in ("error", "status") if key in fields}
    known = {"debug": "debug", "info": "debug", "warn": "warning"}
    return known.get(level, "error"), text, kept


def relay(role: str, line: str) -> None:
    """Log one line that the foreign process of `role` wrote."""
    level, text, fields = parse_line(line)
    if text.startswith(_NO_NEWS):
        level = "debug"
    if text:
        log = structlog.get_logger(role).bind(role=role)
        getattr(log, level)(text, **{key: str(value) for key, value in fields.items()})
