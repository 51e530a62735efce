"""Choose the means that are to pay a trade."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from daji.kit.db import Tx
from daji.kit.problems import FieldProblem
from daji.trade.payments.errors import BadTender, PayableClosed, TendersExceedDue
from daji.trade.payments.facts import NewTender, Payable, Reserved, Tender, Wanted
from daji.trade.payments.rules import MAX_AMOUNT, open_amount
from daji.trade.payments.states import WAITING
from daji.trade.payments.store import payables
from daji.trade.payments.store import tenders as store

MAX_INSTALMENTS = 48
MAX_TENDERS = 60
_CODE = re.compile(r"[a-z][a-z0-9_]{0,31}")


async def add_tenders(
    tx: Tx, *, trade_id: UUID, tenders: Sequence[NewTender], now: datetime
) -> tuple[Tender, ...]:
    """Write tenders in status created; what waiting tenders ask in sum never exceeds what is open.

    Raises
    ------
    NoPayable, PayableClosed
    TendersExceedDue
        Also when earlier tenders still wait: void them first.
    BadTender
        For no tender, too many, an amount, instalments, method or gateway out of bounds.
    """
    _check(tenders)
    payable = await payables.lock(tx, trade_id)
    wanted = _amounts(payable, await store.of_trade(tx, trade_id), tenders)
    return await store.add(tx, [(payable, new, now) for new in wanted])


async def reserve(tx: Tx, *, trade_id: UUID, tenders: Sequence[NewTender], now: datetime) -> Reserved:
    """Reserve for one trade as `reserve_many` does."""
    wanted = Wanted(trade_id=trade_id, tenders=tuple(tenders), at=now)
    return (await reserve_many(tx, wanted=[wanted]))[0]


async def reserve_first(
    tx: Tx, *, wanted: Sequence[tuple[Payable, Sequence[NewTender], datetime]]
) -> tuple[tuple[Tender, ...], ...]:
    """Like `reserve_many`, in the transaction that has just opened these payables: nobody else knows of them, so that
    nothing is locked or read. None are written where none are named or nothing is due. One statement at most.

    Raises
    ------
    BadTender, TendersExceedDue
    """
    added: list[tuple[Payable, NewTender, datetime]] = []
    for opened, tenders, now in wanted:
        if not tenders:
            continue
        _check(tenders)
        if opened.status == "open":
            added += [(opened, new, now) for new in _amounts(opened, (), tenders)]
    made = await store.add(tx, added) if added else ()
    return tuple(
        tuple(tender for tender in made if tender.trade_id == opened.trade_id) for opened, _, _ in wanted
    )


async def reserve_many(tx: Tx, *, wanted: Sequence[Wanted]) -> tuple[Reserved, ...]:
    """Like `add_tenders` for many trades, but writes nothing for one whose earlier tenders wait, and tells them: they
    are to be closed first. Three statements. Raises as `add_tenders`.
    """
    for one in wanted:
        _check(one.tenders)
    trade_ids = [one.trade_id for one in wanted]
    owed, known = await payables.lock_many(tx, trade_ids), await store.of_trades(tx, trade_ids)
    added: list[tuple[Payable, NewTender, datetime]] = []
    waiting: dict[UUID, tuple[Tender, ...]] = {}
    for one in wanted:
        earlier = known.get(one.trade_id, ())
        if still := tuple(tender for tender in earlier if tender.status in WAITING):
            waiting[one.trade_id] = still
        else:
            payable = owed[one.trade_id]
            added += [(payable, new, one.at) for new in _amounts(payable, earlier, one.tenders)]
    made = await store.add(tx, added) if added else ()
    return tuple(
        Reserved(
            tenders=tuple(tender for tender in made if tender.trade_id == one.trade_id),
            waiting=waiting.get(one.trade_id, ()),
        )
        for one in wanted
    )


def _amounts(payable: Payable, known: Sequence[Tender], tenders: Sequence[NewTender]) -> list[NewTender]:
    """The tenders with what each is to pay."""
    if payable.status == "closed":
        raise PayableClosed
    left = open_amount(payable, known)
    rest = left - sum(new.amount or 0 for new in tenders)
    wanted = [
        msgspec.structs.replace(new, amount=rest if new.amount is None else new.amount) for new in tenders
    ]
    _check(wanted)
    asked = sum(new.amount or 0 for new in wanted)
    if asked > left:
        raise TendersExceedDue(asked=asked, open=max(0, left), currency=payable.currency)
    return wanted


def _check(tenders: Sequence[NewTender]) -> None:
    if not 1 <= len(tenders) <= MAX_TENDERS:
        bad = FieldProblem(
            pointer="/tenders", code="payments.count", params={"minimum": 1, "maximum": MAX_TENDERS}
        )
        raise BadTender(fields=(bad,))
    found: list[FieldProblem] = []
    for index, new in enumerate(tenders):
        where = f"/tenders/{index}"
        if new.amount is not None and not 1 <= new.amount <= MAX_AMOUNT:
            params: dict[str, object] = {"minimum": 1, "maximum": MAX_AMOUNT}
            found.append(FieldProblem(pointer=f"{where}/amount", code="payments.range", params=params))
        if not 1 <= new.instalments <= MAX_INSTALMENTS:
            params = {"minimum": 1, "maximum": MAX_INSTALMENTS}
            found.append(FieldProblem(pointer=f"{where}/instalments", code="payments.range", params=params))
        if not _CODE.fullmatch(new.method):
            found.append(FieldProblem(pointer=f"{where}/method", code="payments.method"))
        if not _CODE.fullmatch(new.gateway):
            found.append(FieldProblem(pointer=f"{where}/gateway", code="payments.gateway"))
    if found:
        raise BadTender(fields=tuple(found))
