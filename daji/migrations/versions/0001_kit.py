"""Tables of kit."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
PGQUEUER = Path(__file__).with_name("pgqueuer_1_6.sql")
"""What pgqueuer 1.6 installs, frozen here so that an upgrade of the library is a migration of ours."""
QUEUE_OBJECTS = (
    ("TABLE", "pgqueuer"),
    ("TABLE", "pgqueuer_log"),
    ("TABLE", "pgqueuer_schedules"),
    ("TABLE", "pgqueuer_statistics"),
    ("FUNCTION", "fn_pgqueuer_changed"),
    ("TYPE", "pgqueuer_status"),
)

branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE SCHEMA kit")
    op.create_table(
        "inbox",
        sa.Column("listener", sa.Text(), nullable=False),
        sa.Column("event_id", sa.UUID(), nullable=False),
        sa.Column(
            "done_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("listener", "event_id", name=op.f("pk_inbox")),
        schema="kit",
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("subject", sa.UUID(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.Column("trace", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("seq", name=op.f("uq_outbox_seq")),
        schema="kit",
    )
    op.create_index(op.f("ix_outbox_subject_seq"), "outbox", ["subject", "seq"], unique=False, schema="kit")
    op.create_table(
        "runs",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("input", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("phase", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "phases",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("status", sa.Text(), server_default="running", nullable=False),
        sa.Column("result", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("problem", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="1", nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint("(status = 'done') = (result IS NOT NULL)", name=op.f("ck_runs_answered")),
        sa.CheckConstraint("status IN ('running', 'done', 'refused')", name=op.f("ck_runs_status")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
        schema="kit",
    )
    op.create_index(op.f("ix_runs_scope_key"), "runs", ["scope", "key"], unique=True, schema="kit")
    op.create_index(
        "ix_runs_stale",
        "runs",
        ["leased_until"],
        unique=False,
        schema="kit",
        postgresql_where=sa.text("status = 'running'"),
    )
    op.create_table(
        "timers",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.UUID(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timers")),
        schema="kit",
    )
    op.create_index(op.f("ix_timers_due_at"), "timers", ["due_at"], unique=False, schema="kit")
    op.create_index(op.f("ix_timers_kind_subject"), "timers", ["kind", "subject"], unique=True, schema="kit")
    for statement in PGQUEUER.read_text().split("\n\n--;\n\n"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP SCHEMA kit CASCADE")
    for kind, name in QUEUE_OBJECTS:
        op.execute(f"DROP {kind} {name} CASCADE")
