"""The desk's tables, for SQLite and PostgreSQL alike; times are microseconds since 1970, UTC."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

accounts = Table(
    "accounts",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", String(60), nullable=False),
    Column("name_key", String(240), nullable=False, unique=True),
    Column("password_hash", String(255), nullable=False),
    Column("role", String(16), nullable=False),
    Column("created_utc_us", BigInteger, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("account", ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    Column("created_utc_us", BigInteger, nullable=False),
    Column("expires_utc_us", BigInteger, nullable=False),
    Index(None, "account"),
    Index(None, "expires_utc_us"),
)

invitations = Table(
    "invitations",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("invited_by", ForeignKey("accounts.id", ondelete="CASCADE"), nullable=True),
    Column("expires_utc_us", BigInteger, nullable=False),
    Column("used_utc_us", BigInteger, nullable=True),
)

spaces = Table(
    "spaces",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("title", String(140), nullable=False),
    Column("description", Text, nullable=False),
    Column("language", String(16), nullable=False),
    Column("hosts_json", Text, nullable=False),
    Column("t0_utc_us", BigInteger, nullable=False),
    Column("doors_before_s", Integer, nullable=False),
    Column("owner", ForeignKey("accounts.id", ondelete="SET NULL"), nullable=True),
    Column("state", String(16), nullable=False),
    Column("cancelled", Boolean, nullable=False),
    Column("start_at_once", Boolean, nullable=False),
    Column("created_utc_us", BigInteger, nullable=False),
    Column("hold", String(80), nullable=False, server_default=""),
    Column("announcements_json", Text, nullable=False, server_default="{}"),
    Index(None, "state", "t0_utc_us"),
    Index(None, "owner"),
)

space_history = Table(
    "space_history",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("space", ForeignKey("spaces.id", ondelete="CASCADE"), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("utc_us", BigInteger, nullable=False),
    Column("body_json", Text, nullable=False),
    Index(None, "space", "id"),
)
