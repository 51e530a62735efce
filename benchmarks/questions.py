"""What `growth.py` asks a shop of any size: the same kinds of work each time, of goods and orders from all over it."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote

import asyncpg
import goods
import running

from daji.kit import ids

Who = Literal["visitor", "shopper", "staff"]
SHOPPER = {"account": "shopper@daji.example", "password": "dajibuys2026"}
STAFF = {"email": "admin@daji.example", "password": "dajiadmin2026"}
MANY = 300
"""Different questions of each kind, so that no answer is one that was given before."""

SQL_SLUGS = "SELECT slug FROM catalog.product WHERE code LIKE 'B%' ORDER BY md5(code) LIMIT $1"
SQL_CODES = "SELECT code FROM catalog.sku WHERE code LIKE 'B%' ORDER BY md5(code) LIMIT $1"
SQL_TITLES = """
SELECT texts -> 'en' ->> 'title' FROM catalog.product WHERE code LIKE 'B%' ORDER BY md5(code || 'title') LIMIT $1
"""
SQL_ORDERS = 'SELECT number FROM orders."order" ORDER BY md5(id::text) LIMIT $1'
SQL_PARCELS = """
SELECT tracking_no FROM delivery.shipment WHERE tracking_no IS NOT NULL ORDER BY md5(id::text) LIMIT $1
"""
SQL_LISTS = "SELECT id FROM pricing.price_list WHERE code = 'retail' LIMIT $1"
_SEEN = {
    "slugs": SQL_SLUGS,
    "codes": SQL_CODES,
    "titles": SQL_TITLES,
    "orders": SQL_ORDERS,
    "parcels": SQL_PARCELS,
    "lists": SQL_LISTS,
}
SQL_TRADES = """
SELECT id, number, contact_name, contact_phone, placed_at FROM orders.trade ORDER BY md5(id::text) LIMIT $1
"""
SQL_SHOPPER = "SELECT id FROM identity.account WHERE kind = 'shopper' AND email = $1"
SQL_GIVE_BACK = """
UPDATE orders.trade SET shopper_id = gen_random_uuid() WHERE shopper_id = $1 AND guest_token IS NULL
   AND number LIKE '%-%'
"""
# Three hundred of all orders, old and new, become those of one shopper, who may then ask for them.
SQL_GIVE = """
UPDATE orders.trade SET shopper_id = $1, guest_token = NULL
 WHERE id = ANY(ARRAY(SELECT id FROM orders.trade WHERE number LIKE '%-%' ORDER BY md5(id::text) LIMIT $2))
