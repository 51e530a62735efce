"""Placing and paying on the wire."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from daji.faces.store.api.wire import Amount, Currency
from daji.flows.check_out import CheckedOut
from daji.flows.start_payment import StartedTender, TenderAsk
from daji.kit import ids

TradeId = Annotated[str, msgspec.Meta(examples=["trd_01jd0v9k2m8e6t4r7w3y5z1a2b"])]
Number = Annotated[str, msgspec.Meta(examples=["D2611220000042"])]
QuoteId = Annotated[str, msgspec.Meta(max_length=64, examples=["quo_01jd0v9k2m8e6t4r7w3y5z1a2b"])]
Method = Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9_]{0,31}$", examples=["wallet"])]


class PayBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How to pay what is due. `script` steers the payment sandbox and means nothing to a real gateway."""

    method: Method = "wallet"
    instalments: Annotated[int, msgspec.Meta(ge=1, le=48)] = 1
    script: Annotated[str, msgspec.Meta(pattern="^[a-z_0-9]{1,32}$", examples=["approve"])] | None = None

    def to_ask(self) -> TenderAsk:
        return TenderAsk(method=self.method, instalments=self.instalments, script=self.script)


class TenderWire(msgspec.Struct, frozen=True, kw_only=True):
    """One means of paying; `pay_url` is where the buyer goes on."""

    id: Annotated[str, msgspec.Meta(examples=["ten_01jd0v9k2m8e6t4r7w3y5z1a2b"])]
    status: Annotated[str, msgspec.Meta(examples=["pending"])]
    amount: Amount
    pay_url: str | None


class StartedWire(msgspec.Struct, frozen=True, kw_only=True):
    """`pay_url` is that of the first tender that has one."""

    id: TradeId
    pay_url: str | None
    tenders: tuple[TenderWire, ...]

    @classmethod
    def of(cls, trade_id: UUID, started: Sequence[StartedTender]) -> StartedWire:
        return cls(
            id=ids.show("trd", trade_id),
            pay_url=next((tender.pay_url for tender in started if tender.pay_url), None),
            tenders=tuple(
                TenderWire(
                    id=ids.show("ten", tender.tender_id),
                    status=tender.status,
                    amount=tender.amount,
                    pay_url=tender.pay_url,
                )
                for tender in started
            ),
        )


class PlaceBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The buyer's word for a quote, and how to pay it, if at once; there is no amount to say (U-22)."""

    quote_id: QuoteId
    payment: PayBody | None = None


class PlacedWire(msgspec.Struct, frozen=True, kw_only=True):
    """What is owed now, until when the goods are kept, and what was begun to pay it: None where nothing was."""

    id: TradeId
    number: Number
    due: Amount
    currency: Currency
    pay_by: datetime
    payment: StartedWire | None = None

    @classmethod
    def of(cls, done: CheckedOut) -> PlacedWire:
        placed = done.placed
        return cls(
            id=ids.show("trd", placed.trade_id),
            number=placed.number,
            due=placed.due,
            currency=placed.currency,
            pay_by=placed.pay_by,
            payment=StartedWire.of(placed.trade_id, done.tenders) if done.tenders else None,
        )


class PayStateWire(msgspec.Struct, frozen=True, kw_only=True):
    """How paying stands: paid, pending, failed (try again), open or closed."""

    id: TradeId
    state: Literal["paid", "pending", "failed", "open", "closed"]
    to_pay: Amount
    currency: Currency
