"""Migrations make exactly the schema that the rooms declare, from nothing, and a second run changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Column, Connection, Integer, MetaData, Table, text

from daji import migrations
from daji.kit.db.schema import metadata
from tests.conftest import with_database


@pytest.fixture
async def empty_url(server_url: str, request: pytest.FixtureRequest) -> AsyncIterator[str]:
    name = f"empty_{abs(hash(request.node.name)) % 10**8}"
    connection = await asyncpg.connect(server_url)
    await connection.execute(f'CREATE DATABASE "{name}"')
    yield with_database(server_url, name)
    await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await connection.close()


def differences(connection: Connection, wanted: MetaData) -> list[object]:
    ours = {table.schema for table in wanted.tables.values()}
    context = MigrationContext.configure(
        connection,
        opts={
            "include_schemas": True,
            "compare_type": True,
            "include_name": lambda name, kind, _parents: kind != "schema" or name in ours,
            "version_table_schema": "public",
        },
    )
    return compare_metadata(context, wanted)


async def found(url: str, wanted: MetaData) -> list[object]:
    engine = migrations.engine_for(url)
    async with engine.connect() as connection:
        result = await connection.run_sync(differences, wanted)
    await engine.dispose()
    return result


async def build_schema(url: str) -> None:
    """The schema as the rooms declare it, without migrations."""
    engine = migrations.engine_for(url)
    async with engine.begin() as connection:
        for schema in sorted({table.schema for table in metadata.tables.values() if table.schema}):
            await connection.execute(text(f'CREATE SCHEMA "{schema}"'))
        await connection.run_sync(metadata.create_all)
    await engine.dispose()


async def triggers(url: str) -> set[tuple[str, str]]:
    connection = await asyncpg.connect(url)
    rows = await connection.fetch(
        "SELECT tgrelid::regclass::text AS on_table, tgname FROM pg_trigger WHERE NOT tgisinternal"
    )
    await connection.close()
    return {(row["on_table"], row["tgname"]) for row in rows}


async def test_migrations_do_not_drift_from_the_tables(empty_url: str, database_url: str) -> None:
    migrations.load_tables()
    assert await found(database_url, metadata) == []
    assert await migrations.current(database_url) == migrations.head()
    await build_schema(empty_url)
    queue = {("pgqueuer", "tg_pgqueuer_changed")}
    assert await triggers(database_url) == await triggers(empty_url) | queue


async def test_drift_is_noticed(database_url: str) -> None:
    drifted = MetaData(naming_convention=metadata.naming_convention)
    for table in metadata.tables.values():
        table.to_metadata(drifted)
    Table("seeded", drifted, Column("id", Integer, primary_key=True), schema="kit")
    assert await found(database_url, drifted)


async def test_rival_upgrades_leave_one_schema(empty_url: str) -> None:
    await asyncio.gather(*(migrations.upgrade(empty_url) for _ in range(3)))
    assert await migrations.current(empty_url) == migrations.head()
