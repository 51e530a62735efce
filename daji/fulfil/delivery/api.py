"""The door of delivery."""

from __future__ import annotations

from daji.fulfil.delivery.commands.book_shipment import book_shipment, hand_over, record_booking
from daji.fulfil.delivery.commands.cancel import cancel
from daji.fulfil.delivery.commands.record_event import record_event
from daji.fulfil.delivery.commands.save_template import assign_template, save_template
from daji.fulfil.delivery.errors import AlreadyBooked, CurrencyTaken, NoFreight, NoService, UnknownTemplate
from daji.fulfil.delivery.facts import (
    FreightQuote,
    FreightRule,
    FreightTemplate,
    Mode,
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
    find_by_order,
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
    "cancel",
    "find_by_order",
    "find_by_tracking",
    "free_from",
    "freight",
    "get_shipment",
    "hand_over",
    "list_events",
    "list_templates",
    "record_booking",
    "record_event",
    "save_template",
    "status_after",
    "templates_for",
]
