"""The command line says what is wrong and what to do about it (U-01 to U-05)."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import asyncpg
import pytest

from daji.kit.db import Database
from daji.shop.pricing import api as pricing
from tests.live import ROOT, free_port

DEAD = "postgresql://nobody@127.0.0.1:1/none"


def daji(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONWARNINGS": "ignore", "COLUMNS": "200", **settings}
    command = [sys.executable, "-m", "daji", *arguments]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=90)


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    return {
        "DAJI_HOME": str(tmp_path),
        "DAJI_PORT": str(free_port()),
        "DAJI_SANDBOX_PORT": str(free_port()),
    }


def test_help_lists_every_command() -> None:
    shown = daji("--help")
    assert shown.returncode == 0
    for command in ("up", "serve", "work", "migrate", "demo", "doctor", "import", "replay", "audit"):
        assert command in shown.stdout


class TestDemo:
    async def test_a_shop_with_a_history_is_not_given_another(
        self, home: dict[str, str], database_url: str, db: Database, now: datetime, tmp_path: Path
    ) -> None:
        async with db.transaction() as tx:
            await pricing.save_channel(tx, code="web", name="Own", currency="EUR", lang="en", now=now)
        await db.close()
        report = tmp_path / "demo.json"
        asked = daji("demo", "--days", "90", "--json", str(report), DAJI_DATABASE_URL=database_url, **home)
        assert asked.returncode == 1
        assert "something to sell already" in asked.stderr
        assert "daji demo --days 90" in asked.stderr
        assert json.loads(report.read_text())["created"] is False
        plain = daji("demo", DAJI_DATABASE_URL=database_url, **home)
        assert plain.returncode == 0
        assert "nothing to do" in plain.stdout

    async def test_nobody_may_work_while_another_time_is_played(
        self, home: dict[str, str], database_url: str
    ) -> None:
        connection = await asyncpg.connect(database_url, server_settings={"application_name": "daji-worker"})
        try:
            refused = await asyncio.to_thread(daji, "demo", DAJI_DATABASE_URL=database_url, **home)
        finally:
            await connection.close()
        assert refused.returncode == 1
        assert "daji-worker" in refused.stderr
        assert "stop `daji up`" in refused.stderr


class TestDoctor:
    async def test_a_sound_house_passes(
        self, home: dict[str, str], database_url: str, tmp_path: Path
    ) -> None:
        assert daji("migrate", DAJI_DATABASE_URL=database_url, **home).returncode in {0, 1}
        report = tmp_path / "doctor.json"
        result = daji("doctor", "--json", str(report), DAJI_DATABASE_URL=database_url, **home)
        checks = {check["name"]: check for check in json.loads(report.read_text())}
        assert checks["PostgreSQL is 15 or newer"]["ok"], result.stdout
        assert checks["DAJI_HOME can be written"]["ok"]

    def test_u03_no_database(self, home: dict[str, str]) -> None:
        result = daji("doctor", DAJI_DATABASE_URL=DEAD, **home)
        assert result.returncode == 1
        assert "DAJI_DATABASE_URL answers" in result.stdout
        assert "unset it to use the embedded one" in result.stdout

    def test_u03_port_taken(self, home: dict[str, str]) -> None:
        with socket.socket() as squatter:
            squatter.bind(("127.0.0.1", int(home["DAJI_PORT"])))
            squatter.listen()
            result = daji("doctor", DAJI_DATABASE_URL=DEAD, **home)
        assert f"port {home['DAJI_PORT']} is free, or ours" in result.stdout
        assert "set DAJI_PORT to another port" in result.stdout

    def test_a_home_that_cannot_be_written(self, home: dict[str, str], tmp_path: Path) -> None:
        (tmp_path / "file").write_text("in the way")
        result = daji(
            "doctor", DAJI_DATABASE_URL=DEAD, **{**home, "DAJI_HOME": str(tmp_path / "file" / "home")}
        )
        assert result.returncode == 1
        assert "set DAJI_HOME to a folder you may write" in result.stdout

    def test_a_setting_that_cannot_be_read(self, home: dict[str, str]) -> None:
        result = daji("doctor", **{**home, "DAJI_PORT": "eighty"})
        assert result.returncode == 1
        assert "DAJI_" in result.stdout
        assert "port" in result.stdout


def test_up_names_the_port_that_is_taken(home: dict[str, str]) -> None:
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", int(home["DAJI_PORT"])))
        squatter.listen()
        result = daji("up", DAJI_DATABASE_URL=DEAD, **home)
    assert result.returncode == 1
    assert f"port {home['DAJI_PORT']}" in result.stderr
    assert "set DAJI_PORT" in result.stderr


@pytest.mark.parametrize("command", [("audit",), ("migrate",), ("up",), ("import", "table", "README.md")])
def test_u04_a_dead_database_is_told_in_one_sentence(home: dict[str, str], command: tuple[str, ...]) -> None:
    result = daji(*command, DAJI_DATABASE_URL=DEAD, **home)
    assert result.returncode == 1
    assert "the database does not answer" in result.stderr
    assert "Traceback" not in result.stderr


def test_import_of_a_file_that_is_not_there(home: dict[str, str]) -> None:
    result = daji("import", "table", "no-such-file.csv", **home)
    assert result.returncode == 1
    assert "does not exist" in result.stderr
