"""Which products an index has, and no more of each than must be at hand."""

from __future__ import annotations

from array import array
from uuid import UUID

from daji.shop.search.facts import STOCKS, Stock


class Known:
    """Which products there are, under the serials that the engine calls them by; two hundred bytes each.

    A shop may have a million: whatever else is known of one is in the engine, packed. A serial that was given back is
    not given out before readers have ceased to find what it stood for.
    """

    def __init__(self) -> None:
        self.serials: dict[UUID, int] = {}
        self._ids: list[UUID | None] = [None]
        self._digests = array("Q", [0])
        self._branches = array("L", [0])
        self._stocks = array("B", [0])
        self._paths: list[tuple[str, ...]] = [()]
        self._places: dict[tuple[str, ...], int] = {(): 0}
        self._leaving: list[int] = []
        self._free: list[int] = []

    def add(self, product_id: UUID) -> int:
        """A serial for a product that had none."""
        if self._free:
            serial = self._free.pop()
            self._ids[serial] = product_id
        else:
            serial = len(self._ids)
            self._ids.append(product_id)
            self._digests.append(0)
            self._branches.append(0)
            self._stocks.append(0)
        self.serials[product_id] = serial
        return serial

    def drop(self, product_id: UUID) -> int | None:
        serial = self.serials.pop(product_id, None)
        if serial is not None:
            self._ids[serial] = None
            self._leaving.append(serial)
        return serial

    def settle(self) -> None:
        """Readers see what was written: serials that were given back are free."""
        self._free += self._leaving
        self._leaving.clear()

    def id_of(self, serial: int | None) -> UUID | None:
        return self._ids[serial] if serial and serial < len(self._ids) else None

    def digest(self, serial: int) -> int:
        return self._digests[serial]

    def path(self, serial: int) -> tuple[str, ...]:
        """Categories from the root to the product's own, as the engine knows them."""
        return self._paths[self._branches[serial]]

    def stock(self, serial: int) -> Stock:
        return STOCKS[self._stocks[serial]]

    def note(self, serial: int, digest: int, path: tuple[str, ...], stock: Stock) -> None:
        place = self._places.setdefault(path, len(self._paths))
        if place == len(self._paths):
            self._paths.append(path)
        self._digests[serial], self._branches[serial] = digest, place
        self._stocks[serial] = STOCKS.index(stock)
