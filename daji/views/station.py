"""What a hand-held asks: what was scanned, and one list of work with all that picking, packing and labels need."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

import msgspec

from daji.fulfil.delivery import api as delivery
from daji.kit.db import Session
from daji.views import console_work
from daji.views.shots import Shot, shots_of

_MAX_CODE = 100

SQL_SCAN = """
SELECT * FROM (
  SELECT 1 AS rank, 'sku' AS kind, s.id, s.code, s.barcode, NULL::uuid AS order_id, NULL::text AS status,
         (SELECT jsonb_object_agg(t.lang, t.body ->> 'title') FROM jsonb_each(p.texts) AS t(lang, body)) AS titles,
         p.media -> 0 ->> 'media_id' AS media_id
    FROM catalog.sku s JOIN catalog.product p ON p.id = s.product_id
   WHERE s.barcode = $1 OR s.code = $1
  UNION ALL
  SELECT 2, 'order', k.id, k.number, NULL, k.order_id, k.status, NULL, NULL
    FROM warehouse.pick_list k WHERE k.number = upper($1)
  UNION ALL
  SELECT 3, 'parcel', h.id, h.tracking_no, NULL, h.order_id, h.status, NULL, NULL
    FROM delivery.shipment h WHERE h.tracking_no = $1
  UNION ALL
  SELECT 4, 'notice', n.id, n.number, NULL, NULL, n.status, NULL, NULL
    FROM supply.notice n WHERE n.number = $1
) found ORDER BY rank, id LIMIT 1
"""
SQL_LINE_MEDIA = """
SELECT s.id AS sku_id, p.media -> 0 ->> 'media_id' AS media_id
  FROM catalog.sku s JOIN catalog.product p ON p.id = s.product_id WHERE s.id = ANY($1::uuid[])
"""

Found = Literal["sku", "order", "parcel", "notice"]


class Scan(msgspec.Struct, frozen=True, kw_only=True):
    """What a code stands for; `found` None for one that nobody here knows.

    A `sku` bears its words, an `order` and a `parcel` the order whose list they belong to, a `notice` itself.
    """

    code: str
    found: Found | None
    sku_id: UUID | None = None
    order_id: UUID | None = None
    notice_id: UUID | None = None
    status: str | None = None
    titles: dict[str, str] | None = None
    media_id: UUID | None = None


class StationWork(msgspec.Struct, frozen=True, kw_only=True):
    """One list of work, its lines in the order of a walk along the shelves, which are filled by SKU code.

    `pictures` are by SKU; `weight_g` is what the goods should weigh together, 0 when nobody weighed them. `shipment`
    is the parcel on its way, None before there is one.
    """

    work: console_work.Work
    pictures: dict[UUID, Shot]
    weight_g: int
    shipment: delivery.Shipment | None
    carriers: tuple[str, ...]
    usual_carrier: str


async def find_scan(session: Session, *, code: str) -> Scan:
    """A barcode or code of a SKU, the number of an order's list, a tracking number, or a notice's number."""
    wanted = code.replace("\0", "").strip()[:_MAX_CODE]
    row = await session.row(SQL_SCAN, wanted) if wanted else None
    if row is None:
        return Scan(code=wanted, found=None)
    return Scan(
        code=row["code"],
        found=row["kind"],
        sku_id=row["id"] if row["kind"] == "sku" else None,
        order_id=row["order_id"],
        notice_id=row["id"] if row["kind"] == "notice" else None,
        status=row["status"],
        titles=row["titles"],
        media_id=None if row["media_id"] is None else UUID(row["media_id"]),
    )


async def get_station_work(
    session: Session, *, order_id: UUID, carriers: tuple[str, ...], usual_carrier: str
) -> StationWork:
    """Raise NotFound for an order without a pick list."""
    work = await console_work.get_work(session, order_id=order_id)
    rows = await session.rows(SQL_LINE_MEDIA, [line.sku_id for line in work.lines])
    media = {row["sku_id"]: UUID(row["media_id"]) for row in rows if row["media_id"] is not None}
    shots = await shots_of(session, media.values())
    shipments = await delivery.find_by_order(session, order_id=order_id)
    live = [shipment for shipment in shipments if shipment.status != "cancelled"]
    return StationWork(
        work=msgspec.structs.replace(work, lines=tuple(sorted(work.lines, key=lambda line: line.code))),
        pictures={sku_id: shots[media_id] for sku_id, media_id in media.items() if media_id in shots},
        weight_g=work.weight_g,
        shipment=live[-1] if live else None,
        carriers=carriers,
        usual_carrier=usual_carrier,
    )
