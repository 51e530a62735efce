"""The one writer of a trade's payment axis: derived from what is due, captured and refunded."""

from __future__ import annotations

from uuid import UUID

from daji.kit.db import Row, Tx

# What was captured or refunded never becomes less, so that an older sum that arrives later changes nothing (U-23).
SQL_DERIVE_PAYMENT = """
UPDATE orders.trade
   SET difference = difference + $2,
       captured = greatest(captured, $3),
       refunded = greatest(refunded, $4),
       payment = CASE
           WHEN greatest(refunded, $4) > 0 AND greatest(refunded, $4) >= greatest(captured, $3) THEN 'refunded'
           WHEN greatest(refunded, $4) > 0 THEN 'part_refunded'
           WHEN greatest(captured, $3) >= total + difference + $2 THEN 'paid'
           WHEN greatest(captured, $3) > 0 THEN 'part_paid'
           ELSE 'unpaid' END
 WHERE id = $1 AND total + difference + $2 >= 0
RETURNING payment, captured, refunded, currency
"""


async def derive_payment(
    tx: Tx, *, trade_id: UUID, difference: int = 0, captured: int = 0, refunded: int = 0
) -> Row | None:
    """Add to the difference, raise the sums, derive the axis; None when less than nothing would be due."""
    tx.locking("orders.trade")
    return await tx.row(SQL_DERIVE_PAYMENT, trade_id, difference, captured, refunded)
