"""Work at the shelf with the words for goods: the queue, and one list as it is carried about."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from daji.fulfil.inventory import api as inventory
from daji.fulfil.warehouse import api as warehouse
from daji.kit.db import Session
from daji.kit.paging import Cursor, Page
from daji.kit.paging import limit as page_size

SQL_WORK_ROWS = """
SELECT k.id, k.order_id, k.number, k.status, k.created_at, o.promised_by, o.trade_id, w.code AS site_code,
       w.name AS site_name,
       (SELECT coalesce(sum(l.qty), 0) FROM warehouse.pick_line l WHERE l.pick_list_id = k.id)::bigint AS pieces,
       (SELECT coalesce(sum(l.picked), 0) FROM warehouse.pick_line l WHERE l.pick_list_id = k.id)::bigint AS picked
  FROM warehouse.pick_list k
  JOIN orders."order" o ON o.id = k.order_id
  JOIN inventory.site w ON w.id = k.site_id
 WHERE ($1::uuid IS NULL OR k.site_id = $1) AND k.status = ANY($2::text[])
   AND ($3::text IS NULL OR k.number = upper($3))
   AND ($4::uuid IS NULL OR k.id > $4)
 ORDER BY k.id LIMIT $5
"""
SQL_WORDS = """
SELECT l.id AS line_id, l.code, l.titles, l.option_texts, s.barcode, coalesce(s.weight_g, 0) AS weight_g
  FROM orders.line l LEFT JOIN catalog.sku s ON s.id = l.sku_id
 WHERE l.order_id = $1
"""
SQL_ORDER_OF_WORK = """
SELECT o.trade_id, o.promised_by, o.delivery, t.address, t.number AS trade_number
  FROM orders."order" o JOIN orders.trade t ON t.id = o.trade_id WHERE o.id = $1
"""

OPEN: tuple[warehouse.Status, ...] = ("released", "picking", "short", "picked", "packed")
_ALL: tuple[warehouse.Status, ...] = (*OPEN, "handed_over", "cancelled")


class WorkRow(msgspec.Struct, frozen=True, kw_only=True):
    """A pick list in the queue; `picked` of `pieces` are in the box."""

    id: UUID
    order_id: UUID
    number: str
    status: str
    created_at: datetime
    promised_by: datetime
    trade_id: UUID
    site_code: str
    site_name: str
    pieces: int
    picked: int


class WorkLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line to take from the shelf; grams of one piece, 0 when nobody weighed it."""

    line_id: UUID
    sku_id: UUID
    code: str
    titles: dict[str, str]
    option_texts: dict[str, str]
    barcode: str | None
    weight_g: int
    qty: int
    picked: int
    short: int

    @property
    def open(self) -> int:
        """Pieces still to take."""
        return self.qty - self.picked


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """One pick list with words; `weight_g` is what its goods should weigh."""

    pick_list: warehouse.PickList
    site: inventory.Site | None
    trade_id: UUID
    trade_number: str
    promised_by: datetime
    delivery: str
    ship_to: str
    lines: tuple[WorkLine, ...]

    @property
    def weight_g(self) -> int:
        return sum(line.weight_g * line.qty for line in self.lines)


async def list_work(
    session: Session,
    *,
    site_id: UUID | None = None,
    status: str | None = None,
    number: str | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Page[WorkRow]:
    """Oldest first; without a status all that is open, and with a number whatever its status."""
    size = page_size(limit)
    after = Cursor.decode(cursor, (UUID,))[0] if cursor else None
    wanted = (number or "").replace("\0", "").strip()[:64] or None
    statuses = [status] if status else list(_ALL if wanted else OPEN)
    rows = await session.rows(SQL_WORK_ROWS, site_id, statuses, wanted, after, size + 1)
    items = tuple(WorkRow(**dict(row)) for row in rows[:size])
    return Page(items=items, next_cursor=Cursor.encode((items[-1].id,)) if len(rows) > size else None)


async def get_work(session: Session, *, order_id: UUID) -> Work:
    """Raise NotFound for an order without a pick list."""
    pick_list = await warehouse.get_pick_list(session, order_id=order_id)
    sites = await inventory.sites(session, ids=[pick_list.site_id])
    order = await session.row(SQL_ORDER_OF_WORK, order_id)
    if order is None:
        raise AssertionError(f"pick list {pick_list.id} without an order")
    words = {row["line_id"]: row for row in await session.rows(SQL_WORDS, order_id)}
    address = order["address"]
    return Work(
        pick_list=pick_list,
        site=sites[0] if sites else None,
        trade_id=order["trade_id"],
        trade_number=order["trade_number"],
        promised_by=order["promised_by"],
        delivery=order["delivery"],
        ship_to=" ".join(
            str(address[part])
            for part in ("name", "country", "region", "city", "district", "line")
            if address.get(part)
        ),
        lines=tuple(
            WorkLine(
                line_id=line.line_id,
                sku_id=line.sku_id,
                code=words[line.line_id]["code"],
                titles=words[line.line_id]["titles"],
                option_texts=words[line.line_id]["option_texts"],
                barcode=words[line.line_id]["barcode"],
                weight_g=words[line.line_id]["weight_g"],
                qty=line.qty,
                picked=line.picked,
                short=line.short,
            )
            for line in pick_list.lines
        ),
    )
