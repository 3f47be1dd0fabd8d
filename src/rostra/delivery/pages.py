"""Fills the listener's page from a state in memory: title, share card, state; and plain pages."""

import html
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from rostra.domain.errors import HouseError
from rostra.domain.media import Codec
from rostra.domain.space import State
from rostra.wire.states import SpaceState

HEAD_MARK: Final = "<!--rostra:head-->"
STATE_MARK: Final = "<!--rostra:state-->"
SUMMARY_CHARS_MAX: Final = 200
"""What share cards show of a description."""

_AMONG_STUDIOS: Final = frozenset({"removed", "boot", "zero_mono_us", "floor", "audience"})
"""What a state carries for the next studio alone."""

_PLAIN_WAY: Final = {
    "en": ("This page needs JavaScript to play.", "Listen to the plain stream"),
    "es": ("Esta página necesita JavaScript para sonar.", "Escucha la señal simple"),
}

_PLAIN_STYLE: Final = "display:grid;gap:16px;max-width:32rem;margin:15vh auto;padding:0 24px"

_ESCAPES: Final = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}
_ESCAPES_JS: Final = {**_ESCAPES, 0x2028: "\\u2028", 0x2029: "\\u2029"}


def state_json(
    state: SpaceState,
    now_utc_us: int,
    edge: str,
    codecs: Sequence[Codec] = (Codec.AAC,),
    watch: str = "",
) -> bytes:
    """The body of `state.json`: the space, this edge's clock and id, what it has in MP4.

    And where the watch is, which outlives the front door.
    """
    fields: dict[str, Any] = msgspec.to_builtins(state)
    told = {name: value for name, value in fields.items() if name not in _AMONG_STUDIOS}
    own = {"now_utc_us": now_utc_us, "edge": edge, "codecs": codecs, "watch": watch}
    return msgspec.json.encode({**told, **own})


def script_json(payload: bytes) -> str:
    """JSON that cannot end a script element or start a comment, whatever is in its strings."""
    return payload.decode("utf-8").translate(_ESCAPES_JS)


class Template:
    """The built page, split once where head and state go in.

    Raises HouseError when a mark is missing or there twice.
    """

    def __init__(self, text: str) -> None:
        for mark in (HEAD_MARK, STATE_MARK):
            if text.count(mark) != 1:
                sentence = f"listen.html must contain {mark} exactly once: build the frontend anew."
                raise HouseError(sentence)
        before, after = text.split(HEAD_MARK)
        self._state_first = STATE_MARK in before
        if self._state_first:
            self._a, self._b = before.split(STATE_MARK)
            self._c = after
        else:
            self._a = before
            self._b, self._c = after.split(STATE_MARK)

    def page(  # noqa: PLR0913 - what state.json has, and where
        self,
        state: SpaceState,
        now_utc_us: int,
        edge: str,
        origin: str,
        codecs: Sequence[Codec] = (Codec.AAC,),
        *,
        watch: str = "",
    ) -> bytes:
        """The listener's page of one space; `origin` is `scheme://host` as the visitor typed it."""
        body = script_json(state_json(state, now_utc_us, edge, codecs, watch))
        script = f'<script type="application/json" id="rostra-state">{body}</script>'
        parts = (_head(state, origin), script + _without_script(state))
        first, second = reversed(parts) if self._state_first else parts
        return f"{self._a}{first}{self._b}{second}{self._c}".encode()


def _without_script(state: SpaceState) -> str:
    """The way to the sound for who has no JavaScript, in every language of the house."""
    stream = f"/live/{html.escape(state.id, quote=True)}/stream.mp3"
    said = (
        f'<p lang="{language}">{words} <a href="{stream}">{link}</a></p>'
        for language, (words, link) in _PLAIN_WAY.items()
    )
    lines = f"<h1>{html.escape(state.title)}</h1>{''.join(said)}"
    return f'<noscript><main style="{_PLAIN_STYLE}">{lines}</main></noscript>'


def _head(state: SpaceState, origin: str) -> str:
    title = html.escape(state.title, quote=True)
    summary = html.escape(_summary(state), quote=True)
    address = html.escape(f"{origin}/s/{state.id}", quote=True)
    return (
        f"<title>{title}</title>"
        f'<meta name="description" content="{summary}">'
        f'<meta property="og:type" content="website">'
        f'<meta property="og:site_name" content="Rostra">'
        f'<meta property="og:title" content="{title}">'
        f'<meta property="og:description" content="{summary}">'
        f'<meta property="og:url" content="{address}">'
        f'<meta name="twitter:card" content="summary">'
        f'<meta name="twitter:title" content="{title}">'
        f'<meta name="twitter:description" content="{summary}">'
    )


def _summary(state: SpaceState) -> str:
    if state.description:
        return " ".join(state.description.split())[:SUMMARY_CHARS_MAX]
    hosts = " and ".join(state.hosts) or "the host"
    lead = {State.LIVE: "Live now: a conversation", State.ENDED: "A conversation that has ended"}
    return f"{lead.get(state.state, 'A live conversation')} with {hosts}."[:SUMMARY_CHARS_MAX]


_HOME: Final = {"en": "See what is on", "es": "Mira qué hay ahora"}
_PLAIN: Final = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<style>
body{{margin:0;min-height:100vh;display:grid;place-items:center;
font:1.1rem/1.5 system-ui,sans-serif;background:#FBFAF7;color:#1B1D23}}
main{{max-width:32rem;padding:1.5rem}}h1{{font:600 1.8rem/1.2 "Source Serif 4",Georgia,serif}}
a{{color:#9A4F1C}}
@media(prefers-color-scheme:dark){{body{{background:#14161B;color:#EDEAE3}}a{{color:#E8A268}}}}
</style></head>
<body><main><h1>{title}</h1><p>{sentence}</p><p><a href="/">{home}</a></p></main></body>
</html>
"""


def plain_page(title: str, sentence: str, language: str) -> bytes:
    """A page with one sentence, for what went wrong before there was a space to show."""
    return _PLAIN.format(
        language=language,
        title=html.escape(title),
        sentence=html.escape(sentence),
        home=_HOME[language],
    ).encode()
