"""A flash sale from its plan to a paid order, in shop language."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx

from daji.flows import run_flash_sale
from daji.grow.flash import api as flash
from daji.kit import ids
from tests.faces.real_app import RealShop
from tests.faces.store.shopping import ADDRESS, CONTACT, good, key, pay, show, sku

SALE = "/store/v1/flash-sales"


async def planned(shop: RealShop, sku_id: UUID, **more: Any) -> flash.Sale:
    """A scheduled sale of this SKU that opens in ten minutes."""
    now = shop.world.clock.now()
    given: dict[str, Any] = {
        "titles": {"zh": "秒杀", "en": "Flash"},
        "channel": "web",
        "currency": "CNY",
        "opens_at": now + timedelta(minutes=10),
        "closes_at": now + timedelta(hours=2),
        "audience": "anyone",
        "lines": (flash.NewLine(sku_id=sku_id, price=100, quota=2),),
        **more,
    }
    async with shop.house.db.transaction() as tx:
        draft = await run_flash_sale.plan_flash_sale(tx, plan=flash.Plan(**given), by="staff:1", now=now)
    async with shop.house.db.transaction() as tx:
        return await run_flash_sale.schedule_flash_sale(tx, sale_id=draft.id, now=now)


async def round_of(shop: RealShop, sale: flash.Sale) -> None:
    """Let a second pass, and the round with the database that it brings."""
    shop.world.clock.advance(timedelta(seconds=1))
    await shop.house.flash.look(sale.id, now=shop.world.clock.now())
    await shop.house.flash.settled()


async def in_line(client: httpx.AsyncClient, sale: str) -> Any:
    return good(await client.post(f"{SALE}/{sale}/line", json={}))


async def offer(client: httpx.AsyncClient, sale: str, token: str, sku_id: UUID, phone: str = "") -> Any:
    to = {**ADDRESS, "phone": phone} if phone else ADDRESS
    body = {
        "token": token,
        "address": to,
        "contact": {**CONTACT, "phone": phone} if phone else CONTACT,
        "items": [{"sku": sku(sku_id), "qty": 1}],
    }
    return good(await client.post(f"{SALE}/{sale}/quotes", json=body))


async def test_a_buyer_waits_gets_in_and_pays_the_price_of_the_sale(shop: RealShop) -> None:
    world = shop.world
    sku_id = await world.sku(price=1299, stock=10)
    sale = await planned(shop, sku_id)
    shown = ids.show("fls", sale.id)
    assert await world.stock(sku_id) == [(10, 2, 0)]

    buyer = shop.client()
    early = await in_line(buyer, shown)
    assert early["standing"]["state"] == "early"
    assert (await in_line(buyer, shown))["ticket"] == early["ticket"]
    refused = await buyer.post(f"{SALE}/{shown}/pass", json={"ticket": early["ticket"]})
    assert refused.json()["code"] == "flash.not_your_turn"

    world.clock.advance(timedelta(minutes=10))
    asking = f"{SALE}/{shown}/line?ticket={early['ticket']}"
    await round_of(shop, sale)
    assert good(await buyer.get(asking))["state"] == "called"
    granted = good(await buyer.post(f"{SALE}/{shown}/pass", json={"ticket": early["ticket"]}))
    again = good(await buyer.post(f"{SALE}/{shown}/pass", json={"ticket": early["ticket"]}))
    assert granted == again

    quote = await offer(buyer, shown, granted["token"], sku_id)
    assert quote["total"] == 100
    once = key()
    placed = good(await buyer.post("/store/v1/orders", json={"quote_id": quote["id"]}, headers=once))
    twice = good(await buyer.post("/store/v1/orders", json={"quote_id": quote["id"]}, headers=once))
    assert placed == twice
    await pay(buyer, placed["id"])
    await world.deliver_notices()
    order = await show(buyer, placed["id"])
    assert (order["payment"], order["total"]) == ("paid", 100)
    assert await world.stock(sku_id) == [(10, 2, 0)]

    await round_of(shop, sale)
    state = good(await buyer.get(f"{SALE}/{shown}"))
    assert (state["state"], state["left"]) == ("open", 1)


async def test_forged_foreign_late_and_used_tokens_are_refused(shop: RealShop) -> None:
    world = shop.world
    sku_id = await world.sku(price=1299, stock=10)
    sale = await planned(shop, sku_id, per_buyer=2)
    shown = ids.show("fls", sale.id)
    world.clock.advance(timedelta(minutes=10))
    buyer, stranger = shop.client(), shop.client()
    ticket = (await in_line(buyer, shown))["ticket"]
    await in_line(stranger, shown)
    await round_of(shop, sale)

    async def code(client: httpx.AsyncClient, path: str, body: object) -> tuple[int, str]:
        answer = await client.post(f"{SALE}/{shown}/{path}", json=body)
        return answer.status_code, answer.json()["code"]

    invalid = (403, "flash.ticket_invalid")
    assert await code(buyer, "pass", {"ticket": f"{ticket[:-2]}AA"}) == invalid
    assert await code(stranger, "pass", {"ticket": ticket}) == invalid
    token = good(await buyer.post(f"{SALE}/{shown}/pass", json={"ticket": ticket}))["token"]
    wish = {"address": ADDRESS, "contact": CONTACT, "items": [{"sku": sku(sku_id), "qty": 1}]}
    late = (403, "flash.pass_invalid")
    assert await code(stranger, "quotes", {**wish, "token": token}) == late
    assert await code(buyer, "quotes", {**wish, "token": ticket}) == late
    assert await code(buyer, "quotes", {**wish, "token": f"A{token}"}) == late
    quotes = [await offer(buyer, shown, token, sku_id) for _ in range(2)]
    good(await buyer.post("/store/v1/orders", json={"quote_id": quotes[0]["id"]}, headers=key()))
    again = await buyer.post("/store/v1/orders", json={"quote_id": quotes[1]["id"]}, headers=key())
    assert (again.status_code, again.json()["code"]) == (409, "flash.pass_spent")
    world.clock.advance(timedelta(minutes=6))
    assert await code(buyer, "quotes", {**wish, "token": token}) == late


async def test_staff_plan_schedule_watch_and_stop_and_each_deed_is_written_down(shop: RealShop) -> None:
    world = shop.world
    sku_id = await world.sku(price=1299, stock=10)
    now = world.clock.now()
    staff = shop.client(await shop.staff("operator@shop.test", "operator"))
    other = shop.client(await shop.staff("analyst@shop.test", "analyst"))
    plan = {
        "titles": {"en": "Flash"},
        "channel": "web",
        "currency": "CNY",
        "opens_at": (now + timedelta(hours=1)).isoformat(),
        "closes_at": (now + timedelta(hours=2)).isoformat(),
        "lines": [{"sku_id": sku(sku_id), "price": 100, "quota": 4}],
    }
    console = "/console/v1/flash-sales"
    assert (await other.post(console, json=plan, headers=key())).status_code == 403
    once = key()
    draft = good(await staff.post(console, json=plan, headers=once))
    assert good(await staff.post(console, json=plan, headers=once)) == draft
    here = f"{console}/{draft['id']}"
    assert (await shop.client().get(f"{SALE}/{draft['id']}")).status_code == 404
    changed = good(await staff.put(here, json={**plan, "per_buyer": 2, "version": 1}, headers=key()))
    assert changed["per_buyer"] == 2
    assert good(await staff.post(f"{here}/schedule", headers=key()))["status"] == "scheduled"
    assert await world.stock(sku_id) == [(10, 4, 0)]
    refused = await staff.put(here, json={**plan, "version": 3}, headers=key())
    assert refused.json()["code"] == "illegal_transition"
    screen = good(await staff.get(here))
    assert (screen["figures"]["sold"], screen["goods"][0]["available"]) == (0, 6)
    assert good(await staff.post(f"{here}/withdraw", headers=key()))["status"] == "draft"
    assert good(await staff.post(f"{here}/stop", headers=key()))["status"] == "closed"
    assert [one["id"] for one in good(await staff.get(console))["items"]] == [draft["id"]]
    admin = shop.client(await shop.staff("admin@shop.test", "admin"))
    told = good(await admin.get("/console/v1/audit"))["items"]
    deeds = str(told)
    assert all(f"flash.{verb}" in deeds for verb in ("plan", "change", "schedule", "withdraw", "stop"))
