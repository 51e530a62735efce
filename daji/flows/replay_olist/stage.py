"""What the steps of the replay stand on: the house, the moved clock, the outside, and where everything is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

import msgspec

from daji.flows.context import Context, Policies
from daji.flows.replay_olist.importing import Imported
from daji.flows.replay_olist.source import Order, Product
from daji.fulfil.inventory.api import HoldPolicy
from daji.kit.clock import SimClock
from daji.trade.orders import api as orders

CARRIER = "replayed"
GATEWAY = "sandbox"
RETURN_PATH = "/"

POLICIES = Policies(
    # The slowest buyer of the source paid after 188 days and five never did: no deadline may end what the source
    # says went on. A gateway keeps a payment open for a year at most.
    pay_within_minutes=365 * 24 * 60 - 1,
    # The marketplace took these orders then; limits against hoarding are not its history.
    hold=HoldPolicy(max_units_per_buyer_sku=1_000_000, max_share_percent=100, min_units=1_000_000),
    gateway=GATEWAY,
    carrier=CARRIER,
)
"""Policies under which nothing is refused that the source says happened."""


class RecordedCarrier(Protocol):
    """The carrier that asks what it is told; an adapter that `boot` provides."""

    def recorded(self, *, unit_fees: Mapping[UUID, int], promised_by: datetime) -> None: ...


class Stuck(Exception):
    """A step cannot be taken: the house is not in the state that the source says it was in."""


@dataclass(kw_only=True)
class Stage:
    """Handed to every step.

    `pay` is the buyer at the gateway's page; `deliver_notices` lets the gateway send what is due. `trades` and
    `whole` are where an order of the source is here, the latter only while it has steps ahead.
    """

    ctx: Context
    clock: SimClock
    recorded: RecordedCarrier
    pay: Callable[[str], Awaitable[None]]
    deliver_notices: Callable[[], Awaitable[int]]
    imported: Imported
    products: Mapping[str, Product]
    trades: dict[str, UUID]
    prices: dict[UUID, int] = field(default_factory=dict)
    pay_urls: dict[str, tuple[str, ...]] = field(default_factory=dict)
    whole: dict[str, orders.Trade] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def trade_id(self, order: Order) -> UUID:
        """Raise Stuck for an order that was not placed."""
        try:
            return self.trades[order.id]
        except KeyError:
            raise Stuck(f"{order.id} was never placed") from None

    async def trade(self, order: Order) -> orders.Trade:
        """The trade as it was placed: its lines and units are what they were, statuses may have moved on."""
        known = self.whole.get(order.id)
        if known is None:
            async with self.ctx.db.read() as session:
                known = await orders.get_trade(session, trade_id=self.trade_id(order), owner=None)
            self.whole[order.id] = known
        return known

    def shopper(self, order: Order) -> UUID:
        return self.imported.shoppers[order.customer.person]

    def forget(self, order: Order) -> None:
        """Let go of what was only needed while the order had steps ahead."""
        self.whole.pop(order.id, None)
        self.pay_urls.pop(order.id, None)


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """Answer of a step that has nothing to tell."""

    trade_id: UUID


def run_key(order: Order, verb: str, n: int = 0) -> str:
    """Idempotency key of one journey of one order."""
    return f"{order.id}:{verb}:{n}"
