"""Book a sale made elsewhere of which only the sum is known."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from daji.kit.db import Tx
from daji.kit.money import Money
from daji.kit.places import Address
from daji.kit.problems import FieldProblem, Invalid
from daji.trade.cart.api import Contact
from daji.trade.orders import rules
from daji.trade.orders.commands.placing import tell
from daji.trade.orders.facts import AlreadyPlaced, Trade
from daji.trade.orders.store import write


async def place_without_lines(
    tx: Tx,
    *,
    trade_id: UUID,
    channel: str,
    currency: str,
    contact: Contact,
    address: Address,
    amount: int,
    reason: str,
    external_ref: str,
    by: str,
    now: datetime,
    lang: str = "zh",
) -> Trade:
    """Write a trade of `amount` (minor units) without owner, orders or pay deadline, and why it has no lines.

    Raises
    ------
    Invalid
        A negative amount, no `external_ref`, or a reason that is no code.
    AlreadyPlaced
        `external_ref` is known in this channel.
    """
    _check(amount=amount, currency=currency, reason=reason, external_ref=external_ref)
    draft = Trade(
        id=trade_id,
        number="",
        owner=None,
        channel=channel,
        currency=currency,
        lang=lang,
        status="placed",
        payment="unpaid",
        goods=amount,
        freight=0,
        discount=0,
        tax=0,
        total=amount,
        difference=0,
        due=amount,
        contact=contact,
        address=address,
        placed_at=now,
        pay_by=None,
        external_ref=external_ref,
        orders=(),
    )
    written = write.Draft(
        trade=draft,
        buyer_keys=(),
        quote_id=None,
        price_ids={},
        placed=write.Happened(code="booked_without_lines", params={"reason": reason}),
        by=by,
    )
    number = (await write.place(tx, [written])).get(trade_id)
    if number is None:
        raise AlreadyPlaced(external_ref=external_ref)
    return await tell(tx, msgspec.structs.replace(draft, number=number))


def _check(*, amount: int, currency: str, reason: str, external_ref: str) -> None:
    Money(amount, currency)
    rules.check_code("/reason", reason)
    if amount < 0:
        raise Invalid(fields=(FieldProblem(pointer="/amount", code="too_small", params={"minimum": 0}),))
    if not external_ref:
        raise Invalid(fields=(FieldProblem(pointer="/external_ref", code="required"),))
