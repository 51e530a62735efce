"""Buyers who do not give up: each asks again under the same key until an answer comes, and remembers every answer.

What was answered is what must be true afterwards, whatever was killed meanwhile.
"""

from __future__ import annotations

import asyncio
import random
import secrets
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.live import LiveShop

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
CONTACT = {"name": "林小满", "phone": "+8613800138000"}
# How the gateway behaves towards a payment; most go well.
SCRIPTS = ("approve",) * 6 + (
    "notify_twice",
    "notify_late",
    "drop_notification",
    "http500",
    "slow",
    "decline",
    "forged_notification",
)
PATIENCE = 90.0
"""Seconds for one answer: a run whose process was killed is taken over when its lease of a minute ends."""
AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
IN_PROGRESS = "request_in_progress"


@dataclass
class Intent:
    """One order that somebody wants; `trades` are the ids that were answered for it, of which there may be one.

    `orders` are the parcels of one that is paid.
    """

    key: str
    trades: set[str] = field(default_factory=set)
    paid: bool = False
    orders: list[str] = field(default_factory=list)


@dataclass
class Crowd:
    """What a crowd did: its intents, how often it had to ask again, what it was refused, and when things worked."""

    shop: LiveShop
    skus: Sequence[str]
    scripts: Sequence[str] = SCRIPTS
    intents: list[Intent] = field(default_factory=list)
    again: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    placed_at: list[float] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    async def shop_until(self, over: asyncio.Event, *, buyers: int, seed: int) -> None:
        """Let `buyers` buy one thing after another until `over`."""
        await asyncio.gather(*(self._buyer(random.Random(f"{seed}-{n}"), over) for n in range(buyers)))

    async def _buyer(self, chance: random.Random, over: asyncio.Event) -> None:
        while not over.is_set():
            async with httpx.AsyncClient(
                base_url=self.shop.url, headers={"Origin": self.shop.url}, timeout=10
            ) as http:
                try:
                    await self._buy(http, chance)
                except TimeoutError as error:
                    self.lost.append(str(error))

    async def _buy(self, http: httpx.AsyncClient, chance: random.Random) -> None:
        sku = chance.choice(self.skus)
        if await self._ask(http, "PUT", f"/store/v1/cart/lines/{sku}", {"qty": chance.randint(1, 2)}) is None:
            return
        quote = await self._ask(http, "POST", "/store/v1/quotes", {"address": ADDRESS, "contact": CONTACT})
        if quote is None:
            return
        intent = Intent(key=secrets.token_hex(16))
        self.intents.append(intent)
        asked = {"quote_id": quote["id"]}
        placed = await self._ask(http, "POST", "/store/v1/orders", asked, key=intent.key)
        if placed is None:
            return
        intent.trades.add(placed["id"])
        self.placed_at.append(time.monotonic())
        # A buyer whose answer was lost asks once more; it is the same order.
        if chance.random() < 0.2:
            again = await self._ask(http, "POST", "/store/v1/orders", asked, key=intent.key)
            intent.trades.add(again["id"] if again else "gone")
        await self._pay(http, chance, intent, placed["id"])

    async def _pay(self, http: httpx.AsyncClient, chance: random.Random, intent: Intent, trade: str) -> None:
        payments = f"/store/v1/orders/{trade}/payments"
        wish = {"method": "wallet", "script": chance.choice(self.scripts)}
        if await self._ask(http, "POST", payments, wish, key=secrets.token_hex(16)) is None:
            return
        for _ in range(4):
            state = await self._ask(http, "POST", f"{payments}/refresh")
            if state is None or state["state"] != "pending":
                intent.paid = state is not None and state["state"] == "paid"
                if intent.paid:
                    seen = await self._ask(http, "GET", f"/store/v1/orders/{trade}")
                    intent.orders = [order["id"] for order in seen["orders"]]
                return
            await asyncio.sleep(0.3)

    async def _ask(
        self, http: httpx.AsyncClient, method: str, path: str, body: Any = None, key: str | None = None
    ) -> Any:
        """The answer; None when it is a refusal. Raises TimeoutError when no answer came at all."""
        until = time.monotonic() + PATIENCE
        wait, said = 0.1, Counter[str]()
        while time.monotonic() < until:
            try:
                answer = await http.request(
                    method, path, json=body, headers={"Idempotency-Key": key} if key else {}
                )
            except httpx.HTTPError as error:
                said[type(error).__name__] += 1
            else:
                if answer.is_success:
                    self.again += said
                    return answer.json()
                code = (
                    answer.json().get("code", "") if "json" in answer.headers.get("content-type", "") else ""
                )
                if answer.status_code not in AGAIN and code != IN_PROGRESS:
                    self.refused[f"{answer.status_code} {code}"] += 1
                    return None
                said[f"{answer.status_code} {code}"] += 1
            await asyncio.sleep(wait)
            wait = min(wait * 1.5, 1.0)
        raise TimeoutError(f"{method} {path}: {dict(said)} in {PATIENCE:.0f} s")
