"""The first tables of the watch: all that `store.watch_tables` and the books beside it name."""

from alembic import context, op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create every table."""
    context.config.attributes["tables"].create_all(op.get_bind())


def downgrade() -> None:
    """Drop them again."""
    context.config.attributes["tables"].drop_all(op.get_bind())
