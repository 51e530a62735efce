"""Say what the way costs, and for whom."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from daji.fulfil.delivery import rules as decide
from daji.fulfil.delivery.errors import CurrencyTaken, UnknownTemplate
from daji.fulfil.delivery.facts import FreightRule, FreightTemplate, Mode
from daji.fulfil.delivery.store import freight
from daji.kit.db import Tx


async def save_template(
    tx: Tx,
    *,
    code: str,
    name: str,
    currency: str,
    mode: Mode,
    rules: Sequence[FreightRule] = (),
    now: datetime,
) -> FreightTemplate:
    """Make a freight template, or replace the one of this code; quotes already given keep their price.

    Raises Invalid, kit's UnknownCurrency, and CurrencyTaken when its currency changes to one in which somebody who has it
    has another template.
    """
    decide.check_template(code=code, currency=currency, mode=mode, rules=rules)
    saved = await freight.save(tx, code=code, name=name, currency=currency, mode=mode, rules=rules, now=now)
    if saved is None:
        raise CurrencyTaken(currency=currency)
    return saved


async def assign_template(tx: Tx, *, seller_id: UUID | None, template_id: UUID) -> None:
    """Let a seller charge by a template where it sells in its currency; None sets the default of all who have none.

    Raises UnknownTemplate.
    """
    if not await freight.assign(tx, seller_id=seller_id, template_id=template_id):
        raise UnknownTemplate
