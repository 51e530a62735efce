"""Flash sales: plan, start, stop, watch."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Response, get, post, put
from litestar.params import FromPath, FromQuery, JSONBody

from daji.faces.console.api.docs import answers
from daji.faces.console.api.inputs import SkuId
from daji.faces.console.asking import Acting, HouseGiven, Now, Once, P, can
from daji.faces.console.audited import Deed, write_once
from daji.faces.console.wire import answer
from daji.flows import run_flash_sale
from daji.grow.flash import api as flash
from daji.kit import ids
from daji.kit.paging import Page
from daji.views import console_flash

TAG = ["Flash sales"]
When = Annotated[datetime, msgspec.Meta(tz=True)]
Title = Annotated[str, msgspec.Meta(min_length=1, max_length=120)]


class FlashLineIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Minor units of the channel's currency, and how many pieces the sale gets."""

    sku_id: SkuId
    price: flash.Price
    quota: flash.Quota


class FlashSaleIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A flash sale. `admit_percent` is how many buyers stand before the till for a hundred pieces that are left."""

    titles: dict[str, Title]
    channel: str
    currency: str
    opens_at: When
    closes_at: When
    lines: Annotated[tuple[FlashLineIn, ...], msgspec.Meta(min_length=1, max_length=20)]
    per_buyer: int = 1
    audience: flash.Audience = "members"
    pass_minutes: int = 5
    pay_minutes: int = 10
    admit_percent: int = 105

    def plan(self) -> flash.Plan:
        """Read the ids."""
        return flash.Plan(
            titles=self.titles,
            channel=self.channel,
            currency=self.currency,
            opens_at=self.opens_at,
            closes_at=self.closes_at,
            per_buyer=self.per_buyer,
            audience=self.audience,
            pass_minutes=self.pass_minutes,
            pay_minutes=self.pay_minutes,
            admit_percent=self.admit_percent,
            lines=tuple(
                flash.NewLine(sku_id=ids.read("sku", one.sku_id), price=one.price, quota=one.quota)
                for one in self.lines
            ),
        )


class FlashSaleChange(FlashSaleIn, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole sale anew; `version` is the one that was read."""

    version: int


def _deed(verb: str, sale: str = "", given: object = None) -> Deed:
    return Deed(action=f"flash.{verb}", kind="flash_sale", subject=sale, given=given)


@get(
    "/flash-sales",
    opt=can(P.FLASH_MANAGE),
    summary="List flash sales",
    operation_id="console_list_flash_sales",
    responses=answers(Page[flash.Sale], "The last made first.", 422),
    tags=TAG,
)
async def list_sales(
    house: HouseGiven,
    status: FromQuery[flash.Status | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int | None] = None,
) -> Response[bytes]:
    """List sales, drafts too."""
    async with house.db.read() as session:
        found = await flash.list_sales(
            session, statuses=None if status is None else (status,), cursor=cursor, limit=limit
        )
    return answer(found)


@get(
    "/flash-sales/{sale:str}",
    opt=can(P.FLASH_MANAGE),
    summary="Watch a flash sale",
    operation_id="console_show_flash_sale",
    responses=answers(console_flash.FlashScreen, "The sale, its goods, its figures of this moment.", 404),
    tags=TAG,
)
async def show_sale(sale: FromPath[str], house: HouseGiven, now: Now) -> Response[bytes]:
    """Show the sale and count it."""
    async with house.db.read() as session:
        return answer(await console_flash.get_screen(session, sale_id=ids.read("fls", sale), at=now))


@post(
    "/flash-sales",
    opt=can(P.FLASH_MANAGE, once=True),
    summary="Plan a flash sale",
    operation_id="console_plan_flash_sale",
    responses=answers(flash.Sale, "The draft.", 400, 404, 409, 422, status=201),
    tags=TAG,
)
async def plan_sale(
    data: JSONBody[FlashSaleIn], actor: Acting, once: Once, house: HouseGiven, now: Now
) -> Response[bytes]:
    """Keep a draft; nothing is taken from stock yet."""
    made = await write_once(
        house,
        actor,
        once,
        _deed("plan", given=data),
        lambda tx: run_flash_sale.plan_flash_sale(tx, plan=data.plan(), by=actor.by, now=now),
        gives=flash.Sale,
        now=now,
    )
    return answer(made, status=201)


