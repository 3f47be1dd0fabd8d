"""A space as somebody planned it, before and beside what a studio makes of it."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from rostra.domain.errors import PeerError
from rostra.domain.limits import (
    DESCRIPTION_CHARS_MAX,
    HOSTS_MAX,
    NAME_CHARS_MAX,
    TITLE_CHARS_MAX,
)
from rostra.domain.space import State

LANGUAGE_CHARS_MAX: Final = 16
"""Language, script and region; longer tags name variants that no page has a text for."""

_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")

SPACE_ID_ALPHABET: Final = "23456789abcdefghjkmnpqrstuvwxyz"
"""Lower case without 0/o, 1/l/i: can be read aloud and typed from a poster."""

SPACE_ID_CHARS: Final = 10
"""31^10 is 8 x 10^14 (49 bits): nobody finds an unannounced space by trying."""

DOORS_BEFORE_S: Final = 1_800
"""Doors open half an hour before T0: a crowd gathers on the hold programme, not at T0."""

DOORS_BEFORE_S_MIN: Final = 60
"""A minute: the crossfade is planned ten seconds before T0, and nobody gathers in less."""

DOORS_BEFORE_S_MAX: Final = 6 * 3_600
"""Six hours of hold programme: its encoders take a few per cent of a core all the while."""


@dataclass(frozen=True, slots=True)
class PlannedSpace:
    """What the desk keeps of a space; `owner` is an account's id, empty for the operator's.

    Times are microseconds since 1970, UTC. `state` is the last one that a studio told.
    """

    id: str
    title: str
    t0_utc_us: int
    created_utc_us: int
    owner: str = ""
    description: str = ""
    language: str = "en"
    hosts: tuple[str, ...] = ()
    state: State = State.SCHEDULED
    cancelled: bool = False
    start_at_once: bool = False
    doors_before_s: int = DOORS_BEFORE_S
    hold: str = ""
    """The object of its own hold audio."""
    announcements: tuple[tuple[str, str], ...] = ()
    """Its own announcements: kind and object."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of a space's history as the desk keeps it; `body_json` is a JSON object."""

    space: str
    kind: str
    utc_us: int
    body_json: str


def checked_title(title: str) -> str:
    """The title as it is kept; PeerError (422) says what is wrong with it."""
    return _checked(title, "title", TITLE_CHARS_MAX)


def checked_hosts(hosts: tuple[str, ...]) -> tuple[str, ...]:
    """The hosts' names as they are kept; PeerError (422) for too many or a bad one."""
    if len(hosts) > HOSTS_MAX:
        sentence = f"A space names at most {HOSTS_MAX} hosts; these are {len(hosts)}."
        raise PeerError(sentence, status=422)
    return tuple(_checked(host, "host's name", NAME_CHARS_MAX) for host in hosts)


def checked_description(description: str) -> str:
    """The description as it is kept, line breaks included; PeerError (422) if it is too long."""
    kept = description.strip().replace("\r\n", "\n")
    _check_length(kept, "description", DESCRIPTION_CHARS_MAX)
    _check_shown(kept.replace("\n", "").replace("\t", ""), "description")
    return kept


def checked_language(language: str) -> str:
    """A language tag (BCP 47, RFC 5646) such as `en` or `pt-BR`; PeerError (422) otherwise."""
    if len(language) > LANGUAGE_CHARS_MAX or not _LANGUAGE.fullmatch(language):
        sentence = "The language is not a tag such as en, es or pt-BR."
        raise PeerError(sentence, status=422)
    return language


def checked_doors(seconds: int) -> int:
    """How long before T0 the doors open; PeerError (422) outside of what makes sense."""
    if not DOORS_BEFORE_S_MIN <= seconds <= DOORS_BEFORE_S_MAX:
        least, most = DOORS_BEFORE_S_MIN // 60, DOORS_BEFORE_S_MAX // 60
        given = f"{seconds / 60:g}"
        sentence = f"The doors open {least} to {most} minutes before the start; these are {given}."
        raise PeerError(sentence, status=422)
    return seconds


def _checked(text: str, what: str, chars_max: int) -> str:
    kept = unicodedata.normalize("NFC", text).strip()
    if not kept:
        sentence = f"The {what} is empty. Give at least one letter."
        raise PeerError(sentence, status=422)
    _check_length(kept, what, chars_max)
    _check_shown(kept, what)
    return kept


def _check_length(text: str, what: str, chars_max: int) -> None:
    if len(text) > chars_max:
        sentence = f"The {what} has {len(text)} characters; at most {chars_max} fit."
        raise PeerError(sentence, status=422)


def _check_shown(text: str, what: str) -> None:
    # Cf holds the joiners that emoji and several scripts need; the other C* cannot be shown.
    if any(unicodedata.category(char) in {"Cc", "Cs", "Co", "Cn"} for char in text):
        sentence = f"The {what} holds a character that cannot be shown. Type it anew."
        raise PeerError(sentence, status=422)
