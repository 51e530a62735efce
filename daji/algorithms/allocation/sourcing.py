"""Which site ships which line of an order: the nearest site that can ship the most lines, again and again.

Greedy by set cover: choosing the fewest sites is NP-hard (Lin, Li and Liu, Production and Operations
Management, 2025), and a rule that a warehouse manager can retell is worth more here than the last per cent.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from enum import StrEnum

import msgspec

from daji.algorithms.allocation.geo import Point, check_point, haversine_km


class Reason(StrEnum):
    """Why a site got its parcel. The first says what it ships, the second what set it before the others."""

    SHIPS_ALL = "ships_all"
    """It ships the whole order."""
    SHIPS_LINES = "ships_lines"
    """It ships whole lines, others ship the rest."""
    SPLITS_LINE = "splits_line"
    """It ships a part of a line that no single site has in full."""
    ONLY_SITE = "only_site"
    """No other site could ship anything of this."""
    MOST_LINES = "most_lines"
    MOST_UNITS = "most_units"
    NEAREST = "nearest"
    PRIORITY = "priority"
    FIRST_LISTED = "first_listed"
    """All else was equal."""


class Line(msgspec.Struct, frozen=True):
    """So many units (at least 1) of an item, which is any number of the caller's; two lines may share one."""

    item: int
    quantity: int


class Site(msgspec.Struct, frozen=True):
    """A place that can ship: its point (None when unknown: farthest of all), lower priority number first."""

    point: Point | None = None
    priority: int = 0


class Parcel(msgspec.Struct, frozen=True):
    """What one site ships: its index, pairs of line index and quantity in line order, and the reasons."""

    site: int
    lines: tuple[tuple[int, int], ...]
    reasons: tuple[Reason, ...]


class Plan(msgspec.Struct, frozen=True):
    """Parcels in the order they were chosen, one per site at most; pairs of line index and missing quantity."""

    parcels: tuple[Parcel, ...]
    short: tuple[tuple[int, int], ...]


_Rank = tuple[int, int, float, int, int]
_DECIDED_BY = (Reason.MOST_LINES, Reason.MOST_UNITS, Reason.NEAREST, Reason.PRIORITY, Reason.FIRST_LISTED)


def plan(
    lines: Sequence[Line],
    sites: Sequence[Site],
    stock: Mapping[tuple[int, int], int],
    *,
    destination: Point | None = None,
    allow_split_line: bool = False,
) -> Plan:
    """Assign lines to sites.

    `stock` maps (site index, item) to the units free to ship. Of the sites, the one that ships the most whole
    lines wins, then the most units, then the nearest to `destination` (great circle, to the metre; all sites
    are equally near when it is None), then the lower priority number, then the lower index; and so on with
    what remains. A line that no single site has in full is split over the sites nearest first when
    `allow_split_line`, and is otherwise short as a whole.

    The answer depends on nothing else, and never takes more than `stock` holds: whoever reserves stock by it
    fails only when the stock has moved since. Time O(parcels x sites x lines).
    ValueError for a quantity below 1, negative stock, a site that does not exist, a point off the globe.
    """
    _check(lines, sites, stock, destination)
    run = _Run(lines, sites, stock, destination)
    run.ship_whole_lines()
    if allow_split_line:
        run.split_lines()
    return run.result()


def _check(
    lines: Sequence[Line],
    sites: Sequence[Site],
    stock: Mapping[tuple[int, int], int],
    destination: Point | None,
) -> None:
    for index, line in enumerate(lines):
        if line.quantity < 1:
            raise ValueError(f"line {index}: a quantity of {line.quantity}")
    for (site, item), free in stock.items():
        if not 0 <= site < len(sites):
            raise ValueError(f"stock of item {item} at site {site}, which does not exist")
        if free < 0:
            raise ValueError(f"site {site}, item {item}: a stock of {free}")
    for point in (destination, *(site.point for site in sites)):
        if point is not None:
            check_point(point)


