"""The axes of an order, as data. What money, parcels and returns do moves each along its own axis only."""

from __future__ import annotations

from daji.kit.states import Transitions

TRADE = Transitions(
    {
        ("placed", "confirm"): "confirmed",
        ("placed", "cancel"): "cancelled",
        ("placed", "expire"): "expired",
        # Money that arrives after the deadline revives the trade: the buyer has paid, the promise is kept.
        ("expired", "pay_late"): "confirmed",
        ("confirmed", "cancel"): "cancelled",
        ("confirmed", "complete"): "completed",
    },
    initial="placed",
)

ORDER = Transitions(
    {
        ("placed", "confirm"): "confirmed",
        ("placed", "cancel"): "cancelled",
        ("confirmed", "cancel"): "cancelled",
        ("confirmed", "complete"): "completed",
    },
    initial="placed",
)

DELIVERY = Transitions(
    {
        ("none", "release"): "released",
        ("none", "stop"): "stopped",
        ("released", "start_work"): "picking",
        ("released", "stop"): "stopped",
        ("picking", "pack"): "packed",
        ("picking", "stop"): "stopped",
        ("packed", "ship"): "shipped",
        ("packed", "stop"): "stopped",
        ("shipped", "deliver"): "delivered",
        ("shipped", "fail"): "failed",
        ("failed", "return"): "returned",
    },
    initial="none",
)

UNIT = Transitions(
    {
        ("sold", "cancel"): "cancelled",
        ("sold", "open_return"): "in_return",
        ("in_return", "keep"): "sold",
        ("in_return", "returned"): "returned",
    },
    initial="sold",
)

PAYMENTS = ("unpaid", "part_paid", "paid", "part_refunded", "refunded")
"""Derived from due, captured and refunded; see `store.payment`."""

AFTERSALES = ("none", "open", "part_returned", "returned")
"""Derived from the units; see `store.units`."""

MOVES = ("start_work", "pack", "ship", "deliver", "fail", "return", "stop")
"""Verbs of the delivery axis that others may use; an order is released by its confirmation."""

GOODS_AT_HAND = ("none", "released", "picking", "packed", "stopped", "returned")
"""Deliveries whose goods are on no road, so that the order can still be cancelled."""

PAY_TIMER = "orders.pay_deadline"
"""Timer of a trade: unpaid until then, it expires."""

COMPLETE_TIMER = "orders.complete"
"""Timer of an order: delivered and left in peace until then, it completes."""
