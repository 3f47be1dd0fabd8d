"""What operators write on the page: brought to one form, bounded, and refused with a sentence."""

from collections.abc import Container, Iterable
from typing import Final

from rostra.domain.errors import PeerError
from rostra.domain.texts import is_shown, one_line

NAME_CHARS_MAX: Final = 140
"""A title fits a phone's lock screen and a subject line."""
BODY_CHARS_MAX: Final = 4_000
"""An update of some paragraphs."""
POSTMORTEM_CHARS_MAX: Final = 20_000
"""Six printed pages: longer ones are linked to."""
OPERATOR_CHARS_MAX: Final = 60
"""A person's name in the log."""
BODY_LINES_MAX: Final = 400
"""Blank lines make no paragraph longer."""


def line(text: str, what: str, chars_max: int) -> str:
    """One line as it is kept; PeerError (422) where it is empty, too long, or not shown."""
    return _checked(one_line(text), what, chars_max)


def paragraphs(text: str, what: str, chars_max: int) -> str:
    """Some lines as they are kept: each in one form, at most one blank line between two."""
    kept: list[str] = []
    for one in text.splitlines()[:BODY_LINES_MAX]:
        brought = one_line(one)
        if brought or (kept and kept[-1]):
            kept.append(brought)
    return _checked("\n".join(kept).strip("\n"), what, chars_max)


def components(ids: Iterable[str], known: Container[str]) -> tuple[str, ...]:
    """Ids of components in the order given, each once; PeerError (422) for an unknown one."""
    kept = tuple(dict.fromkeys(ids))
    for one in kept:
        if one not in known:
            sentence = f"There is no component {one[:40]!r}. See the page for their ids."
            raise PeerError(sentence, status=422)
    if not kept:
        sentence = "No component is named. Name at least one."
        raise PeerError(sentence, status=422)
    return kept


def _checked(kept: str, what: str, chars_max: int) -> str:
    if not kept:
        sentence = f"The {what} is empty. Give at least one letter."
        raise PeerError(sentence, status=422)
    if len(kept) > chars_max:
        sentence = f"The {what} has {len(kept)} characters; at most {chars_max} fit."
        raise PeerError(sentence, status=422)
    if not is_shown(kept.replace("\n", " ")):
        sentence = f"The {what} holds a character that cannot be shown. Type it anew."
        raise PeerError(sentence, status=422)
    return kept
