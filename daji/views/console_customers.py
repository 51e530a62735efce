"""Customers with their full story. What identifies a person is masked unless it is asked for, which is written down."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from daji.care.customers import api as customers
from daji.kit.db import Session
from daji.kit.paging import Cursor, Page
from daji.kit.paging import limit as page_size
from daji.kit.places import Address
from daji.kit.problems import NotFound
from daji.views.console_holds import masked

_SHOWN = 50

SQL_CUSTOMER_ROWS = """
SELECT a.id, a.name, a.phone, a.email, a.lang, a.active, a.created_at, coalesce(o.orders, 0) AS orders,
       o.last_order_at, coalesce(o.spent, '[]'::jsonb) AS spent
  FROM identity.account a
  LEFT JOIN LATERAL (
       SELECT sum(m.orders)::bigint AS orders, max(m.last_at) AS last_order_at,
              jsonb_agg(jsonb_build_object('currency', m.currency, 'amount', m.amount) ORDER BY m.currency) AS spent
         FROM (SELECT t.currency, count(*) AS orders, max(t.placed_at) AS last_at,
                      sum(t.captured - t.refunded)::bigint AS amount
                 FROM orders.trade t WHERE t.shopper_id = a.id GROUP BY t.currency) m) o ON true
 WHERE a.kind = 'shopper'
   AND ($1::text IS NULL OR strpos(lower(a.name), $1) > 0 OR a.email = $1 OR a.phone = $2)
   AND ($3::bool IS NULL OR a.active = $3)
   AND ($4::timestamptz IS NULL OR (a.created_at, a.id) < ($4, $5::uuid))
 ORDER BY a.created_at DESC, a.id DESC LIMIT $6
"""
SQL_CUSTOMER = """
SELECT id, name, phone, email, lang, active, created_at FROM identity.account WHERE id = $1 AND kind = 'shopper'
"""
SQL_CUSTOMER_ORDERS = """
SELECT t.id, t.number, t.placed_at, t.status, t.payment, t.total + t.difference AS due, t.captured, t.refunded,
       t.currency,
       (SELECT array_agg(o.delivery ORDER BY o.position) FROM orders."order" o WHERE o.trade_id = t.id) AS deliveries
  FROM orders.trade t WHERE t.shopper_id = $1 ORDER BY t.placed_at DESC, t.id DESC LIMIT $2
"""
SQL_CUSTOMER_PAYMENTS = """
SELECT n.id, t.id AS trade_id, t.number, n.method, n.amount, n.refunded, n.currency, n.status, n.created_at
  FROM orders.trade t JOIN payments.tender n ON n.trade_id = t.id
 WHERE t.shopper_id = $1 ORDER BY n.created_at DESC, n.id DESC LIMIT $2
"""
SQL_CUSTOMER_CASES = """
SELECT c.id, c.trade_id, o.number, c.kind, c.status, c.reason, c.amount, c.refunded_amount, c.currency, c.requested_at
  FROM aftersales.cases c JOIN orders."order" o ON o.id = c.order_id
 WHERE c.shopper_id = $1 ORDER BY c.requested_at DESC, c.id DESC LIMIT $2
"""
SQL_CUSTOMER_REVIEWS = """
SELECT r.id, r.product_id, r.score, r.title, r.text, r.status, r.posted_at,
       (SELECT jsonb_object_agg(x.lang, x.body ->> 'title') FROM jsonb_each(p.texts) AS x(lang, body)) AS titles
  FROM reviews.review r LEFT JOIN catalog.product p ON p.id = r.product_id
 WHERE r.author_id = $1 ORDER BY r.posted_at DESC, r.id DESC LIMIT $2
