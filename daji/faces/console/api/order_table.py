"""Orders as a table to take along: what is ticked, or all that the filters leave."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from functools import partial

from litestar import get
from litestar.params import FromQuery
from litestar.response import Stream

from daji.boot import House
from daji.faces.console import tables
from daji.faces.console.api.inputs import Trades, ticked
from daji.faces.console.asking import HouseGiven, Lang, Now, P, can
from daji.kit import i18n, money
from daji.views import console_orders

TAG = ["Orders"]
_PAGE = 100
_COLUMNS = (
    "number",
    "placed_at",
    "channel",
    "status",
    "payment",
    "delivery",
    "buyer",
    "pieces",
    "due",
    "currency",
)


@get(
    "/orders/export.csv",
    opt=can(P.ORDERS_READ),
    summary="Orders as a table",
    operation_id="console_export_orders",
    tags=TAG,
)
async def export(
    house: HouseGiven,
    lang: Lang,
    now: Now,
    *,
    trade: FromQuery[Trades | None] = None,
    status: FromQuery[str | None] = None,
    payment: FromQuery[str | None] = None,
    delivery: FromQuery[str | None] = None,
    channel: FromQuery[str | None] = None,
    placed_from: FromQuery[datetime | None] = None,
    placed_to: FromQuery[datetime | None] = None,
    text: FromQuery[str | None] = None,
    late: FromQuery[bool] = False,
) -> Stream:
    """Give the orders ticked (`trade`), or those that the list's filters leave, the last placed first."""
    narrow = console_orders.Narrow(
        status=status,
        payment=payment,
        delivery=delivery,
        channel=channel,
        placed_from=placed_from,
        placed_to=placed_to,
        text=text,
        late=late,
        trade_ids=None if trade is None else ticked(trade),
    )
    return tables.download(_lines(house, narrow, lang, now), f"orders-{now:%Y-%m-%d-%H%M}")


async def _lines(house: House, narrow: console_orders.Narrow, lang: str, now: datetime) -> AsyncIterator[str]:
    """Read a page at a time, so that neither memory nor a connection is held for a long list."""
    say = partial(house.catalogue.text, lang)
    yield tables.BOM + tables.written([[say(f"backoffice.orders_table.{name}") for name in _COLUMNS]])
    cursor: str | None = None
    while True:
        async with house.db.read() as session:
            page = await console_orders.list_orders(
                session, narrow=narrow, at=now, cursor=cursor, limit=_PAGE
            )
        yield tables.written(
            [
                row.number,
                i18n.format_datetime(lang, row.placed_at),
                row.channel,
                say(f"orders.trade_status.{row.status}"),
                say(f"orders.payment.{row.payment}"),
                " ".join(say(f"orders.delivery.{one}") for one in dict.fromkeys(row.deliveries)),
                row.contact_name,
                str(row.pieces),
                str(money.Money(row.due, row.currency).to_decimal()),
                row.currency,
            ]
            for row in page.items
        )
        cursor = page.next_cursor
        if cursor is None:
            return


ROUTES = [export]
