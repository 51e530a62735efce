"""Schema of the room, and the triggers that keep it append-only."""

from __future__ import annotations

from sqlalchemy import DDL, BigInteger, CheckConstraint, Column, Index, LargeBinary, Table, Text, event
from sqlalchemy.dialects.postgresql import JSONB, UUID

from daji.kit.db.schema import at, metadata, ref

entry = Table(
    "entry",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("id", UUID(as_uuid=True), nullable=False, unique=True),
    ref("staff_id", nullable=True),
    Column("action", Text, nullable=False),
    Column("subject_kind", Text, nullable=False),
    Column("subject_id", Text, nullable=False),
    Column("before", JSONB),
    Column("after", JSONB),
    Column("request_id", Text),
    Column("ip", Text),
    at("at"),
    Column("previous", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    CheckConstraint("seq > 0", name="seq"),
    CheckConstraint("octet_length(hash) = 32", name="hash"),
    CheckConstraint("octet_length(previous) = CASE seq WHEN 1 THEN 0 ELSE 32 END", name="previous"),
    CheckConstraint("action <> '' AND subject_kind <> ''", name="named"),
    Index(None, "subject_kind", "subject_id", "seq"),
    Index(None, "staff_id", "seq"),
    schema="audit",
)

TRIGGERS = (
    """
CREATE OR REPLACE FUNCTION audit.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is append-only' USING ERRCODE = 'integrity_constraint_violation';
END $$
""",
    """
CREATE TRIGGER entry_is_kept BEFORE UPDATE OR DELETE ON audit.entry
FOR EACH ROW EXECUTE FUNCTION audit.refuse_change()
""",
    """
CREATE TRIGGER entry_is_not_emptied BEFORE TRUNCATE ON audit.entry
FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change()
""",
)
"""Run after the table is made, by `create_all` and by the migration alike."""

for statement in TRIGGERS:
    event.listen(entry, "after_create", DDL(statement.replace("%", "%%")))  # type: ignore[no-untyped-call]
