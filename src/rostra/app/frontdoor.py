"""The front door's configuration: one origin for pages, API and first contact (a Caddyfile)."""

import json
from typing import Final

from rostra.app.config import Edge, Settings
from rostra.app.frontdoor_watch import PATHS, watch_routes

UPLOAD_BYTES_MAX: Final = "34MB"
"""A sound file (`web.api_uploads.SOUND_BYTES_MAX`), and a little that the desk refuses in words."""

BODY_BYTES_MAX: Final = "1MB"
"""The largest thing that the desk is sent: an offer is under 64 kB, a form less."""
LENGTH_DIGITS_MIN: Final = 7
"""A Content-Length of that many digits is beyond `BODY_BYTES_MAX`."""
HEADER_BYTES_MAX: Final = "16KB"
"""Request heads; the edges and the desk have their own, smaller limits."""
GRACE: Final = "1s"
"""Endless streams never finish by themselves: at the end they are cut after this long."""
RETRY: Final = "3s"
"""How long a request looks for an edge that answers, so that a restart is not seen."""

HSTS: Final = "max-age=31536000"
"""With a domain browsers are told for a year to come by HTTPS alone (RFC 6797)."""


def _closed_page(language: str, title: str, words: str) -> str:
    """A page for what is down."""
    return (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{title}</title>'
        "<style>:root{color-scheme:light dark}body{font:18px/1.5 system-ui;margin:20vh auto;"
        "max-width:32rem;padding:0 1.5rem;background:#FBFAF7;color:#1B1D23}"
        "@media(prefers-color-scheme:dark){body{background:#14161B;color:#EDEAE3}}</style>"
        f"<h1>{title}</h1><p>{words}</p>"
    )


CLOSED_PAGES: Final = {
    "es": _closed_page(
        "es",
        "Un momento",
        "La recepción de esta casa se está reiniciando. Quien escucha sigue escuchando; esta"
        " página vuelve a funcionar en unos segundos. Cárgala de nuevo.",
    ),
    "en": _closed_page(
        "en",
        "One moment",
        "The desk of this house is being started again. Whoever listens keeps listening; this"
        " page works again in a few seconds. Load it again then.",
    ),
}
"""What people see on the desk's pages while it is down; the last one where no language is asked."""

NO_EDGE_PAGES: Final = {
    "es": _closed_page(
        "es",
        "Un momento",
        "Ningún servidor de sonido responde ahora mismo. Carga la página de nuevo en unos"
        " segundos.",
    ),
    "en": _closed_page(
        "en",
        "One moment",
        "No edge of this house answers at the moment. Load this page again in a few seconds.",
    ),
}
"""What people see on a space's page while no edge is there."""


NO_WATCH_PAGES: Final = {
    "es": _closed_page(
        "es",
        "La página de estado no responde",
        "Quien vigila esta casa no responde ahora mismo. Eso no dice nada de la casa: quien escucha"
        " sigue escuchando. Carga la página de nuevo en unos segundos.",
    ),
    "en": _closed_page(
        "en",
        "The status page does not answer",
        "The watch of this house does not answer at the moment. That says nothing of the house:"
        " whoever listens keeps listening. Load this page again in a few seconds.",
    ),
}
"""What people see on the status page while the watch itself is away."""


def caddyfile(settings: Settings) -> str:
    """The Caddyfile for these settings.

    Nothing but what the house starts is reached: `/metrics` and `/healthz` of the processes stay
    on their loopback ports. Caddy replaces `X-Forwarded-For` by the address that it sees,
    but for what `edge.proxies` has before it: there it appends.
    """
    site = settings.domain or f":{settings.port}"
    parts = [
        _global(settings),
        f"{site} {{",
        _common(settings),
        *(_edge(settings, index) for index in range(settings.edge_count)),
        _edges(settings),
        watch_routes(settings),
        _desk(settings),
        _errors(),
        "}",
        _health(settings),
    ]
    return "\n".join(parts) + "\n"


def _global(settings: Settings) -> str:
    store = (settings.data / "caddy").absolute()
    auto = "" if settings.domain else "\n\tauto_https off"
    return f"""{{
	admin off
	persist_config off{auto}
	storage file_system "{store}"
	grace_period {GRACE}
	log {{
		output stderr
		format json
		level WARN
	}}
	servers {{
		max_header_size {HEADER_BYTES_MAX}
		timeouts {{
			read_header 10s
		}}{_proxies(settings)}
	}}
}}"""


def _proxies(settings: Settings) -> str:
    """What stands before the front door: their X-Forwarded-For is handed on, ours appended."""
    before = [one for one in settings.edge.proxies if one not in Edge().proxies]
    if not before:
        return ""
    return f"\n\t\ttrusted_proxies static {' '.join(before)}\n\t\ttrusted_proxies_strict"


