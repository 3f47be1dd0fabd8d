"""Reads into memory what an edge serves from files: the page, its assets, the hold loop."""

import mimetypes
from importlib import resources
from pathlib import Path
from typing import Final

import structlog

from rostra.app.dist import dist_folder
from rostra.delivery.answers import Asset
from rostra.delivery.pages import Template
from rostra.domain.errors import HouseError, RostraError
from rostra.wire.hold import HoldLoop, read_hold

ASSET_BYTES_MAX: Final = 4 * 1024 * 1024
"""A built file of the application; hls.js is 400 kB. Larger ones are refused at start."""

_TYPES: Final = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".json": "application/json",
}
_log = structlog.get_logger("edge")


def read_page() -> tuple[Template | None, dict[str, Asset]]:
    """The listener's page and the files it needs; nothing, with a warning, if not built."""
    try:
        folder = dist_folder()
        template = Template((folder / "listen.html").read_text(encoding="utf-8"))
    except (HouseError, OSError) as error:
        _log.warning("the listener's page is not served", why=str(error))
        return None, {}
    return template, read_assets(folder / "assets")


def read_assets(folder: Path) -> dict[str, Asset]:
    """Every file of `folder` by name; HouseError for one beyond the limit."""
    assets: dict[str, Asset] = {}
    for path in sorted(folder.glob("*")):
        if path.stat().st_size > ASSET_BYTES_MAX:
            sentence = f"{path.name} exceeds {ASSET_BYTES_MAX} bytes; an edge keeps it in memory."
            raise HouseError(sentence)
        kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0]
        assets[path.name] = Asset(path.read_bytes(), kind or "application/octet-stream")
    return assets


def read_loop() -> HoldLoop | None:
    """The hold loop that ships with the house, or None, with a warning, if it does not read."""
    try:
        return read_hold(resources.files("rostra.programme").joinpath(DEFAULT_LOOP).read_bytes())
    except (RostraError, OSError) as error:
        _log.warning("no hold loop: when messages stop there will be silence", why=str(error))
        return None


DEFAULT_LOOP: Final = "hold_default.bin"
"""Encoded by the programme with its own settings."""
