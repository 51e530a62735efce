"""The door of the stock ledger."""

from __future__ import annotations

from daji.fulfil.inventory.commands.adjust import adjust
from daji.fulfil.inventory.commands.confirm import confirm, confirm_many
from daji.fulfil.inventory.commands.hold import hold, hold_each
from daji.fulfil.inventory.commands.hold_many import hold_many
from daji.fulfil.inventory.commands.move_bucket import move_bucket
from daji.fulfil.inventory.commands.move_hold import move_hold
from daji.fulfil.inventory.commands.open_site import open_site, open_sites
from daji.fulfil.inventory.commands.receive import receive, receive_many
from daji.fulfil.inventory.commands.release import release
from daji.fulfil.inventory.commands.ship import ship, ship_many, unship
from daji.fulfil.inventory.commands.take_back import take_back
from daji.fulfil.inventory.commands.transfer import transfer
from daji.fulfil.inventory.crowd import Crowd
from daji.fulfil.inventory.errors import (
    BelowHeld,
    HeldElsewhere,
    HoldLimit,
    NotShipped,
    StockShort,
    UnknownSite,
)
from daji.fulfil.inventory.events import StockChanged
from daji.fulfil.inventory.facts import (
    AdjustReason,
    AuditReport,
    Availability,
    BucketVerb,
    Difference,
    Grade,
    Graded,
    Hold,
    HoldLine,
    HoldPolicy,
    HoldState,
    HoldWish,
    Leaving,
    Movement,
    MovementKind,
    NewSite,
    Promise,
    Site,
    SiteKind,
    StockLine,
)
from daji.fulfil.inventory.queries import (
    audit,
    availability,
    find_site,
    get_holder,
    list_balances,
    list_holds,
    list_movements,
    sites,
    sources,
)
from daji.fulfil.inventory.rules import Verdict
from daji.fulfil.inventory.store.reads import PROMISES

__all__ = [
    "PROMISES",
    "AdjustReason",
    "AuditReport",
    "Availability",
    "BelowHeld",
    "BucketVerb",
    "Crowd",
    "Difference",
    "Grade",
    "Graded",
    "HeldElsewhere",
    "Hold",
    "HoldLimit",
    "HoldLine",
    "HoldPolicy",
    "HoldState",
    "HoldWish",
    "Leaving",
    "Movement",
    "MovementKind",
    "NewSite",
    "NotShipped",
    "Promise",
    "Site",
    "SiteKind",
    "StockChanged",
    "StockLine",
    "StockShort",
    "UnknownSite",
    "Verdict",
    "adjust",
    "audit",
    "availability",
    "confirm",
    "confirm_many",
    "find_site",
    "get_holder",
    "hold",
    "hold_each",
    "hold_many",
    "list_balances",
    "list_holds",
    "list_movements",
    "move_bucket",
    "move_hold",
    "open_site",
    "open_sites",
    "receive",
    "receive_many",
    "release",
    "ship",
    "ship_many",
    "sites",
    "sources",
    "take_back",
    "transfer",
    "unship",
]
