"""Ten thousand products, as the peers were given: 1 to 3 SKUs each, 200 categories, stock on all."""

from __future__ import annotations

import json
import random
import time
from pathlib import Path
from typing import Any

import running

PRICE_LIST, SITE = "retail", "HZ"
READY_SECONDS = 60
CATEGORY = "bench"
"""What the imported products stand under."""

ADJECTIVES = tuple(
    """amber brisk calm dusk early fern gentle harbour ivory jade kindled lunar mellow noble opal plain quiet rustic silken
    tidal umber velvet willow zephyr""".split()
)
NOUNS = tuple(
    """apron basket bowl bracket brush candle carafe chair clock coaster cushion desk dish drawer flask frame glass grater
    hanger hook jar kettle ladle lamp mat mirror mug napkin pan pillow pitcher plate pot rack rug saucer shelf skillet
    spoon stool table teapot towel tray trivet tumbler vase whisk""".split()
)
# 140 words, each in one to two of a hundred products.
WORDS = tuple(f"{adjective}{n}" for n in range(6) for adjective in ADJECTIVES)[:140]
COLOURS = (("black", "墨黑"), ("white", "月白"), ("blue", "靛蓝"))


def write(path: Path, products: int, categories: int, seed: int = 11, first: int = 0) -> int:
    """Write the table of products numbered from `first`; the number of SKUs in it."""
    chance = random.Random(seed + first)
    skus = 0
    with path.open("w", encoding="utf-8") as file:
        for n in range(first, first + products):
            noun = chance.choice(NOUNS)
            category = chance.randrange(categories)
            title = f"{chance.choice(WORDS)} {chance.choice(WORDS)} {noun} {n}"
            count = chance.choice((1, 2, 3))
            for k in range(count):
                row = {
                    "product_code": f"B{n:07d}",
                    "sku_code": f"B{n:07d}-{k}",
                    "category": f"{CATEGORY} > b{category:03d}",
                    "brand": f"maker{n % 40}",
                    "price": f"{chance.randrange(500, 99900) / 100:.2f}",
                    "currency": "CNY",
                    "weight_g": chance.randrange(50, 4000),
                    "stock": 10_000_000,
                    "list": "1",
                    "option.colour": COLOURS[k][0],
                }
                if k == 0:
                    row |= {"title.en": title, "title.zh": f"{COLOURS[0][1]}{title}"}
                    row |= {"description.en": f"A {noun} made for benchmarks, number {n}."}
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
                skus += 1
    return skus


def load(house: running.House, table: Path) -> None:
    """Import a table that stands in the shop's own list and site."""
    house.daji("import", "table", str(table), "--price-list", PRICE_LIST, "--site", SITE)


def plenty(house: running.House, products: int, *, category: str = CATEGORY) -> list[str]:
    """SKUs of imported products, which nobody buys out; those of the demo shop are few."""
    tree: Any = running.get(f"{house.url}/store/v1/categories")
    mine = next(one["id"] for one in tree["items"] if category in one["names"].values())
    path = f"{house.url}/store/v1/products?limit={products}&category={mine}"
    listed: Any = running.get(path)
    until = time.monotonic() + READY_SECONDS
    while not listed["items"] and time.monotonic() < until:
        # What was just imported is in the lists a moment later.
        time.sleep(1)
        listed = running.get(path)
    pages: list[Any] = [
        running.get(f"{house.url}/store/v1/products/{one['slug']}") for one in listed["items"]
    ]
    return [sku["id"] for page in pages for sku in page["skus"]]