def _common(settings: Settings) -> str:
    hsts = f"\n	header Strict-Transport-Security {HSTS}" if settings.domain else ""
    return f"""	header -Server{hsts}
	request_header -X-Real-Ip
	request_header -Forwarded
	handle /healthz {{
		respond "ok" 200
	}}
	handle /metrics {{
		respond "Metrics are on each process's own port." 404
	}}"""


def _edge(settings: Settings, index: int) -> str:
    return f"""	handle_path /e/{settings.edge_id(index)}/* {{
		@media path /s/* /live/* /assets/*
		handle @media {{
			reverse_proxy 127.0.0.1:{settings.edge_port(index)} {{
				flush_interval -1
			}}
		}}
		handle {{
			respond "Only /s, /live and /assets are here." 404
		}}
	}}"""


def _edges(settings: Settings) -> str:
    """Any edge answers, but one reader always the same one.

    Playlists of two edges differ in when they had to fill, and a player must not see its own go
    back (RFC 8216, section 6.2.2).
    """
    upstreams = " ".join(
        f"127.0.0.1:{settings.edge_port(index)}" for index in range(settings.edge_count)
    )
    fills = "\n".join(_fill(settings, index) for index in range(settings.edge_count))
    return f"""	handle /e/* {{
		respond "There is no such edge." 404
	}}
{fills}
	@audience path /s/* /live/* /assets/*
	handle @audience {{
		@pages path /s/* /assets/*
		encode @pages zstd gzip
		reverse_proxy {upstreams} {{
			lb_policy client_ip_hash
			lb_try_duration {RETRY}
			lb_try_interval 50ms
			fail_duration 1s
			flush_interval -1
		}}
	}}"""


def _fill(settings: Settings, index: int) -> str:
    """A segment with hold audio in it is one edge's own; its name says whose."""
    name = settings.edge_id(index)
    return f"""	@fill{index} path_regexp ^/live/[^/]+/[^/]+/[a-z]+/fill-{name}-[0-9]+\\.m4s$
	handle @fill{index} {{
		reverse_proxy 127.0.0.1:{settings.edge_port(index)}
	}}"""


def _desk(settings: Settings) -> str:
    return f"""	@upload path_regexp ^/api/v1/spaces/[^/]+/(hold|photo|announcements/[a-z]+)$
	handle @upload {{
		request_body {{
			max_size {UPLOAD_BYTES_MAX}
		}}
		reverse_proxy 127.0.0.1:{settings.desk_port}
	}}
	@large header_regexp Content-Length ^0*[1-9][0-9]{{{LENGTH_DIGITS_MIN - 1},}}$
	handle @large {{
		header Content-Type application/json
		respond `{_error("The request is too large. Send less.", "size")}` 413
	}}
	handle {{
		request_body {{
			max_size {BODY_BYTES_MAX}
		}}
		encode zstd gzip
		reverse_proxy 127.0.0.1:{settings.desk_port}
	}}"""


def _errors() -> str:
    return f"""	handle_errors 502 503 504 {{
		header Retry-After 5
		header Cache-Control no-store
		@reports path /status/api/* /status/*.json
		handle @reports {{
			header Content-Type application/json
			header Access-Control-Allow-Origin *
			respond `{_error("The watch does not answer. Try again in 5 seconds.")}` 503
		}}
		@watch path {PATHS}
		handle @watch {{
{_in_language(NO_WATCH_PAGES)}
		}}
		@calls path /api/* /whip/*
		handle @calls {{
			header Content-Type application/json
			respond `{_error("The desk is being started again. Try again in 5 seconds.")}` 503
		}}
		@media path /live/* /assets/* /e/*
		handle @media {{
			respond "No edge answers at the moment. Try again in 5 seconds." 503
		}}
		@spaces path /s/*
		handle @spaces {{
{_in_language(NO_EDGE_PAGES)}
		}}
		handle {{
{_in_language(CLOSED_PAGES)}
		}}
	}}"""


def _in_language(pages: dict[str, str]) -> str:
    """Answer with the page in the reader's first language, else with the last one."""
    *others, (_, fallback) = pages.items()
    parts = [
        f"""			@{language} header_regexp Accept-Language (?i)^{language}
			respond @{language} `{page}` 503"""
        for language, page in others
    ]
    head = '			header Content-Type "text/html; charset=utf-8"'
    return "\n".join((head, *parts, f"			respond `{fallback}` 503"))


def _error(sentence: str, about: str | None = None) -> str:
    """As the desk says what is wrong."""
    return json.dumps({"error": {"sentence": sentence, "field": about}})


def _health(settings: Settings) -> str:
    return f"""http://127.0.0.1:{settings.frontdoor_port} {{
	bind 127.0.0.1
	respond /healthz "ok" 200
	metrics /metrics
}}"""
