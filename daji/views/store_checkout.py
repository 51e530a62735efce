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
from daji.views.store_orders import Picture, pictures_by_sku

SQL_LAST = """
SELECT t.address, t.contact_email
  FROM (SELECT address, contact_email, placed_at, id FROM orders.trade WHERE shopper_id = $1
        UNION ALL
        SELECT address, contact_email, placed_at, id FROM orders.trade WHERE guest_token = $2) t
 ORDER BY t.placed_at DESC, t.id DESC LIMIT 1
"""


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """`entry` is the address of the book that is chosen; `address` where things would go, None when that is not known."""

    book: tuple[customers.SavedAddress, ...] = ()
    entry: customers.SavedAddress | None = None
    address: Address | None = None
    email: str = ""


class CheckoutScreen(msgspec.Struct, frozen=True, kw_only=True):
    """What a page shows that asks where to send."""

    page: CartPage
    start: Start


class OfferScreen(msgspec.Struct, frozen=True, kw_only=True):
    """What a page shows beside an offer."""

    book: tuple[customers.SavedAddress, ...]
    pictures: dict[UUID, Picture]


async def get_start(session: Session, *, owner: cart.Owner | None, wanted: UUID | None = None) -> Start:
    """The address: `wanted` of the book, else its default, else that of the last order. At most two statements."""
    if owner is None:
        return Start()
    book = await _book(session, owner)
    entry = next((one for one in book if one.id == wanted), next(iter(book), None))
    last = await session.row(SQL_LAST, owner.shopper_id, owner.guest_token)
    address = entry.address if entry else (msgspec.convert(last["address"], Address) if last else None)
    return Start(book=book, entry=entry, address=address, email=last["contact_email"] if last else "")


async def get_checkout_screen(
    session: Session,
    *,
    owner: cart.Owner | None,
    items: tuple[tuple[UUID, int], ...] | None,
    channel: str,
    at: datetime,
    wanted: UUID | None = None,
) -> CheckoutScreen:
    """The goods at today's prices, and where they may go."""
    page = await get_checkout_rows(session, owner=owner, items=items, channel=channel, at=at)
    return CheckoutScreen(page=page, start=await get_start(session, owner=owner, wanted=wanted))


async def get_offer_screen(session: Session, *, quote: cart.Quote) -> OfferScreen:
    """How the goods of an offer look, and where else they could go. At most two statements."""
    return OfferScreen(
        book=await _book(session, quote.owner),
        pictures=await pictures_by_sku(session, (line.sku_id for line in quote.lines)),
    )


async def _book(session: Session, owner: cart.Owner) -> tuple[customers.SavedAddress, ...]:
    if owner.shopper_id is None:
        return ()
    return await customers.list_addresses(session, shopper_id=owner.shopper_id)
