"""Any sequence of verbs leaves a ledger that agrees with a model of a few lines (U-12, U-13, U-17, U-18, U-51)."""

from __future__ import annotations

import random
from collections import Counter
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from daji.fulfil.inventory import api as inventory
from daji.kit.db import Database, Tx
from daji.kit.ids import new_id
from daji.kit.problems import Problem

BY = "staff:test"
FREE = inventory.HoldPolicy(max_units_per_buyer_sku=10**6, max_share_percent=100, min_units=10**6)
STEPS = 150
VERBS = (
    "receive",
    "hold",
    "hold",
    "confirm",
    "release",
    "release_some",
    "ship",
    "unship",
    "take_back",
    "adjust",
    "bucket",
    "move",
)
Place = tuple[UUID, UUID]
HolderPlace = tuple[UUID, UUID, UUID]


class Model:
    """What the ledger should say, kept by plain arithmetic; a verb that breaks a rule is a ValueError."""

    def __init__(self) -> None:
        self.on_hand: Counter[Place] = Counter()
        self.quarantined: Counter[Place] = Counter()
        self.pending: Counter[HolderPlace] = Counter()
        self.confirmed: Counter[HolderPlace] = Counter()
        self.shipped: Counter[HolderPlace] = Counter()

    def held(self, place: Place) -> int:
        return sum(n for key, n in (self.pending + self.confirmed).items() if key[1:] == place)

    def free(self, place: Place) -> int:
        return self.on_hand[place] - self.held(place)

    def open(self, key: HolderPlace) -> int:
        return self.pending[key] + self.confirmed[key]

    def take(self, key: HolderPlace, qty: int) -> int:
        """Take from what is open, pending first; how much of it was pending."""
        first = min(self.pending[key], qty)
        self.pending[key] -= first
        self.confirmed[key] -= qty - first
        return first


