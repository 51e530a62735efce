"""What the source comes to, and how it compares with what the house says: every figure, to the centavo."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from daji.flows.replay_olist import plan
from daji.flows.replay_olist.source import Order

STATUSES = (
    "created",
    "approved",
    "processing",
    "invoiced",
    "shipped",
    "delivered",
    "canceled",
    "unavailable",
)
_ENDED = frozenset({"canceled", "unavailable"})
_INDOORS = frozenset({"approved", "processing", "invoiced"})
_SCORES = range(1, 6)


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One figure: the source's, the house's, and what listed oddities explain of the difference."""

    figure: str
    source: int
    daji: int
    explained: int

    @property
    def difference(self) -> int:
        return self.daji - self.source

    @property
    def unexplained(self) -> int:
        return self.difference - self.explained


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """Listed cases of one kind; `amount` is what was booked for them, in centavos."""

    code: str
    count: int
    amount: int


class Reconciliation(msgspec.Struct, frozen=True, kw_only=True):
    """The table, and the list under it."""

    rows: tuple[Row, ...]
    explanations: tuple[Explanation, ...]

    @property
    def clean(self) -> bool:
        return all(row.unexplained == 0 for row in self.rows)


def figures(orders: Sequence[Order]) -> dict[str, int]:
    """Everything that is compared, from the source alone. Amounts in centavos."""
    counted: Counter[str] = Counter()
    for order in orders:
        counted["orders"] += 1
        counted[f"orders.{order.status}"] += 1
        counted[f"orders.of_{len({item.seller_id for item in order.items})}_sellers"] += 1
        counted["lines"] += len(order.quantities())
        counted["units"] += len(order.items)
        counted["prices"] += sum(item.price for item in order.items)
        counted["freight"] += sum(item.freight for item in order.items)
        counted.update(_money(order))
        counted.update(_goods(order))
        if (kept := plan.timeliness(order, order.delivered_at)) and order.items:
            counted[f"deliveries.{kept}"] += 1
        counted.update(f"reviews.{review.score}" for review in order.reviews)
    always = (
        *(f"orders.{status}" for status in STATUSES),
        *(f"reviews.{score}" for score in _SCORES),
        *("deliveries.in_time", "deliveries.late", "refunded"),
        *("stock.shipped", "stock.came_back", "stock.lost", "stock.promised"),
        *ZERO,
    )
    return {name: counted[name] for name in sorted({*counted, *always}, key=_place)}


ZERO = (
    "stock.differences",
    "stock.unbalanced",
    "money.trial_balance",
    "orders.other",
    "runs.unfinished",
    "timers.failing",
)
"""Figures that are zero in a house that is in order, whatever the source says."""


def _money(order: Order) -> Counter[str]:
    counted: Counter[str] = Counter()
    for tender in order.tenders:
        if not tender.amount:
            continue
        name = f"tenders.{tender.method}"
        counted[f"{name}.count"] += 1
        counted[f"{name}.instalments"] += tender.instalments
        counted[f"{name}.asked"] += tender.amount
        counted[f"{name}.captured"] += tender.amount if order.approved_at else 0
    if order.status in _ENDED and order.approved_at:
        counted["refunded"] += order.paid
    if amount := plan.difference(order):
        reason = plan.difference_reason(order)
        counted[f"differences.{reason}.count"] += 1
        counted[f"differences.{reason}.amount"] += amount
    return counted


def _goods(order: Order) -> Counter[str]:
    """Units by where they went. What is only promised lies on a shelf still."""
    if not order.items:
        return Counter()
    units, left = len(order.items), plan.hand_over(order) is not None
    if left:
        back = units if order.status == "canceled" else 0
        return Counter({"stock.shipped": units, "stock.came_back": back})
    if order.status == "unavailable":
        return Counter({"stock.lost": units})
    return Counter({"stock.promised": units if order.status in _INDOORS else 0})


def compare(
    source: Mapping[str, int], daji: Mapping[str, int], oddities: Iterable[plan.Oddity]
) -> Reconciliation:
    """Set both sides beside each other; a figure that one side lacks is zero there."""
    listed = tuple(oddities)
    effects: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    amounts: Counter[str] = Counter()
    for oddity in listed:
        counts[oddity.code] += 1
        amounts[oddity.code] += oddity.amount
        for figure, by in oddity.effects.items():
            effects[figure] += by
    names = sorted({*source, *daji, *effects}, key=_place)
    return Reconciliation(
        rows=tuple(
            Row(
                figure=name,
                source=source.get(name, 0),
                daji=daji.get(name, 0),
                explained=effects[name],
            )
            for name in names
        ),
        explanations=tuple(
            Explanation(code=code, count=count, amount=amounts[code])
            for code, count in sorted(counts.items())
        ),
    )


_GROUPS = (
    "orders",
    "lines",
    "units",
    "prices",
    "freight",
    "differences",
    "tenders",
    "refunded",
    "deliveries",
    "reviews",
    "stock",
    "money",
    "runs",
    "timers",
)
_LIFE = {f"orders.{status}": nth for nth, status in enumerate(STATUSES)}


def _place(name: str) -> tuple[int, int, str]:
    """Where a figure stands in the table: by group, statuses as life goes, else by name."""
    group = name.partition(".")[0]
    return (
        _GROUPS.index(group) if group in _GROUPS else len(_GROUPS),
        -1 if name == group else _LIFE.get(name, len(_LIFE)),
        name,
    )
