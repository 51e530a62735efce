"""The door of the warehouse."""

from __future__ import annotations

from daji.fulfil.warehouse.commands.cancel import cancel
from daji.fulfil.warehouse.commands.hand_over import hand_over, hand_over_many
from daji.fulfil.warehouse.commands.pack import Box, pack, pack_many
from daji.fulfil.warehouse.commands.pick import Take, pick, pick_many, report_short
from daji.fulfil.warehouse.commands.release import release, release_many
from daji.fulfil.warehouse.commands.start import start, start_many
from daji.fulfil.warehouse.errors import NotPacked, NotPicked, OverPicked, UnknownLine
from daji.fulfil.warehouse.facts import (
    ListLine,
    Package,
    Picked,
    PickLine,
    PickList,
    Release,
    Status,
    Stint,
    Verb,
    Worked,
)
from daji.fulfil.warehouse.queries import find_pick_list, find_pick_lists, get_pick_list, list_pick_lists

__all__ = [
    "Box",
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
    "Stint",
    "Take",
    "UnknownLine",
    "Verb",
    "Worked",
    "cancel",
    "find_pick_list",
    "find_pick_lists",
    "get_pick_list",
    "hand_over",
    "hand_over_many",
    "list_pick_lists",
    "pack",
    "pack_many",
    "pick",
    "pick_many",
    "release",
    "release_many",
    "report_short",
    "start",
    "start_many",
]
