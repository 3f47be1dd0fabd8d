"""Speakers' photographs in an edge's memory: small, named by their content, kept by any cache."""

from typing import Final

from rostra.delivery.answers import CORS, FOREVER, Answer
from rostra.delivery.refusals import Code, RefusedError

PHOTOS_MAX: Final = 256
"""Of 64 kB at most each, commonly 15: the stages of a dozen spaces."""


class Gallery:
    """Photographs by name; the one that was hung first goes where there is no room."""

    def __init__(self) -> None:
        self._answers: dict[str, Answer] = {}

    def hang(self, name: str, jpeg: bytes) -> None:
        """Show a photograph from now on."""
        headers = {"Content-Type": "image/jpeg", "Cache-Control": FOREVER, **CORS}
        self._answers[name] = Answer(200, jpeg, headers)
        if len(self._answers) > PHOTOS_MAX:
            del self._answers[next(iter(self._answers))]

    def take_down(self, name: str) -> None:
        """Nobody on any stage has it any more."""
        self._answers.pop(name, None)

    def answer(self, name: str) -> Answer:
        """The photograph; RefusedError (404) where there is none of this name."""
        found = self._answers.get(name)
        if found is None:
            raise RefusedError(Code.NOTHING_HERE)
        return found
