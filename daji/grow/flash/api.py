"""The door of the room."""

from __future__ import annotations

from daji.grow.flash.commands.admit import admit
from daji.grow.flash.commands.claim import claim
from daji.grow.flash.commands.close import close
from daji.grow.flash.commands.give_back import claim_again, give_back, shrink
from daji.grow.flash.commands.plan_sale import change_sale, create_sale
from daji.grow.flash.commands.schedule import schedule, withdraw
from daji.grow.flash.commands.settle import advance, settle
from daji.grow.flash.errors import (
    BuyerLimit,
    Moved,
    NotRunning,
    NotYourTurn,
    PassInvalid,
    PassSpent,
    SaleUnknown,
    SoldOut,
    TicketInvalid,
)
from daji.grow.flash.facts import (
    Audience,
    Claimed,
    IssuedPass,
    LaneReport,
    LaneView,
    NewLine,
    Pass,
    Plan,
    Price,
    Quota,
    Returned,
    Sale,
    SaleLine,
    Settled,
    Standing,
    Status,
    Ticket,
)
from daji.grow.flash.queries import get_sale, get_shown_sale, list_sales, list_shown, sale_lines
from daji.grow.flash.rules import CALL_SECONDS, EARLY, may_join, phase, phone_key
from daji.grow.flash.states import CLOSES_TIMER, OPENS_TIMER
from daji.grow.flash.store.checks import PROMISES, miscounted
from daji.grow.flash.turnstile import AtTill, InLine, Turnstile

__all__ = [
    "CALL_SECONDS",
    "CLOSES_TIMER",
    "EARLY",
    "OPENS_TIMER",
    "PROMISES",
    "AtTill",
    "Audience",
    "BuyerLimit",
    "Claimed",
    "InLine",
    "IssuedPass",
    "LaneReport",
    "LaneView",
    "Moved",
    "NewLine",
    "NotRunning",
    "NotYourTurn",
    "Pass",
    "PassInvalid",
    "PassSpent",
    "Plan",
    "Price",
    "Quota",
    "Returned",
    "Sale",
    "SaleLine",
    "SaleUnknown",
    "Settled",
    "SoldOut",
    "Standing",
    "Status",
    "Ticket",
    "TicketInvalid",
    "Turnstile",
    "admit",
    "advance",
    "change_sale",
    "claim",
    "claim_again",
    "close",
    "create_sale",
    "get_sale",
    "get_shown_sale",
    "give_back",
    "list_sales",
    "list_shown",
    "may_join",
    "miscounted",
    "phase",
    "phone_key",
    "sale_lines",
    "schedule",
    "settle",
    "shrink",
    "withdraw",
]
