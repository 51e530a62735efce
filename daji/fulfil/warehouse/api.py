"""The door of the warehouse."""

from __future__ import annotations

from daji.fulfil.warehouse.commands.cancel import cancel
from daji.fulfil.warehouse.commands.hand_over import hand_over
from daji.fulfil.warehouse.commands.pack import pack
from daji.fulfil.warehouse.commands.pick import pick, report_short
from daji.fulfil.warehouse.commands.release import release
from daji.fulfil.warehouse.commands.start import start
from daji.fulfil.warehouse.errors import NotPacked, NotPicked, OverPicked, UnknownLine
from daji.fulfil.warehouse.facts import (
    ListLine,
    Package,
    Picked,
    PickLine,
    PickList,
    Release,
    Status,
    Verb,
    Worked,
)
from daji.fulfil.warehouse.queries import find_pick_list, get_pick_list, list_pick_lists

__all__ = [
    "ListLine",
    "NotPacked",
    "NotPicked",
    "OverPicked",
    "Package",
    "PickLine",
    "PickList",
    "Picked",
    "Release",
    "Status",
    "UnknownLine",
    "Verb",
    "Worked",
    "cancel",
    "find_pick_list",
    "get_pick_list",
    "hand_over",
    "list_pick_lists",
    "pack",
    "pick",
    "release",
    "report_short",
    "start",
]
