"""Every SQL constant of the house PREPAREs against the migrated schema, on each server that is here."""

from __future__ import annotations

import importlib
import os
import pkgutil
import re
from pathlib import Path

import asyncpg
import pytest

import daji
from daji import migrations
from daji.kit.db import Database
from tests.conftest import with_database

ROOT = Path(__file__).parents[2]
PLACES = re.compile(r"\.(store|views|kit)(\.|$)")
DOLLAR = re.compile(r"\$\d+")

LOCAL_15 = os.environ.get("DAJI_TEST_POSTGRES_15", "postgresql://postgres@127.0.0.1:5432/postgres")


def constants() -> dict[str, str]:
    found: dict[str, str] = {}
    for module in pkgutil.walk_packages(daji.__path__, prefix="daji."):
        if (
            PLACES.search(module.name)
            and ".versions." not in module.name
            and not module.name.endswith(".env")
        ):
            loaded = importlib.import_module(module.name)
            for name, value in vars(loaded).items():
                if name.startswith("SQL_") and isinstance(value, str):
                    found[f"{module.name}.{name}"] = value
    return found


async def prepare_all(connection: asyncpg.Connection, statements: dict[str, str]) -> list[str]:
    wrong = []
    for name, sql in statements.items():
        try:
            await connection.prepare(sql)
        except asyncpg.PostgresError as error:
            wrong.append(f"{name}: {error}")
    return wrong


async def test_every_statement_prepares(database_url: str) -> None:
    statements = constants()
    assert len(statements) > 100
    connection = await asyncpg.connect(database_url)
    wrong = await prepare_all(connection, statements)
    await connection.close()
    assert wrong == []


async def test_a_wrong_statement_is_noticed(db: Database, database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    wrong = await prepare_all(connection, {"seeded": "SELECT no_such_column FROM orders.trade"})
    await connection.close()
    assert len(wrong) == 1


async def test_every_statement_prepares_on_plain_15() -> None:
    try:
        admin = await asyncpg.connect(LOCAL_15, timeout=3)
    except (OSError, asyncpg.PostgresError, TimeoutError):
        pytest.skip("no PostgreSQL 15 answers here")
    name = f"daji_house_{os.getpid()}"
    await admin.execute(f'CREATE DATABASE "{name}"')
    url = with_database(LOCAL_15, name)
    try:
        await migrations.upgrade(url)
        connection = await asyncpg.connect(url)
        wrong = await prepare_all(connection, constants())
        await connection.close()
        assert wrong == []
    finally:
        await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        await admin.close()


def test_no_sql_outside_the_places_for_it() -> None:
    """SQL is written in stores, views and kit; elsewhere it would escape the PREPARE above."""
    verb = re.compile(
        r'"""\s*(SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH)\b|"(SELECT|INSERT INTO|UPDATE \w+ SET|DELETE FROM) '
    )
    strays = []
    for path in sorted((ROOT / "daji").rglob("*.py")):
        name = "." + ".".join(path.relative_to(ROOT).with_suffix("").parts)
        outside = not PLACES.search(name) and "migrations" not in name and ".adapters." not in name
        if outside and verb.search(path.read_text()):
            strays.append(name)
    assert strays == []
