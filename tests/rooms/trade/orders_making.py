"""Quotes and trades for the tests of cart and orders, made through the rooms' own doors."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from daji.kit import ids
from daji.kit.db import Database, Tx
from daji.kit.places import Address
from daji.trade.cart import api as cart
from daji.trade.orders import api as orders

T = TypeVar("T")

ADDRESS = Address(
    name="张三",
    phone="+8613800000000",
    country="CN",
    region="广东",
    city="深圳",
    district="南山",
    line="科技园 1 号",
    postcode="518000",
    lat=22.54,
    lon=114.05,
)
CONTACT = cart.Contact(name="张三", phone="+8613800000000", email="Zhang.San@example.com")


def shopper() -> cart.Owner:
    return cart.Owner(shopper_id=ids.new_id())


def line(qty: int = 1, price: int = 1000, **more: Any) -> cart.QuoteLine:
    fields: dict[str, Any] = {
        "sku_id": ids.new_id(),
        "code": "SKU-1",
        "product_id": ids.new_id(),
        "titles": {"zh": "杯子", "en": "Cup"},
        "option_texts": {"zh": "红", "en": "red"},
        "seller_id": None,
        "weight_g": 100,
        "price_id": ids.new_id(),
    }
    return cart.QuoteLine(**{**fields, **more}, qty=qty, unit_price=price, amount=qty * price)


def parcel(
    items: Sequence[tuple[cart.QuoteLine, int]], now: datetime, freight: int = 0, **more: Any
) -> cart.QuoteParcel:
    fields: dict[str, Any] = {
        "site_id": ids.new_id(),
        "unit_freights": None,
        "weight_g": sum(each.weight_g * qty for each, qty in items),
        "promised_by": now + timedelta(days=3),
        "seller_id": items[0][0].seller_id,
    }
    return cart.QuoteParcel(
        **{**fields, **more}, items=tuple((each.sku_id, qty) for each, qty in items), freight=freight
    )


def quote(
    now: datetime,
    *parcels: cart.QuoteParcel,
    lines: Sequence[cart.QuoteLine],
    discount: int = 0,
    tax: int = 0,
    **more: Any,
) -> cart.Quote:
    goods = sum(each.amount for each in lines)
    freight = sum(each.freight for each in parcels)
    fields: dict[str, Any] = {
        "id": ids.new_id(),
        "owner": shopper(),
        "channel": "main",
        "currency": "CNY",
        "lang": "zh",
        "address": ADDRESS,
        "contact": CONTACT,
        "goods": goods,
        "freight": freight,
        "total": goods - discount + freight + tax,
        "made_at": now,
        "expires_at": now + timedelta(minutes=15),
        "from_cart": True,
    }
    return cart.Quote(
        **{**fields, **more}, lines=tuple(lines), parcels=tuple(parcels), discount=discount, tax=tax
    )


def plain_quote(now: datetime, *, children: int = 1, qty: int = 2, **more: Any) -> cart.Quote:
    """One line of `qty` units and a freight of 500 for each of so many sites."""
    lines = [line(qty, 1000, code=f"SKU-{n}") for n in range(children)]
    return quote(now, *(parcel([(each, qty)], now, 500) for each in lines), lines=lines, **more)


async def act(db: Database, command: Callable[..., Awaitable[T]], /, **arguments: Any) -> T:
    """Run one command in a transaction of its own, again when it deadlocks."""

    async def work(tx: Tx) -> T:
        return await command(tx, **arguments)

    return await db.run(work)


async def placed(db: Database, now: datetime, offer: cart.Quote | None = None, **more: Any) -> orders.Trade:
    """Place an offer, a plain one by default; `more` goes to `plain_quote`."""
    return await act(
        db,
        orders.place,
        trade_id=ids.new_id(),
        quote=offer or plain_quote(now, **more),
        buyer_keys=("shopper:1",),
        pay_by=now + timedelta(minutes=30),
        by="shopper:1",
        now=now,
    )


async def confirmed(
    db: Database, now: datetime, offer: cart.Quote | None = None, **more: Any
) -> orders.Trade:
    trade = await placed(db, now, offer, **more)
    await act(db, orders.set_payment, trade_id=trade.id, captured=trade.due, refunded=0, now=now)
    await act(db, orders.confirm, trade_id=trade.id, by="system", now=now)
    async with db.read() as session:
        return await orders.get_trade(session, trade_id=trade.id, owner=None)


async def moved(db: Database, now: datetime, order_id: UUID, *verbs: str) -> orders.Order:
    for verb in verbs:
        step = await act(db, orders.move_delivery, order_id=order_id, verb=verb, by="staff:1", now=now)
    async with db.read() as session:
        order = await orders.get_order(session, order_id=order_id, owner=None)
    assert (order.number, order.trade_id, order.delivery) == (step.number, step.trade_id, step.delivery)
    return order


TO_THE_DOOR = ("start_work", "pack", "ship", "deliver")


async def trade_of(db: Database, trade_id: UUID) -> orders.Trade:
    async with db.read() as session:
        return await orders.get_trade(session, trade_id=trade_id, owner=None)


async def codes(db: Database, trade_id: UUID) -> list[str]:
    async with db.read() as session:
        entries = await orders.timeline(session, trade_id=trade_id, public_only=True)
    return [entry.code for entry in entries]


async def topics(db: Database, trade_id: UUID) -> list[str]:
    async with db.read() as session:
        rows = await session.rows("SELECT topic FROM kit.outbox WHERE subject = $1 ORDER BY seq", trade_id)
    return [row["topic"] for row in rows]


async def timers(db: Database) -> dict[tuple[str, UUID], datetime]:
    async with db.read() as session:
        rows = await session.rows("SELECT kind, subject, due_at FROM kit.timers")
    return {(row["kind"], row["subject"]): row["due_at"] for row in rows}


def units_of(trade: orders.Trade) -> list[orders.Unit]:
    return [unit for order in trade.orders for each in order.lines for unit in each.units]


def same(left: object, right: object) -> bool:
    return msgspec.to_builtins(left) == msgspec.to_builtins(right)
