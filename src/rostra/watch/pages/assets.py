"""Which built files a page loads, found in the document that the browser part's build leaves."""

import re
from typing import Final

import msgspec

PLACEHOLDER: Final = "<!--rostra:status-->"
"""Stands once in the built `status.html`, so that a foreign document is not taken for ours."""

_SCRIPT: Final = re.compile(r'<script[^>]*\ssrc="[^"]*?assets/([\w.-]+\.js)"')
_STYLE: Final = re.compile(r'<link[^>]*\srel="stylesheet"[^>]*\shref="[^"]*?assets/([\w.-]+\.css)"')
_ICON: Final = re.compile(r'<link[^>]*\srel="icon"[^>]*\shref="[^"]*?assets/([\w.-]+\.svg)"')


class Assets(msgspec.Struct, frozen=True):
    """Names of files below `assets/`; without them a page is plain, and says the same."""

    script: str = ""
    style: str = ""
    icon: str = ""


def assets_in(document: str) -> Assets:
    """The assets of a built `status.html`; none where it is not ours."""
    if PLACEHOLDER not in document:
        return Assets()
    return Assets(_first(_SCRIPT, document), _first(_STYLE, document), _first(_ICON, document))


def _first(pattern: re.Pattern[str], document: str) -> str:
    found = pattern.search(document)
    return found[1] if found else ""
