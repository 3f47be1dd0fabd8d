"""The first tables of the watch."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create every table."""
    _reports()
    _reporters()
    _probes()
    _incidents()
    _told()
    _subscribers()
    _letters()


def downgrade() -> None:
    """Drop them again, those that refer to others first."""
    for table in (
        "watch_outbox",
        "watch_subscribers",
        "watch_outbox_events",
        "watch_vigils",
        "watch_told",
        "watch_maintenances",
        "watch_log",
        "watch_incidents",
        "watch_probe_slots",
        "watch_probe_results",
        "watch_reports",
        "watch_reporters",
        "watch_report_slots",
        "watch_report_places",
        "watch_report_keys",
        "watch_exposures",
    ):
        op.drop_table(table)


def _reports() -> None:
    """People's reports, their sums, and the keys of their reporters."""
    op.create_table(
        "watch_exposures",
        sa.Column("component", sa.String(length=40), nullable=False),
        sa.Column("slot_utc_s", sa.BigInteger(), nullable=False),
        sa.Column("listening", sa.Float(), nullable=False),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("component", "slot_utc_s", name=op.f("pk_watch_exposures")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "watch_report_keys",
        sa.Column("window", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("window", name=op.f("pk_watch_report_keys")),
    )
    op.create_table(
        "watch_report_places",
        sa.Column("component", sa.String(length=40), nullable=False),
        sa.Column("hour_utc_s", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.String(length=6), nullable=False),
        sa.Column("reports", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "component", "hour_utc_s", "place", name=op.f("pk_watch_report_places")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "watch_report_slots",
        sa.Column("component", sa.String(length=40), nullable=False),
        sa.Column("slot_utc_s", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("reports", sa.Integer(), nullable=False),
        sa.Column("unproven", sa.Integer(), nullable=False),
        sa.Column("repeats", sa.Integer(), nullable=False),
        sa.Column("surplus", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "component", "slot_utc_s", "kind", name=op.f("pk_watch_report_slots")
        ),
        sqlite_with_rowid=False,
    )


def _reporters() -> None:
    """Who reported in a window, as hashes, and the reports themselves."""
    op.create_table(
        "watch_reporters",
        sa.Column("window", sa.BigInteger(), nullable=False),
        sa.Column("reporter", sa.String(length=32), nullable=False),
        sa.Column("network", sa.String(length=32), nullable=False),
        sa.Column("proven", sa.Integer(), nullable=False),
        sa.Column("slot_utc_s", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("window", "reporter", name=op.f("pk_watch_reporters")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_watch_reporters_window_network"), "watch_reporters", ["window", "network"]
    )
    op.create_table(
        "watch_reports",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("component", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("utc_us", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("place", sa.String(length=6), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("facts_json", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watch_reports")),
    )
    op.create_index(
        op.f("ix_watch_reports_component_utc_us"), "watch_reports", ["component", "utc_us"]
    )
    op.create_index(op.f("ix_watch_reports_utc_us"), "watch_reports", ["utc_us"])


def _probes() -> None:
    """What probes found, and its sums."""
    op.create_table(
        "watch_probe_results",
        sa.Column("component", sa.String(length=40), nullable=False),
        sa.Column("place", sa.String(length=40), nullable=False),
        sa.Column("utc_us", sa.BigInteger(), nullable=False),
        sa.Column("ok", sa.Boolean(), nullable=False),
        sa.Column("own_fault", sa.Boolean(), nullable=False),
        sa.Column("listening", sa.Integer(), nullable=False),
        sa.Column("steps_json", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            "component", "place", "utc_us", name=op.f("pk_watch_probe_results")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_watch_probe_results_utc_us"), "watch_probe_results", ["utc_us"])
    op.create_table(
        "watch_probe_slots",
        sa.Column("component", sa.String(length=40), nullable=False),
        sa.Column("slot_utc_s", sa.BigInteger(), nullable=False),
        sa.Column("probes", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("component", "slot_utc_s", name=op.f("pk_watch_probe_slots")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_watch_probe_slots_slot_utc_s"), "watch_probe_slots", ["slot_utc_s"])


def _incidents() -> None:
    """Incidents, announced work, the operators' log, and the alarms' state."""
    op.create_table(
        "watch_incidents",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_utc_us", sa.BigInteger(), nullable=False),
        sa.Column("closed_utc_us", sa.BigInteger(), nullable=False),
        sa.Column("body_json", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watch_incidents")),
    )
    op.create_index(op.f("ix_watch_incidents_closed_utc_us"), "watch_incidents", ["closed_utc_us"])
    op.create_index(
        op.f("ix_watch_incidents_created_utc_us"), "watch_incidents", ["created_utc_us"]
    )
    op.create_table(
        "watch_log",
        sa.Column("n", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("utc_us", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(length=60), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=32), nullable=False),
        sa.Column("detail_json", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_watch_log")),
    )
    op.create_table(
        "watch_maintenances",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("begins_utc_us", sa.BigInteger(), nullable=False),
        sa.Column("over_utc_us", sa.BigInteger(), nullable=False),
        sa.Column("body_json", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watch_maintenances")),
    )
    op.create_index(
        op.f("ix_watch_maintenances_over_utc_us"), "watch_maintenances", ["over_utc_us"]
    )


def _told() -> None:
    """What was handed on to subscribers, and the alarms."""
    op.create_table(
        "watch_told",
        sa.Column("n", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("told_utc_us", sa.BigInteger(), nullable=False),
        sa.Column("body_json", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_watch_told")),
        sa.UniqueConstraint("id", name=op.f("uq_watch_told_id")),
    )
    op.create_index(op.f("ix_watch_told_told_utc_us"), "watch_told", ["told_utc_us"])
    op.create_table(
        "watch_vigils",
        sa.Column("component", sa.String(length=40), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("component", name=op.f("pk_watch_vigils")),
    )


def _subscribers() -> None:
    """Who is told, and what they are yet to be told."""
    op.create_table(
        "watch_outbox_events",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("event_json", sa.Text(), nullable=False),
        sa.Column("kept_utc_us", sa.BigInteger(), nullable=False),
        sa.Column("ruling", sa.String(length=8), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_watch_outbox_events")),
        sa.UniqueConstraint("id", name=op.f("uq_watch_outbox_events_id")),
    )
    op.create_index(op.f("ix_watch_outbox_events_ruling"), "watch_outbox_events", ["ruling"])
    op.create_index(op.f("ix_watch_outbox_events_subject"), "watch_outbox_events", ["subject"])
    op.create_table(
        "watch_subscribers",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("life", sa.String(length=16), nullable=False),
        sa.Column("wish_json", sa.Text(), nullable=False),
        sa.Column("finding", sa.String(length=64), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_utc_us", sa.BigInteger(), nullable=False),
        sa.Column("ended_utc_us", sa.BigInteger(), nullable=False),
        sa.Column("why_ended", sa.String(length=200), nullable=False),
        sa.Column("failed_letters", sa.Integer(), nullable=False),
        sa.Column("already_utc_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watch_subscribers")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_watch_subscribers_token_hash")),
    )
    op.create_index(op.f("ix_watch_subscribers_finding"), "watch_subscribers", ["finding"])
    op.create_index(
        op.f("ix_watch_subscribers_life_created_utc_us"),
        "watch_subscribers",
        ["life", "created_utc_us"],
    )


def _letters() -> None:
    """Letters, and what became of them."""
    op.create_table(
        "watch_outbox",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("subscriber", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("event", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("due_utc_us", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("settled_utc_us", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber"],
            ["watch_subscribers.id"],
            name=op.f("fk_watch_outbox_subscriber"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watch_outbox")),
        sa.UniqueConstraint("subscriber", "event", name=op.f("uq_watch_outbox_subscriber_event")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_watch_outbox_channel_state_due_utc_us_id"),
        "watch_outbox",
        ["channel", "state", "due_utc_us", "id"],
    )
    op.create_index("ix_watch_outbox_unsettled", "watch_outbox", ["subscriber", "state", "id"])
