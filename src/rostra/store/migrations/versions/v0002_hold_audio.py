"""A space's own hold audio and announcements."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    with op.batch_alter_table("spaces") as spaces:
        spaces.add_column(sa.Column("hold", sa.String(80), nullable=False, server_default=""))
        spaces.add_column(
            sa.Column("announcements_json", sa.Text, nullable=False, server_default="{}")
        )


def downgrade() -> None:
    """Take them away."""
    with op.batch_alter_table("spaces") as spaces:
        spaces.drop_column("announcements_json")
        spaces.drop_column("hold")
