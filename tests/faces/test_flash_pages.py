"""The pages of a flash sale, walked through without script."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx
import pytest

from daji.faces.store.pages import flash as pages
from daji.kit import ids
from daji.kit.db import counting
from tests.faces.real_app import RealShop
from tests.faces.store.shopping import ADDRESS, sku
from tests.faces.test_flash_sale import planned, round_of


@pytest.fixture(autouse=True)
def fresh() -> None:
    pages._pages.clear()


def field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, page
    return found[1]


async def seen(client: httpx.AsyncClient, path: str, status: int = 200) -> str:
    answer = await client.get(path)
    assert answer.status_code == status, answer.text
    return answer.text


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_a_reader_without_script_gets_in_line_and_orders(shop: RealShop, lang: str) -> None:
    world = shop.world
    sku_id = await world.sku(price=1299, stock=10)
    sale = await planned(shop, sku_id)
    here = f"/{lang}/flash/{ids.show('fls', sale.id)}"
    browser = shop.client()
    assert f"{here}/line" in await seen(browser, here)
    assert here in await seen(browser, f"/{lang}/flash")
    early = await seen(browser, f"{here}/line")
    assert 'http-equiv="refresh"' in early
    world.clock.advance(timedelta(minutes=10))
    await round_of(shop, sale)
    called = await seen(browser, f"{here}/line")
    gone = await browser.post(f"{here}/line", data={"_csrf": field(called, "_csrf")})
    assert gone.headers["location"] == f"{here}/order"
    till = await seen(browser, gone.headers["location"])
    form = {**ADDRESS, "_csrf": field(till, "_csrf"), "sku": sku(sku_id), "qty": "1", "email": ""}
    offered = await browser.post(f"{here}/order", data=form)
    assert offered.status_code == 303, offered.text
    confirm = await seen(browser, offered.headers["location"])
    assert "1.00" in confirm
    bought = await browser.post(
        offered.headers["location"],
        data={
            "_csrf": field(confirm, "_csrf"),
            "_idempotency_key": field(confirm, "_idempotency_key"),
            "method": "wallet",
        },
    )
    assert bought.status_code == 303, bought.text
    assert await world.stock(sku_id) == [(10, 2, 0)]


async def test_the_page_of_a_sale_asks_nothing_of_the_database_within_a_second(shop: RealShop) -> None:
    sku_id = await shop.world.sku(price=1299, stock=10)
    sale = await planned(shop, sku_id)
    here = f"/en/flash/{ids.show('fls', sale.id)}"
    browser = shop.client()
    first = await browser.get(here)
    with counting() as tally:
        again = await browser.get(here)
    assert tally.count == 0
    assert "max-age=1" in again.headers["cache-control"]
    nonces = [
        re.findall(r"'nonce-([^']+)'", one.headers["content-security-policy"])[0] for one in (first, again)
    ]
    assert nonces[0] != nonces[1]
    assert nonces[1] in again.text
    assert nonces[0] not in again.text


async def test_a_sale_for_members_asks_guests_to_sign_in(shop: RealShop) -> None:
    sku_id = await shop.world.sku(price=1299, stock=10)
    sale = await planned(shop, sku_id, audience="members")
    here = f"/en/flash/{ids.show('fls', sale.id)}"
    answer = await shop.client().get(f"{here}/line")
    assert answer.headers["location"] == f"/en/login?next=/flash/{ids.show('fls', sale.id)}/line"


async def test_a_draft_is_nobodys_business(shop: RealShop) -> None:
    await seen(shop.client(), f"/en/flash/{ids.show('fls', ids.new_id())}", 404)
