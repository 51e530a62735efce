"""Freight templates and who uses which."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from daji.fulfil.delivery.facts import FreightRule, FreightTemplate, Mode
from daji.kit import ids
from daji.kit.db import Session, Tx

SQL_SAVE = """
WITH saved AS (
INSERT INTO delivery.template AS t (id, code, name, currency, mode, rules, updated_at)
VALUES ($1, $2, $3, $4, $5, $6::text::jsonb, $7)
ON CONFLICT (code) DO UPDATE
   SET name = excluded.name, currency = excluded.currency, mode = excluded.mode, rules = excluded.rules,
       updated_at = excluded.updated_at
 WHERE NOT EXISTS (SELECT FROM delivery.charge mine
                     JOIN delivery.charge other ON other.seller_id IS NOT DISTINCT FROM mine.seller_id
                          AND other.currency = excluded.currency AND other.template_id <> mine.template_id
                    WHERE mine.template_id = t.id)
RETURNING id, code, name, currency, mode, rules
), moved AS (
  UPDATE delivery.charge c SET currency = saved.currency FROM saved
   WHERE c.template_id = saved.id AND c.currency <> saved.currency
)
SELECT id, code, name, currency, mode, rules FROM saved
"""
SQL_ASSIGN = """
INSERT INTO delivery.charge (id, seller_id, currency, template_id)
SELECT $1::uuid, $2::uuid, t.currency, t.id FROM delivery.template t WHERE t.id = $3::uuid
ON CONFLICT (seller_id, currency) DO UPDATE SET template_id = excluded.template_id
"""
SQL_FOR_SELLERS = """
SELECT a.seller_id, t.id, t.code, t.name, t.currency, t.mode, t.rules
  FROM delivery.charge a JOIN delivery.template t ON t.id = a.template_id
 WHERE (a.seller_id = ANY($1::uuid[]) OR a.seller_id IS NULL) AND a.currency = $2
"""
SQL_ANY = "SELECT EXISTS (SELECT FROM delivery.charge)"
SQL_LIST = "SELECT id, code, name, currency, mode, rules FROM delivery.template ORDER BY code"


async def save(
    tx: Tx,
    *,
    code: str,
    name: str,
    currency: str,
    mode: Mode,
    rules: Sequence[FreightRule],
    now: datetime,
) -> FreightTemplate | None:
    """The template as it is; None when somebody who has it has another one of its new currency."""
    encoded = msgspec.json.encode(rules).decode()
    row = await tx.row(SQL_SAVE, ids.new_id(), code, name, currency, mode, encoded, now)
    return None if row is None else msgspec.convert(dict(row), FreightTemplate)


async def assign(tx: Tx, *, seller_id: UUID | None, template_id: UUID) -> bool:
    """Give a seller, or with None everybody else, a template for its currency; False when there is no such template."""
    return await tx.execute(SQL_ASSIGN, ids.new_id(), seller_id, template_id) == 1


async def for_sellers(
    session: Session, *, seller_ids: Sequence[UUID], currency: str
) -> dict[UUID | None, FreightTemplate]:
    rows = await session.rows(SQL_FOR_SELLERS, list(seller_ids), currency)
    return {
        row["seller_id"]: msgspec.convert(
            {name: value for name, value in row.items() if name != "seller_id"}, FreightTemplate
        )
        for row in rows
    }


async def any_currency(session: Session) -> bool:
    """Whether anybody charges for the way at all."""
    return bool(await session.value(SQL_ANY))


async def listed(session: Session) -> tuple[FreightTemplate, ...]:
    return tuple(msgspec.convert(dict(row), FreightTemplate) for row in await session.rows(SQL_LIST))
