"""A marketplace's history lived again by the command itself, killed on the way, and reconciled to the cent."""

from __future__ import annotations

import asyncio
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from tests.conftest import with_database
from tests.live import fresh_name
from tests.makers.olist import SALES, write_folder

ROOT = Path(__file__).parents[2]
REAL = Path(os.environ.get("DAJI_OLIST", ROOT.parent / "shared" / "data" / "olist_orders"))
TOGETHER = 12
needs_real = pytest.mark.skipif(not REAL.is_dir(), reason=f"no Olist data in {REAL}")


class Place:
    """A database and a DAJI_HOME of their own for one replay."""

    def __init__(self, url: str, home: Path) -> None:
        self.url = url
        self.home = home
        home.mkdir()

    def command(self, folder: Path, *arguments: str) -> list[str]:
        result = str(self.home / "result.json")
        return [sys.executable, "-m", "daji", "replay", "olist", str(folder), "--json", result, *arguments]

    @property
    def env(self) -> dict[str, str]:
        return {**os.environ, "DAJI_DATABASE_URL": self.url, "DAJI_HOME": str(self.home), "COLUMNS": "140"}

    def run(self, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(folder, *arguments),
            cwd=ROOT,
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
            timeout=550,
        )

    def examine(self) -> subprocess.CompletedProcess[str]:
        """What `daji audit` says of it."""
        command = [sys.executable, "-m", "daji", "audit"]
        return subprocess.run(command, cwd=ROOT, env=self.env, capture_output=True, text=True, check=False)

    def result(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.home / "result.json").read_text())
        return found

    async def value(self, sql: str) -> Any:
        connection = await asyncpg.connect(self.url)
        try:
            return await connection.fetchval(sql)
        finally:
            await connection.close()


@pytest.fixture
async def places(server_url: str, tmp_path: Path) -> AsyncIterator[Callable[[str], Place]]:
    """Make places whose databases are empty: the command itself writes the schema."""
    made: list[str] = []
    admin = await asyncpg.connect(server_url)
    names = [fresh_name("replay") for _ in range(2)]
    for name in names:
        await admin.execute(f'CREATE DATABASE "{name}"')

    def make(label: str) -> Place:
        name = names[len(made)]
        made.append(name)
        return Place(with_database(server_url, name), tmp_path / label)

    yield make
    for name in names:
        await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await admin.close()


def table(result: dict[str, Any]) -> dict[str, tuple[int, int, int]]:
    return {
        row["figure"]: (row["source"], row["daji"], row["explained"])
        for row in result["reconciliation"]["rows"]
    }


@pytest.mark.timeout(400)
async def test_every_pattern_of_the_source_reconciles(places: Callable[[str], Place], tmp_path: Path) -> None:
    folder, place = write_folder(tmp_path / "source"), places("one")
    first = place.run(folder)
    assert first.returncode == 0, first.stdout[-3000:] + first.stderr[-3000:]
    result = place.result()
    assert result["clean"]
    assert result["orders"] == len(SALES)
    rows = table(result)
    assert rows["orders.delivered"] == (8, 8, 0)
    assert rows["orders.canceled"] == (4, 4, 0)
    assert rows["orders.unavailable"] == (2, 2, 0)
    assert rows["orders.created"] == (1, 1, 0)
    assert rows["orders.approved"] == (1, 2, 1)
    assert rows["orders.invoiced"] == (2, 1, -1)
    assert rows["orders.of_2_sellers"] == (1, 1, 0)
    assert rows["tenders.credit_card.asked"][0] == rows["tenders.credit_card.asked"][1] > 0
    assert rows["refunded"] == (25950, 25950, 0)
    assert "no unexplained difference" in first.stdout
    assert "orders/s" in first.stdout
    examined = place.examine()
    assert examined.returncode == 0, examined.stdout
    await _nothing_is_done_twice(place, folder, rows)


async def _nothing_is_done_twice(place: Place, folder: Path, rows: dict[str, tuple[int, int, int]]) -> None:
    """The same command on a finished replay changes nothing and says the same."""
    counts = (
        "SELECT (SELECT count(*) FROM orders.trade) * 1000000 + (SELECT count(*) FROM inventory.movement)"
    )
    before = await place.value(counts)
    again = place.run(folder)
    assert again.returncode == 0, again.stdout[-3000:] + again.stderr[-3000:]
    assert table(place.result()) == rows
    assert await place.value(counts) == before
    other = place.run(folder, "--limit", "2")
    assert other.returncode == 1
    assert "another slice" in other.stderr


