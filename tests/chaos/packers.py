"""Those behind the counter: they pick, pack and ship what is paid, and ask again like buyers do when nobody answers."""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httpx

from daji.faces.cli.demo import ACCOUNTS
from tests.chaos.crowd import AGAIN, IN_PROGRESS, Crowd

PATIENCE = 40
ONE_IN = 3
"""Of the paid orders, those that are shipped while the crowd buys; the others stay on the shelf."""


@dataclass
class Packers:
    """What was shipped, and what the counter was told instead."""

    crowd: Crowd
    shipped: list[str] = field(default_factory=list)
    again: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)

    async def work_until(self, over: asyncio.Event) -> None:
        """Ship one paid order after another until `over`."""
        admin = next(account for account in ACCOUNTS if account.role == "admin")
        seen: set[str] = set()
        async with httpx.AsyncClient(base_url=self.crowd.shop.url, timeout=20) as http:
            token = None
            while not over.is_set():
                if token is None:
                    told = await self._ask(
                        http, "POST", "/console/v1/login", {"email": admin.login, "password": admin.password}
                    )
                    token = told and told["token"]
                    http.headers["Authorization"] = f"Bearer {token}"
                for intent in [one for one in self.crowd.intents if one.orders and one.key not in seen]:
                    seen.add(intent.key)
                    if len(seen) % ONE_IN == 0 and not over.is_set():
                        await self._ship(http, intent.orders)
                await asyncio.sleep(0.2)

    async def _ship(self, http: httpx.AsyncClient, orders: list[str]) -> None:
        for order in orders:
            for verb, body in (("pick", {}), ("pack", {"weight_g": 600}), ("ship", {})):
                path = f"/console/v1/pick-lists/{order}/{verb}"
                if await self._ask(http, "POST", path, body, key=secrets.token_hex(16)) is None:
                    return
            self.shipped.append(order)

    async def _ask(
        self, http: httpx.AsyncClient, method: str, path: str, body: Any, key: str | None = None
    ) -> Any:
        """The answer; None when it is a refusal, or when none came in time."""
        for _ in range(PATIENCE):
            try:
                headers = {"Idempotency-Key": key} if key else {}
                answer = await http.request(method, path, json=body, headers=headers)
            except httpx.HTTPError as error:
                self.again[type(error).__name__] += 1
            else:
                if answer.is_success:
                    return answer.json()
                kind = answer.headers.get("content-type", "")
                code = answer.json().get("code", "") if "json" in kind else ""
                if answer.status_code not in AGAIN and code != IN_PROGRESS:
                    self.refused[f"{answer.status_code} {code}"] += 1
                    return None
                self.again[f"{answer.status_code} {code}"] += 1
            await asyncio.sleep(0.5)
        return None
