"""What may be read of this room; a replica serves as well."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from daji.kit import paging
from daji.kit.db import Session
from daji.kit.paging import Page
from daji.trade.payments.errors import NoPayable
from daji.trade.payments.facts import Entry, MethodTotal, NoticeRecord, Payable, Refund, Tender
from daji.trade.payments.states import WAITING
from daji.trade.payments.store import ledger, notices, payables, refunds, tenders


async def get_payable(session: Session, *, trade_id: UUID) -> Payable:
    """What is owed for a trade, with its tenders and refunds, oldest first. Raises NoPayable."""
    payable = await find_payable(session, trade_id=trade_id)
    if payable is None:
        raise NoPayable
    return payable


async def find_payable(session: Session, *, trade_id: UUID) -> Payable | None:
    """Like `get_payable`; None when nothing was ever asked."""
    row = await session.row(payables.SQL_GET, trade_id)
    if row is None:
        return None
    return payables.to_payable(
        row, await tenders.of_trade(session, trade_id), await refunds.of_trade(session, trade_id)
    )


async def find_tender(session: Session, *, tender_id: UUID) -> Tender | None:
    return await tenders.find(session, tender_id)


async def find_tenders(session: Session, *, tender_ids: Sequence[UUID]) -> dict[UUID, Tender]:
    """Those of the tenders that there are, in one statement."""
    return await tenders.find_many(session, tender_ids)


async def list_open(session: Session, *, trade_ids: Sequence[UUID]) -> tuple[Payable, ...]:
    """Those of the trades' payables for which less was captured than is due; one statement, without tenders."""
    rows = await session.rows(payables.SQL_OPEN, list(trade_ids))
    return tuple(payables.to_payable(row) for row in rows)


async def list_waiting(session: Session, *, trade_id: UUID) -> tuple[Tender, ...]:
    """Tenders of a trade that may still bring money, oldest first. One statement."""
    return tuple(t for t in await tenders.of_trade(session, trade_id) if t.status in WAITING)


async def find_refund(session: Session, *, refund_id: UUID) -> Refund | None:
    return await refunds.find(session, refund_id)


async def has_notice(session: Session, *, gateway: str, notice_id: str) -> bool:
    """Tell whether this message was recorded."""
    return await notices.has(session, gateway=gateway, notice_id=notice_id)


async def list_notices(
    session: Session,
    *,
    trade_id: UUID | None = None,
    outcome: str | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Page[NoticeRecord]:
    """Messages of the gateways, newest first; `outcome="unknown_payment"` is what staff must look at."""
    return await notices.list_page(
        session, trade_id=trade_id, outcome=outcome, cursor=cursor, limit=paging.limit(limit)
    )


async def list_entries(session: Session, *, trade_id: UUID) -> tuple[Entry, ...]:
    """The books of one trade, in order."""
    return await ledger.of_trade(session, trade_id)


async def trial_balance(session: Session) -> dict[str, int]:
    """Balance of each account; the values of one currency (the account's last part) sum to zero."""
    return await ledger.trial_balance(session)


async def totals_by_method(session: Session, *, channel: str | None = None) -> tuple[MethodTotal, ...]:
    """Money by method and currency, of one channel or of all."""
    return await tenders.totals_by_method(session, channel)
