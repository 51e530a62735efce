"""The gate: who may come to the till next, decided in the memory of a web process.

Every process keeps a lane of its own and hands out numbers in it. What it may call comes in blocks from the database
(`commands/settle.py`), about twice a second; between two rounds neither joining nor asking costs a statement. A ticket
says lane and number, so that any process can tell its holder how things stand, and a lane whose process died is called
on by another one.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from uuid import UUID

from daji.grow.flash import rules
from daji.grow.flash.facts import LaneReport, LaneView, Sale, Settled, Standing, Ticket
from daji.kit import ids

MAX_KNOWN = 1_000_000
"""Buyers whose place a process remembers, so that a second click gets the same one."""


class Lane:
    """A lane that this process calls."""

    def __init__(self, lane_id: UUID, *, late: bool, issued: int = 0, called: int = 0) -> None:
        self.id = lane_id
        self.late = late
        self.issued = issued
        self.called = called
        self.units = 0
        self.shows = 1.0
        """The share of those called who come: many leave without a word once little is left."""
        self.expected: dict[int, datetime] = {}
        """Places that were called and have not come, and until when they are waited for."""
        self.holding: dict[int, datetime] = {}
        """Places that have a pass, and until when it holds."""

    def call(self, now: datetime) -> None:
        """Forget who did not come or whose pass ran out, and call the next in order while there is room."""
        for place in [place for place, until in self.holding.items() if until <= now]:
            del self.holding[place]
        # Called one after the other and waited for equally long: who is first in it is the first to be late.
        while self.expected and next(iter(self.expected.values())) <= now:
            del self.expected[next(iter(self.expected))]
            self.shows = rules.learnt(self.shows, came=False)
        until = now + timedelta(seconds=rules.CALL_SECONDS)
        wanted = min(rules.MOST_CALLED, math.ceil(max(0, self.units - len(self.holding)) / self.shows))
        while self.called < self.issued and len(self.expected) < wanted:
            self.called += 1
            self.expected[self.called] = until

    def came(self, place: int, until: datetime) -> None:
        """Somebody who was called has a pass."""
        if self.expected.pop(place, None) is not None:
            self.shows = rules.learnt(self.shows, came=True)
        self.holding[place] = until

    def left(self, place: int) -> None:
        """A pass was used: its pieces are the order's now."""
        if self.expected.pop(place, None) is not None:
            self.shows = rules.learnt(self.shows, came=True)
        self.holding.pop(place, None)

    def lets(self, place: int) -> bool:
        """Whether a place may come to the till: it is waited for, or was called before and there is room again."""
        return (
            place in self.expected
            or place in self.holding
            or (place <= self.called and len(self.holding) < self.units)
        )

    def is_over(self, place: int) -> bool:
        """Whether a place was called, and is waited for no more: it was used, or nobody came."""
        return place <= self.called and place not in self.expected and place not in self.holding

    @property
    def report(self) -> LaneReport:
        return LaneReport(
            id=self.id,
            late=self.late,
            issued=self.issued,
            called=self.called,
            busy=len(self.holding) + math.ceil(len(self.expected) * self.shows),
            expected=(*self.holding, *self.expected),
        )

    def view(self, worker: str) -> LaneView:
        return LaneView(
            id=self.id,
            worker=worker,
            late=self.late,
            issued=self.issued,
            called=self.called,
            units=self.units,
        )


