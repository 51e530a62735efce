"""Give a guest's carts to the shopper that the guest turned out to be."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from daji.kit.db import Tx
from daji.trade.cart import rules, store
from daji.trade.cart.facts import Cart, Owner


async def merge(tx: Tx, *, guest_token: str, shopper_id: UUID, now: datetime) -> Cart | None:
    """Merge the guest's cart of every channel; the cart of the channel last used, None without any.

    Nothing is lost: quantities add up (at most 999), marks stay, the guest's carts are deleted. The shopper's
    cart is locked before the guest's, always, so that merges cannot block each other in a circle.
    """
    shopper = Owner(shopper_id=shopper_id)
    channels = dict(await store.guest_channels(tx, guest_token))
    if not channels:
        return None
    rows = {
        channel: await store.touch(tx, owner=shopper, channel=channel, currency=channels[channel], now=now)
        for channel in sorted(channels)
    }
    guests = await store.lock_guest(tx, guest_token=guest_token, channels=list(channels))
    lines = await store.lines(tx, [*(row["id"] for row in rows.values()), *guests.values()])
    for channel, guest_id in guests.items():
        own_id: UUID = rows[channel]["id"]
        lines[own_id] = rules.merged(lines.get(own_id, ()), lines.get(guest_id, ()))
        await store.put_lines(tx, cart_id=own_id, changed=lines[own_id])
    await store.drop_carts(tx, list(guests.values()))
    last = next((channel for channel in channels if channel in guests), None)
    return None if last is None else store.cart(rows[last], lines[rows[last]["id"]])
