"""`daji migrate`: bring the database to this code's schema."""

from __future__ import annotations

import asyncio

from daji.faces.cli.common import fail
from daji.faces.cli.screen import console
from daji.installation import HouseSettings, read_settings
from daji.kit.db import DatabaseSettings, embedded
from daji.kit.settings import BadSetting
from daji.migrations import current, head, upgrade


async def migrate_database(url: str) -> tuple[str, str]:
    """Revisions before and after."""
    before = await current(url)
    await upgrade(url)
    return before, await current(url)


def database_url(
    house: HouseSettings, database: DatabaseSettings
) -> tuple[str, embedded.EmbeddedServer | None]:
    """URL of the configured database, starting the embedded one when none is."""
    if database.url:
        return database.direct_url or database.url, None
    server = embedded.start(house.home.resolve())
    return server.url, server


def migrate() -> None:
    """Bring the database to this code's schema; a second run changes nothing."""
    try:
        house, database = read_settings()
    except BadSetting as error:
        fail(str(error), "correct the variable or unset it")
    try:
        url, server = database_url(house, database)
        before, after = asyncio.run(migrate_database(url))
    except OSError as error:
        fail(f"the database does not answer: {error}", "start it, or unset DAJI_DATABASE_URL")
    if server is not None:
        server.stop()
    console.print(
        f"schema {after} (this code wants {head()})" + ("" if before != after else ", nothing to do")
    )
