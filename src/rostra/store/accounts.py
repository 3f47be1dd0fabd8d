"""Accounts, their sessions and the invitations to them, in SQL."""

from typing import Any, Final

from sqlalchemy import Connection, Engine, Row, Select, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from rostra.domain.accounts import (
    Account,
    AccountRole,
    InvitationError,
    NameTakenError,
    name_key,
)
from rostra.store.engine import transaction
from rostra.store.tables import accounts, invitations, sessions

SESSIONS_PER_ACCOUNT_MAX: Final = 20
"""Browsers that one person is logged in with; the oldest is logged out."""

_ACCOUNT: Final = (accounts.c.id, accounts.c.name, accounts.c.role, accounts.c.created_utc_us)


class SqlAccounts:
    """`web.ports.Accounts` in SQL; every method is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def has_owner(self) -> bool:
        """Whether anybody can run this house."""
        wanted = select(accounts.c.id).where(accounts.c.role == AccountRole.OWNER).limit(1)
        with transaction(self._engine) as sql:
            return sql.execute(wanted).first() is not None

    def register(self, account: Account, password_hash: str, invitation: str | None) -> Account:
        """Add an account; with the hash of an invitation it is used up and gives the role.

        Raises NameTakenError, or InvitationError if the invitation cannot be used (any more);
        then nothing has changed.
        """
        try:
            with transaction(self._engine) as sql:
                role = account.role
                if invitation is not None:
                    role = _use(sql, invitation, account.created_utc_us)
                row = {
                    "id": account.id,
                    "name": account.name,
                    "name_key": name_key(account.name),
                    "password_hash": password_hash,
                    "role": role.value,
                    "created_utc_us": account.created_utc_us,
                }
                sql.execute(insert(accounts).values(row))
        except IntegrityError as error:
            sentence = f"The name {account.name} is taken. Choose another one."
            raise NameTakenError(sentence) from error
        return Account(account.id, account.name, role, account.created_utc_us)

    def credentials(self, name: str) -> tuple[Account, str] | None:
        """The account of this name, letter case aside, and its password's hash."""
        wanted = select(*_ACCOUNT, accounts.c.password_hash).where(
            accounts.c.name_key == name_key(name)
        )
        with transaction(self._engine) as sql:
            row = sql.execute(wanted).first()
        return None if row is None else (_account(row), row.password_hash)

    def invite(
        self, invitation: str, role: AccountRole, invited_by: str | None, expires_utc_us: int
    ) -> None:
        """Keep the hash of a new invitation; `invited_by` is None for the house's own."""
        row = {
            "hash": invitation,
            "role": role.value,
            "invited_by": invited_by,
            "expires_utc_us": expires_utc_us,
        }
        with transaction(self._engine) as sql:
            sql.execute(insert(invitations).values(row))

    def invitation_open(self, invitation: str, now_utc_us: int) -> bool:
        """Whether the invitation of this hash can still be used."""
        with transaction(self._engine) as sql:
            return sql.execute(_usable(invitation, now_utc_us)).first() is not None

    def open_session(
        self, session: str, account_id: str, now_utc_us: int, expires_utc_us: int
    ) -> None:
        """Keep the hash of a new session's cookie; old and surplus sessions go."""
        row = {
            "hash": session,
            "account": account_id,
            "created_utc_us": now_utc_us,
            "expires_utc_us": expires_utc_us,
        }
        newest = (
            select(sessions.c.hash)
            .where(sessions.c.account == account_id)
            .order_by(sessions.c.created_utc_us.desc(), sessions.c.hash)
            .limit(SESSIONS_PER_ACCOUNT_MAX)
        )
        surplus = sessions.c.hash.not_in(newest.scalar_subquery())
        with transaction(self._engine) as sql:
            sql.execute(delete(sessions).where(sessions.c.expires_utc_us <= now_utc_us))
            sql.execute(insert(sessions).values(row))
            sql.execute(delete(sessions).where(sessions.c.account == account_id, surplus))

    def session_account(self, session: str, now_utc_us: int) -> Account | None:
        """Who holds the cookie of this hash, unless it has expired."""
        wanted = (
            select(*_ACCOUNT)
            .join(sessions, sessions.c.account == accounts.c.id)
            .where(sessions.c.hash == session, sessions.c.expires_utc_us > now_utc_us)
        )
        with transaction(self._engine) as sql:
            row = sql.execute(wanted).first()
        return None if row is None else _account(row)

    def close_session(self, session: str) -> None:
        """Forget a session; no error if there is none."""
        with transaction(self._engine) as sql:
            sql.execute(delete(sessions).where(sessions.c.hash == session))

    def count(self) -> int:
        """How many accounts there are."""
        with transaction(self._engine) as sql:
            return int(sql.execute(select(func.count()).select_from(accounts)).scalar_one())


def _usable(invitation: str, now_utc_us: int) -> Select[Any]:
    return select(invitations.c.role).where(
        invitations.c.hash == invitation,
        invitations.c.used_utc_us.is_(None),
        invitations.c.expires_utc_us > now_utc_us,
    )


def _use(sql: Connection, invitation: str, now_utc_us: int) -> AccountRole:
    # The update comes first: of two that race for one invitation, one changes no row.
    used = sql.execute(
        update(invitations)
        .where(
            invitations.c.hash == invitation,
            invitations.c.used_utc_us.is_(None),
            invitations.c.expires_utc_us > now_utc_us,
        )
        .values(used_utc_us=now_utc_us)
    )
    if used.rowcount != 1:
        sentence = "This invitation was used, has expired, or is incomplete. Ask for a new one."
        raise InvitationError(sentence)
    row = sql.execute(select(invitations.c.role).where(invitations.c.hash == invitation)).one()
    return AccountRole(row.role)


def _account(row: Row[*tuple[Any, ...]]) -> Account:
    return Account(row.id, row.name, AccountRole(row.role), row.created_utc_us)
