"""What somebody whom an alarm woke types first."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from daji.faces import cli
from daji.faces.cli import vitals
from daji.kit.db import Database
from tests.faces.real_app import RealShop


async def park(db: Database) -> None:
    async with db.transaction() as tx:
        await tx.execute(
            "INSERT INTO pgqueuer (priority, entrypoint, payload, status, execute_after, updated, created)"
            " VALUES (0, 'outbox.deliver', $1, 'failed', now(), now(), now())",
            json.dumps({"event_id": str(uuid4()), "listener": "cart.deselect_gone"}).encode(),
        )
        await tx.execute(
            "INSERT INTO kit.timers (id, kind, subject, due_at, attempts, last_error, leased_until)"
            " VALUES ($1, 'orders.complete', $2, now(), 3, 'boom', now() + interval '1 hour')",
            uuid4(),
            uuid4(),
        )


async def test_signs_beyond_their_limit_are_named_with_what_stands_still(shop: RealShop) -> None:
    well = await vitals.look(shop.house)
    # In a test nobody works.
    assert well.beyond == ("workers_alive",)
    assert well.parked == well.stuck == well.failing == ()
    await park(shop.house.db)
    ill = await vitals.look(shop.house)
    assert set(ill.beyond) == {"parked", "workers_alive"}
    assert "cart.deselect_gone" in ill.parked[0]
    assert "boom" in ill.failing[0]


@pytest.mark.parametrize(
    ("words", "told", "left"),
    [
        (["mend"], "1 events, 0 journeys, 1 timers", (0, 0)),
        (["mend", "events"], "1 events", (0, 1)),
        (["mend", "timers"], "1 timers", (1, 0)),
    ],
)
async def test_mending_sets_it_going_again(
    shop: RealShop, monkeypatch: pytest.MonkeyPatch, words: list[str], told: str, left: tuple[int, int]
) -> None:
    await park(shop.house.db)
    said: list[str] = []
    monkeypatch.setattr(vitals.console, "print", lambda text, **_: said.append(str(text)))
    await run_mend(shop, monkeypatch, words)
    assert said[-1].startswith(told)
    async with shop.house.db.read() as session:
        parked = await session.value("SELECT count(*) FROM pgqueuer WHERE status = 'failed'")
        failing = await session.value("SELECT count(*) FROM kit.timers WHERE attempts > 0")
    assert (parked, failing) == left


async def run_mend(shop: RealShop, monkeypatch: pytest.MonkeyPatch, words: list[str]) -> None:
    """The command's own work, on the open house of this test."""
    waiting = []
    monkeypatch.setattr(vitals, "with_house", lambda work: waiting.append(work) or {})
    vitals.mend(vitals.Kind(words[1]) if len(words) > 1 else vitals.Kind.ALL)
    done = await waiting[0](shop.house)
    monkeypatch.setattr(vitals, "with_house", lambda _work: done)
    vitals.mend(vitals.Kind.ALL)


def test_the_commands_are_there(tmp_path: Path) -> None:
    for word in ("vitals", "mend"):
        assert CliRunner().invoke(cli.app, [word, "--help"]).exit_code == 0
