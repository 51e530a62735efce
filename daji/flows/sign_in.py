"""A shopper signs in; what lay in the guest's cart is theirs."""

from __future__ import annotations

from datetime import datetime

from daji.base.identity import api as identity
from daji.flows.context import Context
from daji.trade.cart import api as cart


async def sign_in_shopper(
    ctx: Context,
    *,
    account: str,
    password: str,
    ip: str,
    guest_token: str | None,
    replaces: str | None,
    now: datetime,
) -> identity.SignedIn:
    """Open a session and merge the guest's cart into the shopper's.

    `replaces` is the session token that the browser brought, which ends. The guest's cookie may stay: it still opens
    the guest's orders.

    Raises
    ------
    identity.BadCredentials, identity.TooManyAttempts
    """
    signed_in = await identity.login(
        ctx.db, realm="shopper", account=account, password=password, ip=ip, now=now, replaces=replaces
    )
    shopper_id = signed_in.principal.id
    if guest_token is not None and shopper_id is not None:
        await ctx.db.run(lambda tx: cart.merge(tx, guest_token=guest_token, shopper_id=shopper_id, now=now))
    return signed_in
