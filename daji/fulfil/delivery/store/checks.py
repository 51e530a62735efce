"""Every parcel that left, as an audit holds it against the orders."""

from __future__ import annotations

from daji.kit import agree

SQL_SENT = (
    "SELECT order_id::text FROM delivery.shipment WHERE handed_over_at IS NOT NULL AND status <> 'cancelled'"
)
SQL_SENT_SUM = agree.in_sum(SQL_SENT)

SENT = agree.Side(each=SQL_SENT, summed=SQL_SENT_SUM)
"""The order of each parcel that a carrier has."""
