"""Facts that orders tell. The subject of each is the trade."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from daji.kit.events import Event


class OrderPlaced(Event, frozen=True, kw_only=True):
    """A trade was placed; `total` in minor units. No `order_ids` when its lines are unknown."""

    topic: ClassVar[str] = "orders.order_placed"

    trade_id: UUID
    order_ids: tuple[UUID, ...]
    shopper_id: UUID | None
    channel: str
    currency: str
    total: int
    placed_at: datetime


class OrderConfirmed(Event, frozen=True, kw_only=True):
    """A trade was paid and its orders are released to work; `late` when it had expired before."""

    topic: ClassVar[str] = "orders.order_confirmed"

    trade_id: UUID
    order_ids: tuple[UUID, ...]
    late: bool
    confirmed_at: datetime


class TradeExpired(Event, frozen=True, kw_only=True):
    """Nobody paid in time."""

    topic: ClassVar[str] = "orders.trade_expired"

    trade_id: UUID
    order_ids: tuple[UUID, ...]
    expired_at: datetime


class OrderCancelled(Event, frozen=True, kw_only=True):
    """These orders will not be sent; `trade_cancelled` when none of the trade is left."""

    topic: ClassVar[str] = "orders.order_cancelled"

    trade_id: UUID
    order_ids: tuple[UUID, ...]
    trade_cancelled: bool
    reason: str
    cancelled_at: datetime


class DeliveryMoved(Event, frozen=True, kw_only=True):
    """An order moved on its delivery axis."""

    topic: ClassVar[str] = "orders.delivery_moved"

    trade_id: UUID
    order_id: UUID
    delivery: str
    moved_at: datetime


class OrderCompleted(Event, frozen=True, kw_only=True):
    """The time to complain quietly passed; `trade_completed` when this was the last of the trade."""

    topic: ClassVar[str] = "orders.order_completed"

    trade_id: UUID
    order_id: UUID
    trade_completed: bool
    completed_at: datetime
