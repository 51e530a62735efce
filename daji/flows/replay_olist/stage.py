"""What the steps of the replay stand on: the house, the moved clock, the outside, and where everything is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

import msgspec

from daji.flows.context import Context, Policies
from daji.flows.replay_olist.importing import Imported
from daji.flows.replay_olist.plan import Batch
from daji.flows.replay_olist.source import Order, Product
from daji.fulfil.inventory.api import HoldPolicy
from daji.trade.orders import api as orders
from daji.trade.payments import ports

CARRIER = "replayed"
GATEWAY = "replayed"
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

    def recorded(self, *, at: datetime, unit_fees: Mapping[UUID, int], promised_by: datetime) -> None: ...

    def forget(self) -> None: ...


class RecordedGateway(Protocol):
    """The gateway that is told when a payment was made; an adapter that `boot` provides."""

    def recall(self, *, key: str, amount: int, currency: str, status: ports.PaymentState) -> None: ...

    def pay(self, key: str, *, at: datetime) -> ports.Notice: ...


class Stuck(Exception):
    """A step cannot be taken: the house is not in the state that the source says it was in."""


@dataclass(kw_only=True)
class Stage:
    """Handed to every step.

    `trades` and, while an order has steps ahead, `whole`, `tenders` and `numbers` (of parcels) are where an order of
    the source is here; `owners` says of which order a trade, an order or a tender is.
    """

    ctx: Context
    recorded: RecordedCarrier
    gateway: RecordedGateway
    imported: Imported
    products: Mapping[str, Product]
    trades: dict[str, UUID]
    owners: dict[UUID, str]
    prices: dict[UUID, int] = field(default_factory=dict)
    tenders: dict[str, tuple[str, ...]] = field(default_factory=dict)
    numbers: dict[UUID, str] = field(default_factory=dict)
    whole: dict[str, orders.Trade] = field(default_factory=dict)

    def trade_id(self, order: Order) -> UUID:
        """Raise Stuck for an order that was not placed."""
        try:
            return self.trades[order.id]
        except KeyError:
            raise Stuck(f"{order.id} was never placed") from None

    async def gather(self, batch: Batch) -> None:
        """Have the trades of all steps in `whole`: those that this process did not place are read at once."""
        await self.load([step.order for step in batch.steps])

    async def load(self, wanted: Sequence[Order]) -> None:
        unknown = {self.trade_id(order): order.id for order in wanted if order.id not in self.whole}
        if not unknown:
            return
        async with self.ctx.db.fresh() as session:
            found = await orders.find_trades(session, trade_ids=list(unknown), owner=None)
        for trade in found:
            self.whole[unknown[trade.id]] = trade
            self.owners.update({child.id: unknown[trade.id] for child in trade.orders})

    async def trade(self, order: Order) -> orders.Trade:
        """The trade as it was placed: its lines and units are what they were, statuses may have moved on."""
        await self.load([order])
        return self.whole[order.id]

    def shopper(self, order: Order) -> UUID:
        return self.imported.shoppers[order.customer.person]

    def forget(self, order: Order) -> None:
        """Let go of what was only needed while the order had steps ahead."""
        trade = self.whole.pop(order.id, None)
        self.tenders.pop(order.id, None)
        for child in trade.orders if trade else ():
            self.numbers.pop(child.id, None)


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """Answer of a step that has nothing to tell."""

    trade_id: UUID


def run_key(order: Order, verb: str, n: int = 0) -> str:
    """Idempotency key of one journey of one order."""
    return f"{order.id}:{verb}:{n}"
