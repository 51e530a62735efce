"""A buyer's purchases by what they wait for, and how many wait for each."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, get_args
from uuid import UUID

import msgspec

from daji.kit.db import Session
from daji.kit.paging import Cursor, Page
from daji.kit.paging import limit as page_size
from daji.trade.cart.api import Owner
from daji.trade.orders import api as orders
from daji.views.store_orders import TradeList, pictures_of

Tab = Literal["all", "pay", "ship", "receive", "review", "returns"]
TABS: tuple[Tab, ...] = get_args(Tab)

# What a purchase waits for is derived from its axes; one purchase of two parcels may stand under two tabs.
SQL_TABS = """
SELECT count(*) AS "all",
       count(*) FILTER (WHERE t.status = 'placed') AS pay,
       count(*) FILTER (WHERE w.ship) AS ship,
       count(*) FILTER (WHERE w.receive) AS receive,
       count(*) FILTER (WHERE w.review) AS review,
       count(*) FILTER (WHERE w.returns) AS returns
  FROM orders.trade t
 CROSS JOIN LATERAL (
       SELECT bool_or(o.status = 'confirmed' AND o.delivery IN ('released', 'picking', 'packed')) AS ship,
              bool_or(o.status = 'confirmed' AND o.delivery = 'shipped') AS receive,
              bool_or(o.delivery = 'delivered' AND EXISTS (
                      SELECT FROM orders.line l LEFT JOIN reviews.review r ON r.line_id = l.id
                       WHERE l.order_id = o.id AND r.id IS NULL)) AS review,
              bool_or(o.aftersales = 'open') AS returns
         FROM orders."order" o WHERE o.trade_id = t.id) w
 WHERE t.shopper_id = $1 OR t.guest_token = $2
"""
SQL_TAB = """
SELECT t.id, t.placed_at
  FROM (SELECT id, placed_at, status FROM orders.trade WHERE shopper_id = $1
        UNION ALL
        SELECT id, placed_at, status FROM orders.trade WHERE guest_token = $2) t
 WHERE CASE $3::text
       WHEN 'pay' THEN t.status = 'placed'
       WHEN 'ship' THEN EXISTS (SELECT FROM orders."order" o WHERE o.trade_id = t.id AND o.status = 'confirmed'
                                   AND o.delivery IN ('released', 'picking', 'packed'))
       WHEN 'receive' THEN EXISTS (SELECT FROM orders."order" o WHERE o.trade_id = t.id AND o.status = 'confirmed'
                                      AND o.delivery = 'shipped')
       WHEN 'review' THEN EXISTS (SELECT FROM orders."order" o JOIN orders.line l ON l.order_id = o.id
                                    LEFT JOIN reviews.review r ON r.line_id = l.id
                                   WHERE o.trade_id = t.id AND o.delivery = 'delivered' AND r.id IS NULL)
       WHEN 'returns' THEN EXISTS (SELECT FROM aftersales.cases c WHERE c.trade_id = t.id)
       ELSE true END
   AND ($4::timestamptz IS NULL OR (t.placed_at, t.id) < ($4, $5::uuid))
 ORDER BY t.placed_at DESC, t.id DESC LIMIT $6
"""


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """How many purchases stand under each tab; `returns` counts those with a return under way."""

    all: int = 0
    pay: int = 0
    ship: int = 0
    receive: int = 0
    review: int = 0
    returns: int = 0

    def of(self, tab: Tab) -> int:
        count: int = getattr(self, tab)
        return count


class TabPage(msgspec.Struct, frozen=True, kw_only=True):
    tab: Tab
    waiting: Waiting
    found: TradeList


async def count_waiting(session: Session, *, owner: Owner) -> Waiting:
    """One statement."""
    row = await session.row(SQL_TABS, owner.shopper_id, owner.guest_token)
    return Waiting() if row is None else Waiting(**dict(row))


async def list_tab(
    session: Session, *, owner: Owner, tab: Tab, cursor: str | None = None, limit: int | None = None
) -> TabPage:
    """The owner's purchases under one tab, the last first, with the counts of all."""
    size = page_size(limit)
    at, last = Cursor.decode(cursor, (datetime, UUID)) if cursor else (None, None)
    rows = await session.rows(SQL_TAB, owner.shopper_id, owner.guest_token, tab, at, last, size + 1)
    shown = rows[:size]
    trades = await orders.find_trades(session, trade_ids=[row["id"] for row in shown], owner=owner)
    more = len(rows) > size
    return TabPage(
        tab=tab,
        waiting=await count_waiting(session, owner=owner),
        found=TradeList(
            trades=Page(
                items=trades,
                next_cursor=Cursor.encode((shown[-1]["placed_at"], shown[-1]["id"])) if more else None,
            ),
            pictures=await pictures_of(session, trades),
        ),
    )
