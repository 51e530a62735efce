"""Customers with their full story; who they are and where they live only when asked for, which is written down."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from daji.faces.console.api.docs import answers
from daji.faces.console.asking import Acting, HouseGiven, Now, P, can
from daji.faces.console.audited import Deed, note
from daji.faces.console.wire import answer
from daji.kit import ids
from daji.kit.paging import Page
from daji.views import console_customers

TAG = ["Customers"]


class RevealIn(msgspec.Struct, frozen=True, kw_only=True):
    """What the contact details are needed for; it stands in the audit log."""

    why: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


@get(
    "/customers",
    opt=can(P.CUSTOMERS_READ),
    summary="List customers",
    operation_id="console_list_customers",
    responses=answers(Page[console_customers.CustomerRow], "The last registered first.", 422),
    tags=TAG,
)
async def list_customers(
    house: HouseGiven,
    *,
    text: FromQuery[str | None] = None,
    active: FromQuery[bool | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int | None] = None,
) -> Response[bytes]:
    """List shoppers; `text` is a part of a name, or a whole e-mail or phone number."""
    async with house.db.read() as session:
        found = await console_customers.list_customers(
            session, text=text, active=active, cursor=cursor, limit=limit
        )
    return answer(found)


@get(
    "/customers/{account:str}",
    opt=can(P.CUSTOMERS_READ),
    summary="One customer's story",
    operation_id="console_get_customer",
    responses=answers(console_customers.Customer, "Contacts and addresses masked.", 404),
    tags=TAG,
)
async def get_customer(account: FromPath[str], house: HouseGiven) -> Response[bytes]:
    """Show orders, payments, returns and reviews of a shopper."""
    async with house.db.read() as session:
        return answer(await console_customers.get_customer(session, shopper_id=ids.read("acc", account)))


@post(
    "/customers/{account:str}/reveal",
    opt=can(P.CUSTOMERS_REVEAL),
    status_code=200,
    summary="Show contacts and addresses whole",
    operation_id="console_reveal_customer",
    responses=answers(console_customers.Customer, "Whole, and written down who looked.", 404, 422),
    tags=TAG,
)
async def reveal_customer(
    account: FromPath[str], data: JSONBody[RevealIn], actor: Acting, house: HouseGiven, now: Now
) -> Response[bytes]:
    """Show who somebody is; the entry comes before the answer, so that nobody looks unseen."""
    async with house.db.read() as session:
        found = await console_customers.get_customer(
            session, shopper_id=ids.read("acc", account), reveal=True
        )
    deed = Deed(action="customers.reveal", kind="customer", subject=account, given=data)
    await note(house, actor, deed, now=now)
    return answer(found)


ROUTES = [list_customers, get_customer, reveal_customer]
