"""Tells listeners of push why they hear hold audio: no studio can, when it is the studio."""

from collections.abc import Iterator
from typing import Final

from rostra.delivery.window import Step, Window
from rostra.domain.grid import message_pts
from rostra.wire.messages import Notice

SILENT_MESSAGES: Final = 5
"""Filled messages in a row, 0.53 s, that are worth a word: a single lost one is not."""

REPEAT_MESSAGES: Final = 9
"""How often it is said again, in messages: every joiner's burst holds one."""

CLEARED_FOR_MESSAGES: Final = 27
"""For how long after the studio's return it is said that all is well, for those that skipped."""

CODE: Final = "studio_silent"
"""Names the words, so that a page can say them in its reader's language."""

WORDS: Final = (
    "The studio has fallen silent. You hear hold music meanwhile; stay, "
    "the conversation comes back by itself."
)


def notices(window: Window, first: int, last: int) -> Iterator[Notice]:
    """What listeners are told beside messages `first`…`last`: `house` with a text, or none."""
    for number in range(first, last + 1):
        step = window.get(number)
        if step is None:
            continue
        text = _silent(window, number) if not step.real else _back(window, number)
        if text is not None:
            yield Notice("house", message_pts(number), {"code": CODE, "text": text})


def _silent(window: Window, number: int) -> str | None:
    """The words, when the studio has just been silent for long enough, and now and then after."""
    row = [_filled(window.get(number - back)) for back in range(SILENT_MESSAGES + 1)]
    begun = all(row[:SILENT_MESSAGES])
    return WORDS if begun and (not row[-1] or number % REPEAT_MESSAGES == 0) else None


def _back(window: Window, number: int) -> str | None:
    """An empty text, when the studio has come back, and now and then soon after."""
    if not _filled(window.get(number - 1)) and number % REPEAT_MESSAGES:
        return None
    before = range(max(0, number - CLEARED_FOR_MESSAGES), number)
    return "" if any(_filled(window.get(one)) for one in before) else None


def _filled(step: Step | None) -> bool:
    return step is not None and not step.real
