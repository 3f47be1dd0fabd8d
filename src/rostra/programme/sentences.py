"""What the hold programme says, as whole sentences in each of the house's languages.

Time is told by how long it is still: listeners sit in many time zones, and a clock read out in
one of them is wrong for most. Their page shows T0 in their own (notice `state`).
"""

from enum import StrEnum
from typing import Final

from rostra.domain.language import LANGUAGES


class Saying(StrEnum):
    """One thing that the house may say."""

    WELCOME = "welcome"
    WELCOME_LATER = "welcome_later"
    BEGINS = "begins"
    LATER = "later"
    SECONDS = "seconds"
    LATE = "late"
    LATE_TIME = "late_time"
    MOVED = "moved"
    BREAK = "break"
    EMPTY = "empty"
    QUIET = "quiet"


_SENTENCES: Final[dict[Saying, dict[str, tuple[str, str]]]] = {
    Saying.WELCOME: {
        "en": (
            (
                "Welcome. You are connected. The conversation begins in one minute."
                " Stay here: it begins by itself."
            ),
            (
                "Welcome. You are connected. The conversation begins in {n} minutes."
                " Stay here: it begins by itself."
            ),
        ),
        "es": (
            (
                "Le damos la bienvenida. La conexión está lista."
                " La conversación empieza en un minuto. Quédese aquí: empieza sola."
            ),
            (
                "Le damos la bienvenida. La conexión está lista."
                " La conversación empieza en {n} minutos. Quédese aquí: empieza sola."
            ),
        ),
    },
    Saying.WELCOME_LATER: {
        "en": ("Welcome. You are connected. The conversation begins later, by itself.",) * 2,
        "es": (
            (
                "Le damos la bienvenida. La conexión está lista. La conversación empieza más tarde,"
                " por sí sola."
            ),
        )
        * 2,
    },
    Saying.BEGINS: {
        "en": ("The conversation begins in one minute.", "The conversation begins in {n} minutes."),
        "es": (
            "La conversación empieza en un minuto.",
            "La conversación empieza en {n} minutos.",
        ),
    },
    Saying.LATER: {
        "en": ("The conversation begins later, by itself.",) * 2,
        "es": ("La conversación empieza más tarde, por sí sola.",) * 2,
    },
    Saying.SECONDS: {
        "en": ("One second.", "{n} seconds."),
        "es": ("Un segundo.", "{n} segundos."),
    },
    Saying.LATE: {
        "en": (
            (
                "We are waiting for the host. The conversation now begins in one minute."
                " Stay here: it begins by itself."
            ),
            (
                "We are waiting for the host. The conversation now begins in {n} minutes."
                " Stay here: it begins by itself."
            ),
        ),
        "es": (
            (
                "Estamos esperando a quien presenta. La conversación empezará en un minuto."
                " Quédese aquí: empieza sola."
            ),
            (
                "Estamos esperando a quien presenta. La conversación empezará en {n} minutos."
                " Quédese aquí: empieza sola."
            ),
        ),
    },
    Saying.LATE_TIME: {
        "en": (
            "The conversation now begins in one minute.",
            "The conversation now begins in {n} minutes.",
        ),
        "es": (
            "La conversación empezará en un minuto.",
            "La conversación empezará en {n} minutos.",
        ),
    },
    Saying.MOVED: {
        "en": (
            "The start has been moved. The conversation now begins in one minute.",
            "The start has been moved. The conversation now begins in {n} minutes.",
        ),
        "es": (
            "El inicio ha cambiado. La conversación empezará en un minuto.",
            "El inicio ha cambiado. La conversación empezará en {n} minutos.",
        ),
    },
    Saying.BREAK: {
        "en": ("This is a break. We will be back soon. Stay here: it goes on by itself.",) * 2,
        "es": ("Hacemos una pausa. Volvemos enseguida. Quédese aquí: continúa sola.",) * 2,
    },
    Saying.EMPTY: {
        "en": (
            (
                "The people on stage have lost their connection. We will be back soon."
                " Stay here: it goes on by itself."
            ),
        )
        * 2,
        "es": (
            (
                "Quienes hablan han perdido la conexión. Volvemos enseguida."
                " Quédese aquí: continúa sola."
            ),
        )
        * 2,
    },
    Saying.QUIET: {
        "en": ("Nobody is speaking at the moment. Stay here: it goes on by itself.",) * 2,
        "es": ("En este momento no habla nadie. Quédese aquí: continúa sola.",) * 2,
    },
}
"""Each for one and for many (`{n}`); both are the same where nothing is counted."""


def tongue(language: str) -> str:
    """The language that is spoken in a space of `language` (BCP 47): its own, or English."""
    first = language.strip().lower().partition("-")[0]
    return first if first in LANGUAGES else LANGUAGES[0]


def sentence(saying: Saying, number: int, language: str) -> str:
    """The whole sentence in `tongue(language)`."""
    one, many = _SENTENCES[saying][tongue(language)]
    return one if number == 1 else many.format(n=number)
