"""In Spanish: what the watch's public files say when there is none."""

from typing import Final

WATCH_API: Final = {
    "There is nothing at this address. Begin with /status/api/v2/summary.json.": (
        "En esta dirección no hay nada. Empieza por /status/api/v2/summary.json."
    ),
}
