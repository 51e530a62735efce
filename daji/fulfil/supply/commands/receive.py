"""Goods of a notice stand at the gate."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from daji.fulfil.inventory import api as inventory
from daji.fulfil.supply import rules, store
from daji.fulfil.supply.commands._claimed import locked
from daji.fulfil.supply.facts import Notice
from daji.fulfil.supply.queries import get_notice
from daji.kit.db import Tx


async def receive(
    tx: Tx, *, notice_id: UUID, came: Sequence[tuple[UUID, int]], by: str, now: datetime
) -> Notice:
    """Count pieces by SKU against a notice and put them on hand at its site, in one transaction.

    Raises Invalid, NotFound, NoticeEnded, and inventory.UnknownSite.
    """
    rules.check_lines(came)
    status = await locked(tx, notice_id=notice_id, verb="receive")
    before = await get_notice(tx, notice_id=notice_id)
    lines = rules.after_receipt(before.lines, came)
    await store.write_lines(tx, notice_id=notice_id, lines=lines)
    verb = "complete" if rules.is_complete(lines) else "receive"
    await store.move(tx, notice_id=notice_id, status=status, verb=verb, now=now)
    await inventory.receive(
        tx,
        site_id=before.site_id,
        lines=[inventory.StockLine(sku_id=sku_id, qty=qty) for sku_id, qty in came],
        ref=before.number,
        by=by,
        now=now,
    )
    return await get_notice(tx, notice_id=notice_id)
