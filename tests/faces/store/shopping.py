"""A buyer's steps through the API, for tests that need to come after them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import httpx

from daji.kit import ids

ADDRESS = {
    "name": "王小明",
    "phone": "+8613800000000",
    "country": "CN",
    "region": "浙江省",
    "city": "杭州市",
    "district": "西湖区",
    "line": "文三路 1 号",
    "postcode": "310012",
}
CONTACT = {"name": "王小明", "phone": "+8613800000000", "email": "ming@example.com"}


def sku(sku_id: UUID) -> str:
    return ids.show("sku", sku_id)


def key() -> dict[str, str]:
    return {"Idempotency-Key": str(ids.new_id())}


def good(answer: httpx.Response) -> Any:
    assert answer.is_success, answer.text
    return answer.json()


async def quote(client: httpx.AsyncClient, sku_id: UUID, qty: int = 1) -> Any:
    body = {"address": ADDRESS, "contact": CONTACT, "items": [{"sku": sku(sku_id), "qty": qty}]}
    return good(await client.post("/store/v1/quotes", json=body))


async def place(client: httpx.AsyncClient, sku_id: UUID, qty: int = 1) -> Any:
    offer = await quote(client, sku_id, qty)
    return good(await client.post("/store/v1/orders", json={"quote_id": offer["id"]}, headers=key()))


async def pay(client: httpx.AsyncClient, trade: str, script: str | None = "approve") -> Any:
    body = {"method": "wallet", "script": script}
    return good(await client.post(f"/store/v1/orders/{trade}/payments", json=body, headers=key()))


async def show(client: httpx.AsyncClient, trade: str) -> Any:
    return good(await client.get(f"/store/v1/orders/{trade}"))
