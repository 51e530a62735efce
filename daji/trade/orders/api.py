"""The door of orders."""

from __future__ import annotations

from daji.trade.orders.commands.book_difference import book_difference
from daji.trade.orders.commands.cancel_order import cancel_order
from daji.trade.orders.commands.cancel_trade import cancel_trade
from daji.trade.orders.commands.complete import complete, complete_many
from daji.trade.orders.commands.confirm import confirm
from daji.trade.orders.commands.expire import expire
from daji.trade.orders.commands.move_delivery import move_deliveries, move_delivery
from daji.trade.orders.commands.note import note
from daji.trade.orders.commands.note_refund import note_refund
from daji.trade.orders.commands.place import place, place_many
from daji.trade.orders.commands.place_without_lines import place_without_lines
from daji.trade.orders.commands.returns import close_return, open_return
from daji.trade.orders.commands.take_money import set_payment, take_money, take_money_many
from daji.trade.orders.facts import (
    AlreadyPlaced,
    CancelledOrder,
    CancelWholeTrade,
    Confirmed,
    DeliveryStep,
    DifferenceTooLarge,
    Entry,
    Line,
    Money,
    MoneyTaken,
    MovedOrder,
    Order,
    OrdersAudit,
    OrderUnknown,
    PaymentStatus,
    Purchase,
    QuoteUnbalanced,
    RefundExceedsPaid,
    TooLateToCancel,
    TooManyUnits,
    Trade,
    TradeHead,
    TradeStatus,
    TradeUnknown,
    Unit,
    UnitNotInReturn,
    UnitNotReturnable,
)
from daji.trade.orders.queries import (
    find_by_external,
    find_trades,
    get_deliveries,
    get_destinations,
    get_head,
    get_heads,
    get_order,
    get_orders,
    get_trade,
    get_trades,
    list_orders,
    list_trades,
    timeline,
)
from daji.trade.orders.rules import (
    CANCEL_REASONS,
    COMPLETION_WINDOW,
    MAX_UNITS,
    delivery_after,
    delivery_allows,
)
from daji.trade.orders.states import COMPLETE_TIMER, PAY_TIMER
from daji.trade.orders.store.checks import DUES, FROM_QUOTES, PROMISES, SENT, audit

__all__ = [
    "CANCEL_REASONS",
    "COMPLETE_TIMER",
    "COMPLETION_WINDOW",
    "DUES",
    "FROM_QUOTES",
    "MAX_UNITS",
    "PAY_TIMER",
    "PROMISES",
    "SENT",
    "AlreadyPlaced",
    "CancelWholeTrade",
    "CancelledOrder",
    "Confirmed",
    "DeliveryStep",
    "DifferenceTooLarge",
    "Entry",
    "Line",
    "Money",
    "MoneyTaken",
    "MovedOrder",
    "Order",
    "OrderUnknown",
    "OrdersAudit",
    "PaymentStatus",
    "Purchase",
    "QuoteUnbalanced",
    "RefundExceedsPaid",
    "TooLateToCancel",
    "TooManyUnits",
    "Trade",
    "TradeHead",
    "TradeStatus",
    "TradeUnknown",
    "Unit",
    "UnitNotInReturn",
    "UnitNotReturnable",
    "audit",
    "book_difference",
    "cancel_order",
    "cancel_trade",
    "close_return",
    "complete",
    "complete_many",
    "confirm",
    "delivery_after",
    "delivery_allows",
    "expire",
    "find_by_external",
    "find_trades",
    "get_deliveries",
    "get_destinations",
    "get_head",
    "get_heads",
    "get_order",
    "get_orders",
    "get_trade",
    "get_trades",
    "list_orders",
    "list_trades",
    "move_deliveries",
    "move_delivery",
    "note",
    "note_refund",
    "open_return",
    "place",
    "place_many",
    "place_without_lines",
    "set_payment",
    "take_money",
    "take_money_many",
    "timeline",
]
