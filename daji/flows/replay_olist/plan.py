"""What happens when: pure functions from recorded orders to steps in time, and to what needs an explanation.

The source tells six moments of an order at most. Where it is silent the plan takes a stated moment, where it
contradicts itself the later one counts, so that no order's steps run backwards. All such cases are listed.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal, Protocol

import msgspec

from daji.flows.replay_olist.source import Order

StepKind = Literal[
    "place",
    "pay",
    "approve",
    "pick",
    "pack",
    "ship",
    "deliver",
    "come_back",
    "cancel",
    "ask_return",
    "settle_return",
    "review",
]

ROUNDING = 3
"""Centavos by which payments may miss lines and freight before it is more than rounding."""
LEAD = timedelta(seconds=20)
LEAD_OF_SLIPS = timedelta(seconds=90)
"""How long before the recorded approval a buyer goes to pay; slips leave time for the shop to ask twice."""
DECIDE = timedelta(days=1)
"""When a paid order is cancelled, after the last thing that is known of it: the source does not say."""
GIVE_UP = timedelta(hours=1)
"""The same for an order that was never paid."""
ON_THE_ROAD = timedelta(days=5)
"""Way of a parcel whose arrival is not recorded, and of one that comes back."""
INSPECT = timedelta(days=6)

_INDOORS: dict[str, tuple[StepKind, ...]] = {"processing": ("pick",), "invoiced": ("pick", "pack")}
"""How far an order came that no carrier took."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One step of one order; `number` counts reviews, and is 0 else. `key` names it for ever."""

    at: datetime
    order: Order
    kind: StepKind
    number: int = 0

    @property
    def key(self) -> str:
        return f"{self.order.id}:{self.kind}" + (f":{self.number}" if self.number else "")


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """Steps of one kind of different orders that are taken together; `key` names them for ever."""

    key: str
    kind: StepKind
    steps: tuple[Step, ...]

    @property
    def until(self) -> datetime:
        return self.steps[-1].at


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """Steps `first` to `first + count` of the plan, which nobody takes apart once they were begun."""

    first: int
    steps: tuple[Step, ...]

    @property
    def name(self) -> str:
        return f"w:{self.first}+{len(self.steps)}"

    @property
    def until(self) -> datetime:
        return self.steps[-1].at


class Oddity(msgspec.Struct, frozen=True, kw_only=True):
    """Where the source contradicts itself, is silent, or says what this engine tells in other words.

    `amount` is a booked difference in centavos. `effects` are what it does to figures of the reconciliation:
    Daji's figure less the source's.
    """

    code: str
    order_id: str
    amount: int = 0
    effects: dict[str, int] = {}


def steps(orders: Iterable[Order]) -> tuple[Step, ...]:
    """Every step of every order, in time; steps at one moment in the order of purchase, then of the journey."""
    ordered: list[tuple[datetime, int, int, Step]] = []
    for position, order in enumerate(orders):
        ordered += [
            (step.at, position, nth, step) for nth, step in enumerate([*_life(order), *_reviews(order)])
        ]
    ordered.sort(key=lambda row: row[:3])
    sorted_steps = [row[3] for row in ordered]
    # Who never paid may have gone to pay at any time. At the end of the record: until then the shop would ask the
    # gateway every hour of a year what became of it.
    waiting = [step for step in sorted_steps if step.kind == "pay" and step.order.status == "created"]
    last = sorted_steps[-1].at if sorted_steps else None
    kept = [step for step in sorted_steps if not (step.kind == "pay" and step.order.status == "created")]
    return (*kept, *(msgspec.structs.replace(step, at=last) for step in waiting))


_JOURNEY: tuple[StepKind, ...] = (
    "place",
    "pay",
    "approve",
    "pick",
    "pack",
    "ship",
    "deliver",
    "come_back",
    "cancel",
    "ask_return",
    "settle_return",
    "review",
)


def batches(window: Window) -> tuple[Batch, ...]:
    """Take the steps of a window apart into what can be done at once.

    Steps of one order stay in their order of time; those of different orders have nothing to do with each other but
    the stock and the prices of their goods, which placing looks after. So each order goes through the journey round
    by round: a round ends for it where it would have to go back, as with a review that was written before delivery.
    """
    rank = {kind: nth for nth, kind in enumerate(_JOURNEY)}
    reached: dict[str, tuple[int, int]] = {}
    groups: dict[tuple[int, int], list[Step]] = {}
    for step in window.steps:
        turn, last = reached.get(step.order.id, (0, -1))
        place = (turn + (rank[step.kind] <= last), rank[step.kind])
        reached[step.order.id] = place
        groups.setdefault(place, []).append(step)
    return tuple(
        Batch(key=f"{window.name}:{turn}:{_JOURNEY[nth]}", kind=_JOURNEY[nth], steps=tuple(group))
        for (turn, nth), group in sorted(groups.items())
    )


def _life(order: Order) -> list[Step]:
    made: list[Step] = []

    def then(kind: StepKind, wanted: datetime) -> datetime:
        at = max(wanted, made[-1].at) if made else wanted
        made.append(Step(at=at, order=order, kind=kind))
        return at

    then("place", order.bought_at)
    if order.approved_at is None:
        then("pay", order.bought_at + LEAD)
        last = order.bought_at
    else:
        slip = any(tender.method == "boleto" for tender in order.tenders)
        then("pay", order.approved_at - (LEAD_OF_SLIPS if slip else LEAD))
        last = then("approve", order.approved_at)
    if order.items:
        last = _work(order, last, then)
    if order.status in {"canceled", "unavailable"} and not _was_delivered(order):
        then("cancel", last + (DECIDE if order.approved_at else GIVE_UP))
    return made


