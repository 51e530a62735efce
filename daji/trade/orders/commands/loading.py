"""What several verbs begin or end with: the row locked, the fact loaded, the refusal explained."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn
from uuid import UUID

from daji.kit.db import Row, Tx
from daji.kit.states import IllegalTransition
from daji.trade.orders import rules
from daji.trade.orders.facts import Order, OrderUnknown, Trade, TradeUnknown
from daji.trade.orders.store import axes, read


async def the_trade(tx: Tx, trade_id: UUID) -> Trade:
    """The trade as it is after what this transaction did. Raises TradeUnknown."""
    found = await read.trades(tx, trade_ids=(trade_id,), owner=None)
    if not found:
        raise TradeUnknown
    return found[0]


async def the_order(tx: Tx, order_id: UUID) -> Order:
    """The order as it is after what this transaction did. Raises OrderUnknown."""
    found = await read.orders(tx, order_ids=(order_id,), owner=None)
    if not found:
        raise OrderUnknown
    return found[0]


async def lock_family_of(tx: Tx, order_id: UUID) -> Row:
    """Lock the order's trade, which locks all its orders and units. Raises OrderUnknown."""
    trade = await axes.lock_trade_of_order(tx, order_id)
    if trade is None:
        raise OrderUnknown
    return trade


async def refuse_trade(tx: Tx, *, trade_id: UUID, verb: str) -> NoReturn:
    """Say why a claim on a trade got no row. Raises IllegalTransition, TradeUnknown."""
    trade = await axes.lock_trade(tx, trade_id)
    if trade is None:
        raise TradeUnknown
    raise IllegalTransition(status=trade["status"], verb=verb)


async def follow_orders(tx: Tx, trade_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Complete or cancel each trade whose orders say so; the verb that was taken, by trade."""
    verbs: dict[str, list[UUID]] = {}
    for trade_id, rows in (await axes.order_states(tx, trade_ids)).items():
        if verb := rules.trade_verb(row["status"] for row in rows):
            verbs.setdefault(verb, []).append(trade_id)
    taken: dict[UUID, str] = {}
    for verb, chosen in verbs.items():
        taken |= dict.fromkeys(await axes.move_trades(tx, trade_ids=chosen, verb=verb), verb)
    return taken
