"""Products as pages: find, read, change the words and prices, list and delist."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from daji.faces.console.api import prices as prices_api
from daji.faces.console.api import products as api
from daji.faces.console.asking import Acting, Asked, HouseGiven, Now, Once, P, can
from daji.faces.console.render import done, is_again, plain_form, read_form, show_page, uuid_field
from daji.kit import ids
from daji.kit.money import parse_amount
from daji.kit.problems import FieldProblem, Invalid, Problem
from daji.shop.catalog import api as catalog
from daji.shop.pricing import api as pricing
from daji.views import console_product

_TEXT = "text."
_PRICE = "price."


@get("/products", opt=can(P.CATALOG_READ, html=True))
async def list_page(request: Asked, house: HouseGiven, cursor: FromQuery[str | None] = None) -> Response[str]:
    """Show products of any status."""
    asked = request.query_params
    async with house.db.read() as session:
        page = await catalog.list_products(
            session,
            category_id=uuid_field("cat", asked.get("category")),
            status=asked.get("status") or None,
            text=asked.get("text") or None,
            sort=asked.get("sort") or "newest",
            cursor=cursor or None,
            limit=50,
        )
        categories = await catalog.list_categories(session)
    return show_page(
        request, "products.html.j2", page=page, categories=categories, asked=asked, sorts=catalog.SORTS
    )


@get("/products/{product:str}", opt=can(P.CATALOG_READ, html=True))
async def one_page(request: Asked, product: FromPath[str], house: HouseGiven, now: Now) -> Response[str]:
    """Show one product."""
    return await _show(request, product, house, now)


async def _show(request: Asked, product: str, house: HouseGiven, now: Now, **more: Any) -> Response[str]:
    async with house.db.read() as session:
        screen = await console_product.get_product_screen(
            session, product_id=ids.read("prd", product), at=now
        )
    filled = await plain_form(request) if request.method == "POST" else {}
    return show_page(request, "product.html.j2", screen=screen, product=screen.product, form=filled, **more)


@post("/products/{product:str}/texts", opt=can(P.CATALOG_WRITE, html=True), status_code=200)
async def change_texts(
    request: Asked, product: FromPath[str], actor: Acting, house: HouseGiven, now: Now
) -> Response[Any]:
    """Change what it is called and said to be; refused when somebody changed it meanwhile."""
    form = await plain_form(request)
    texts: dict[str, dict[str, str]] = {}
    for name, value in form.items():
        if name.startswith(_TEXT) and name.count(".") == 2:  # noqa: PLR2004 - text.<language>.<field>
            _, lang, field = name.split(".")
            texts.setdefault(lang, {})[field] = value.replace("\r\n", "\n").strip()
    kept = {lang: fields for lang, fields in texts.items() if any(fields.values())}
    try:
        data = await read_form(request, api.ProductEdit, texts=kept)
        await api.update_product.fn(product=product, data=data, actor=actor, house=house, now=now)
    except Problem as problem:
        return await _show(request, product, house, now, problem=problem)
    return done(f"/console/products/{product}", "saved")


@post("/products/{product:str}/status", opt=can(P.CATALOG_WRITE, html=True), status_code=200)
async def change_status(
    request: Asked, product: FromPath[str], actor: Acting, house: HouseGiven, now: Now
) -> Response[Any]:
    """List, delist and the other verbs."""
    try:
        data = await read_form(request, api.StatusVerb)
        await api.change_status.fn(product=product, data=data, actor=actor, house=house, now=now)
    except Problem as problem:
        return await _show(request, product, house, now, problem=problem)
    return done(f"/console/products/{product}", "status_changed")


@post("/products/{product:str}/prices", opt=can(P.PRICING_WRITE, once=True, html=True), status_code=200)
async def set_prices(
    request: Asked, product: FromPath[str], actor: Acting, once: Once, house: HouseGiven, now: Now
) -> Response[Any]:
    """Set what its SKUs cost in one list from now on; a field left empty leaves its price alone."""
    form = await plain_form(request)
    price_list = form.get("list_id", "")
    try:
        # The list's own currency says how many decimals an amount has; a form is not asked (U-63).
        async with house.db.read() as session:
            currency = (await pricing.get_list(session, list_id=ids.read("prl", price_list))).currency
        prices = tuple(
            prices_api.PriceIn(sku_id=name.removeprefix(_PRICE), amount=parse_amount(value.strip(), currency))
            for name, value in form.items()
            if name.startswith(_PRICE) and value.strip()
        )
        if not prices:
            raise Invalid(fields=(FieldProblem(pointer="prices", code="required"),))
        data = prices_api.PricesIn(prices=prices)
        await prices_api.set_prices.fn(
            price_list=price_list, data=data, actor=actor, once=once, house=house, now=now
        )
    except Problem as problem:
        key = once.key if is_again(problem) else None
        return await _show(request, product, house, now, problem=problem, key=key)
    return done(f"/console/products/{product}", "priced")


ROUTES = [list_page, one_page, change_texts, change_status, set_prices]
