"""Two questions every installation asks of its database: are you there, and which schema are you."""

from __future__ import annotations

from daji.kit.db.session import Session

SQL_PING = "SELECT 1"
SQL_REVISION = "SELECT version_num FROM public.alembic_version"


async def ping(session: Session) -> bool:
    """Tell whether the server answers; raises what the driver raises when it does not."""
    return bool(await session.value(SQL_PING) == 1)


async def revision(session: Session) -> str:
    """Name the schema's revision; empty when there is none."""
    return str(await session.value(SQL_REVISION) or "")
