"""Staff run a flash sale: schedule it with its quota held, take it back, stop it; the clock opens and closes it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from daji.flows.context import Context
from daji.flows.flash_stock import NO_LIMIT
from daji.fulfil.inventory import api as inventory
from daji.grow.flash import api as flash
from daji.kit import ids
from daji.kit.db import Tx
from daji.kit.problems import FieldProblem, Invalid
from daji.kit.states import IllegalTransition
from daji.shop.catalog import api as catalog
from daji.shop.pricing import api as pricing


async def plan_flash_sale(tx: Tx, *, plan: flash.Plan, by: str, now: datetime) -> flash.Sale:
    """Keep a new draft. Raises Invalid, and pricing's for a channel that there is not."""
    return await flash.create_sale(tx, plan=await _checked(tx, plan), by=by, now=now)


async def change_flash_sale(
    tx: Tx, *, sale_id: UUID, version: int, plan: flash.Plan, now: datetime
) -> flash.Sale:
    """Write a draft anew. Raises Invalid, flash.SaleUnknown, IllegalTransition, Stale."""
    await flash.get_sale(tx, sale_id=sale_id)
    return await flash.change_sale(
        tx, sale_id=sale_id, version=version, plan=await _checked(tx, plan), now=now
    )


async def _checked(tx: Tx, plan: flash.Plan) -> flash.Plan:
    """The plan in its channel's currency, of SKUs that can be sold."""
    channel = await pricing.get_channel(tx, code=plan.channel)
    known = await catalog.skus_for_sale(tx, sku_ids=[line.sku_id for line in plan.lines])
    sellable = {sku.id for sku in known if sku.sellable}
    wrong = [
        FieldProblem(pointer=f"/lines/{n}/sku_id", code="unknown_value")
        for n, line in enumerate(plan.lines)
        if line.sku_id not in sellable
    ]
    if channel.currency != plan.currency:
        wrong.append(FieldProblem(pointer="/currency", code="unknown_value"))
    if wrong:
        raise Invalid(fields=wrong)
    return plan


async def schedule_flash_sale(tx: Tx, *, sale_id: UUID, now: datetime) -> flash.Sale:
    """Schedule a draft and hold its whole quota, where most of it lies together.

    Raises
    ------
    flash.SaleUnknown, IllegalTransition, Invalid
    inventory.StockShort
        With every SKU of which there is too little; nothing is changed.
    """
    sale = await flash.schedule(tx, sale_id=sale_id, now=now)
    stock = await inventory.availability(tx, sku_ids=[line.sku_id for line in sale.lines])
    await inventory.hold(
        tx,
        holder=sale.id,
        lines=_spread(sale, stock),
        buyer_keys=(),
        expires_at=sale.closes_at,
        policy=NO_LIMIT,
        now=now,
    )
    return sale


def _spread(sale: flash.Sale, stock: Sequence[inventory.Availability]) -> list[inventory.HoldLine]:
    """From few places: for each SKU the fullest one first."""
    lines: list[inventory.HoldLine] = []
    short: list[dict[str, object]] = []
    for line in sale.lines:
        missing = line.quota
        places = sorted(
            (row for row in stock if row.sku_id == line.sku_id and row.available > 0),
            key=lambda row: (-row.available, row.site_id),
        )
        for place in places:
            qty = min(missing, place.available)
            if qty:
                lines.append(inventory.HoldLine(sku_id=line.sku_id, site_id=place.site_id, qty=qty))
            missing -= qty
        if missing:
            sku = ids.show("sku", line.sku_id)
            short.append({"sku": sku, "wanted": line.quota, "available": line.quota - missing})
    if short:
        raise inventory.StockShort(lines=short)
    return lines


async def withdraw_flash_sale(tx: Tx, *, sale_id: UUID, by: str, now: datetime) -> flash.Sale:
    """Take a scheduled sale back to a draft and free its goods. Raises flash.SaleUnknown, IllegalTransition, Invalid."""
    sale = await flash.withdraw(tx, sale_id=sale_id, now=now)
    await inventory.release(tx, holder=sale_id, reason="flash", by=by, now=now)
    return sale


async def stop_flash_sale(tx: Tx, *, sale_id: UUID, by: str, now: datetime) -> flash.Sale:
    """End a sale and free what nobody took; orders that stand, stand. Raises flash.SaleUnknown, IllegalTransition."""
    sale = await flash.close(tx, sale_id=sale_id, now=now)
    await inventory.release(tx, holder=sale_id, reason="flash", by=by, now=now)
    return sale


async def open_on_time(ctx: Context, *, sale_id: UUID, now: datetime) -> None:
    """The timer of the opening: say that it is open. Orders do not wait for this."""
    await ctx.db.run(lambda tx: flash.advance(tx, sale_id=sale_id, now=now))


async def close_on_time(ctx: Context, *, sale_id: UUID, now: datetime) -> None:
    """The timer of the end; a sale that was stopped before stays as it is."""

    async def work(tx: Tx) -> None:
        await stop_flash_sale(tx, sale_id=sale_id, by="system", now=now)

    try:
        await ctx.db.run(work)
    except IllegalTransition:
        return
