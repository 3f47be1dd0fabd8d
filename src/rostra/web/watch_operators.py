"""Who may give the watch orders: a program by the token, a person by a session begun with it."""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from fastapi import Request, Response

from rostra.domain.errors import ForbiddenError, HouseError, PeerError
from rostra.web.caller import UnknownCallerError
from rostra.web.limiter import Limiter, Rate
from rostra.web.watch_acting import Acting
from rostra.web.watch_site import Site
from rostra.web.words import SECRET_CHARS_MAX, hash_of, new_secret, same

COOKIE: Final = "rostra_watch_operator"
COOKIE_PATH: Final = "/status/admin"

SESSION_S: Final = 8 * 3_600
"""A shift: who watches over an evening logs in once."""

SESSIONS_MAX: Final = 50
"""Operators who are logged in at once; the one longest unseen is logged out beyond it."""

ADMIN_LOGIN_RATE: Final = Rate("tries to log in", 10, 600)
"""A person mistypes some times; the token has 256 bits, so this bounds noise rather than luck."""

_NS: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Session:
    """A person who is logged in. `csrf` stands in every form that they are given."""

    name: str
    csrf: str
    ends_mono_ns: int


class Sessions:
    """Sessions in memory: they end with the process, and nothing of them can be stolen from disk.

    Kept are hashes of the cookies, so that a look into memory is no log-in either.
    """

    def __init__(self, salt: bytes) -> None:
        self._rows: OrderedDict[str, Session] = OrderedDict()
        self.limiter = Limiter(ADMIN_LOGIN_RATE, salt)

    def begin(self, name: str, now_mono_ns: int) -> str:
        """Log a person in; returns the cookie's word."""
        cookie = new_secret()
        self._rows[hash_of(cookie)] = Session(name, new_secret(), now_mono_ns + SESSION_S * _NS)
        while len(self._rows) > SESSIONS_MAX:
            self._rows.popitem(last=False)
        return cookie

    def of(self, cookie: str, now_mono_ns: int) -> Session | None:
        """The session of a cookie, or None where it is over or never was."""
        if not cookie or len(cookie) > SECRET_CHARS_MAX:
            return None
        key = hash_of(cookie)
        session = self._rows.get(key)
        if session is None:
            return None
        if now_mono_ns >= session.ends_mono_ns:
            del self._rows[key]
            return None
        self._rows.move_to_end(key)
        return session

    def end(self, cookie: str) -> None:
        """Log a person out."""
        self._rows.pop(hash_of(cookie), None)


def sessions_of(request: Request, site: Site) -> Sessions:
    """The sessions of this application, made at the first need."""
    kept = getattr(request.app.state, "watch_sessions", None)
    if not isinstance(kept, Sessions):
        salt = hashlib.sha256(new_secret().encode()).digest()
        kept = request.app.state.watch_sessions = Sessions(salt)
    assert site  # noqa: S101 - a watch without a site serves no operator
    return kept


def acting_of(site: Site) -> Acting:
    """What operators may do here; HouseError (503) where this watch takes no orders."""
    if site.acting is None or not site.token:
        sentence = "This watch takes no orders: it has no operator's token. See its log."
        raise HouseError(sentence)
    return site.acting


def must_be_program(request: Request, site: Site) -> Acting:
    """The operator's token must be there (401); compared in constant time."""
    acting = acting_of(site)
    scheme, _, word = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not same(word.strip()[:SECRET_CHARS_MAX], site.token):
        sentence = "This needs the watch's token (Authorization: Bearer). See secrets/watch.token."
        raise UnknownCallerError(sentence)
    return acting


def session_of(request: Request, site: Site) -> Session | None:
    """The person who asks, or None."""
    acting = acting_of(site)
    cookie = request.cookies.get(COOKIE, "")
    return sessions_of(request, site).of(cookie, acting.now_mono_ns)


def must_be_person(request: Request, site: Site, csrf: str) -> Session:
    """A person with a form of ours: session (401) and its word (403)."""
    session = session_of(request, site)
    if session is None:
        sentence = "You are not logged in any more. Log in, and send it again."
        raise UnknownCallerError(sentence)
    if not same(csrf, session.csrf):
        sentence = "This form is of an earlier log-in. Open the page again, and send it anew."
        raise ForbiddenError(sentence)
    return session


def log_in(request: Request, site: Site, token: str, name: str) -> str:
    """The cookie of a new session; PeerError (403, 429) for a wrong token."""
    acting = acting_of(site)
    sessions = sessions_of(request, site)
    address = site.address_of(request)
    sessions.limiter.take(address, acting.now_mono_ns)
    if not same(token.strip()[:SECRET_CHARS_MAX], site.token):
        sentence = "This is not the watch's token. It is in secrets/watch.token of its data folder."
        raise PeerError(sentence, status=403)
    sessions.limiter.give_back(address)
    return sessions.begin(name, acting.now_mono_ns)


def set_cookie(request: Request, response: Response, cookie: str) -> None:
    """Give the cookie, or with an empty word take it away."""
    secure = request.url.scheme == "https"
    if not cookie:
        response.delete_cookie(
            COOKIE, path=COOKIE_PATH, httponly=True, samesite="strict", secure=secure
        )
        return
    response.set_cookie(
        COOKIE,
        cookie,
        max_age=SESSION_S,
        path=COOKIE_PATH,
        httponly=True,
        samesite="strict",
        secure=secure,
    )