class _Run:
    """One planning: what is still wanted, what is still free, what has been decided."""

    def __init__(
        self,
        lines: Sequence[Line],
        sites: Sequence[Site],
        stock: Mapping[tuple[int, int], int],
        destination: Point | None,
    ) -> None:
        self.lines = lines
        self.wanted = [line.quantity for line in lines]
        self.free = dict(stock)
        # Smallest first, so that a site short of an item which several lines want ships as many as it can.
        self.by_size = sorted(range(len(lines)), key=self.wanted.__getitem__)
        self.nearness = [
            (_metres(destination, site.point), site.priority, index) for index, site in enumerate(sites)
        ]
        self.shipped: dict[int, dict[int, int]] = {}
        self.reasons: dict[int, tuple[Reason, ...]] = {}

    def whole_lines(self, site: int) -> list[int]:
        """List the remaining lines that the site can ship in full, all together."""
        left: dict[int, int] = {}
        chosen = []
        for index in self.by_size:
            item, quantity = self.lines[index].item, self.wanted[index]
            free = left.get(item, self.free.get((site, item), 0))
            if 0 < quantity <= free:
                left[item] = free - quantity
                chosen.append(index)
        return chosen

    def ship_whole_lines(self) -> None:
        candidates = list(range(len(self.nearness)))
        while True:
            ranked: list[tuple[_Rank, list[int]]] = []
            for site in candidates:
                if chosen := self.whole_lines(site):
                    units = sum(self.wanted[index] for index in chosen)
                    ranked.append(((-len(chosen), -units, *self.nearness[site]), chosen))
            if not ranked:
                return
            ranked.sort(key=operator.itemgetter(0))
            (rank, chosen), rivals = ranked[0], ranked[1:]
            site = rank[-1]
            ships_all = len(chosen) == len(self.lines)
            self.reasons[site] = (
                Reason.SHIPS_ALL if ships_all else Reason.SHIPS_LINES,
                _decided_by(rank, rivals[0][0]) if rivals else Reason.ONLY_SITE,
            )
            for index in chosen:
                self.take(site, index, self.wanted[index])
            # Stock and demand only shrink, so a site that ships nothing now never will.
            candidates = [rival[-1] for rival, _ in rivals]

    def split_lines(self) -> None:
        nearest_first = [site for _, _, site in sorted(self.nearness)]
        for index, line in enumerate(self.lines):
            holders = [site for site in nearest_first if self.free.get((site, line.item), 0) > 0]
            for position, site in enumerate(holders):
                if self.wanted[index] == 0:
                    break
                self.note_split(site, holders[position + 1 :])
                self.take(site, index, min(self.wanted[index], self.free[site, line.item]))

    def note_split(self, site: int, rivals: list[int]) -> None:
        before = self.reasons.get(site, ())
        if not before:
            mine = (0, 0, *self.nearness[site])
            rank = _decided_by(mine, (0, 0, *self.nearness[rivals[0]])) if rivals else Reason.ONLY_SITE
            self.reasons[site] = (Reason.SPLITS_LINE, rank)
        elif Reason.SPLITS_LINE not in before:
            self.reasons[site] = (*before, Reason.SPLITS_LINE)

    def take(self, site: int, index: int, quantity: int) -> None:
        self.free[site, self.lines[index].item] -= quantity
        self.wanted[index] -= quantity
        self.shipped.setdefault(site, {})[index] = quantity

    def result(self) -> Plan:
        return Plan(
            parcels=tuple(
                Parcel(site, tuple(sorted(taken.items())), self.reasons[site])
                for site, taken in self.shipped.items()
            ),
            short=tuple((index, missing) for index, missing in enumerate(self.wanted) if missing),
        )


def _metres(destination: Point | None, point: Point | None) -> float:
    if destination is None:
        return 0.0
    if point is None:
        return float("inf")
    # To the metre, so that the last bit of a sine, which differs between machines, decides nothing.
    return float(round(haversine_km(destination, point) * 1000))


def _decided_by(best: _Rank, runner_up: _Rank) -> Reason:
    return next(reason for reason, a, b in zip(_DECIDED_BY, best, runner_up, strict=True) if a != b)