@pytest.mark.timeout(120)
async def test_a_lie_in_the_books_is_found(places: Callable[[str], Place], tmp_path: Path) -> None:
    """Seeded violation: a cent taken from a tender, and the command exits 1 naming it."""
    chosen = {name: SALES[name] for name in ("delivered", "processing")}
    folder, place = write_folder(tmp_path / "source", chosen), places("one")
    assert place.run(folder).returncode == 0
    await place.value(
        "UPDATE payments.tender SET captured = captured - 1 WHERE id = (SELECT min(id::text) FROM payments.tender)::uuid RETURNING 1"
    )
    found = place.run(folder)
    assert found.returncode == 1
    wrong = [row for row, (source, daji, told) in table(place.result()).items() if daji - source != told]
    assert wrong == ["tenders.credit_card.captured"]


@pytest.mark.timeout(60)
def test_without_data_the_message_says_what_to_do(tmp_path: Path) -> None:
    place = Place("postgresql://nobody@127.0.0.1:1/none", tmp_path / "home")
    ended = place.run(tmp_path / "nothing")
    assert ended.returncode == 1
    assert "orders.csv.gz" in ended.stderr
    assert "daji replay olist" in ended.stderr


async def _killed_three_times(place: Place, folder: Path, *arguments: str, seed: int) -> None:
    """Start the command and kill it with SIGKILL at three moments that nobody chose, then let it end."""
    chance = random.Random(seed)  # noqa: S311 - moments, not secrets
    # Small windows, so that there is something between two of them; a window leaves a run for each kind of step.
    arguments = (*arguments, "--together", str(TOGETHER))
    whole = len(_steps(folder, arguments)) // 2
    moments = sorted(chance.sample(range(TOGETHER, whole), 3))
    for moment in moments:
        process = await asyncio.create_subprocess_exec(
            *place.command(folder, *arguments),
            cwd=ROOT,
            env=place.env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            await _wait_for_runs(place, process, moment)
            await asyncio.sleep(chance.random() * 0.2)
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    ended = place.run(folder, *arguments)
    assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr[-3000:]
    assert place.result()["resumed_at_step"] > 0


def _steps(folder: Path, arguments: tuple[str, ...]) -> tuple[Any, ...]:
    from daji.flows.replay_olist import plan, source  # noqa: PLC0415 - only this needs it

    limit = int(arguments[arguments.index("--limit") + 1]) if "--limit" in arguments else None
    return plan.steps(source.read_source(folder, limit=limit).orders)


async def _wait_for_runs(place: Place, process: asyncio.subprocess.Process, moment: int) -> None:
    """Wait until so many journeys of the replay have begun; a replay that is over sooner is fine."""
    sql = "SELECT count(*) FROM kit.runs WHERE scope = 'olist' AND key NOT LIKE 'import:%'"
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline and process.returncode is None:
        try:
            if int(await place.value(sql)) >= moment:
                return
        except asyncpg.UndefinedTableError:
            pass
        await asyncio.sleep(0.05)


@pytest.mark.timeout(600)
async def test_three_kills_change_nothing(places: Callable[[str], Place], tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "source", copies=2)
    unbroken, broken = places("unbroken"), places("broken")
    whole = unbroken.run(folder)
    assert whole.returncode == 0, whole.stdout[-3000:] + whole.stderr[-3000:]
    await _killed_three_times(broken, folder, seed=time.time_ns() % 10_000)
    assert table(broken.result()) == table(unbroken.result())


@needs_real
@pytest.mark.slow
@pytest.mark.timeout(1500)
async def test_three_kills_change_nothing_of_the_real_history(places: Callable[[str], Place]) -> None:
    unbroken, broken = places("unbroken"), places("broken")
    whole = unbroken.run(REAL, "--limit", "150")
    assert whole.returncode == 0, whole.stdout[-3000:] + whole.stderr[-3000:]
    await _killed_three_times(broken, REAL, "--limit", "150", seed=time.time_ns() % 10_000)
    assert table(broken.result()) == table(unbroken.result())
    assert broken.result()["clean"]
