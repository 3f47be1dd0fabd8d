"""Routes about people: who am I, log in and out, make an account, invite somebody."""

from typing import Final

from fastapi import APIRouter, Request, Response

from rostra.domain.accounts import Account, AccountRole, checked_name, checked_password
from rostra.domain.errors import ForbiddenError
from rostra.web.caller import CallerHere, UnknownCallerError, log_in, log_out
from rostra.web.deps import Deps, DepsHere, address_of
from rostra.web.errors import field
from rostra.web.passwords import hash_password, password_fits
from rostra.web.schemas import AccountView, LogIn, Me, Registration, Url
from rostra.web.words import SECRET_CHARS_MAX, hash_of, new_id, new_secret

INVITATION_LIFE_S: Final = 7 * 86_400
"""A week to open a letter."""

PASSWORD_BYTES_MAX: Final = 1_024
"""256 characters of UTF-8: what is hashed at a log-in, whatever was sent."""

US_PER_S: Final = 1_000_000

router = APIRouter(tags=["accounts"])


@router.get("/me")
async def me(caller: CallerHere, deps: DepsHere) -> Me:
    """Who asks, and whether anybody may make an account here."""
    account = None if caller.account is None else view_of(caller.account)
    return Me(account=account, accounts_open=deps.outside.accounts_open)


@router.post("/session", status_code=204)
async def open_session(body: LogIn, request: Request, deps: DepsHere) -> Response:
    """Log in; the answer sets the cookie."""
    address = address_of(request)
    # A try is counted before the slow hash, so that many at once do not all get through.
    deps.limiters.login.take(address, deps.now_mono_ns)
    account = await _by_password(body, deps)
    deps.limiters.login.give_back(address)
    response = Response(status_code=204)
    await log_in(request, response, deps, account)
    return response


@router.delete("/session", status_code=204)
async def close_session(request: Request, deps: DepsHere) -> Response:
    """Log out; no error if nobody was logged in."""
    response = Response(status_code=204)
    await log_out(request, response, deps)
    return response


@router.post("/accounts", status_code=201)
async def register(
    body: Registration, request: Request, response: Response, deps: DepsHere
) -> AccountView:
    """Make an account and log in with it."""
    deps.limiters.account.take(address_of(request), deps.now_mono_ns)
    if not body.token and not deps.outside.accounts_open:
        sentence = "Accounts of this house are by invitation. Ask its owner for a link."
        raise ForbiddenError(sentence)
    account = await _add_account(body, deps)
    if account.role is AccountRole.OWNER:
        deps.outside.owner_came()
    await log_in(request, response, deps, account)
    return view_of(account)


@router.post("/invitations", status_code=201)
async def invite(request: Request, caller: CallerHere, deps: DepsHere) -> Url:
    """Make a link that lets one person make an account; for the owner and the operator."""
    caller.must_run_house()
    token = new_secret()
    await deps.workers.store.run(
        deps.outside.accounts.invite,
        hash_of(token),
        AccountRole.MEMBER,
        caller.account.id if caller.account else None,
        deps.now_utc_us + INVITATION_LIFE_S * US_PER_S,
    )
    return Url(url=f"{deps.links.origin_of(request)}/invite/{token}")


def view_of(account: Account) -> AccountView:
    """An account as its holder sees it."""
    return AccountView(id=account.id, name=account.name, role=account.role.value)


async def _by_password(body: LogIn, deps: Deps) -> Account:
    found = await deps.workers.store.run(deps.outside.accounts.credentials, body.name)
    stored = None if found is None else found[1]
    password = body.password
    fits = len(password.encode("utf-8", "replace")) <= PASSWORD_BYTES_MAX
    if not fits or not await deps.workers.hashes.run(password_fits, stored, password):
        found = None
    if found is None:
        sentence = "Name and password do not fit together. See both, and try again."
        raise UnknownCallerError(sentence)
    return found[0]


async def _add_account(body: Registration, deps: Deps) -> Account:
    with field("name"):
        name = checked_name(body.name)
    with field("password"):
        password = checked_password(body.password)
    invitation = hash_of(body.token[:SECRET_CHARS_MAX]) if body.token else None
    await _must_be_open(invitation, deps)
    password_hash = await deps.workers.hashes.run(hash_password, password)
    account = Account(new_id(), name, AccountRole.MEMBER, deps.now_utc_us)
    with field("name"):
        return await deps.workers.store.run(
            deps.outside.accounts.register, account, password_hash, invitation
        )


async def _must_be_open(invitation: str | None, deps: Deps) -> None:
    """Refuse a bad invitation before the slow hash; `register` decides the races."""
    if invitation is None:
        return
    known = deps.outside.accounts.invitation_open
    if not await deps.workers.store.run(known, invitation, deps.now_utc_us):
        sentence = "This link was used, has expired, or is incomplete. Ask for a new one."
        raise ForbiddenError(sentence)
