"""The one metadata that every room's `tables.py` adds to; the source for Alembic, never used to query.

Names of constraints are fixed by convention so that a migration can drop what another made, and so that a room
can tell which invariant a violation broke.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, DateTime, MetaData, Text
from sqlalchemy.dialects.postgresql import UUID

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def id_column(name: str = "id") -> Column[object]:
    """Primary key: a UUIDv7 made by the application, so that a row can be named before it is written."""
    return Column(name, UUID(as_uuid=True), primary_key=True)


def ref(name: str, *, nullable: bool = False) -> Column[object]:
    """Id of a row of another room: no foreign key crosses a room's border."""
    return Column(name, UUID(as_uuid=True), nullable=nullable)


def amount(name: str, *, nullable: bool = False, default: str | None = None) -> Column[int]:
    """Money in minor units of the currency named in the same row."""
    return Column(name, BigInteger, nullable=nullable, server_default=default)


def at(name: str, *, nullable: bool = False) -> Column[object]:
    """Aware instant, stored in UTC."""
    return Column(name, DateTime(timezone=True), nullable=nullable)


def currency_column(name: str = "currency") -> Column[str]:
    """ISO 4217 code."""
    return Column(name, Text, nullable=False)
