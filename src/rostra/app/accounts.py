"""Accounts made at the machine: the owner's one-time link, and `rostra user create`."""

import os
from pathlib import Path
from typing import Final

from rostra.app.config import Settings
from rostra.app.machine import MachineClock
from rostra.app.secrets import storage_sentence, write_private
from rostra.domain.accounts import Account, AccountRole, checked_name, checked_password
from rostra.domain.errors import HouseError
from rostra.store.opening import Store, open_store
from rostra.web.passwords import hash_password
from rostra.web.words import hash_of, new_id, new_secret

OWNER_LINK_LIFE_S: Final = 7 * 86_400
"""Who sets a house up opens the link within the hour; a forgotten one ends by itself."""

US_PER_S: Final = 1_000_000


def open_books(settings: Settings) -> Store:
    """The desk's store, with its tables brought up to date; HouseError if it cannot be opened."""
    return open_store(settings.database.url, settings.data)


def create_user(
    settings: Settings,
    name: str,
    password: str,
    owner: bool,  # noqa: FBT001 - the command's flag
) -> Account:
    """Add an account directly to the store; the desk may run meanwhile.

    Raises PeerError for a name or password that cannot be (NameTakenError if it is taken).
    """
    role = AccountRole.OWNER if owner else AccountRole.MEMBER
    kept, secret = checked_name(name), checked_password(password)
    account = Account(new_id(), kept, role, MachineClock().now().utc_us)
    store = open_books(settings)
    try:
        added = store.accounts.register(account, hash_password(secret), None)
        if owner:
            _link_file(settings).unlink(missing_ok=True)
    finally:
        store.close()
    return added


def offer_ownership(settings: Settings, store: Store, now_utc_us: int) -> None:
    """While nobody owns the house, keep a one-time link to its ownership in a private file.

    `secrets/owner.url` holds one line; a link that still works is kept over restarts. It is
    removed once there is an owner. Never logged: `serve` prints it on a terminal alone.
    """
    path = _link_file(settings)
    try:
        if store.accounts.has_owner():
            path.unlink(missing_ok=True)
            return
        token = _token_in(path)
        if not token or not store.accounts.invitation_open(hash_of(token), now_utc_us):
            token = new_secret()
            expires = now_utc_us + OWNER_LINK_LIFE_S * US_PER_S
            store.accounts.invite(hash_of(token), AccountRole.OWNER, None, expires)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(path, f"{settings.origin}/owner/{token}{os.linesep}")
    except OSError as error:
        raise HouseError(storage_sentence(settings.data, error)) from error


def _link_file(settings: Settings) -> Path:
    return settings.secrets / "owner.url"


def _token_in(path: Path) -> str:
    try:
        return path.read_text().strip().rpartition("/")[2]
    except OSError:
        return ""
