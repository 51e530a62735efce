"""The returns board: every state at a glance, and one return with its goods, photos and money."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from daji.kit.db import Session
from daji.kit.paging import Cursor, Page
from daji.kit.paging import limit as page_size
from daji.views.console_case import CaseScreen, get_case_screen
from daji.views.console_holds import masked
from daji.views.shots import Shot

_ROWS = """
SELECT c.id, c.trade_id, c.order_id, c.kind, c.status, c.reason, c.amount, c.currency, c.refunded_amount,
       c.requested_at, c.expected_refund_by, c.closed_at, o.number, t.contact_name AS buyer,
       u.pieces, u.titles, u.media_id
  FROM aftersales.cases c
  JOIN orders."order" o ON o.id = c.order_id
  JOIN orders.trade t ON t.id = c.trade_id
 CROSS JOIN LATERAL (
       SELECT count(*) AS pieces, (array_agg(l.titles ORDER BY x.position))[1] AS titles,
              (array_agg(p.media -> 0 ->> 'media_id' ORDER BY x.position))[1] AS media_id
         FROM aftersales.case_unit x
         JOIN orders.line l ON l.id = x.line_id
         LEFT JOIN catalog.product p ON p.id = l.product_id
        WHERE x.case_id = c.id) u
 WHERE ($1::text[] IS NULL OR c.status = ANY($1))
   AND ($2::text IS NULL OR c.kind = $2)
   AND (NOT $3::bool OR (c.closed_at IS NULL AND c.expected_refund_by < $4::timestamptz))
   AND ($5::timestamptz IS NULL OR (c.requested_at, c.id) < ($5, $6::uuid))
"""
_IN_ORDER = " ORDER BY c.requested_at DESC, c.id DESC LIMIT $7"
_LOOKED_UP = """
   AND c.id = ANY(ARRAY(
           SELECT k.id FROM orders.trade x JOIN aftersales.cases k ON k.trade_id = x.id WHERE x.number = upper($8)
            UNION ALL
           SELECT k.id FROM orders.trade x JOIN aftersales.cases k ON k.trade_id = x.id WHERE x.contact_phone = $8
            UNION ALL
           SELECT k.id FROM orders."order" x JOIN aftersales.cases k ON k.order_id = x.id
            WHERE x.number = upper($8)))
"""
SQL_BOARD_ROWS = _ROWS + _IN_ORDER
# A statement of its own: where the text is one condition of many, every plan reads the whole board for it.
SQL_BOARD_ROWS_OF = _ROWS + _LOOKED_UP + _IN_ORDER
SQL_BOARD_COUNTS = """
SELECT status, count(*) AS cases, count(*) FILTER (WHERE closed_at IS NULL AND expected_refund_by < $1) AS late
  FROM aftersales.cases GROUP BY status
"""
SQL_PHOTOS = """
SELECT m.id, m.width, m.height, m.blur,
       array(SELECT (r ->> 'width')::int FROM jsonb_array_elements(m.renditions) AS r ORDER BY 1) AS widths
  FROM aftersales.cases c
  JOIN media.media m ON m.owner = 'shopper:' || c.shopper_id AND m.purpose = $2
 WHERE c.id = $1 AND c.shopper_id IS NOT NULL AND m.kind = 'image'
 ORDER BY m.created_at, m.id LIMIT 50
"""
SQL_REFUNDS = """
SELECT r.id, r.amount, r.currency, r.status, r.code, r.requested_at, r.finished_at, t.method
  FROM payments.refund r JOIN payments.tender t ON t.id = r.tender_id
 WHERE r.trade_id = $1 AND r.ref = $2 ORDER BY r.requested_at, r.id
"""
SQL_UNIT_SHARES = """
SELECT id AS unit_id, price, discount, points, freight, tax, paid, refunded FROM orders.unit WHERE id = ANY($1::uuid[])
"""


class BoardRow(msgspec.Struct, frozen=True, kw_only=True):
    """A case on the board, with the first of its goods; `late` says that the money was promised for earlier."""

    id: UUID
    trade_id: UUID
    order_id: UUID
    number: str
    kind: str
    status: str
    reason: str
    amount: int
    currency: str
    refunded_amount: int
    requested_at: datetime
    expected_refund_by: datetime
    closed_at: datetime | None
    late: bool
    buyer: str
    pieces: int
    titles: dict[str, str]
    media_id: UUID | None


class StatusCount(msgspec.Struct, frozen=True, kw_only=True):
    status: str
    cases: int
    late: int


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """What one unit was paid for, frozen at the sale: paid = price − discount − points + freight + tax."""

    unit_id: UUID
    price: int
    discount: int
    points: int
    freight: int
    tax: int
    paid: int
    refunded: int


class SentBack(msgspec.Struct, frozen=True, kw_only=True):
    """A refund of this case by one means of payment."""

    id: UUID
    method: str
    amount: int
    currency: str
    status: str
    code: str
    requested_at: datetime
    finished_at: datetime | None


class ReturnScreen(msgspec.Struct, frozen=True, kw_only=True):
    """One return with everything that a decision needs."""

    screen: CaseScreen
    shares: tuple[Share, ...]
    photos: tuple[Shot, ...]
    refunds: tuple[SentBack, ...]


async def list_board(
    session: Session,
    *,
    at: datetime,
    statuses: tuple[str, ...] | None = None,
    text: str | None = None,
    kind: str | None = None,
    late: bool = False,
    cursor: str | None = None,
    limit: int | None = None,
) -> Page[BoardRow]:
    """Cases, the last asked first; `text` is an order number or a whole phone number. One statement."""
    size = page_size(limit)
    after = Cursor.decode(cursor, (datetime, UUID)) if cursor else (None, None)
    wanted = (text or "").replace("\0", "").strip()[:100] or None
    chosen = None if statuses is None else list(statuses)
    asked = (chosen, kind, late, at, after[0], after[1], size + 1)
    if wanted is None:
        rows = await session.rows(SQL_BOARD_ROWS, *asked)
    else:
        rows = await session.rows(SQL_BOARD_ROWS_OF, *asked, wanted)
    items = tuple(
        msgspec.convert(
            {
                **dict(row),
                "buyer": masked(row["buyer"]),
                "late": row["closed_at"] is None and row["expected_refund_by"] < at,
            },
            BoardRow,
        )
        for row in rows[:size]
    )
    more = len(rows) > size
    return Page(
        items=items, next_cursor=Cursor.encode((items[-1].requested_at, items[-1].id)) if more else None
    )


async def count_board(session: Session, *, at: datetime) -> tuple[StatusCount, ...]:
    """How many cases are in each state that has any."""
    return tuple(StatusCount(**dict(row)) for row in await session.rows(SQL_BOARD_COUNTS, at))


async def get_return(session: Session, *, case_id: UUID, shown_id: str) -> ReturnScreen:
    """Raise NoCase for an id that names none; `shown_id` is the same id as it is written."""
    screen = await get_case_screen(session, case_id=case_id)
    units = [unit.unit_id for unit in screen.case.units]
    shares = await session.rows(SQL_UNIT_SHARES, units)
    photos = await session.rows(SQL_PHOTOS, case_id, f"return:{shown_id}")
    refunds = await session.rows(SQL_REFUNDS, screen.case.trade_id, f"case:{shown_id}")
    return ReturnScreen(
        screen=screen,
        shares=tuple(Share(**dict(row)) for row in shares),
        photos=tuple(msgspec.convert(dict(row), Shot) for row in photos),
        refunds=tuple(SentBack(**dict(row)) for row in refunds),
    )