def _work(order: Order, approved: datetime, then: _Then) -> datetime:
    """Shelf, box, road and door, as far as the order came; the last moment of it."""
    leaves = hand_over(order)
    if leaves is None:
        for kind in _INDOORS.get(order.status, ()):
            approved = then(kind, approved + DECIDE)
        return approved
    leaves = max(leaves, approved)
    then("pick", approved + (leaves - approved) / 3)
    then("pack", approved + (leaves - approved) * 2 / 3)
    leaves = then("ship", leaves)
    arrives = arrival(order)
    if arrives is not None:
        arrives = then("deliver", arrives)
        if order.status == "canceled":
            then("ask_return", arrives + DECIDE)
            return then("settle_return", arrives + INSPECT)
        return arrives
    if order.status == "canceled":
        return then("come_back", leaves + ON_THE_ROAD)
    return leaves


class _Then(Protocol):
    def __call__(self, kind: StepKind, wanted: datetime) -> datetime: ...


def hand_over(order: Order) -> datetime | None:
    """When the carrier took it: as recorded, or for a delivered order without that a day after its approval."""
    if order.handed_over_at is None and order.status == "delivered" and order.approved_at is not None:
        return order.approved_at + DECIDE
    return order.handed_over_at


def arrival(order: Order) -> datetime | None:
    """When the buyer had it: never before the hand-over, and never before the approval."""
    leaves = hand_over(order)
    if leaves is None or order.approved_at is None:
        return None
    leaves = max(leaves, order.approved_at)
    if order.delivered_at is not None:
        return max(order.delivered_at, leaves)
    return leaves + ON_THE_ROAD if order.status == "delivered" else None


def promise(order: Order) -> datetime:
    """The last second of the promised day: the source writes the day as its midnight."""
    return order.promised_by.replace(hour=23, minute=59, second=59)


def _was_delivered(order: Order) -> bool:
    return bool(order.items) and arrival(order) is not None


def _reviews(order: Order) -> list[Step]:
    return [
        Step(at=max(review.answered_at, order.bought_at), order=order, kind="review", number=number)
        for number, review in enumerate(order.reviews, start=1)
    ]


def difference(order: Order) -> int:
    """What the recorded payments are above (or, negative, below) lines and freight; 0 without lines."""
    return order.paid - order.sold if order.items else 0


def difference_reason(order: Order) -> str:
    amount = difference(order)
    if abs(amount) <= ROUNDING:
        return "source_rounding"
    if amount < 0:
        return "source_short"
    instalments = any(tender.instalments > 1 for tender in order.tenders)
    return "instalment_interest" if instalments else "source_over"


def oddities(orders: Iterable[Order]) -> tuple[Oddity, ...]:
    """List what needs an explanation, order by order."""
    return tuple(oddity for order in orders for oddity in _of(order))


def _of(order: Order) -> list[Oddity]:
    codes: list[str] = []
    found: list[Oddity] = []
    if amount := difference(order):
        found.append(Oddity(code=difference_reason(order), order_id=order.id, amount=amount))
    codes += ["tender_of_zero" for tender in order.tenders if not tender.amount]
    approved, leaves, arrived = order.approved_at, order.handed_over_at, order.delivered_at
    if approved and leaves and leaves < approved:
        codes.append("handed_over_before_approval")
    if leaves and arrived and arrived < leaves:
        codes.append("delivered_before_hand_over")
    if order.status in {"canceled", "unavailable"}:
        codes.append(_ending(order))
    codes += ["review_before_purchase" for review in order.reviews if review.answered_at < order.bought_at]
    codes += [code for n in range(len(order.reviews)) if (code := review_is_of(order, n)) != "goods"]
    found += [Oddity(code=code, order_id=order.id) for code in codes]
    return found + _with_effects(order)


def _ending(order: Order) -> str:
    if _was_delivered(order):
        return "cancelled_after_delivery"
    if order.items and hand_over(order) is not None:
        return "cancelled_on_the_road"
    return "cancelled_at_unknown_time"


def _with_effects(order: Order) -> list[Oddity]:
    found = []
    if not order.items:
        # Paid, and nothing is known that could be packed: it stays confirmed.
        moved = order.status in {"invoiced", "shipped", "processing", "delivered"}
        effects = {f"orders.{order.status}": -1, "orders.approved": 1} if moved else {}
        found.append(Oddity(code="source_has_no_lines", order_id=order.id, effects=effects))
    told, lived = timeliness(order, order.delivered_at), timeliness(order, arrival(order))
    if told != lived and order.items:
        effects = {f"deliveries.{name}": by for name, by in ((told, -1), (lived, 1)) if name}
        code = "delivered_without_a_date" if told is None else "moved_across_the_promise"
        found.append(Oddity(code=code, order_id=order.id, effects=effects))
    return found


def timeliness(order: Order, arrived: datetime | None) -> str | None:
    if arrived is None:
        return None
    return "late" if arrived > promise(order) else "in_time"


def review_is_of(order: Order, index: int) -> str:
    """Tell why a review speaks of the service; "goods" when one product is meant and the buyer had it."""
    if not order.items:
        return "review_without_lines"
    if len(order.quantities()) > 1:
        return "review_of_several_goods"
    arrived = arrival(order)
    if arrived is None or max(order.reviews[index].answered_at, order.bought_at) < arrived:
        return "review_before_delivery"
    first = next(n for n in range(len(order.reviews)) if order.reviews[n].answered_at >= arrived)
    return "goods" if index == first else "review_once_more"