RETURNING id
"""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """Paths that one kind of work asks for; `aim` is the most it may grow by, None where none was set."""

    name: str
    who: Who
    paths: Sequence[str]
    aim: float | None = None


async def kinds(house: running.House) -> list[Kind]:
    """Everything to ask, of this shop as it is now."""
    connection = await asyncpg.connect(house.env["DAJI_DATABASE_URL"])
    try:
        found = {name: [row[0] for row in await connection.fetch(sql, MANY)] for name, sql in _SEEN.items()}
        trades = await connection.fetch(SQL_TRADES, MANY)
        shopper = await connection.fetchval(SQL_SHOPPER, SHOPPER["account"])
        await connection.execute(SQL_GIVE_BACK, shopper)
        mine = [row["id"] for row in await connection.fetch(SQL_GIVE, shopper, MANY)]
        await connection.execute("ANALYZE orders.trade")
    finally:
        await connection.close()
    return [*_of_shop(house, found), *_of_buyers(mine), *_of_staff(house, found, trades)]


def _leaves(house: running.House) -> list[str]:
    tree: Any = running.get(f"{house.url}/store/v1/categories")
    mine = next(one["id"] for one in tree["items"] if "bench" in one["names"].values())
    return [one["id"] for one in tree["items"] if one["parent_id"] == mine]


def _of_shop(house: running.House, found: Mapping[str, list[Any]]) -> list[Kind]:
    chance = random.Random(7)
    leaves = _leaves(house)
    # A highest price that nobody asked for before makes a question new, and leaves nearly everything in.
    dear = iter(range(99_000, 99_000 + 10 * MANY))
    pairs = [f"{chance.choice(goods.WORDS)} {chance.choice(goods.NOUNS)}" for _ in range(MANY)]
    words = [chance.choice(goods.WORDS) for _ in range(MANY)]
    listed = "/store/v1/products?limit=20"
    return [
        Kind(name="list of 20", who="visitor", paths=_pages(house), aim=1.5),
        Kind(
            name="list, never asked",
            who="visitor",
            paths=[f"{listed}&price=-{next(dear)}" for _ in range(MANY)],
        ),
        Kind(
            name="category, never asked",
            who="visitor",
            paths=[f"{listed}&category={chance.choice(leaves)}&price=-{next(dear)}" for _ in range(MANY)],
            aim=1.5,
        ),
        Kind(
            name="product (JSON)",
            who="visitor",
            paths=[f"/store/v1/products/{slug}" for slug in found["slugs"]],
            aim=1.5,
        ),
        Kind(
            name="product (HTML)",
            who="visitor",
            paths=[f"/zh/p/{slug}" for slug in found["slugs"]],
            aim=1.5,
        ),
        Kind(
            name="search, a word",
            who="visitor",
            # Another limit makes another question of a word that was asked for before.
            paths=[f"/store/v1/products?limit={19 + n}&q={word}" for n in range(3) for word in goods.WORDS],
            aim=4,
        ),
        Kind(
            name="search, two words",
            who="visitor",
            paths=[f"{listed}&q={quote(pair)}" for pair in dict.fromkeys(pairs)],
            aim=4,
        ),
        Kind(
            name="search, a word and a price",
            who="visitor",
            paths=[f"{listed}&q={word}&price=-{next(dear)}" for word in words],
            aim=4,
        ),
        Kind(name="home (HTML)", who="visitor", paths=["/zh", "/en"]),
        Kind(name="suggestion", who="visitor", paths=[f"/store/v1/suggest?q={word[:5]}" for word in words]),
    ]


def _pages(house: running.House) -> list[str]:
    """The first fifty pages of everything."""
    path: str | None = "/store/v1/products?limit=20"
    found = []
    while path is not None and len(found) < 50:
        found.append(path)
        answer: Any = running.get(house.url + path)
        cursor = answer["next_cursor"]
        path = cursor and f"/store/v1/products?limit=20&cursor={quote(cursor)}"
    return found


def _of_buyers(mine: Sequence[Any]) -> list[Kind]:
    return [
        Kind(
            name="order of a buyer",
            who="shopper",
            paths=[f"/store/v1/orders/{ids.show('trd', one)}" for one in mine],
            aim=1.5,
        ),
        Kind(name="orders of a buyer", who="shopper", paths=["/store/v1/orders"]),
    ]


def _of_staff(house: running.House, found: Mapping[str, list[Any]], trades: Sequence[Any]) -> list[Kind]:
    at = "/console/v1"
    asked: dict[str, tuple[list[str], float | None]] = {
        "order": ([f"/orders/{ids.show('trd', one['id'])}" for one in trades], 1.5),
        "order by number": ([f"/orders?text={one['number']}" for one in trades], 1.5),
        "orders by phone": ([f"/orders?text={quote(one['contact_phone'])}" for one in trades], 1.5),
        "orders, newest": (["/orders?limit=20"], None),
        "orders, completed": (["/orders?limit=20&status=completed"], None),
        "orders, to be picked": (["/orders?limit=20&delivery=released"], None),
        "orders, late": (["/orders?limit=20&late=true"], None),
        "orders before a day": (
            [f"/orders?limit=20&placed_to={one['placed_at']:%Y-%m-%dT%H:%M:%SZ}" for one in trades],
            None,
        ),
        "goods, newest": (["/goods?limit=20"], None),
        "goods of a category": ([f"/goods?limit=20&category={one}" for one in _leaves(house)], None),
        "goods by code": ([f"/goods?limit=20&text={one}" for one in found["codes"]], None),
        "goods by words": ([f"/goods?limit=20&text={quote(one)}" for one in found["titles"]], None),
        "goods, running low": (["/goods?limit=20&low=true"], None),
        "stock": (["/stock?limit=20"], None),
        "stock of a SKU": ([f"/stock?limit=20&text={one}" for one in found["codes"]], None),
        "stock, sold out": (["/stock?limit=20&only_out=true"], None),
        "ledger, newest": (["/stock/movements?limit=20"], None),
        "ledger of a SKU": ([f"/stock/movements?limit=20&sku_code={one}" for one in found["codes"]], None),
        "buyers": (["/customers?limit=20"], None),
        "pick lists": (["/pick-lists?limit=20"], None),
        "parcels": (["/shipments?limit=20"], None),
        "parcels, late": (["/shipments?limit=20&late=true"], None),
        "parcel by order": ([f"/shipments?limit=20&text={one}" for one in found["orders"]], None),
        "parcel by number": ([f"/shipments?limit=20&text={quote(one)}" for one in found["parcels"]], None),
        "pick list by number": ([f"/station/work?limit=20&number={one}" for one in found["orders"]], None),
        "promises": (["/stock/promises?limit=20"], None),
        "promises of an order": ([f"/stock/promises?limit=20&text={one['number']}" for one in trades], None),
        "returns": (["/returns?limit=20"], None),
        "returns by number": ([f"/returns?limit=20&text={one}" for one in found["orders"]], None),
        "returns, counts": (["/returns/counts"], None),
        "buyers by name": (
            [f"/customers?limit=20&text={quote(one['contact_name'])}" for one in trades],
            None,
        ),
        "reviews": (["/reviews/board?limit=20"], None),
        "price list": (
            [f"/price-lists/{ids.show('prl', one)}/prices?limit=20" for one in found["lists"]],
            None,
        ),
        "quick search": ([f"/search?q={one['number']}" for one in trades], None),
        "quick search by words": ([f"/search?q={quote(one)}" for one in found["titles"]], None),
        "quick search, nothing": ([f"/search?q=nothing{n}" for n in range(MANY)], None),
        "home": (["/home"], None),
        "health": (["/health"], None),
        "overview": (["/overview"], None),
    }
    return [
        Kind(name=f"staff: {name}", who="staff", paths=[at + path for path in paths], aim=aim)
        for name, (paths, aim) in asked.items()
    ]
