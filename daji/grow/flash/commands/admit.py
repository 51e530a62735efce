"""A called buyer comes to the till."""

from __future__ import annotations

from datetime import datetime, timedelta

from daji.grow.flash import rules
from daji.grow.flash.commands.moving import load
from daji.grow.flash.errors import BuyerLimit, NotRunning, NotYourTurn, PassInvalid, PassSpent, SoldOut
from daji.grow.flash.facts import IssuedPass, Ticket
from daji.grow.flash.store import line
from daji.kit.db import Tx


async def admit(tx: Tx, *, ticket: Ticket, now: datetime) -> IssuedPass:
    """Give the holder of a called ticket a pass; asked again, the same one while it lives.

    Whether the ticket was called is the gate's to say. The database admits no more than there is room for, whoever
    called them.

    Raises
    ------
    SaleUnknown, NotRunning, SoldOut
    BuyerLimit
        Their orders hold all that one buyer may have.
    PassSpent, PassInvalid
        This place had its pass: they get in line again.
    NotYourTurn
        All places before the till are taken for the moment.
    """
    sale = await load(tx, ticket.sale_id)
    status = rules.phase(sale, now)
    if status == "sold_out":
        raise SoldOut
    if status != "open":
        raise NotRunning(status=status)
    if await line.had(tx, sale_id=sale.id, buyer=ticket.buyer) >= sale.per_buyer:
        raise BuyerLimit(allowed=sale.per_buyer)
    expires_at = min(now + timedelta(minutes=sale.pass_minutes), sale.closes_at)
    found = await line.admit(
        tx, ticket=ticket, now=now, expires_at=expires_at, room=max(1, rules.room(sale, now))
    )
    if found is None:
        raise NotYourTurn(retry_after=rules.SOON)
    if found == "spent":
        raise PassSpent
    if found == "late":
        raise PassInvalid
    return found