class Gate:
    """The line before one sale, as one process sees it."""

    def __init__(self, sale_id: UUID, *, worker: str) -> None:
        self.sale_id = sale_id
        self.worker = worker
        self.sale: Sale | None = None
        self.settled_at: datetime | None = None
        self.hope = True
        self._own = Lane(ids.new_id(), late=False)
        self._late = Lane(ids.new_id(), late=True)
        self._adopted: dict[UUID, Lane] = {}
        self._others: dict[UUID, LaneView] = {}
        self._places: dict[str, tuple[Lane, int, int]] = {}
        self._networks: dict[str, int] = {}
        self._seen: dict[UUID, int] = {}

    def join(self, buyer: str, now: datetime, *, network: str | None = None, hasty: bool = False) -> Ticket:
        """The buyer's place; asked again, the same one. A guest comes with a `network`, a program is `hasty`."""
        known = self._places.get(buyer)
        if known is None or known[0].is_over(known[1]):
            lane = self._lane_for(network, hasty=hasty)
            lane.issued += 1
            known = (lane, lane.issued, int(now.timestamp()))
            if len(self._places) < MAX_KNOWN:
                self._places[buyer] = known
            lane.call(now)
        lane, place, since = known
        return Ticket(sale_id=self.sale_id, lane_id=lane.id, place=place, buyer=buyer, since=since)

    def _lane_for(self, network: str | None, *, hasty: bool) -> Lane:
        if hasty:
            return self._late
        if network is not None:
            came = self._networks[network] = self._networks.get(network, 0) + 1
            if came > rules.PER_NETWORK:
                return self._late
        return self._own

    def standing(self, ticket: Ticket, sale: Sale, now: datetime) -> Standing:
        """How the holder of a ticket stands; costs no statement."""
        mine = self._lane(ticket.lane_id)
        if mine is not None:
            mine.call(now)
        lanes = {lane.id: lane for lane in self.lanes}
        lane = lanes.get(ticket.lane_id) or LaneView(
            id=ticket.lane_id, worker="", late=False, issued=ticket.place, called=0, units=0
        )
        if ticket.place > lane.issued:
            self._seen[ticket.lane_id] = max(ticket.place, self._seen.get(ticket.lane_id, 0))
        phase = rules.phase(sale, now)
        before, waiting = rules.ahead(ticket.place, lane, lanes.values())
        whole = rules.room(sale, now)
        again = rules.again_in(before, whole, waiting)
        if phase == "closed" or (phase == "sold_out" and not self.hope):
            return Standing(state="over", ahead=0, waiting=0, left=0, again_in=0)
        if phase == "scheduled":
            until = max(1, round((sale.opens_at - now).total_seconds()))
            again = min(until, rules.SLOWEST)
            return Standing(state="early", ahead=before, waiting=waiting, left=sale.left, again_in=again)
        called = phase == "open" and (mine or lane).lets(ticket.place)
        return Standing(
            state="called" if called else "waiting",
            ahead=0 if called else before,
            waiting=waiting,
            left=sale.left,
            again_in=again,
        )

    @property
    def lanes(self) -> tuple[LaneView, ...]:
        return (*(lane.view(self.worker) for lane in self._mine), *self._others.values())

    @property
    def _mine(self) -> tuple[Lane, ...]:
        return (self._own, self._late, *self._adopted.values())

    def reports(self, now: datetime) -> tuple[LaneReport, ...]:
        """What to tell the database: own lanes exactly, others' as far as their tickets were seen."""
        for lane in self._mine:
            lane.call(now)
        return tuple(lane.report for lane in self._mine)

    @property
    def seen(self) -> dict[UUID, int]:
        """The highest place that was seen in lanes of others, beyond what they told."""
        return dict(self._seen)

    def learn(self, found: Settled) -> None:
        """Take over what a round with the database brought."""
        self.sale, self.settled_at, self.hope = found.sale, found.at, found.hope
        self._seen.clear()
        self._others = {view.id: view for view in found.lanes if view.worker != self.worker}
        mine = {view.id: view for view in found.lanes if view.worker == self.worker}
        self._adopted = {
            lane_id: self._adopted.get(lane_id)
            or Lane(lane_id, late=view.late, issued=view.issued, called=view.called)
            for lane_id, view in mine.items()
            if lane_id not in {self._own.id, self._late.id}
        }
        for lane_id, view in mine.items():
            lane = self._lane(lane_id)
            if lane is not None:
                lane.units = view.units
                lane.issued = max(lane.issued, view.issued)
        self._take_passes(found)
        for lane in self._mine:
            lane.call(found.at)

    def _take_passes(self, found: Settled) -> None:
        for one in found.passes:
            lane = self._lane(one.lane_id)
            if lane is None:
                continue
            if one.spent:
                lane.left(one.place)
            elif one.place <= lane.called and one.expires_at > found.at:
                lane.came(one.place, one.expires_at)

    def _lane(self, lane_id: UUID) -> Lane | None:
        return next((lane for lane in self._mine if lane.id == lane_id), None)
