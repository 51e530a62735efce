"""Channels, price lists and prices."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from litestar import Response, get, post, put
from litestar.params import FromPath, FromQuery, JSONBody

from daji.faces.console.api.docs import answers
from daji.faces.console.api.inputs import SkuId
from daji.faces.console.asking import Acting, HouseGiven, Now, Once, P, can
from daji.faces.console.audited import Deed, write, write_once
from daji.faces.console.wire import answer
from daji.kit import ids
from daji.kit.db import Tx
from daji.kit.paging import Page
from daji.shop.pricing import api as pricing
from daji.views import console_prices

TAG = ["Prices"]
Shown = Literal["all", "priced", "unpriced", "planned"]
When = Annotated[datetime, msgspec.Meta(tz=True)]


class ListIn(msgspec.Struct, frozen=True, kw_only=True):
    """A price list; of two that price a SKU in a channel the one of higher `priority` counts."""

    channel: str
    currency: str
    priority: Annotated[int, msgspec.Meta(ge=-32768, le=32767)] = 0


class PriceIn(msgspec.Struct, frozen=True, kw_only=True):
    """Minor units of the list's currency."""

    sku_id: SkuId
    amount: int
    compare_at: int | None = None


class PricesIn(msgspec.Struct, frozen=True, kw_only=True):
    """Prices for a half-open period; without `valid_from` they hold from now, without `valid_to` until further notice."""

    prices: tuple[PriceIn, ...]
    valid_from: When | None = None
    valid_to: When | None = None


class PricesSet(msgspec.Struct, frozen=True, kw_only=True):
    """`changed` is the number of SKUs whose price changed."""

    changed: int


@get(
    "/channels",
    opt=can(P.CATALOG_READ),
    summary="List channels",
    operation_id="console_list_channels",
    responses=answers(tuple[pricing.Channel, ...], "Places of sale."),
    tags=TAG,
)
async def list_channels(house: HouseGiven) -> Response[bytes]:
    """List channels."""
    async with house.db.read() as session:
        return answer(await pricing.list_channels(session))


@get(
    "/price-lists",
    opt=can(P.CATALOG_READ),
    summary="List price lists",
    operation_id="console_list_price_lists",
    responses=answers(tuple[pricing.PriceList, ...], "By channel, the strongest first."),
    tags=TAG,
)
async def list_lists(house: HouseGiven, channel: FromQuery[str | None] = None) -> Response[bytes]:
    """List price lists."""
    async with house.db.read() as session:
        return answer(await pricing.list_lists(session, channel=channel))


@put(
    "/price-lists/{code:str}",
    opt=can(P.PRICING_WRITE),
    summary="Open a price list, or change its priority",
    operation_id="console_save_price_list",
    responses=answers(pricing.PriceList, "The list as it is.", 404, 409, 422),
    tags=TAG,
)
async def save_list(
    code: FromPath[str], data: JSONBody[ListIn], actor: Acting, house: HouseGiven, now: Now
) -> Response[bytes]:
    """Write the list as given; a list keeps its channel and currency."""
    saved = await write(
        house,
        actor,
        Deed(action="pricing.save_list", kind="price_list", subject=code),
        lambda tx: pricing.save_list(
            tx, code=code, channel=data.channel, currency=data.currency, priority=data.priority, now=now
        ),
        now=now,
    )
    return answer(saved)


@post(
    "/price-lists/{price_list:str}/prices",
    opt=can(P.PRICING_WRITE, once=True),
    status_code=200,
    summary="Set prices",
    operation_id="console_set_prices",
    responses=answers(PricesSet, "How many SKUs cost something else now.", 400, 404, 409, 422),
    tags=TAG,
)
async def set_prices(
    price_list: FromPath[str],
    data: JSONBody[PricesIn],
    actor: Acting,
    once: Once,
    house: HouseGiven,
    now: Now,
) -> Response[bytes]:
    """Let these prices hold from a moment on; what was in force before stays in the history."""
    list_id = ids.read("prl", price_list)
    prices = tuple(
        pricing.NewPrice(sku_id=ids.read("sku", one.sku_id), amount=one.amount, compare_at=one.compare_at)
        for one in data.prices
    )

    async def work(tx: Tx) -> PricesSet:
        changed = await pricing.set_prices(
            tx,
            list_id=list_id,
            prices=prices,
            valid_from=data.valid_from or now,
            valid_to=data.valid_to,
            by=actor.by,
            now=now,
        )
        return PricesSet(changed=changed)

    deed = Deed(action="pricing.set_prices", kind="price_list", subject=price_list, given=data)
    return answer(await write_once(house, actor, once, deed, work, gives=PricesSet, now=now))


@get(
    "/skus/{sku:str}/prices",
    opt=can(P.CATALOG_READ),
    summary="All prices a SKU ever had",
    operation_id="console_list_prices",
    responses=answers(Page[pricing.PriceRecord], "The last made first, withdrawn ones included.", 404, 422),
    tags=TAG,
)
async def list_prices(
    sku: FromPath[str],
    house: HouseGiven,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int | None] = None,
) -> Response[bytes]:
    """Show the price history of a SKU over all lists."""
    async with house.db.read() as session:
        found = await pricing.list_prices(session, sku_id=ids.read("sku", sku), cursor=cursor, limit=limit)
    return answer(found)


@get(
    "/price-lists/{price_list:str}/prices",
    opt=can(P.CATALOG_READ),
    summary="A price list as a table",
    operation_id="console_price_table",
    responses=answers(
        Page[console_prices.PriceRow], "Every active SKU: what it costs now, and next.", 404, 422
    ),
    tags=TAG,
)
async def price_table(
    price_list: FromPath[str],
    house: HouseGiven,
    now: Now,
    text: FromQuery[str | None] = None,
    category: FromQuery[str | None] = None,
    show: FromQuery[Shown] = "all",
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int | None] = None,
) -> Response[bytes]:
    """List SKUs by product; `show` narrows to those priced, unpriced, or with a price planned."""
    async with house.db.read() as session:
        found = await console_prices.list_prices(
            session,
            list_id=ids.read("prl", price_list),
            at=now,
            text=text,
            category_id=None if category is None else ids.read("cat", category),
            show=show,
            cursor=cursor,
            limit=limit,
        )
    return answer(found)


ROUTES = [list_channels, list_lists, save_list, set_prices, list_prices, price_table]
