"""The front door's way to the watch: `/status` is handed on, or pointed to where the watch is."""

from typing import Final
from urllib.parse import urlsplit

from rostra.app.config import Settings

REPORT_BYTES_MAX: Final = "256KB"
"""The largest thing that the watch is sent: a post-mortem; a report is under 8 kB."""
DIAL: Final = "1s"
"""A watch on this machine takes a connection in milliseconds."""
ANSWER: Final = "5s"
"""A watch that says nothing for so long is away: people are told where else to look."""
PATHS: Final = "/status /status/*"


def watch_routes(settings: Settings) -> str:
    """The part of the Caddyfile that answers `/status` and what is below it.

    Caddy replaces `X-Forwarded-For` by the address that it sees, so the watch knows who reports.
    """
    place = elsewhere(settings)
    if place:
        # Who reports goes there in person: behind a proxy all would be one reporter.
        return f"""	@status path {PATHS}
	handle @status {{
		redir {place}{{uri}} 307
	}}"""
    return f"""	@status path {PATHS}
	handle @status {{
		request_body {{
			max_size {REPORT_BYTES_MAX}
		}}
		encode zstd gzip
		reverse_proxy 127.0.0.1:{settings.watch_health_port} {{
			transport http {{
				dial_timeout {DIAL}
				response_header_timeout {ANSWER}
			}}
		}}
	}}"""


def elsewhere(settings: Settings) -> str:
    """Where the watch is published if it is on another machine than the house, else empty."""
    url = settings.watch.public_url
    own = settings.domain or "localhost"
    return url if url and not settings.watch.on and urlsplit(url).hostname != own else ""