@put(
    "/flash-sales/{sale:str}",
    opt=can(P.FLASH_MANAGE, once=True),
    summary="Change a draft",
    operation_id="console_change_flash_sale",
    responses=answers(flash.Sale, "The draft as it is now.", 400, 404, 409, 422),
    tags=TAG,
)
async def change_sale(
    sale: FromPath[str],
    data: JSONBody[FlashSaleChange],
    actor: Acting,
    once: Once,
    house: HouseGiven,
    now: Now,
) -> Response[bytes]:
    """Write the draft anew; a scheduled sale is withdrawn first."""
    sale_id = ids.read("fls", sale)
    changed = await write_once(
        house,
        actor,
        once,
        _deed("change", sale, data),
        lambda tx: run_flash_sale.change_flash_sale(
            tx, sale_id=sale_id, version=data.version, plan=data.plan(), now=now
        ),
        gives=flash.Sale,
        now=now,
    )
    return answer(changed)


@post(
    "/flash-sales/{sale:str}/schedule",
    opt=can(P.FLASH_MANAGE, once=True),
    status_code=200,
    summary="Schedule a flash sale",
    operation_id="console_schedule_flash_sale",
    responses=answers(flash.Sale, "The sale, its quota held.", 400, 404, 409, 422),
    tags=TAG,
)
async def schedule(
    sale: FromPath[str], actor: Acting, once: Once, house: HouseGiven, now: Now
) -> Response[bytes]:
    """Hold the whole quota, so that the ordinary sale cannot take it, and let the clock open the sale."""
    sale_id = ids.read("fls", sale)
    scheduled = await write_once(
        house,
        actor,
        once,
        _deed("schedule", sale),
        lambda tx: run_flash_sale.schedule_flash_sale(tx, sale_id=sale_id, now=now),
        gives=flash.Sale,
        now=now,
    )
    return answer(scheduled)


@post(
    "/flash-sales/{sale:str}/withdraw",
    opt=can(P.FLASH_MANAGE, once=True),
    status_code=200,
    summary="Take a scheduled sale back",
    operation_id="console_withdraw_flash_sale",
    responses=answers(flash.Sale, "The draft, its goods free again.", 400, 404, 409, 422),
    tags=TAG,
)
async def withdraw(
    sale: FromPath[str], actor: Acting, once: Once, house: HouseGiven, now: Now
) -> Response[bytes]:
    """Make it a draft again, before it opens."""
    sale_id = ids.read("fls", sale)
    taken = await write_once(
        house,
        actor,
        once,
        _deed("withdraw", sale),
        lambda tx: run_flash_sale.withdraw_flash_sale(tx, sale_id=sale_id, by=actor.by, now=now),
        gives=flash.Sale,
        now=now,
    )
    return answer(taken)


@post(
    "/flash-sales/{sale:str}/stop",
    opt=can(P.FLASH_MANAGE, once=True),
    status_code=200,
    summary="Stop a flash sale",
    operation_id="console_stop_flash_sale",
    responses=answers(flash.Sale, "The closed sale.", 400, 404, 409),
    tags=TAG,
)
async def stop(
    sale: FromPath[str], actor: Acting, once: Once, house: HouseGiven, now: Now
) -> Response[bytes]:
    """Sell nothing from here on and free what is left; orders that stand, stand."""
    sale_id = ids.read("fls", sale)
    stopped = await write_once(
        house,
        actor,
        once,
        _deed("stop", sale),
        lambda tx: run_flash_sale.stop_flash_sale(tx, sale_id=sale_id, by=actor.by, now=now),
        gives=flash.Sale,
        now=now,
    )
    return answer(stopped)


ROUTES = [list_sales, show_sale, plan_sale, change_sale, schedule, withdraw, stop]
