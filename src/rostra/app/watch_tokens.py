"""The words that places show to the watch which they probe for, one for each place."""

import os
from collections.abc import Mapping
from typing import Final

from rostra.app.config import Settings
from rostra.app.secrets import fresh_token, read_token
from rostra.domain.errors import HouseError

TOKEN_VARIABLE: Final = "ROSTRA_WATCH_TOKEN"  # noqa: S105 - the name of a variable
"""How a place is given its word, beside a file in its own data folder."""


def token_file(place: str) -> str:
    """The name of a place's file below `secrets`."""
    return f"watch-place-{place}.token"


def place_tokens(settings: Settings) -> Mapping[str, str]:
    """A word for each configured place, made where there is none yet; HouseError if it cannot be.

    A place that is not configured any more has none: its file is left, and opens nothing.
    """
    return {
        place: fresh_token(settings, token_file(place))
        for place in settings.watch.places
        if place != settings.watch.place
    }


def own_token(settings: Settings) -> str:
    """The word of this place: `ROSTRA_WATCH_TOKEN`, or its file; HouseError says what to do."""
    given = os.environ.get(TOKEN_VARIABLE, "").strip()
    if given:
        if not (given.isascii() and given.isprintable()):
            sentence = f"{TOKEN_VARIABLE} holds no word of a watch. Copy it again."
            raise HouseError(sentence)
        return given
    path = settings.secrets / token_file(settings.watch.place)
    try:
        return read_token(path)
    except HouseError as error:
        sentence = f"The watch's word for this place is not here. Copy {path.name} from the"
        sentence += f" watch's secrets to {path}, or set {TOKEN_VARIABLE}; watch.place names"
        sentence += " this place."
        raise HouseError(sentence) from error
