"""Alembic's entry: runs on the connection that `daji.migrations.upgrade` hands over."""

from __future__ import annotations

from alembic import context

from daji.kit.db.schema import metadata
from daji.migrations import load_tables

load_tables()


def run() -> None:
    connection = context.config.attributes.get("connection")
    if connection is None:
        raise RuntimeError("run migrations through `daji migrate`")
    context.configure(
        connection=connection,
        target_metadata=metadata,
        include_schemas=True,
        transaction_per_migration=True,
        version_table_schema="public",
    )
    with context.begin_transaction():
        context.run_migrations()


run()
