"""The console's door for browsers, and the one page behind it."""

from __future__ import annotations

import re

import httpx
from litestar import Litestar

from daji.faces.console.page import BASE
from tests.faces.console.conftest import PASSWORD, Hire, open_client


async def enter(client: httpx.AsyncClient, email: str) -> httpx.Response:
    return await client.post("/console/v1/session", json={"email": email, "password": PASSWORD})


async def test_a_browser_signs_in_by_cookie_and_out_again(app: Litestar, hire: Hire) -> None:
    await hire("service")
    async with open_client(app) as browser:
        assert (await browser.get("/console/v1/session")).json() == {"me": None}
        assert (await browser.get("/console/v1/me")).status_code == 401
        wrong = await browser.post(
            "/console/v1/session", json={"email": "service1@shop.test", "password": "no" * 8}
        )
        assert (wrong.status_code, wrong.json()["code"]) == (401, "identity.bad_credentials")
        me = (await enter(browser, "service1@shop.test")).json()
        assert me["staff"]["name"] == "Service 1"
        assert "orders:cancel" in me["permissions"]
        assert "stock:adjust" not in me["permissions"]
        assert (await browser.get("/console/v1/session")).json()["me"] == me
        assert (await browser.get("/console/v1/orders")).status_code == 200
        assert (await browser.get("/console/v1/audit")).status_code == 403

        body = {"list": "orders", "name": "waiting", "query": {"status": "placed"}}
        unproven = await browser.put("/console/v1/me/views", json=body)
        assert (unproven.status_code, unproven.json()["code"]) == (403, "csrf_failed")
        browser.headers["X-CSRF-Token"] = me["csrf"]
        assert (await browser.put("/console/v1/me/views", json=body)).status_code == 200
        assert (await browser.delete("/console/v1/session")).status_code == 204
        assert (await browser.get("/console/v1/orders")).status_code == 401


async def test_every_address_below_shows_the_one_page(anybody: httpx.AsyncClient) -> None:
    """The script reads the address; what it needs to start stands in the page, under the policy's nonce."""
    for path in (BASE, f"{BASE}/orders", f"{BASE}/orders/trd_x?late=1"):
        page = await anybody.get(path)
        assert page.status_code == 200
        nonce = re.search(r"'nonce-([^']+)'", page.headers["Content-Security-Policy"])
        assert nonce is not None
        scripts = re.findall(r"<script[^>]*>", page.text)
        assert len(scripts) == 1
        assert f'nonce="{nonce[1]}"' in scripts[0]
        assert f'<meta name="daji-base" content="{BASE}">' in page.text
        assert "style=" not in page.text
        assert page.headers["Cache-Control"] == "no-store"


async def test_what_the_api_lacks_is_no_page(anybody: httpx.AsyncClient) -> None:
    missing = await anybody.get(f"{BASE}/v1/nowhere", headers={"Accept": "application/json"})
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")
    posted = await anybody.post(f"{BASE}/orders", headers={"Accept": "text/html"})
    assert posted.status_code == 405
    assert '<div id="app">' in posted.text


async def test_the_page_comes_in_the_reader_s_language_and_theme(anybody: httpx.AsyncClient) -> None:
    plain = (await anybody.get(BASE)).text
    assert '<html lang="en" data-theme="auto">' in plain
    anybody.cookies.set("daji_lang", "zh")
    anybody.cookies.set("daji_console_theme", "dark")
    assert '<html lang="zh-CN" data-theme="dark" class="dark">' in (await anybody.get(BASE)).text


async def test_views_are_one_s_own(hire: Hire) -> None:
    first, second = await hire("service"), await hire("service")
    body = {"list": "orders", "name": "late", "query": {"late": "1"}}
    kept = (await first.http.put("/console/v1/me/views", json=body)).json()
    again = (
        await first.http.put("/console/v1/me/views", json={**body, "query": {"late": "1", "status": "x"}})
    ).json()
    assert (again["id"], again["query"]) == (kept["id"], {"late": "1", "status": "x"})
    assert (await second.get("/console/v1/me/views")).json() == []
    assert (await second.http.delete(f"/console/v1/me/views/{kept['id']}")).status_code == 404
    assert [one["name"] for one in (await first.get("/console/v1/me/views?of=orders")).json()] == ["late"]
    assert (await first.get("/console/v1/me/views?of=parcels")).json() == []
    assert (await first.http.delete(f"/console/v1/me/views/{kept['id']}")).status_code == 204
    assert (await first.get("/console/v1/me/views")).json() == []


async def test_there_are_only_so_many_views(hire: Hire) -> None:
    desk = await hire("service")
    answers = [
        await desk.http.put("/console/v1/me/views", json={"list": "orders", "name": f"n{n}", "query": {}})
        for n in range(51)
    ]
    assert [one.status_code for one in answers] == [200] * 50 + [409]
    assert answers[-1].json()["code"] == "workspace.too_many_views"
