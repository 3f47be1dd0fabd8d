"""Puts the browser application, built beforehand, into the wheel."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BUILT = Path("frontend") / "dist"
IN_THE_WHEEL = "rostra/dist"


class FrontendMissingError(RuntimeError):
    """The browser application has not been built, so a wheel would have no pages."""


class FrontendHook(BuildHookInterface[Any]):
    """Copies `frontend/dist`; builds nothing, so that no wheel is made of unlocked packages."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name the folder for the wheel; an editable install reads it where it is."""
        if version == "editable":
            return
        built = Path(self.root) / BUILT
        if not (built / "index.html").is_file():
            sentence = f"{built} is absent: run 'make setup', which builds it, and then again."
            raise FrontendMissingError(sentence)
        build_data["force_include"][str(built)] = IN_THE_WHEEL
