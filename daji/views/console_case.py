"""A return with the words for its goods, and the places that may take them in."""

from __future__ import annotations

from uuid import UUID

import msgspec

from daji.care.aftersales import api as aftersales
from daji.fulfil.inventory import api as inventory
from daji.kit.db import Session
from daji.kit.paging import Page
from daji.views.console_order import Moment, with_names

SQL_UNIT_WORDS = """
SELECT u.id AS unit_id, u.n, l.code, l.titles, l.option_texts
  FROM orders.unit u JOIN orders.line l ON l.id = u.line_id WHERE u.id = ANY($1::uuid[])
"""
SQL_ORDER_OF_CASE = 'SELECT number, site_id FROM orders."order" WHERE id = $1'
SQL_ORDERS_OF_CASES = 'SELECT id, number FROM orders."order" WHERE id = ANY($1::uuid[])'


class UnitWords(msgspec.Struct, frozen=True, kw_only=True):
    """What one unit is; `n` counts the pieces of its line."""

    unit_id: UUID
    n: int
    code: str
    titles: dict[str, str]
    option_texts: dict[str, str]


class CaseScreen(msgspec.Struct, frozen=True, kw_only=True):
    """`site_id` is where the goods came from."""

    case: aftersales.Case
    number: str
    site_id: UUID
    sites: tuple[inventory.Site, ...]
    words: dict[UUID, UnitWords]
    history: tuple[Moment, ...]


class CaseRow(msgspec.Struct, frozen=True, kw_only=True):
    case: aftersales.Case
    number: str


async def get_case_screen(session: Session, *, case_id: UUID) -> CaseScreen:
    """Raise NoCase for an id that names none."""
    case = await aftersales.get_case(session, case_id=case_id, owner=None)
    order = await session.row(SQL_ORDER_OF_CASE, case.order_id)
    if order is None:
        raise AssertionError(f"case {case_id} without an order")
    rows = await session.rows(SQL_UNIT_WORDS, [unit.unit_id for unit in case.units])
    sites = await inventory.sites(session)
    steps = [
        Moment(source="case", code=step.verb, at=step.at, by=step.by, public=True, note=step.note)
        for step in case.history
    ]
    return CaseScreen(
        case=case,
        number=order["number"],
        site_id=order["site_id"],
        sites=tuple(site for site in sites if site.active),
        words={row["unit_id"]: UnitWords(**dict(row)) for row in rows},
        history=await with_names(session, steps),
    )


async def list_cases(
    session: Session, *, status: str | None = None, cursor: str | None = None, limit: int | None = None
) -> Page[CaseRow]:
    """Cases with the numbers of their orders, newest first."""
    page = await aftersales.list_cases(session, owner=None, status=status, cursor=cursor, limit=limit)
    rows = await session.rows(SQL_ORDERS_OF_CASES, [case.order_id for case in page.items])
    numbers = {row["id"]: row["number"] for row in rows}
    return Page(
        items=tuple(CaseRow(case=case, number=numbers.get(case.order_id, "")) for case in page.items),
        next_cursor=page.next_cursor,
    )
