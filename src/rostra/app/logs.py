"""Logging: for people on a terminal, JSON otherwise, and never a secret in either."""

import logging
import logging.handlers
import os
import re
import sys
from collections.abc import MutableMapping
from io import TextIOWrapper
from pathlib import Path
from typing import Any, Final

import structlog

HIDDEN: Final = "[hidden]"
"""What stands where a secret stood."""

_SECRET_WORDS: Final = (
    "password",
    "passwd",
    "token",
    "ticket",
    "secret",
    "cookie",
    "authorization",
    "credential",
    "resume",
)
_SECRET_TEXT: Final = re.compile(
    r"(?P<before>/(?:join|host|owner|invite|resume|tickets)/|[Bb]earer\s+"
    r"|[?&](?:ticket|token|password)=|://[^\s/:@]*:(?=[^\s/@]+@))"
    r"[^\s\"'&\\@]+"
)
"""Links, tokens and the passwords of addresses; a backslash ends one, for it begins an escape."""
_LOUD: Final = ("aiortc", "aioice", "httpx", "httpcore", "nats", "asyncio", "uvicorn", "alembic")
"""Libraries whose news is noise here; their warnings stay."""

Event = MutableMapping[str, Any]


FILE_BYTES_MAX: Final = 1024 * 1024
"""A log file of a process without a terminal; days of a calm one."""
FILES_KEPT: Final = 3
"""As many full ones are kept beside it."""


def configure(log: str, role: str, file: Path | None = None) -> None:
    """Send structlog's and the standard library's lines to stderr, or to `file`, in one form.

    `log` is `auto`, `human` or `json`; `role` is named in every line. OSError where the file
    cannot be opened.
    """
    human = log == "human" or (log == "auto" and sys.stderr.isatty())
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _named(role),
        hide_secrets,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr) if file is None else _kept(file)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_renderers(human=human),
                hide_in_line,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for name in _LOUD:
        logging.getLogger(name).setLevel(logging.WARNING)


class _Kept(logging.handlers.RotatingFileHandler):
    def _open(self) -> TextIOWrapper:
        """Each new file is for its user alone, as everything below the data folder is."""
        return open(self.baseFilename, "a", encoding=self.encoding, opener=_privately)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the library's
        """A full disk loses lines and nothing else: there is nobody left to tell."""


def _kept(file: Path) -> logging.StreamHandler[Any]:
    return _Kept(file, maxBytes=FILE_BYTES_MAX, backupCount=FILES_KEPT, encoding="utf-8")


def _privately(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def hide_secrets(_logger: object, _method: str, event: Event) -> Event:
    """Blank the values of secret-sounding keys, however deep (structlog processor)."""
    for key, value in event.items():
        event[key] = HIDDEN if _sounds_secret(key) else _without_secrets(value)
    return event


def hide_in_line(_logger: object, _method: str, line: Any) -> str:  # noqa: ANN401 - a rendered event
    """Blank the secrets in a finished line: text, arguments and tracebacks alike."""
    return hidden(str(line))


def hidden(text: str) -> str:
    """The text with tickets in links, bearer tokens and passwords in addresses blanked."""
    return _SECRET_TEXT.sub(rf"\g<before>{HIDDEN}", text)


def _sounds_secret(key: object) -> bool:
    return isinstance(key, str) and any(word in key.lower() for word in _SECRET_WORDS)


def _without_secrets(value: object) -> object:
    if isinstance(value, dict):
        return {
            key: HIDDEN if _sounds_secret(key) else _without_secrets(one)
            for key, one in value.items()
        }
    if isinstance(value, list | tuple):
        return [_without_secrets(one) for one in value]
    return value


def _named(role: str) -> Any:  # noqa: ANN401 - structlog's own type of a processor
    def add(_logger: object, _method: str, event: Event) -> Event:
        event.setdefault("role", role)
        return event

    return add


def _renderers(*, human: bool) -> list[Any]:
    if not human:
        # Without local variables: a password or an offer may be among them.
        frames = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
        traceback = structlog.processors.ExceptionRenderer(frames)
        return [traceback, structlog.processors.JSONRenderer()]
    plain = structlog.dev.plain_traceback
    return [
        structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=plain, pad_event_to=36
        )
    ]
