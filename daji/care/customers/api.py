"""The door of the room."""

from __future__ import annotations

from daji.care.customers.commands.add_address import add_address
from daji.care.customers.commands.change_address import remove_address, set_default_address, update_address
from daji.care.customers.errors import AddressBookFull
from daji.care.customers.facts import SavedAddress
from daji.care.customers.pasted.facts import Pasted
from daji.care.customers.pasted.reading import read as read_pasted
from daji.care.customers.queries import find_default_address, get_address, list_addresses
from daji.care.customers.rules import MAX_ADDRESSES

__all__ = [
    "MAX_ADDRESSES",
    "AddressBookFull",
    "Pasted",
    "SavedAddress",
    "add_address",
    "find_default_address",
    "get_address",
    "list_addresses",
    "read_pasted",
    "remove_address",
    "set_default_address",
    "update_address",
]
