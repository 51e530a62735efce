"""What the ledger answers."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from daji.fulfil.inventory.facts import AuditReport, Availability, Difference, Hold, HoldState, Movement
from daji.fulfil.inventory.store.inward import as_availability
from daji.kit import agree
from daji.kit.db import Session

SQL_AVAILABILITY = """
SELECT b.sku_id, b.site_id, b.on_hand, b.held, b.quarantined
  FROM inventory.balance b JOIN inventory.site s ON s.id = b.site_id AND s.active
 WHERE b.sku_id = ANY($1::uuid[])
 ORDER BY b.sku_id, b.site_id
"""
SQL_BALANCES = """
SELECT sku_id, site_id, on_hand, held, quarantined
  FROM inventory.balance
 WHERE ($1::uuid IS NULL OR site_id = $1)
   AND ($2::uuid[] IS NULL OR sku_id = ANY($2))
   AND ($3::uuid IS NULL OR (sku_id, site_id) > ($3, $4::uuid))
 ORDER BY sku_id, site_id
 LIMIT $5
"""
SQL_MOVEMENTS = """
SELECT seq, sku_id, site_id, kind, delta_on_hand, delta_held, delta_quarantined, ref, reason, note, by, at
  FROM inventory.movement
 WHERE ($1::uuid IS NULL OR site_id = $1)
   AND ($2::uuid IS NULL OR sku_id = $2)
   AND ($3::text IS NULL OR ref = $3)
   AND ($4::bigint IS NULL OR seq < $4)
 ORDER BY seq DESC
 LIMIT $5
"""
SQL_HOLDS = """
SELECT h.id, h.holder, h.sku_id, h.site_id, s.qty, s.state, h.held_at,
       CASE WHEN s.state = 'pending' THEN h.expires_at END AS expires_at
  FROM inventory.hold h
 CROSS JOIN LATERAL (VALUES ('pending', h.pending), ('confirmed', h.confirmed),
                            ('shipped', h.shipped), ('released', h.released)) AS s(state, qty)
 WHERE s.qty > 0
   AND ($1::uuid IS NULL OR h.holder = $1)
   AND ($2::uuid IS NULL OR h.sku_id = $2)
   AND ($3::text IS NULL OR s.state = $3)
   AND ($4::uuid IS NULL OR h.id < $4 OR (h.id = $4 AND s.state < $5::text))
 ORDER BY h.id DESC, s.state DESC
 LIMIT $6
"""
SQL_AUDIT_COUNTS = """
SELECT (SELECT count(*) FROM inventory.balance) AS balances, (SELECT count(*) FROM inventory.movement) AS movements,
       (SELECT coalesce(sum(greatest(held - on_hand, -held, -on_hand, 0)), 0)::bigint
          FROM inventory.balance WHERE held > on_hand OR held < 0 OR on_hand < 0) AS oversold
"""
SQL_PROMISES = """
SELECT concat_ws('/', holder, sku_id, sum(pending + confirmed))
  FROM inventory.hold WHERE pending + confirmed > 0 GROUP BY holder, sku_id
"""
SQL_PROMISES_SUM = agree.in_sum(SQL_PROMISES)

PROMISES = agree.Side(each=SQL_PROMISES, summed=SQL_PROMISES_SUM)
"""`holder/sku/pieces` of all open holds."""

SQL_AUDIT = """
WITH ledger AS (
  SELECT sku_id, site_id, sum(delta_on_hand)::bigint AS on_hand, sum(delta_held)::bigint AS held,
         sum(delta_quarantined)::bigint AS quarantined
    FROM inventory.movement GROUP BY sku_id, site_id
), holds AS (
  SELECT sku_id, site_id, sum(pending + confirmed)::bigint AS open
    FROM inventory.hold GROUP BY sku_id, site_id
), both_sides AS (
  SELECT sku_id, site_id, coalesce(b.on_hand, 0) AS b_on_hand, coalesce(b.held, 0) AS b_held,
         coalesce(b.quarantined, 0) AS b_quarantined, coalesce(l.on_hand, 0) AS l_on_hand,
         coalesce(l.held, 0) AS l_held, coalesce(l.quarantined, 0) AS l_quarantined, coalesce(h.open, 0) AS open
    FROM inventory.balance b
    FULL JOIN ledger l USING (sku_id, site_id)
    FULL JOIN holds h USING (sku_id, site_id)
)
SELECT sku_id, site_id, f.field, f.balance, f.ledger
  FROM both_sides
 CROSS JOIN LATERAL (VALUES ('on_hand', b_on_hand, l_on_hand), ('held', b_held, l_held),
                            ('quarantined', b_quarantined, l_quarantined), ('holds', b_held, open))
         AS f(field, balance, ledger)
 WHERE f.balance <> f.ledger
 ORDER BY sku_id, site_id, f.field
"""


async def availability(session: Session, *, sku_ids: Sequence[UUID]) -> tuple[Availability, ...]:
    rows = await session.rows(SQL_AVAILABILITY, list(sku_ids))
    return tuple(as_availability(row) for row in rows)


async def balances(
    session: Session,
    *,
    site_id: UUID | None,
    sku_ids: Sequence[UUID] | None,
    after: tuple[UUID, UUID] | None,
    count: int,
) -> tuple[Availability, ...]:
    skus = None if sku_ids is None else list(sku_ids)
    rows = await session.rows(SQL_BALANCES, site_id, skus, *(after or (None, None)), count)
    return tuple(as_availability(row) for row in rows)


async def movements(
    session: Session,
    *,
    site_id: UUID | None,
    sku_id: UUID | None,
    ref: str | None,
    before: int | None,
    count: int,
) -> tuple[Movement, ...]:
    rows = await session.rows(SQL_MOVEMENTS, site_id, sku_id, ref, before, count)
    return tuple(Movement(**dict(row)) for row in rows)


async def holds(
    session: Session,
    *,
    holder: UUID | None,
    sku_id: UUID | None,
    state: HoldState | None,
    before: tuple[UUID, str] | None,
    count: int,
) -> tuple[Hold, ...]:
    rows = await session.rows(SQL_HOLDS, holder, sku_id, state, *(before or (None, None)), count)
    return tuple(
        Hold(
            id=row["id"],
            holder=row["holder"],
            sku_id=row["sku_id"],
            site_id=row["site_id"],
            qty=row["qty"],
            state=row["state"],
            expires_at=row["expires_at"],
            created_at=row["held_at"],
        )
        for row in rows
    )


async def audit(session: Session) -> AuditReport:
    counts = await session.rows(SQL_AUDIT_COUNTS)
    rows = await session.rows(SQL_AUDIT)
    return AuditReport(
        balances=counts[0]["balances"],
        movements=counts[0]["movements"],
        oversold=counts[0]["oversold"],
        differences=tuple(Difference(**dict(row)) for row in rows),
    )
