"""What will have happened in the demo shop: every order with its fate, drawn from one seed before any is placed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from random import Random

import msgspec

from daji.faces.cli.demoshop import folk, season
from daji.faces.cli.demoshop.abroad import shops
from daji.faces.cli.demoshop.goods import Choice, Goods, choices, read, sold_here
from daji.faces.cli.demoshop.people import Buyer, Opinion, Purchase, story
from daji.faces.cli.demoshop.shelves import CHANNEL, MINI

SEED = 20260301
A_DAY = 27.0
"""Orders on a mean day of a long history."""
SHORT_A_DAY = 2.5
SHORT_DAYS = 18
"""What a first start has time for; as long as the story."""
_FRESH = timedelta(hours=48)
_QUIET = timedelta(days=6)
_ENGLISH, _MINI, _MEMBER, _AGAIN = 0.12, 0.27, 0.62, 0.45
_EVERY_ABROAD = 2
_SALE_TASTE = 4
_EVERY_SALE = 3
_CHEAP = 6000
_WORK = (("pay", 0.05), ("pick", 0.0), ("pack", 0.8), ("ship", 0.3))


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A verb of `life`, so many hours after the step before; warehouse work waits for its next round too."""

    verb: str
    hours: float
    rounds: bool = False


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """One order to be: who, when, what, and what becomes of it. `way` is a word that the simulated carrier obeys."""

    n: int
    at: datetime
    buyer: Buyer
    member: bool
    channel: str
    items: dict[str, int]
    steps: tuple[Step, ...]
    opinions: dict[str, Opinion] = {}
    reason: str = ""
    note: str = ""
    answer: str = ""
    kind: str = "return"
    way: str = ""


# Of a thousand orders so many go this way, and take these steps.
_FATES: Mapping[str, tuple[int, tuple[tuple[str, float], ...]]] = {
    "abandoned": (58, ()),
    "walked_off": (12, (("cancel", 0.2),)),
    "declined": (15, (("decline", 0.04),)),
    "retried": (40, (("decline", 0.04), ("pay", 0.1), *_WORK[1:])),
    "changed_mind": (26, (*_WORK[:1], ("cancel", 0.4))),
    "normal": (740, _WORK),
    "slow": (30, _WORK),
    "fail": (11, (*_WORK, ("call_off", 150.0))),
    "lost": (3, (*_WORK, ("ask", 200.0), ("agree", 8.0), ("take_back", 2.0))),
    "returned": (38, (*_WORK, ("ask", 85.0), ("agree", 9.0), ("take_back", 80.0))),
    "kept": (5, (*_WORK, ("ask", 85.0), ("withdraw", 15.0))),
    "on_the_way_back": (4, (*_WORK, ("ask", 85.0), ("agree", 12.0))),
    "to_judge": (3, (*_WORK, ("ask", 85.0))),
    "disputed": (9, (*_WORK, ("ask", 90.0), ("reject", 14.0))),
    "money_back": (6, (*_WORK, ("ask", 90.0), ("agree", 10.0), ("take_back", 1.0))),
}
_OPEN_ONLY_LATELY = {"to_judge", "on_the_way_back"}
# How far the warehouse has come with what was ordered in the last two days.
_BACKLOG = {"pay": 30, "pick_part": 10, "pick": 20, "pack": 22, "ship": 18}

_DONE = (("pay", 0.05), ("pick", 2.95), ("pack", 1.0), ("ship", 1.0))
_STORY: Mapping[str, tuple[tuple[str, float], ...]] = {
    "placed": (),
    "expired": (),
    "paid": _DONE[:1],
    "cancelled": (*_DONE[:1], ("cancel", 1.45)),
    "picking": (*_DONE[:1], ("pick_part", 2.95)),
    "picked": _DONE[:2],
    "packed": _DONE[:3],
    "shipped": _DONE,
    "delivered": (*_DONE, ("review", 95.0)),
    "completed": (*_DONE, ("review", 105.0)),
    "return_asked": (*_DONE, ("ask", 85.0)),
    "returned": (*_DONE, ("ask", 75.0), ("agree", 6.0), ("take_back", 64.0)),
}


