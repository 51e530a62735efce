"""Every invariant of `daji audit` has a proof that it bites: what it forbids is done behind the rooms' backs, and found."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from daji.flows import examine_house
from daji.kit.db import Database
from tests.makers.world import World, guest

HARM: dict[str, tuple[str, ...]] = {
    "oversold": (
        "ALTER TABLE inventory.balance DROP CONSTRAINT ck_balance_held",
        "UPDATE inventory.balance SET held = on_hand + 2",
    ),
    "stock": ("UPDATE inventory.balance SET on_hand = on_hand + 1",),
    "holds": ("UPDATE orders.line SET qty = qty + 1",),
    "flash_sales": (
        """
INSERT INTO flash.sale (id, titles, channel, currency, status, opens_at, closes_at, per_buyer, audience,
                        pass_minutes, pay_minutes, admit_percent, version, made_by, created_at, updated_at)
VALUES (gen_random_uuid(), '{}', 'web', 'CNY', 'closed', now(), now() + interval '1 h', 1, 'anyone', 1, 1, 100, 1, 'x',
        now(), now())
""",
        """
INSERT INTO flash.line (id, sale_id, sku_id, price, quota, taken)
SELECT gen_random_uuid(), id, gen_random_uuid(), 1, 5, 1 FROM flash.sale
""",
    ),
    "orders": ("DELETE FROM kit.runs WHERE flow IN ('place_order', 'check_out')",),
    "doubled": (
        "DROP INDEX orders.uq_trade_quote",
        "UPDATE orders.trade SET quote_id = gen_random_uuid()",
        "UPDATE orders.trade SET quote_id = (SELECT quote_id FROM orders.trade LIMIT 1)",
    ),
    "order_sums": ("UPDATE orders.trade SET goods = goods + 1, total = total + 1",),
    "confirmed": ("UPDATE orders.trade SET status = 'placed' WHERE captured > 0",),
    "parcels": ("UPDATE delivery.shipment SET handed_over_at = NULL",),
    "dues": ("UPDATE payments.payable SET due = due + 1",),
    "books": (
        "ALTER TABLE payments.entry DISABLE TRIGGER USER",
        "DELETE FROM payments.entry WHERE kind = 'capture'",
    ),
    "money": (
        "ALTER TABLE payments.entry DISABLE TRIGGER USER",
        "DELETE FROM payments.entry WHERE account LIKE 'buyers:%'",
    ),
    "parked_events": (
        """
INSERT INTO pgqueuer (priority, entrypoint, status, heartbeat, execute_after, created, updated)
VALUES (0, 'outbox.deliver', 'failed', now(), now(), now(), now())
""",
    ),
    "timers": ("UPDATE kit.timers SET attempts = 3, last_error = 'it fails'",),
    "journeys": (
        """
UPDATE kit.runs SET status = 'running', result = NULL, leased_until = clock_timestamp() - interval '6 min'
 WHERE flow = 'start_payment'
""",
    ),
}


@pytest.fixture
async def world(db: Database, tmp_path: Path) -> AsyncIterator[World]:
    made = World(db, tmp_path)
    await made.open_shop()
    yield made
    await made.check()
    await made.close()


class _Undone(Exception):
    """Takes the harm back."""


async def found_after(world: World, *statements: str) -> dict[str, examine_house.Finding]:
    """What an examination finds when these were done, which they are not afterwards."""
    found: dict[str, examine_house.Finding] = {}
    with suppress(_Undone):
        async with world.db.transaction() as tx:
            for statement in statements:
                await tx.execute(statement)
            found = {one.code: one for one in await examine_house.findings(tx)}
            raise _Undone
    return found


async def test_what_is_done_behind_the_rooms_backs_is_found(world: World) -> None:
    tea = await world.sku(stock=9)
    await world.place({tea: 1})
    await world.paid_order({tea: 1})
    buyer = guest()
    await world.check_out(await world.quote({tea: 1}, owner=buyer), owner=buyer, key="one tap")
    sent = await world.paid_order({tea: 2})
    await world.ship(sent.orders[0].id)
    # Somebody changed the audit log: how that is found, its own room proves.
    assert HARM.keys() | {"audit_log"} == examine_house.INVARIANTS.keys()
    for code, statements in HARM.items():
        found = await found_after(world, *statements)
        assert found[code].broken, code
        assert found[code].wrong, code


async def test_a_difference_is_told_row_by_row_from_either_side(world: World) -> None:
    tea = await world.sku(stock=9)
    placed = await world.place({tea: 2})
    dues = (await found_after(world, "UPDATE payments.payable SET due = due + 1"))["dues"]
    assert dues.broken == 2
    assert [line.partition(":")[0] for line in dues.wrong] == ["as the order says", "as payments say"]
    assert all(str(placed.trade_id) in line for line in dues.wrong)


async def test_an_empty_house_holds_all_of_them(db: Database) -> None:
    found = await examine_house.examine(db)
    assert [one.code for one in found] == list(examine_house.INVARIANTS)
    assert not any(one.broken or one.wrong for one in found)
