"""Carts and whole orders under load: every buyer is a guest who types an address and pays in the sandbox."""

from __future__ import annotations

import asyncio
import random
import statistics
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field

from load import Client, Refused
from reads import Rate
from running import House

ADDRESS = {
    "name": "林小满",
    "phone": "+8613800138000",
    "country": "CN",
    "region": "浙江省",
    "city": "杭州市",
    "district": "西湖区",
    "line": "文三路 100 号",
    "postcode": "310012",
}
QUOTE = {"address": ADDRESS, "contact": {"name": "林小满", "phone": "+8613800138000"}}


@dataclass
class Tally:
    """What came of the attempts: seconds of each success, refusals by code."""

    seconds: list[float] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    began: float = 0.0
    ended: float = 0.0
    last: float = 0.0
    """When the last success came."""

    @property
    def rate(self) -> float:
        return len(self.seconds) / max(self.ended - self.began, 1e-9)

    def percentile(self, share: float) -> float:
        """Milliseconds; 0 when nothing succeeded."""
        ordered = sorted(self.seconds)
        return 1000 * ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else 0.0


async def fill_cart(client: Client, skus: list[str]) -> None:
    await client.call("PUT", "/store/v1/cart/lines", {"lines": [{"sku": sku, "qty": 1} for sku in skus]})


async def buy(client: Client, skus: list[str]) -> None:
    """From an empty cart to a paid order: lines, quote with address and freight, order with its payment.

    The gateway's answer, which it signs, says at once that the money was taken.
    """
    await fill_cart(client, skus)
    quote = await client.call("POST", "/store/v1/quotes", QUOTE)
    order = {"quote_id": quote["id"], "payment": {"method": "wallet", "script": "approve"}}
    placed = await client.call("POST", "/store/v1/orders", order, key=uuid.uuid4().hex)
    states = [tender["status"] for tender in placed["payment"]["tenders"]]
    if states != ["captured"]:
        raise Refused(200, f"payment {states}", b"")


async def run_for(
    house: House, skus: list[str], *, buyers: int, seconds: float, whole: bool, seed: int
) -> Tally:
    """Let `buyers` buy two different SKUs each, again and again, until the time is over."""
    tally = Tally(began=time.perf_counter())
    until = tally.began + seconds

    async def one(number: int) -> None:
        chance = random.Random(seed * 1000 + number)
        while time.perf_counter() < until:
            async with Client(house.host, house.port) as client:
                await attempt(tally, client, chance.sample(skus, 2), whole=whole)

    await asyncio.gather(*(one(number) for number in range(buyers)))
    tally.ended = time.perf_counter()
    return tally


async def rush(house: House, sku: str, *, buyers: int, attempts: int) -> Tally:
    """Let `buyers` at a time try for one SKU, one piece each, `attempts` in all."""
    tally = Tally(began=time.perf_counter())
    waiting = iter(range(attempts))

    async def one() -> None:
        for _ in waiting:
            async with Client(house.host, house.port) as client:
                await attempt(tally, client, [sku], whole=True)

    await asyncio.gather(*(one() for _ in range(buyers)))
    tally.ended = time.perf_counter()
    return tally


async def attempt(tally: Tally, client: Client, skus: list[str], *, whole: bool) -> None:
    began = time.perf_counter()
    try:
        await (buy if whole else fill_cart)(client, skus)
    except Refused as refused:
        tally.refused[f"{refused.status} {refused.code}"] += 1
    except (OSError, asyncio.IncompleteReadError) as error:
        tally.refused[type(error).__name__] += 1
    else:
        tally.last = time.perf_counter()
        tally.seconds.append(tally.last - began)


def rate_of(tallies: list[Tally]) -> Rate:
    rates = sorted(tally.rate for tally in tallies)
    return Rate(
        low=rates[0],
        median=statistics.median(rates),
        high=rates[-1],
        p50=statistics.median(tally.percentile(0.5) for tally in tallies),
        p99=statistics.median(tally.percentile(0.99) for tally in tallies),
        errors=sum(tally.refused.total() for tally in tallies),
        count=sum(len(tally.seconds) for tally in tallies),
    )
