"""Who asks: nobody known, an account by its session cookie, or the operator by a token."""

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Request, Response

from rostra.domain.accounts import Account, AccountRole
from rostra.domain.errors import ForbiddenError, PeerError
from rostra.domain.schedule import PlannedSpace
from rostra.domain.space import Cause
from rostra.web.deps import Deps, DepsHere
from rostra.web.words import SECRET_CHARS_MAX, hash_of, new_secret, same

COOKIE: Final = "rostra_session"

SESSION_LIFE_S: Final = 30 * 86_400
"""A month: a host who plans monthly stays logged in from one evening to the next."""

US_PER_S: Final = 1_000_000


class UnknownCallerError(PeerError):
    """This needs an account or the operator's token (401)."""

    status = 401


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and what follows from it."""

    account: Account | None = None
    token: bool = False
    """The operator's token came with the request."""

    @property
    def operator(self) -> bool:
        """May act on every space: the house's own token, or its owner's account."""
        return self.token or (self.account is not None and self.account.role is AccountRole.OWNER)

    def must_be_known(self) -> None:
        """Raise UnknownCallerError (401) for somebody without account and token."""
        if self.account is None and not self.token:
            sentence = "Log in first: this needs an account of this house."
            raise UnknownCallerError(sentence)

    def must_run_house(self) -> None:
        """Raise (401, 403) unless this is the operator or the owner."""
        self.must_be_known()
        if not self.operator:
            sentence = "Only the owner of this house may do this. Ask them."
            raise ForbiddenError(sentence)

    def cause_for(self, space: PlannedSpace) -> Cause:
        """In what quality the caller acts on a space; raises (401, 403) if in none."""
        self.must_be_known()
        if self.account is not None and self.account.id == space.owner:
            return Cause.HOST
        if self.operator:
            return Cause.OPERATOR
        sentence = "This space belongs to somebody else. Ask its host."
        raise ForbiddenError(sentence)


async def caller_of(request: Request, deps: DepsHere) -> Caller:
    """Find out who asks; UnknownCallerError (401) for a token that is not the house's."""
    scheme, _, word = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        if not same(word.strip(), deps.outside.operator_token):
            sentence = "This is not the operator's token of this house. See --data."
            raise UnknownCallerError(sentence)
        return Caller(token=True)
    cookie = request.cookies.get(COOKIE, "")
    if not cookie or len(cookie) > SECRET_CHARS_MAX:
        return Caller()
    accounts = deps.outside.accounts
    account = await deps.workers.store.run(
        accounts.session_account, hash_of(cookie), deps.now_utc_us
    )
    return Caller(account=account)


CallerHere = Annotated[Caller, Depends(caller_of)]


async def log_in(request: Request, response: Response, deps: Deps, account: Account) -> None:
    """Open a session and set its cookie; it is sent over HTTPS only where we have it."""
    cookie, now = new_secret(), deps.now_utc_us
    await deps.workers.store.run(
        deps.outside.accounts.open_session,
        hash_of(cookie),
        account.id,
        now,
        now + SESSION_LIFE_S * US_PER_S,
    )
    response.set_cookie(
        COOKIE,
        cookie,
        max_age=SESSION_LIFE_S,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )


async def log_out(request: Request, response: Response, deps: Deps) -> None:
    """Close the session of this browser and take its cookie away."""
    cookie = request.cookies.get(COOKIE, "")
    if cookie and len(cookie) <= SECRET_CHARS_MAX:
        await deps.workers.store.run(deps.outside.accounts.close_session, hash_of(cookie))
    response.delete_cookie(
        COOKIE, httponly=True, samesite="lax", secure=request.url.scheme == "https"
    )