def visits(*, until: datetime, days: int, seed: int = SEED) -> tuple[Visit, ...]:
    """Every order of the `days` before `until`, in time; the same arguments give the same orders."""
    return _Planner(until=until, days=days, dice=Random(seed)).plan()  # noqa: S311 - a history, not a secret


@lru_cache(maxsize=1)
def opinions() -> Mapping[str, tuple[Opinion, ...]]:
    """What buyers say, by product code."""
    return msgspec.convert(read("opinions.toml"), dict[str, tuple[Opinion, ...]])


class _Planner:
    """Holds what the draws have in common."""

    def __init__(self, *, until: datetime, days: int, dice: Random) -> None:
        self._until, self._days, self._dice = until, days, dice
        goods = sold_here()
        scarce = goods.scarce
        self._shelf: dict[str, tuple[Goods, list[Choice]]] = {}
        for product in goods.products:
            plenty = [one for one in choices(product) if one.code not in scarce]
            if plenty:
                self._shelf[product.code] = (product, plenty)
        self._taste = {
            code: (product.price / _CHEAP) ** -0.4 / (1 + dice.random() * 7)
            for code, (product, _) in self._shelf.items()
        }
        self._members: dict[str, list[Buyer]] = {"zh": [], "en": []}
        self._people = self._abroad = 0

    def plan(self) -> tuple[Visit, ...]:
        long = self._days > SHORT_DAYS
        drawn = [
            self._visit(at)
            for at in sorted(
                season.moments(
                    self._dice,
                    until=self._until,
                    days=self._days,
                    a_day=A_DAY if long else SHORT_A_DAY,
                )
            )
        ]
        made = [*drawn, *self._spoken(), *self._told()]
        made.sort(key=lambda visit: visit.at)
        return tuple(msgspec.structs.replace(visit, n=n) for n, visit in enumerate(made))

    def _visit(self, at: datetime) -> Visit:
        dice = self._dice
        lang = "en" if dice.random() < _ENGLISH else "zh"
        buyer, member = self._buyer(lang)
        fate = self._fate(at)
        wish, note, answer = self._wish(fate, lang)
        steps = self._steps(fate)
        if self._until - at < _FRESH and fate in {"normal", "slow"}:
            steps = self._backlog()
        return Visit(
            n=0,
            at=at,
            buyer=buyer,
            member=member,
            channel=self._channel(lang),
            items=self._items(at),
            steps=steps,
            reason=wish,
            note=note,
            answer=answer,
            kind="refund_only" if fate in {"disputed", "money_back", "lost"} else "return",
            way=fate if fate in {"slow", "fail", "lost"} else "",
        )

    def _channel(self, lang: str) -> str:
        """Some who read Chinese buy in the mini program, some who read English in a currency of their own."""
        if lang == "zh":
            return MINI if self._dice.random() < _MINI else CHANNEL
        self._abroad += 1
        return shops()[0].channel if self._abroad % _EVERY_ABROAD == 0 else CHANNEL

    def _buyer(self, lang: str) -> tuple[Buyer, bool]:
        """Somebody new, or a member who comes again."""
        dice = self._dice
        known = self._members[lang]
        member = dice.random() < _MEMBER
        if member and known and dice.random() < _AGAIN:
            return dice.choice(known), True
        self._people += 1
        buyer = folk.somebody(dice, self._people, lang=lang)
        if member:
            known.append(buyer)
        return buyer, member

    def _fate(self, at: datetime) -> str:
        lately = self._until - at < timedelta(days=9)
        shares = {
            fate: share * (6 if fate in _OPEN_ONLY_LATELY else 1)
            for fate, (share, _) in _FATES.items()
            if lately or fate not in _OPEN_ONLY_LATELY
        }
        (fate,) = self._dice.choices(list(shares), weights=list(shares.values()))
        return fate

    def _wish(self, fate: str, lang: str) -> tuple[str, str, str]:
        """Reason, note and answer of what goes wrong."""
        known = folk.folk()
        if fate in {"walked_off", "changed_mind"}:
            reasons = ("changed_mind", "ordered_by_mistake", "wrong_address", "found_cheaper")
            return self._dice.choice(reasons), "", ""
        if fate == "fail":
            return "undeliverable", "", ""
        if fate == "lost":
            return "not_received", "", ""
        wishes = known.disputes if fate in {"disputed", "money_back"} else known.wishes
        wish, note, answer = folk.pick(self._dice, wishes, lang)
        return wish.reason, note, answer

    def _steps(self, fate: str) -> tuple[Step, ...]:
        return self._timed(_FATES[fate][1])

    def _timed(self, steps: Sequence[tuple[str, float]]) -> tuple[Step, ...]:
        return tuple(
            Step(verb=verb, hours=hours * self._dice.uniform(0.6, 1.5), rounds=True) for verb, hours in steps
        )

    def _backlog(self) -> tuple[Step, ...]:
        (last,) = self._dice.choices(list(_BACKLOG), weights=list(_BACKLOG.values()))
        verbs = [verb for verb, _ in _WORK]
        kept = _WORK[: verbs.index(last) + 1] if last in verbs else (*_WORK[:1], (last, 0.0))
        return self._timed(kept)

    def _items(self, at: datetime) -> dict[str, int]:
        dice = self._dice
        sale = at.astimezone(season.SHOP_TIME).date() == season.sale_day(self._until, self._days)
        cheaper = on_sale() if sale else frozenset()
        codes = list(self._taste)
        weights = [taste * (_SALE_TASTE if code in cheaper else 1) for code, taste in self._taste.items()]
        (lines,) = dice.choices((1, 2, 3), weights=(58, 28, 14))
        found: dict[str, int] = {}
        for code in dice.choices(codes, weights=weights, k=lines):
            product, plenty = self._shelf[code]
            (qty,) = dice.choices((1, 2, 3), weights=(78, 16, 6 if product.price < _CHEAP else 1))
            found[dice.choice(plenty).code] = qty
        return found

    def _spoken(self) -> list[Visit]:
        """Orders of those who write reviews: some things, one language each."""
        dice = self._dice
        waiting: dict[str, list[tuple[str, Opinion]]] = {"zh": [], "en": []}
        for code, said in opinions().items():
            for opinion in said:
                waiting[opinion.lang].append((code, opinion))
        found = []
        for lang, queue in waiting.items():
            dice.shuffle(queue)
            while queue:
                (lines,) = dice.choices((3, 4, 5), weights=(30, 40, 30))
                found.append(self._speaker(lang, queue, lines))
        return found

    def _speaker(self, lang: str, queue: list[tuple[str, Opinion]], lines: int) -> Visit:
        dice = self._dice
        items: dict[str, int] = {}
        said: dict[str, Opinion] = {}
        products: set[str] = set()
        while queue and len(items) < lines and queue[-1][0] not in products:
            code, opinion = queue.pop()
            sku = dice.choice(self._shelf[code][1]).code
            products.add(code)
            items[sku], said[sku] = 1, opinion
        buyer, member = self._buyer(lang)
        span = timedelta(days=self._days) - _QUIET
        steps = (*self._steps("normal"), Step(verb="review", hours=dice.uniform(62, 110)))
        return Visit(
            n=0,
            at=self._until - _QUIET - span * dice.random() ** 1.2,
            buyer=buyer,
            member=member,
            channel=CHANNEL,
            items=items,
            steps=steps,
            opinions=said,
        )

    def _told(self) -> list[Visit]:
        """The orders of the story, as far as the history reaches back."""
        buyers = {buyer.key: buyer for buyer in story().buyers}
        return [
            _of_story(purchase, buyers[purchase.buyer], self._until)
            for purchase in story().orders
            if purchase.days < self._days
        ]


def _of_story(purchase: Purchase, buyer: Buyer, until: datetime) -> Visit:
    return Visit(
        n=0,
        at=until - timedelta(days=purchase.days),
        buyer=buyer,
        member=True,
        channel=CHANNEL,
        items=purchase.items,
        steps=tuple(Step(verb=verb, hours=hours) for verb, hours in _STORY[purchase.until]),
        opinions=dict(zip(purchase.items, purchase.reviews, strict=False)),
        reason=purchase.reason,
        note=purchase.note,
    )


def on_sale() -> frozenset[str]:
    """Codes of the products that the sale day makes cheaper."""
    products: Sequence[Goods] = sold_here().products
    return frozenset(product.code for n, product in enumerate(products) if n % _EVERY_SALE == 0)
