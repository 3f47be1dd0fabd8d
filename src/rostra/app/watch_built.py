"""Finds the built files that the watch's pages load, and what those load in turn."""

from pathlib import Path
from typing import Final

import structlog

BUILT_BYTES_MAX: Final = 8_000_000
"""The pages' script, chart and styles have some 100 kB; what is far larger is none of theirs."""

_LOG = structlog.get_logger("watch")


def built_files(folder: Path | None, entries: tuple[str, ...]) -> list[tuple[str, bytes]]:
    """Name and contents of each of `entries` in `folder`, and of each that one of them names.

    A page without them is plain and says the same, so what cannot be read is left out and logged.
    """
    if folder is None or not folder.is_dir():
        return []
    known = {path.name for path in folder.iterdir() if path.is_file()}
    found: dict[str, bytes] = {}
    waiting = [name for name in entries if name in known]
    while waiting:
        name = waiting.pop()
        body = _read(folder / name)
        if body is None:
            continue
        found[name] = body
        named = {one for one in known - set(found) - set(waiting) if one.encode() in body}
        waiting += sorted(named)
    return sorted(found.items())


def _read(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            body = file.read(BUILT_BYTES_MAX + 1)
    except OSError as error:
        _LOG.warning("a built file is not copied", file=path.name, reason=error.strerror)
        return None
    if len(body) > BUILT_BYTES_MAX:
        _LOG.warning("a built file is not copied", file=path.name, reason="it is too large")
        return None
    return body