"""


class Sum(msgspec.Struct, frozen=True, kw_only=True):
    """Minor units of one currency."""

    currency: str
    amount: int


class CustomerRow(msgspec.Struct, frozen=True, kw_only=True):
    """A shopper in the list; `spent` is what stayed paid, by currency. Phone and e-mail are masked."""

    shopper_id: UUID
    name: str
    phone: str | None
    email: str | None
    lang: str
    active: bool
    created_at: datetime
    orders: int
    last_order_at: datetime | None
    spent: tuple[Sum, ...]


class CustomerOrder(msgspec.Struct, frozen=True, kw_only=True):
    trade_id: UUID
    number: str
    placed_at: datetime
    status: str
    payment: str
    due: int
    captured: int
    refunded: int
    currency: str
    deliveries: tuple[str, ...]


class CustomerPayment(msgspec.Struct, frozen=True, kw_only=True):
    tender_id: UUID
    trade_id: UUID
    number: str
    method: str
    amount: int
    refunded: int
    currency: str
    status: str
    created_at: datetime


class CustomerCase(msgspec.Struct, frozen=True, kw_only=True):
    case_id: UUID
    trade_id: UUID
    number: str
    kind: str
    status: str
    reason: str
    amount: int
    refunded_amount: int
    currency: str
    requested_at: datetime


class CustomerReview(msgspec.Struct, frozen=True, kw_only=True):
    review_id: UUID
    product_id: UUID | None
    titles: dict[str, str] | None
    score: int
    title: str
    text: str
    status: str
    posted_at: datetime


class Customer(msgspec.Struct, frozen=True, kw_only=True):
    """The full story of one shopper, the newest of each first, at most 50 of each.

    `revealed` says whether contacts and addresses are whole; masked ones show no more than a parcel label needs to
    be recognised by.
    """

    shopper_id: UUID
    name: str
    phone: str | None
    email: str | None
    lang: str
    active: bool
    created_at: datetime
    revealed: bool
    addresses: tuple[Address, ...]
    orders: tuple[CustomerOrder, ...]
    payments: tuple[CustomerPayment, ...]
    cases: tuple[CustomerCase, ...]
    reviews: tuple[CustomerReview, ...]


async def list_customers(
    session: Session,
    *,
    text: str | None = None,
    active: bool | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Page[CustomerRow]:
    """Newest first; `text` is a part of a name, or a whole e-mail or phone number. One statement."""
    size = page_size(limit)
    after = Cursor.decode(cursor, (datetime, UUID)) if cursor else (None, None)
    wanted = (text or "").replace("\0", "").strip().lower()[:100] or None
    rows = await session.rows(SQL_CUSTOMER_ROWS, wanted, _phone(wanted), active, after[0], after[1], size + 1)
    items = tuple(
        msgspec.convert(
            {
                **dict(row),
                "shopper_id": row["id"],
                "phone": _hide_phone(row["phone"]),
                "email": _hide_email(row["email"]),
            },
            CustomerRow,
        )
        for row in rows[:size]
    )
    more = len(rows) > size
    return Page(
        items=items, next_cursor=Cursor.encode((items[-1].created_at, items[-1].shopper_id)) if more else None
    )


async def get_customer(session: Session, *, shopper_id: UUID, reveal: bool = False) -> Customer:
    """Raise NotFound for an id that names no shopper. Six statements."""
    row = await session.row(SQL_CUSTOMER, shopper_id)
    if row is None:
        raise NotFound
    book = await customers.list_addresses(session, shopper_id=shopper_id)
    orders = await session.rows(SQL_CUSTOMER_ORDERS, shopper_id, _SHOWN)
    paid = await session.rows(SQL_CUSTOMER_PAYMENTS, shopper_id, _SHOWN)
    cases = await session.rows(SQL_CUSTOMER_CASES, shopper_id, _SHOWN)
    reviews = await session.rows(SQL_CUSTOMER_REVIEWS, shopper_id, _SHOWN)
    addresses = tuple(saved.address for saved in book)
    return Customer(
        shopper_id=shopper_id,
        name=row["name"],
        phone=row["phone"] if reveal else _hide_phone(row["phone"]),
        email=row["email"] if reveal else _hide_email(row["email"]),
        lang=row["lang"],
        active=row["active"],
        created_at=row["created_at"],
        revealed=reveal,
        addresses=addresses if reveal else tuple(_hide_address(address) for address in addresses),
        orders=_facts(CustomerOrder, "trade_id", orders),
        payments=_facts(CustomerPayment, "tender_id", paid),
        cases=_facts(CustomerCase, "case_id", cases),
        reviews=_facts(CustomerReview, "review_id", reviews),
    )


def _facts(kind: type, own: str, rows: list) -> tuple:  # type: ignore[type-arg]
    """Rows as facts, each with its own id under the name that says what it is."""
    return tuple(
        msgspec.convert(
            {name: value if value is not None or name != "deliveries" else () for name, value in row.items()}
            | {own: row["id"]},
            kind,
        )
        for row in rows
    )


def _phone(text: str | None) -> str | None:
    """A number as it is kept: without its country's code it is a Chinese one."""
    if text is None:
        return None
    digits = "".join(char for char in text if char.isdigit() or char == "+")
    return digits if digits.startswith("+") else f"+86{digits}"


def _hide_phone(phone: str | None) -> str | None:
    return None if phone is None else f"{phone[:-8]}****{phone[-4:]}"


def _hide_email(email: str | None) -> str | None:
    if email is None:
        return None
    local, _, domain = email.partition("@")
    return f"{local[:1]}***@{domain}"


def _hide_address(address: Address) -> Address:
    """Down to the district: where somebody lives is not needed to talk about an order."""
    return msgspec.structs.replace(
        address,
        name=masked(address.name),
        phone=_hide_phone(address.phone) or "",
        line="***",
        postcode="",
        lat=None,
        lon=None,
    )
