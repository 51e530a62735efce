"""A buyer's orders: the list, and one purchase with all that happened to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from daji.care.aftersales import api as aftersales
from daji.kit import ids
from daji.kit.db import Session
from daji.kit.paging import Page
from daji.kit.problems import NotFound
from daji.trade.cart.api import Owner
from daji.trade.orders import api as orders
from daji.trade.payments import api as payments
from daji.views.shots import Shot, shot_from

SQL_PICTURES = """
SELECT s.id, p.slug, p.status = 'listed' AS listed, m.id AS media_id,
       CASE WHEN m.id IS NOT NULL THEN
       jsonb_build_object('id', m.id, 'width', m.width, 'height', m.height, 'blur', m.blur,
                          'widths', jsonb_path_query_array(m.renditions, '$[*].width'))
       END AS shot
  FROM catalog.sku s JOIN catalog.product p ON p.id = s.product_id
  LEFT JOIN media.media m ON m.id = coalesce(s.media_id, (p.media -> 0 ->> 'media_id')::uuid) AND m.kind = 'image'
 WHERE s.id = ANY($1::uuid[])
"""
SQL_SHIPMENTS = """
SELECT s.id, s.order_id, s.carrier, s.tracking_no, s.status,
       (SELECT jsonb_agg(jsonb_build_object('code', e.code, 'at', e.at, 'place', e.place, 'note', e.note)
                         ORDER BY e.at DESC, e.event_id DESC)
          FROM delivery.event e WHERE e.shipment_id = s.id) AS events
  FROM delivery.shipment s WHERE s.order_id = ANY($1::uuid[]) AND s.status <> 'cancelled' ORDER BY s.id
"""
SQL_REVIEWED = """
SELECT r.line_id, r.status, r.score, r.title, r.text, r.media_ids, r.reply, r.posted_at
  FROM reviews.review r WHERE r.line_id = ANY($1::uuid[])
"""
SQL_CASE_PHOTOS = """
SELECT m.id, m.width, m.height, m.blur,
       array(SELECT (r ->> 'width')::int FROM jsonb_array_elements(m.renditions) AS r ORDER BY 1) AS widths
  FROM media.media m WHERE m.owner = $1 AND m.purpose = $2 AND m.kind = 'image' ORDER BY m.created_at, m.id LIMIT 50
"""

SQL_PAY_STATE = """
SELECT t.id, t.number, t.status, t.payment, t.currency, t.total + t.difference AS due, t.pay_by,
       (SELECT max(o.promised_by) FROM orders."order" o WHERE o.trade_id = t.id) AS promised_by,
       coalesce(p.due, 0) AS owed, coalesce(p.captured, 0) AS captured,
       array(SELECT n.status FROM payments.tender n WHERE n.trade_id = t.id ORDER BY n.id) AS tenders
  FROM orders.trade t LEFT JOIN payments.payable p ON p.trade_id = t.id
 WHERE t.id = $1 AND (t.shopper_id = $2 OR t.guest_token = $3)
"""

OPEN_TENDERS = frozenset({"created", "unknown", "pending", "authorised"})
"""Tenders whose end is not known."""

PayWord = Literal["paid", "pending", "failed", "open", "closed"]


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """How a SKU that was sold looks today; `slug` None when its page is gone."""

    slug: str | None
    media_id: UUID | None
    shot: Shot | None


class TradeList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of purchases; `pictures` by SKU."""

    trades: Page[orders.Trade]
    pictures: dict[UUID, Picture]


