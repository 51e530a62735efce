"""What a checkout starts with: the goods, the buyer's addresses, and where their last order went."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from daji.care.customers import api as customers
from daji.kit.db import Session
from daji.kit.places import Address
from daji.trade.cart import api as cart
from daji.views.store_cart import CartPage, get_checkout_rows

SQL_LAST = """
SELECT t.address, t.contact_email FROM orders.trade t
 WHERE t.shopper_id = $1 OR t.guest_token = $2 ORDER BY t.placed_at DESC, t.id DESC LIMIT 1
"""


class CheckoutScreen(msgspec.Struct, frozen=True, kw_only=True):
    """`entry` is the address of the book that is chosen; `address` where things would go, None when that is not known."""

    page: CartPage
    book: tuple[customers.SavedAddress, ...]
    entry: customers.SavedAddress | None
    address: Address | None
    email: str


async def get_checkout_screen(
    session: Session,
    *,
    owner: cart.Owner | None,
    items: tuple[tuple[UUID, int], ...] | None,
    channel: str,
    at: datetime,
    wanted: UUID | None = None,
) -> CheckoutScreen:
    """The goods and the address: `wanted` of the book, else its default, else that of the last order."""
    page = await get_checkout_rows(session, owner=owner, items=items, channel=channel, at=at)
    book: tuple[customers.SavedAddress, ...] = ()
    if owner is not None and owner.shopper_id is not None:
        book = await customers.list_addresses(session, shopper_id=owner.shopper_id)
    entry = next((one for one in book if one.id == wanted), next(iter(book), None))
    last = None
    if owner is not None:
        last = await session.row(SQL_LAST, owner.shopper_id, owner.guest_token)
    address = entry.address if entry else (msgspec.convert(last["address"], Address) if last else None)
    return CheckoutScreen(
        page=page, book=book, entry=entry, address=address, email=last["contact_email"] if last else ""
    )
