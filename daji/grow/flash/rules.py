"""Decisions of a flash sale: pure functions of values and a given `now`."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from daji.grow.flash.facts import LaneReport, LaneView, Plan, Sale, Status
from daji.kit.problems import FieldProblem, Invalid

MAX_LINES = 20
MAX_TITLE = 120
EARLY = timedelta(minutes=30)
"""So long before the opening the line can be joined."""
GRACE = timedelta(minutes=2)
"""So long after its time to pay an order may still be given up: timers fire a little late."""
CALL_SECONDS = 15
"""A called buyer who does not come within this time makes room for the next."""
FEWEST_SHOW, MEMORY = 0.01, 0.05
"""When of those who are called hardly anybody comes, so many more are called: at most a hundred for one place before the
till. The second says how fast a lane learns it."""
MOST_CALLED = 2_000
"""So many of a lane are waited for at most: their numbers travel to the other processes with every round."""
DEAD_SECONDS = 6
"""A lane whose process was silent for so long is taken over by another one."""
PER_NETWORK = 1
"""Guests of one network (an IPv4 /24, an IPv6 /64) that a process lets into the line by the hour of their coming; the
others, and who behaves like a program, wait in its late lane. Members are never counted."""
SOON, SLOWEST = 2, 15
POLLS_PER_SECOND = 400
"""About so often a second all who wait ask one process how they stand."""
RUNNING: tuple[Status, ...] = ("scheduled", "open", "sold_out")


def check_plan(plan: Plan, *, now: datetime) -> None:
    """Refuse what cannot be a sale. Raises Invalid with every field that is wrong."""
    wrong: list[FieldProblem] = []
    for lang, title in plan.titles.items():
        if not title.strip() or len(title) > MAX_TITLE:
            wrong.append(_wrong(f"/titles/{lang}", "too_long" if title.strip() else "required"))
    if not plan.titles:
        wrong.append(_wrong("/titles", "required"))
    if plan.opens_at >= plan.closes_at:
        wrong.append(_wrong("/closes_at", "flash.ends_before_it_begins"))
    if plan.closes_at <= now:
        wrong.append(_wrong("/closes_at", "flash.in_the_past"))
    wrong += _numbers(plan)
    if not 0 < len(plan.lines) <= MAX_LINES:
        wrong.append(_wrong("/lines", "flash.line_count", maximum=MAX_LINES))
    if len({line.sku_id for line in plan.lines}) < len(plan.lines):
        wrong.append(_wrong("/lines", "flash.sku_twice"))
    if wrong:
        raise Invalid(fields=wrong)


def _numbers(plan: Plan) -> list[FieldProblem]:
    bounds = {
        "per_buyer": (1, 99),
        "pass_minutes": (1, 60),
        "pay_minutes": (1, 1440),
        "admit_percent": (100, 300),
    }
    found = []
    for name, (least, most) in bounds.items():
        value = getattr(plan, name)
        if value < least:
            found.append(_wrong(f"/{name}", "too_small", minimum=least))
        elif value > most:
            found.append(_wrong(f"/{name}", "too_large", maximum=most))
    return found


def phase(sale: Sale, now: datetime) -> Status:
    """What the sale is at this moment, whether or not a timer has told it yet."""
    if sale.status in {"draft", "closed"}:
        return sale.status
    if now >= sale.closes_at:
        return "closed"
    if now < sale.opens_at:
        return "scheduled"
    return "open" if sale.left > 0 else "sold_out"


def move_verb(stored: Status, wanted: Status) -> str | None:
    """The verb by which time and sales move a running sale; None when it stands where it should."""
    verbs = {
        ("scheduled", "open"): "open",
        ("scheduled", "sold_out"): "open",
        ("open", "sold_out"): "sell_out",
        ("sold_out", "open"): "reopen",
    }
    return verbs.get((stored, wanted))


def learnt(shows: float, *, came: bool) -> float:
    """The share of called buyers who come, after one more of them (an exponential average)."""
    return max(FEWEST_SHOW, shows + MEMORY * ((1.0 if came else 0.0) - shows))


def may_join(sale: Sale, now: datetime) -> bool:
    """Whether the line is open: from half an hour before the sale to its end, while a piece may still come free."""
    return sale.status in RUNNING and sale.opens_at - EARLY <= now < sale.closes_at


def room(sale: Sale, now: datetime) -> int:
    """How many buyers may stand before the till at one time, counting `per_buyer` pieces for each."""
    if phase(sale, now) != "open":
        return 0
    return math.ceil(sale.left * sale.admit_percent / (100 * sale.per_buyer))


def shares(whole: int, mine: Sequence[LaneReport], others: Iterable[tuple[LaneView, int]]) -> dict[UUID, int]:
    """Share out the room: units of each of `mine`, given what the others have and how many wait with them.

    A lane's part is by those who wait and those who were called, so that all lanes move at one pace; a buyer who was
    called keeps their place. Late lanes get what is left when nobody waits in the others. `others` come with what
    they must be left with.
    """
    elsewhere = [(view, kept) for view, kept in others]
    free = max(0, whole - sum(kept for _, kept in elsewhere))
    waits = any(not one.late and one.issued > one.called for one in mine)
    waits = waits or any(not view.late and view.waiting for view, _ in elsewhere)
    given: dict[UUID, int] = {}
    for late in (False, True):
        own = [one for one in mine if one.late is late]
        demand = {one.id: one.issued - one.called + one.busy + 1 for one in own}
        total = sum(demand.values())
        total += sum(view.waiting + view.units + 1 for view, _ in elsewhere if view.late is late)
        for one in sorted(own, key=lambda report: report.id):
            part = math.ceil(whole * demand[one.id] / total)
            given[one.id] = max(one.busy, 0 if late and waits else min(part, free))
            free = max(0, free - given[one.id])
    return given


def ahead(place: int, lane: LaneView, lanes: Iterable[LaneView]) -> tuple[int, int]:
    """About how many buyers of all lanes come before this place, and how many wait in all.

    Lanes move at one pace, so that who is a third down one lane is a third down all of them; late lanes come after.
    """
    known = tuple(lanes)
    waiting = sum(one.waiting for one in known)
    same = sum(one.waiting for one in known if one.late is lane.late)
    first = sum(one.waiting for one in known if not one.late) if lane.late else 0
    before = max(0, place - lane.called - 1)
    if place <= lane.called:
        return 0, waiting
    if before and lane.waiting:
        before = round(before * max(1.0, same / lane.waiting))
    return first + before, max(waiting, first + before)


def again_in(before: int, whole: int, waiting: int) -> int:
    """Seconds after which asking again is worth it: soon for those who are near, calmly for the many."""
    if before <= 2 * max(whole, 1):
        return SOON
    return max(SOON, min(SLOWEST, math.ceil(waiting / POLLS_PER_SECOND)))


def phone_key(phone: str) -> str | None:
    """A telephone as a key of a buyer, without saying which: two accounts that receive at one are one buyer."""
    digits = "".join(letter for letter in phone if letter.isdigit())[-11:]
    if len(digits) < 7:  # noqa: PLR2004 - shorter is no number that somebody can be reached at (ITU-T E.164)
        return None
    return f"phone:{hashlib.sha256(digits.encode()).hexdigest()[:24]}"


def _wrong(pointer: str, code: str, **params: object) -> FieldProblem:
    return FieldProblem(pointer=pointer, code=code, params=params)