class Walk:
    """A random walk through the verbs, on the database and on the model."""

    def __init__(self, seed: int, sites: list[UUID], now: datetime) -> None:
        self.dice = random.Random(seed)  # noqa: S311 - chance for a test
        self.model = Model()
        self.sites = sites
        self.skus = [new_id() for _ in range(3)]
        self.holders = [new_id() for _ in range(5)]
        self.now = now
        self.refused = 0

    async def step(self, db: Database) -> None:
        verb = self.dice.choice(VERBS)
        sku, site = self.dice.choice(self.skus), self.dice.choice(self.sites)
        holder, qty = self.dice.choice(self.holders), self.dice.randint(1, 6)
        self.now += timedelta(seconds=1)
        allowed = getattr(self, f"may_{verb}", lambda *_: True)(holder, (sku, site), qty)
        try:
            async with db.transaction() as tx:
                await getattr(self, verb)(tx, holder, (sku, site), qty)
            done = True
        except Problem:
            done = False
        assert done == allowed, f"{verb} x {qty}"
        if done:
            getattr(self, f"did_{verb}")(holder, (sku, site), qty)
        else:
            self.refused += 1

    def line(self, place: Place, qty: int) -> inventory.HoldLine:
        return inventory.HoldLine(sku_id=place[0], site_id=place[1], qty=qty)

    async def receive(self, tx: Tx, holder: UUID, place: Place, qty: int) -> None:
        await inventory.receive_many(tx, lines=[self.line(place, qty)], ref="asn", by=BY, now=self.now)

    def did_receive(self, holder: UUID, place: Place, qty: int) -> None:
        self.model.on_hand[place] += qty

    def may_hold(self, holder: UUID, place: Place, qty: int) -> bool:
        return self.model.free(place) >= qty

    async def hold(self, tx: Tx, holder: UUID, place: Place, qty: int) -> None:
        await inventory.hold(
            tx,
            holder=holder,
            lines=[self.line(place, qty)],
            buyer_keys=(f"shopper:{holder}", "ip:1"),
            expires_at=self.now,
            policy=FREE,
            now=self.now,
        )

    def did_hold(self, holder: UUID, place: Place, qty: int) -> None:
        self.model.pending[(holder, *place)] += qty

    async def confirm(self, tx: Tx, holder: UUID, place: Place, qty: int) -> None:
        self.confirmed_now = await inventory.confirm(tx, holder=holder, now=self.now)

    def did_confirm(self, holder: UUID, place: Place, qty: int) -> None:
        if self.confirmed_now:
            for key in [key for key in self.model.pending if key[0] == holder]:
                self.model.confirmed[key] += self.model.pending.pop(key)

    async def release(self, tx: Tx, holder: UUID, place: Place, qty: int) -> None:
        freed = await inventory.release(tx, holder=holder, reason="x", by=BY, now=self.now)
        mine = [key for key in self.model.pending + self.model.confirmed if key[0] == holder]
        assert freed == sum(self.model.open(key) for key in mine)

    def did_release(self, holder: UUID, place: Place, qty: int) -> None:
        for counter in (self.model.pending, self.model.confirmed):
            for key in [key for key in counter if key[0] == holder]:
                del counter[key]

    async def release_some(self, tx: Tx, holder: UUID, place: Place, qty: int) -> None:
        freed = await inventory.release(
            tx, holder=holder, reason="x", by=BY, now=self.now, lines=[self.line(place, qty)]
        )
        assert freed == min(qty, self.model.open((holder, *place)))

    def did_release_some(self, holder: UUID, place: Place, qty: int) -> None:
        key = (holder, *place)
        self.model.take(key, min(qty, self.model.open(key)))

    def may_ship(self, holder: UUID, place: Place, qty: int) -> bool:
        return self.model.confirmed[(holder, *place)] >= qty

    async def ship(self, tx: Tx, holder: UUID, place: Place, qty: int) -> None:
        await inventory.ship(tx, holder=holder, lines=[self.line(place, qty)], ref="shp", by=BY, now=self.now)

    def did_ship(self, holder: UUID, place: Place, qty: int) -> None:
        key = (holder, *place)
        self.model.confirmed[key] -= qty
        self.model.shipped[key] += qty
        self.model.on_hand[place] -= qty

    def may_unship(self, holder: UUID, place: Place, qty: int) -> bool:
        return self.model.shipped[(holder, *place)] >= qty

    async def unship(self, tx: Tx, holder: UUID, place: Place, qty: int) -> None:
        await inventory.unship(
            tx, holder=holder, lines=[self.line(place, qty)], ref="shp", by=BY, now=self.now
        )

    def did_unship(self, holder: UUID, place: Place, qty: int) -> None:
        key = (holder, *place)
        self.model.shipped[key] -= qty
        self.model.confirmed[key] += qty
        self.model.on_hand[place] += qty

    async def take_back(self, tx: Tx, holder: UUID, place: Place, qty: int) -> None:
        self.grade: inventory.Grade = self.dice.choice(("restock", "quarantine", "scrap"))
        graded = inventory.Graded(sku_id=place[0], qty=qty, grade=self.grade)
        await inventory.take_back(tx, site_id=place[1], lines=[graded], ref="cas", by=BY, now=self.now)

    def did_take_back(self, holder: UUID, place: Place, qty: int) -> None:
        self.model.on_hand[place] += qty if self.grade == "restock" else 0
        self.model.quarantined[place] += qty if self.grade == "quarantine" else 0

    def may_adjust(self, holder: UUID, place: Place, qty: int) -> bool:
        self.delta = self.dice.choice((qty, -qty))
        return self.delta > 0 or self.model.free(place) >= qty

    async def adjust(self, tx: Tx, holder: UUID, place: Place, qty: int) -> None:
        await inventory.adjust(
            tx,
            site_id=place[1],
            sku_id=place[0],
            delta=self.delta,
            reason="count",
            note="",
            by=BY,
            now=self.now,
        )

    def did_adjust(self, holder: UUID, place: Place, qty: int) -> None:
        self.model.on_hand[place] += self.delta

    def may_bucket(self, holder: UUID, place: Place, qty: int) -> bool:
        self.verb: inventory.BucketVerb = self.dice.choice(("quarantine", "restock", "scrap"))
        free = self.model.free(place) if self.verb == "quarantine" else self.model.quarantined[place]
        return free >= qty

    async def bucket(self, tx: Tx, holder: UUID, place: Place, qty: int) -> None:
        await inventory.move_bucket(
            tx, site_id=place[1], sku_id=place[0], qty=qty, verb=self.verb, note="", by=BY, now=self.now
        )

    def did_bucket(self, holder: UUID, place: Place, qty: int) -> None:
        here, aside = {"quarantine": (-qty, qty), "restock": (qty, -qty), "scrap": (0, -qty)}[self.verb]
        self.model.on_hand[place] += here
        self.model.quarantined[place] += aside

    def may_move(self, holder: UUID, place: Place, qty: int) -> bool:
        self.target = self.dice.choice([site for site in self.sites if site != place[1]])
        return self.model.open((holder, *place)) >= qty and self.model.free((place[0], self.target)) >= qty

    async def move(self, tx: Tx, holder: UUID, place: Place, qty: int) -> None:
        await inventory.move_hold(
            tx,
            holder=holder,
            sku_id=place[0],
            from_site=place[1],
            to_site=self.target,
            qty=qty,
            by=BY,
            now=self.now,
        )

    def did_move(self, holder: UUID, place: Place, qty: int) -> None:
        waiting = self.model.take((holder, *place), qty)
        self.model.pending[(holder, place[0], self.target)] += waiting
        self.model.confirmed[(holder, place[0], self.target)] += qty - waiting


@pytest.mark.parametrize("seed", range(6))
async def test_any_sequence_keeps_the_ledger_and_the_balances_together(
    db: Database, now: datetime, seed: int
) -> None:
    """U-12, U-13, U-17, U-18, U-51: held = open holds, on hand = sum of movements, after every single verb."""
    new = [
        inventory.NewSite(code=code, name=code, kind="shop", country="CN", region="r", city="c")
        for code in "abc"
    ]
    async with db.transaction() as tx:
        sites = list((await inventory.open_sites(tx, sites=new, now=now)).values())
    walk = Walk(seed, sites, now)
    for n in range(STEPS):
        await walk.step(db)
        if n % 10 == 0:
            async with db.snapshot() as session:
                assert (await inventory.audit(session)).differences == ()
    assert walk.refused > 0
    async with db.snapshot() as session:
        assert (await inventory.audit(session)).differences == ()
        rows = await inventory.availability(session, sku_ids=walk.skus)
    model = walk.model
    for row in rows:
        place = (row.sku_id, row.site_id)
        assert (row.on_hand, row.held, row.quarantined) == (
            model.on_hand[place],
            model.held(place),
            model.quarantined[place],
        )