class TrackEvent(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    at: datetime
    place: str
    note: str


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """A shipment with its events, the latest first."""

    id: UUID
    order_id: UUID
    carrier: str
    tracking_no: str | None
    status: str
    events: tuple[TrackEvent, ...]


class OwnReview(msgspec.Struct, frozen=True, kw_only=True):
    """What the buyer said of a line; `status` is `hidden` when the shop does not show it."""

    status: str
    score: int
    title: str
    text: str
    media_ids: tuple[UUID, ...]
    reply: str | None
    posted_at: datetime


class TradePage(msgspec.Struct, frozen=True, kw_only=True):
    """One purchase with everything its buyer may see; `timeline` latest first."""

    trade: orders.Trade
    payable: payments.Payable | None
    parcels: tuple[Parcel, ...]
    cases: tuple[aftersales.Case, ...]
    timeline: tuple[orders.Entry, ...]
    pictures: dict[UUID, Picture]
    reviews: dict[UUID, OwnReview]

    @property
    def can_pay(self) -> bool:
        return self.trade.status == "placed" and self.payable is not None and self.to_pay > 0

    @property
    def to_pay(self) -> int:
        """What is still due, in minor units."""
        return 0 if self.payable is None else max(self.payable.due - self.payable.captured, 0)

    @property
    def can_cancel(self) -> bool:
        """Whether anything of the purchase is still at hand."""
        return self.trade.status == "placed" or any(
            self.can_cancel_order(order) for order in self.trade.orders
        )

    def can_cancel_order(self, order: orders.Order) -> bool:
        return order.status == "confirmed" and order.delivery in {"released", "picking", "packed"}

    def returnable(self, order: orders.Order) -> tuple[orders.Unit, ...]:
        """Units that the buyer may still ask to give back."""
        if order.delivery != "delivered":
            return ()
        return tuple(unit for line in order.lines for unit in line.units if unit.status == "sold")


class PayTrade(msgspec.Struct, frozen=True, kw_only=True):
    """What a buyer who pays sees of the purchase; `promised_by` is when its last parcel is to arrive."""

    id: UUID
    number: str
    status: orders.TradeStatus
    payment: orders.PaymentStatus
    currency: str
    due: int
    pay_by: datetime | None
    promised_by: datetime | None


class PayState(msgspec.Struct, frozen=True, kw_only=True):
    """How paying stands: `paid`, `pending` (the gateway has not said), `failed` (try again), `open` or `closed`.

    `to_pay` is what is still due, in minor units; `tenders` are the statuses of those that were begun.
    """

    trade: PayTrade
    to_pay: int
    tenders: tuple[str, ...]

    @property
    def state(self) -> PayWord:
        if self.trade.payment in {"paid", "part_refunded", "refunded"}:
            return "paid"
        if self.trade.status not in {"placed", "confirmed"}:
            return "closed"
        if self.waits:
            return "pending"
        return "failed" if self.tenders else "open"

    @property
    def waits(self) -> bool:
        """Whether the end of a tender is not known."""
        return any(status in OPEN_TENDERS for status in self.tenders)


async def list_trades(
    session: Session, *, owner: Owner, cursor: str | None = None, limit: int | None = None
) -> TradeList:
    """The owner's purchases, the last first, with a picture of each line."""
    page = await orders.list_trades(session, owner=owner, cursor=cursor, limit=limit)
    return TradeList(trades=page, pictures=await pictures_of(session, page.items))


async def get_trade_page(session: Session, *, trade_id: UUID, owner: Owner) -> TradePage:
    """One purchase; orders.TradeUnknown for another's."""
    trade = await orders.get_trade(session, trade_id=trade_id, owner=owner)
    order_ids = [order.id for order in trade.orders]
    line_ids = [line.id for order in trade.orders for line in order.lines]
    entries = await orders.timeline(session, trade_id=trade_id, public_only=True)
    return TradePage(
        trade=trade,
        payable=await payments.find_payable(session, trade_id=trade_id),
        parcels=await _parcels(session, order_ids),
        cases=await _cases(session, trade, owner),
        timeline=tuple(reversed(entries)),
        pictures=await pictures_of(session, [trade]),
        reviews={
            row["line_id"]: OwnReview(
                status=row["status"],
                score=row["score"],
                title=row["title"],
                text=row["text"],
                media_ids=tuple(row["media_ids"]),
                reply=row["reply"],
                posted_at=row["posted_at"],
            )
            for row in await session.rows(SQL_REVIEWED, line_ids)
        },
    )


async def get_pay_state(session: Session, *, trade_id: UUID, owner: Owner) -> PayState:
    """How paying stands, in one statement; orders.TradeUnknown for another's trade."""
    row = await session.row(SQL_PAY_STATE, trade_id, owner.shopper_id, owner.guest_token)
    if row is None:
        raise orders.TradeUnknown
    return PayState(
        trade=PayTrade(**{name: row[name] for name in PayTrade.__struct_fields__}),
        to_pay=max(row["owed"] - row["captured"], 0),
        tenders=tuple(row["tenders"]),
    )


async def pictures_of(session: Session, trades: Sequence[orders.Trade]) -> dict[UUID, Picture]:
    """How everything in these purchases looks today, by SKU. One statement."""
    return await pictures_by_sku(
        session, [line.sku_id for trade in trades for order in trade.orders for line in order.lines]
    )


async def pictures_by_sku(session: Session, sku_ids: Iterable[UUID]) -> dict[UUID, Picture]:
    """How SKUs look today. One statement, none for nothing."""
    wanted = sorted(set(sku_ids))
    if not wanted:
        return {}
    return {
        row["id"]: Picture(
            slug=row["slug"] if row["listed"] else None,
            media_id=row["media_id"],
            shot=shot_from(row["shot"]),
        )
        for row in await session.rows(SQL_PICTURES, wanted)
    }


async def _parcels(session: Session, order_ids: Sequence[UUID]) -> tuple[Parcel, ...]:
    return tuple(
        Parcel(
            id=row["id"],
            order_id=row["order_id"],
            carrier=row["carrier"],
            tracking_no=row["tracking_no"],
            status=row["status"],
            events=msgspec.convert(row["events"] or [], tuple[TrackEvent, ...]),
        )
        for row in await session.rows(SQL_SHIPMENTS, list(order_ids))
    )


async def _cases(session: Session, trade: orders.Trade, owner: Owner) -> tuple[aftersales.Case, ...]:
    page = await aftersales.list_cases(session, owner=owner, trade_id=trade.id, cursor=None, limit=100)
    return page.items


class CasePage(msgspec.Struct, frozen=True, kw_only=True):
    """A return with the goods it is about and the photos that its buyer sent."""

    case: aftersales.Case
    trade: orders.Trade
    pictures: dict[UUID, Picture]
    photos: tuple[Shot, ...]

    @property
    def lines(self) -> tuple[tuple[orders.Line, int], ...]:
        """Lines with how many of their units are in the case."""
        mine = {unit.unit_id for unit in self.case.units}
        counted = [
            (line, sum(unit.id in mine for unit in line.units))
            for order in self.trade.orders
            for line in order.lines
        ]
        return tuple((line, count) for line, count in counted if count)


async def get_case_page(session: Session, *, case_id: UUID, owner: Owner) -> CasePage:
    """One return; aftersales.NoCase for another's."""
    case = await aftersales.get_case(session, case_id=case_id, owner=owner)
    trade = await orders.get_trade(session, trade_id=case.trade_id, owner=owner)
    return CasePage(
        case=case,
        trade=trade,
        pictures=await pictures_of(session, [trade]),
        photos=await _case_photos(session, case.id, owner),
    )


async def get_case_photo(session: Session, *, case_id: UUID, media_id: UUID, owner: Owner | None) -> Shot:
    """A photo of a return; `owner` None is staff. NotFound for another's, and for a picture of anything else."""
    case = await aftersales.get_case(session, case_id=case_id, owner=owner)
    whose = owner or (await orders.get_trade(session, trade_id=case.trade_id, owner=None)).owner
    for one in await _case_photos(session, case.id, whose) if whose is not None else ():
        if one.id == media_id:
            return one
    raise NotFound(kind="media")


async def _case_photos(session: Session, case_id: UUID, owner: Owner) -> tuple[Shot, ...]:
    """Only a shopper with an account can have sent any (U-119)."""
    if owner.shopper_id is None:
        return ()
    rows = await session.rows(
        SQL_CASE_PHOTOS, f"shopper:{owner.shopper_id}", f"return:{ids.show('cas', case_id)}"
    )
    return tuple(msgspec.convert(dict(row), Shot) for row in rows)
