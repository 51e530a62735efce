"""What this room refuses, by code."""

from __future__ import annotations

from daji.kit.problems import Problem


class AddressBookFull(Problem):
    """Parameter `maximum`: how many addresses a book holds."""

    code = "customers.address_book_full"
    status = 409
