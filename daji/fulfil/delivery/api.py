"""The door of delivery."""

from __future__ import annotations

from daji.fulfil.delivery.commands.book_shipment import (
    book_shipment,
    book_shipments,
    hand_over,
    hand_over_many,
    record_booking,
    record_bookings,
)
from daji.fulfil.delivery.commands.cancel import cancel
from daji.fulfil.delivery.commands.record_event import record_event, record_events
from daji.fulfil.delivery.commands.save_template import assign_template, save_template
from daji.fulfil.delivery.errors import AlreadyBooked, CurrencyTaken, NoFreight, NoService, UnknownTemplate
from daji.fulfil.delivery.facts import (
    Booked,
    FreightQuote,
    FreightRule,
    FreightTemplate,
    Mode,
    Parcel,
    Shipment,
    Status,
    Tracked,
)
from daji.fulfil.delivery.patient import PatientCarrier
from daji.fulfil.delivery.ports import (
    Booking,
    BookRequest,
    Carrier,
    CarrierError,
    CarrierRefused,
    CarrierUnknown,
    CarrierUnreachable,
    EventCode,
    ForgedEvent,
    Origin,
    Rate,
    RateRequest,
    RateUnavailable,
    TrackingEvent,
    UnreadableEvent,
)
from daji.fulfil.delivery.queries import (
    find_by_numbers,
    find_by_order,
    find_by_orders,
    find_by_tracking,
    get_shipment,
    list_events,
    list_templates,
    templates_for,
)
from daji.fulfil.delivery.rules import free_from, freight
from daji.fulfil.delivery.states import status_after
from daji.fulfil.delivery.store.checks import SENT

__all__ = [
    "SENT",
    "AlreadyBooked",
    "BookRequest",
    "Booked",
    "Booking",
    "Carrier",
    "CarrierError",
    "CarrierRefused",
    "CarrierUnknown",
    "CarrierUnreachable",
    "CurrencyTaken",
    "EventCode",
    "ForgedEvent",
    "FreightQuote",
    "FreightRule",
    "FreightTemplate",
    "Mode",
    "NoFreight",
    "NoService",
    "Origin",
    "Parcel",
    "PatientCarrier",
    "Rate",
    "RateRequest",
    "RateUnavailable",
    "Shipment",
    "Status",
    "Tracked",
    "TrackingEvent",
    "UnknownTemplate",
    "UnreadableEvent",
    "assign_template",
    "book_shipment",
    "book_shipments",
    "cancel",
    "find_by_numbers",
    "find_by_order",
    "find_by_orders",
    "find_by_tracking",
    "free_from",
    "freight",
    "get_shipment",
    "hand_over",
    "hand_over_many",
    "list_events",
    "list_templates",
    "record_booking",
    "record_bookings",
    "record_event",
    "record_events",
    "save_template",
    "status_after",
    "templates_for",
]
