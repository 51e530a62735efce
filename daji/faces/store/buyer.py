"""Who buys: the request's principal in the words that the rooms understand."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from litestar.di import NamedDependency

from daji.base.identity import api as identity
from daji.boot import House
from daji.faces.http import state
from daji.flows.refresh_payment import refresh_payment
from daji.flows.sign_in import sign_in_shopper
from daji.kit.problems import NotFound
from daji.trade.cart import api as cart
from daji.views import store_orders

HouseGiven = NamedDependency[House]
Asking = NamedDependency[identity.Principal]
Lang = NamedDependency[str]
Now = NamedDependency[datetime]
Asked = state.AnyRequest

PUBLIC = {"permission": "public"}
GUEST = {"permission": "guest"}
SHOPPER = {"permission": "shopper"}
GUEST_ONCE = {"permission": "guest", "idempotent": True}


def find_owner(principal: identity.Principal) -> cart.Owner | None:
    """Whose carts and orders these are; None for a visitor who holds nothing yet."""
    if principal.kind == "shopper" and principal.id is not None:
        return cart.Owner(shopper_id=principal.id)
    if principal.kind == "guest" and principal.guest_token:
        return cart.Owner(guest_token=principal.guest_token)
    return None


def known_owner(principal: identity.Principal) -> cart.Owner:
    """Whose orders these are.

    Raises
    ------
    NotFound
        For a visitor who holds nothing: to them every order is somebody else's (U-114).
    """
    owner = find_owner(principal)
    if owner is None:
        raise NotFound
    return owner


def new_owner(request: Asked) -> cart.Owner:
    """Whose cart this is to be; a visitor without identity gets a guest's, which lasts."""
    return known_owner(state.ensure_guest(request))


def by_of(principal: identity.Principal) -> str:
    """Who did it, for histories; never a guest's token."""
    return state.actor(principal)


def buyer_keys(request: Asked) -> tuple[str, ...]:
    """By what hold limits know a buyer: account or guest, and address (U-14)."""
    known = state.of(request)
    return (state.actor(known.principal), f"ip:{known.client_ip}")


async def sign_in(
    house: House, request: Asked, *, account: str, password: str, now: datetime
) -> identity.Principal:
    """Open a browser session and give the shopper what lies in the guest's cart.

    Raises
    ------
    identity.BadCredentials, identity.TooManyAttempts
    """
    known = state.of(request)
    signed_in = await sign_in_shopper(
        house.ctx,
        account=account,
        password=password,
        ip=known.client_ip,
        guest_token=known.guest_token,
        replaces=state.session_token(request, "shopper"),
        now=now,
    )
    return state.sign_in(request, signed_in, now=now)


async def merge_cart(house: House, request: Asked, principal: identity.Principal, *, now: datetime) -> None:
    """Add the guest's cart to the shopper's. The guest's cookie stays: it still opens the guest's orders."""
    token, shopper_id = state.of(request).guest_token, principal.id
    if token is not None and shopper_id is not None:
        await house.db.run(lambda tx: cart.merge(tx, guest_token=token, shopper_id=shopper_id, now=now))


async def look_at_payment(
    house: House, *, trade_id: UUID, owner: cart.Owner, now: datetime
) -> store_orders.PayState:
    """Say how paying stands, read where it was written; while something is open the gateway is asked first.

    Raises
    ------
    orders.TradeUnknown
        For another's trade.
    """
    seen = await _pay_state(house, trade_id, owner)
    if not seen.waits:
        return seen
    await refresh_payment(house.ctx, trade_id=trade_id, owner=owner, now=now)
    return await _pay_state(house, trade_id, owner)


async def _pay_state(house: House, trade_id: UUID, owner: cart.Owner) -> store_orders.PayState:
    async with house.db.fresh() as session:
        return await store_orders.get_pay_state(session, trade_id=trade_id, owner=owner)
