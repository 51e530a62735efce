"""Confirm a trade whose money is there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from daji.kit.db import Row, Tx
from daji.trade.orders.commands.loading import refuse_trade
from daji.trade.orders.events import OrderConfirmed
from daji.trade.orders.facts import Confirmed, ConfirmedLine, ConfirmedOrder
from daji.trade.orders.states import PAY_TIMER
from daji.trade.orders.store import payment, write


async def confirm(tx: Tx, *, trade_id: UUID, by: str, now: datetime, late: bool = False) -> Confirmed:
    """Claim placed → confirmed, `late` expired → confirmed; its orders are confirmed and released to work.

    One statement.

    Raises
    ------
    IllegalTransition
        The trade is not in that status: somebody else was here first. Parameters `status` and `verb`.
    TradeUnknown
        No such trade.
    """
    verb = "pay_late" if late else "confirm"
    code = "confirmed_late" if late else "confirmed"
    paid = payment.Paid(
        trade_id=trade_id,
        captured=0,
        refunded=0,
        entries=(write.Happened(code=code, params={}),),
        by=by,
        at=now,
    )
    rows = (await payment.confirm(tx, paid=[paid], verb=verb)).get(trade_id)
    if not rows:
        await refuse_trade(tx, trade_id=trade_id, verb=verb)
    return announce(tx, trade_id, rows, late=late, now=now)


def announce(tx: Tx, trade_id: UUID, rows: Sequence[Row], *, late: bool, now: datetime) -> Confirmed:
    """Tell that the trade was confirmed, and what is to be sent."""
    tx.clear_timer(PAY_TIMER, trade_id)
    made: dict[UUID, ConfirmedOrder] = {}
    for row in rows:
        order_id: UUID | None = row["order_id"]
        if order_id is None:
            continue
        line = ConfirmedLine(id=row["id"], sku_id=row["sku_id"], qty=row["qty"])
        before = made[order_id].lines if order_id in made else ()
        made[order_id] = ConfirmedOrder(
            id=order_id, number=row["number"], site_id=row["site_id"], lines=(*before, line)
        )
    tx.emit(
        OrderConfirmed(trade_id=trade_id, order_ids=tuple(made), late=late, confirmed_at=now),
        subject=trade_id,
        at=now,
    )
    return Confirmed(trade_id=trade_id, orders=tuple(made.values()))
