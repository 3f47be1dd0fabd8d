"""Invitations from the queue to the stage: claimed with a secret, once, within a minute.

What travels in the stream, where everybody reads it, is the SHA-256 of a secret that the listener's
page made and kept; only who has the secret can claim.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Final

from rostra.domain.errors import ForbiddenError, PeerError
from rostra.domain.ports import Moment
from rostra.domain.voices import CLAIM
from rostra.stage import newest

WITHIN_S: Final = 60
"""Long enough to read, to say yes and to connect; then the next one is asked."""

OPEN_MAX: Final = 20
"""Invitations at once: as many as places."""

OVER_MAX: Final = 200
"""Claims whose end is remembered, so that who comes late is told so."""

SECRET_CHARS_MIN: Final = 22
"""128 bits in base64url; a shorter secret could be guessed from its SHA-256."""

AGAIN_US: Final = 10_000_000
"""An open invitation is said again so often: who joined or reconnected meanwhile missed it."""

_CLAIM: Final = re.compile(CLAIM, re.ASCII)
_GONE: Final = 410


def is_claim(text: str) -> bool:
    """Whether this can be a SHA-256 in base64url, without padding."""
    return _CLAIM.fullmatch(text) is not None


def claim_of(secret: str) -> str:
    """The claim that goes with a secret."""
    digest = hashlib.sha256(secret.encode("utf-8", "replace")).digest()
    return base64.urlsafe_b64encode(digest).decode("ascii").rstrip("=")


@dataclass(frozen=True, slots=True)
class Invitation:
    """One that can be claimed: until when (monotonic and UTC), and when it was said last."""

    claim: str
    until_us: int
    until_utc_us: int
    said_us: int = 0
    claiming: bool = False
    """Somebody with the secret is being answered."""
    listener: str = ""
    """Whose hand it was, should they have taken it down by the time they come."""


@dataclass(slots=True)
class Invitations:
    """Those of one space."""

    _open: dict[str, Invitation] = field(default_factory=dict)
    _late: dict[str, None] = field(default_factory=dict)
    _news: list[dict[str, Any]] = field(default_factory=list)

    @property
    def open(self) -> tuple[tuple[str, int], ...]:
        """Claims that can be used, with when they end in UTC."""
        return tuple((one.claim, one.until_utc_us) for one in self._open.values())

    def restore(self, left: Iterable[tuple[str, int]], now: Moment) -> None:
        """Take over those of another studio; they are said again."""
        for claim, until_utc_us in tuple(left)[:OPEN_MAX]:
            rest_us = min(until_utc_us - now.utc_us, WITHIN_S * 1_000_000)
            self._open[claim] = Invitation(claim, now.mono_us + rest_us, until_utc_us)

    def invite(self, claim: str, now: Moment, listener: str = "") -> None:
        """Open one, or open it anew for a whole minute; PeerError (409) beyond `OPEN_MAX`."""
        if claim not in self._open and len(self._open) >= OPEN_MAX:
            sentence = f"{OPEN_MAX} people are invited already. Wait until some have come."
            raise PeerError(sentence, status=409)
        life_us = WITHIN_S * 1_000_000
        self._late.pop(claim, None)
        claiming = claim in self._open and self._open[claim].claiming
        until_us, until_utc_us = now.mono_us + life_us, now.utc_us + life_us
        self._open[claim] = Invitation(
            claim, until_us, until_utc_us, claiming=claiming, listener=listener
        )

    def close(self, claim: str, state: str) -> None:
        """Take one back; the page of `claim` is told `withdrawn` or `dismissed`."""
        self._open.pop(claim, None)
        self._news.append({"claim": claim, "state": state, "within_s": 0})

    def listener(self, claim: str) -> str:
        """The listener who was invited; empty if that is not known."""
        one = self._open.get(claim)
        return "" if one is None else one.listener

    def until_utc_us(self, claim: str) -> int:
        """Until when it can be claimed; 0 if there is none."""
        one = self._open.get(claim)
        return 0 if one is None else one.until_utc_us

    def begin(self, secret: str, now: Moment) -> str:
        """Who has this secret is about to be answered; `done` or `failed` must follow.

        Returns the claim. Raises ForbiddenError (403) for a secret that nobody is invited by, or
        that is in use or was used; PeerError (410) when its minute is over.
        """
        self.sweep(now)
        given = claim_of(secret).encode()
        claims = (*self._open, *self._late)
        fits = [claim for claim in claims if hmac.compare_digest(claim.encode(), given)]
        if len(secret) < SECRET_CHARS_MIN or not fits:
            sentence = "Nobody has invited you on stage."
            raise ForbiddenError(sentence)
        claim = fits[0]
        if claim not in self._open:
            sentence = "This invitation is over: it held for a minute. Raise your hand again."
            raise PeerError(sentence, status=_GONE)
        if self._open[claim].claiming:
            sentence = "This invitation is being used at this moment."
            raise ForbiddenError(sentence)
        self._open[claim] = replace(self._open[claim], claiming=True)
        return claim

    def done(self, claim: str) -> None:
        """It has been used, and cannot be again."""
        self._open.pop(claim, None)

    def failed(self, claim: str) -> None:
        """The offer came to nothing: the invitation can still be used."""
        if claim in self._open:
            self._open[claim] = replace(self._open[claim], claiming=False)

    def sweep(self, now: Moment) -> bool:
        """Close those whose minute is over; True if there were some."""
        over = [
            one.claim
            for one in self._open.values()
            if one.until_us <= now.mono_us and not one.claiming
        ]
        for claim in over:
            del self._open[claim]
            newest.keep(self._late, claim, None, OVER_MAX)
        return bool(over)

    def due(self, now: Moment) -> tuple[dict[str, Any], ...]:
        """Bodies of the notices that are to be said now."""
        news, self._news = self._news, []
        for one in tuple(self._open.values()):
            if not one.claiming and (not one.said_us or now.mono_us - one.said_us >= AGAIN_US):
                rest_s = max(-(-(one.until_us - now.mono_us) // 1_000_000), 0)
                news.append({"claim": one.claim, "state": "open", "within_s": rest_s})
                self._open[one.claim] = replace(one, said_us=now.mono_us)
        return tuple(news)
