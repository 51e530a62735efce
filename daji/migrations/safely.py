"""Changes to tables that are in use, in the steps that stop nobody; for migrations.

Each of these may be interrupted and run again. They end the migration's transaction: what was sent before them is
committed, so they stand alone or last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from alembic import op
from sqlalchemy import TextClause, text

_INVALID = """
SELECT 1 FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = :schema AND c.relname = :name AND NOT i.indisvalid
"""


def index(
    name: str,
    table: str,
    columns: Sequence[str | TextClause],
    *,
    schema: str,
    unique: bool = False,
    where: str | None = None,
    ops: Mapping[str, str] | None = None,
    using: str = "btree",
    options: Mapping[str, int] | None = None,
) -> None:
    """Build an index while the table is written to; one that a broken run left half-built is built anew."""
    with op.get_context().autocommit_block():
        half = op.get_bind().execute(text(_INVALID), {"schema": schema, "name": name}).scalar()
        if half:
            op.drop_index(name, table, schema=schema, postgresql_concurrently=True)
        op.create_index(
            name,
            table,
            list(columns),
            schema=schema,
            unique=unique,
            postgresql_concurrently=True,
            postgresql_where=None if where is None else text(where),
            postgresql_ops=dict(ops or {}),
            postgresql_using=using,
            postgresql_with=dict(options or {}),
            if_not_exists=True,
        )


def drop_index(name: str, table: str, *, schema: str) -> None:
    """Let an index go while the table is in use."""
    with op.get_context().autocommit_block():
        op.drop_index(name, table, schema=schema, postgresql_concurrently=True, if_exists=True)


def validate(name: str, table: str, *, schema: str) -> None:
    """Prove a constraint that was added NOT VALID: reads the table beside readers and writers."""
    with op.get_context().autocommit_block():
        op.execute(f'ALTER TABLE "{schema}"."{table}" VALIDATE CONSTRAINT "{name}"')


def not_null(table: str, column: str, *, schema: str) -> None:
    """Forbid nulls: a check proves that there are none, so that SET NOT NULL need not read the table (since 12)."""
    name = f"ck_{table}_{column}_given"
    where = f'"{schema}"."{table}"'
    with op.get_context().autocommit_block():
        op.execute(f'ALTER TABLE {where} DROP CONSTRAINT IF EXISTS "{name}"')
        op.execute(f'ALTER TABLE {where} ADD CONSTRAINT "{name}" CHECK ("{column}" IS NOT NULL) NOT VALID')
        op.execute(f'ALTER TABLE {where} VALIDATE CONSTRAINT "{name}"')
        op.execute(f'ALTER TABLE {where} ALTER COLUMN "{column}" SET NOT NULL')
        op.execute(f'ALTER TABLE {where} DROP CONSTRAINT "{name}"')
