"""Accounts, sessions, invitations, spaces and their history."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the first tables."""
    _people()
    _spaces()


def _people() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("name_key", sa.String(240), nullable=False),
        sa.Column("password_hash", sa.String(255), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("created_utc_us", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
        sa.UniqueConstraint("name_key", name="uq_accounts_name_key"),
    )
    op.create_table(
        "sessions",
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("account", sa.String(32), nullable=False),
        sa.Column("created_utc_us", sa.BigInteger, nullable=False),
        sa.Column("expires_utc_us", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_sessions"),
        sa.ForeignKeyConstraint(
            ["account"], ["accounts.id"], name="fk_sessions_account", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_sessions_account", "sessions", ["account"])
    op.create_index("ix_sessions_expires_utc_us", "sessions", ["expires_utc_us"])
    op.create_table(
        "invitations",
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("invited_by", sa.String(32), nullable=True),
        sa.Column("expires_utc_us", sa.BigInteger, nullable=False),
        sa.Column("used_utc_us", sa.BigInteger, nullable=True),
        sa.PrimaryKeyConstraint("hash", name="pk_invitations"),
        sa.ForeignKeyConstraint(
            ["invited_by"], ["accounts.id"], name="fk_invitations_invited_by", ondelete="CASCADE"
        ),
    )


def _spaces() -> None:
    op.create_table(
        "spaces",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("title", sa.String(140), nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("hosts_json", sa.Text, nullable=False),
        sa.Column("t0_utc_us", sa.BigInteger, nullable=False),
        sa.Column("doors_before_s", sa.Integer, nullable=False),
        sa.Column("owner", sa.String(32), nullable=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("cancelled", sa.Boolean, nullable=False),
        sa.Column("start_at_once", sa.Boolean, nullable=False),
        sa.Column("created_utc_us", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_spaces"),
        sa.ForeignKeyConstraint(
            ["owner"], ["accounts.id"], name="fk_spaces_owner", ondelete="SET NULL"
        ),
    )
    op.create_index("ix_spaces_state_t0_utc_us", "spaces", ["state", "t0_utc_us"])
    op.create_index("ix_spaces_owner", "spaces", ["owner"])
    op.create_table(
        "space_history",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
        sa.Column("space", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("utc_us", sa.BigInteger, nullable=False),
        sa.Column("body_json", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_space_history"),
        sa.ForeignKeyConstraint(
            ["space"], ["spaces.id"], name="fk_space_history_space", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_space_history_space_id", "space_history", ["space", "id"])


def downgrade() -> None:
    """Drop everything again."""
    for table in ("space_history", "spaces", "invitations", "sessions", "accounts"):
        op.drop_table(table)
