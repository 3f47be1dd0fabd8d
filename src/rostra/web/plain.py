"""Small pages that need no browser application: an error, or the application's own absence."""

import base64
import hashlib
import html
from http.client import responses
from typing import Final

from fastapi.responses import HTMLResponse

from rostra.web.spanish import TITLES

STYLE: Final = (
    ":root{color-scheme:light dark}"
    "body{margin:0;background:#FBFAF7;color:#1B1D23;font:16px/1.5 system-ui,sans-serif}"
    "main{max-width:44rem;margin:0 auto;padding:48px 24px}"
    "h1,h2{font-family:Georgia,serif;font-weight:600;line-height:1.2}"
    "a{color:#9A4F1C}code{font-size:.95em;overflow-wrap:anywhere}"
    "section{border-top:1px solid #0002;padding:8px 0}p{margin:8px 0}"
    ".quiet{color:#5A5E68}"
    "@media(prefers-color-scheme:dark){body{background:#14161B;color:#EDEAE3}a{color:#E8A268}"
    ".quiet{color:#A9ADB8}section{border-color:#fff2}}"
)

_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
PLAIN_CSP: Final = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)


def page(title: str, body: str, language: str = "en") -> str:
    """A whole document around `body`, which is HTML; the title is escaped here."""
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(title)} · Rostra</title><style>{STYLE}</style></head>"
        f"<body><main>{body}</main></body></html>"
    )


def plain_page(status: int, sentence: str, language: str, headers: dict[str, str]) -> HTMLResponse:
    """A page with one sentence and the way home."""
    title, home = responses.get(status, "Error"), "Home"
    if language == "es":
        title, home = TITLES.get(status, "Error"), "Portada"
    body = f"<h1>{html.escape(title)}</h1><p>{html.escape(sentence)}</p>"
    body += f'<p><a href="/">{home}</a></p>'
    fixed = {"Content-Security-Policy": PLAIN_CSP, **headers}
    return HTMLResponse(page(title, body, language), status, fixed)
