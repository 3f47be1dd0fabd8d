"""What the watch knows and Statuspage's API has no word for: reports, probes, whose trouble it is.

It stands under the key `rostra`, in numbers and words that do not depend on a language.
"""

from typing import Any

from rostra.watch.board import (
    Attribution,
    Board,
    ComponentView,
    IncidentView,
    Level,
    PlaceView,
    ProbesView,
)
from rostra.watch.moments import iso_ms

Json = dict[str, Any]


def of_board(board: Board) -> Json:
    """How well the page did, and whether reports need a proof of work."""
    told = board.accuracy
    return {
        "flood": board.flood,
        "accuracy": {
            "days": told.days,
            "alarms": told.alarms,
            "confirmed": told.confirmed,
            "false_alarms": told.false_alarms,
            "open": told.open,
            "missed": told.missed,
        },
    }


def of_component(view: ComponentView) -> Json:
    """Reports beside the usual level, what the probes find, and the attribution."""
    return {
        "reports": _level(view.level),
        "probes": _probes(view.probes),
        "attribution": _attribution(view.attribution),
        "listening": view.listening if view.listening >= 0 else None,
    }


def of_incident(view: IncidentView) -> Json:
    """Evidence of an incident, who opened it, and how it was judged."""
    return {
        "automatic": view.automatic,
        "outcome": view.outcome or None,
        "reason": view.reason or None,
        "reports": _level(view.level),
        "probes": _probes(view.probes),
        "attribution": _attribution(view.attribution),
    }


def _level(level: Level) -> Json:
    return {
        "state": level.state,
        "since": _at(level.since_utc_us),
        "count": level.reports,
        "unproven": level.unproven,
        "window_s": level.window_s,
        # Two digits: more would be new at every look, and mean nothing.
        "usual": round(level.usual, 2),
        "upper": round(level.upper, 2),
        "times_usual": round(level.times, 1),
        "learning": level.learning,
        "kinds": {str(kind): count for kind, count in level.kinds},
    }


def _probes(probes: ProbesView) -> Json:
    return {
        "state": probes.state,
        "since": _at(probes.since_utc_us),
        "one_place": probes.one_place,
        "step": probes.step or None,
        "why": probes.why or None,
        "places": [_place(one) for one in probes.places],
    }


def _place(view: PlaceView) -> Json:
    # When it last probed is left out: it is new at every look, and the board has it.
    return {
        "place": view.place,
        "state": view.state,
        "since": _at(view.since_utc_us),
        "step": view.step or None,
        "why": view.why or None,
    }


def _attribution(told: Attribution) -> Json:
    return {
        "word": told.word,
        "reasons": list(told.reasons),
        "neighbours": list(told.neighbours),
        "verdict": told.verdict,
    }


def _at(utc_us: int) -> str | None:
    return iso_ms(utc_us) if utc_us else None
