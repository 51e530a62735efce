"""`make bench`: how fast this shop is on this machine, beside its peers on the same kind of machine.

Usage: ``python benchmarks/bench.py [--products 10000] [--seconds 5] [--runs 3] [--workers 2] [--json FILE] [--only NAME …]``

Opens a shop in production mode (web processes, worker, sandbox, embedded PostgreSQL), loads the catalogue through
`daji import`, warms up and measures each kind of work at 1, 16 and 64 connections. Load generator, database and shop
share the machine. The peers' figures were measured on two cores with the same catalogue and are only ever printed
beside; they are not run here.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import quote

import buying
import goods
import reads
import running
from reads import Rate

CONNECTIONS = (1, 16, 64)
PRICE_LIST, SITE = "retail", "HZ"
# Requests per second of the best peer at 16 connections, and this project's first bar and aim.
PEERS: dict[str, tuple[str, float | None, float, float]] = {
    "list of 20": ("Saleor", 17, 2000, 7000),
    "category of 20": ("Vendure", 96, 3000, 9600),
    "product (JSON)": ("Vendure", 129, 3000, 9600),
    "product (HTML)": ("none", None, 1000, 3000),
    "search": ("Saleor", 17, 1000, 3000),
    "cart of 2 lines": ("Vendure", 20, 400, 2000),
    "order, paid": ("Vendure", 9, 150, 600),
}


def paths_of(house: running.House) -> dict[str, list[str]]:
    """The addresses that each kind of read asks for in turn."""
    first: Any = running.get(f"{house.url}/store/v1/products?limit=20")
    pages, cursor = ["/store/v1/products?limit=20"], first["next_cursor"]
    for _ in range(49):
        if cursor is None:
            break
        path = f"/store/v1/products?limit=20&cursor={quote(cursor)}"
        pages.append(path)
        answer: Any = running.get(house.url + path)
        cursor = answer["next_cursor"]
    slugs = [item["slug"] for path in pages for item in _items(house, path)]
    tree: Any = running.get(f"{house.url}/store/v1/categories")
    leaves = [one["id"] for one in tree["items"] if one["parent_id"] is not None]
    return {
        "list of 20": pages,
        "category of 20": [f"/store/v1/products?limit=20&category={leaf}" for leaf in leaves],
        "product (JSON)": [f"/store/v1/products/{slug}" for slug in slugs],
        "product (HTML)": [f"/zh/p/{slug}" for slug in slugs],
        "search": [f"/store/v1/products?limit=20&q={quote(word)}" for word in goods.WORDS],
    }


def _items(house: running.House, path: str) -> list[dict[str, Any]]:
    answer: Any = running.get(house.url + path)
    return list(answer["items"])


def skus_of(house: running.House, slugs: list[str], wanted: int) -> list[str]:
    found: list[str] = []
    for slug in slugs:
        product: Any = running.get(f"{house.url}{slug}")
        found += [sku["id"] for sku in product["skus"]]
        if len(found) >= wanted:
            break
    return found


def show(name: str, connections: int, rate: Rate) -> None:
    peer, theirs, bar, aim = PEERS[name]
    beside = f"{peer} {theirs:.0f}/s, {rate.median / theirs:.0f}×" if theirs else "-"
    print(
        f"{name:16}{connections:4}  {rate.low:8.0f}{rate.median:8.0f}{rate.high:8.0f}  {rate.p50:8.1f}{rate.p99:8.1f}"
        f"  {rate.errors:6}  {beside:24} bar {bar:.0f}, aim {aim:.0f}",
        flush=True,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Measure the shop.")
    parser.add_argument("--products", type=int, default=10_000)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--connections", type=int, nargs="+", default=CONNECTIONS)
    parser.add_argument("--only", nargs="+", choices=PEERS, default=tuple(PEERS))
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    result: dict[str, Any] = {
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
        "products": options.products,
        "figures": {},
    }
    with running.open_house(options.workers) as house:
        result["load seconds"] = load_goods(house, options.products)
        measure_all(house, options, result)
        usage = house.usage()
        result["memory MB"] = usage.memory / 1e6
        print(f"memory of all processes after load: {usage.memory / 1e6:.0f} MB (peers 730 to 1750 MB)")
    if options.json:
        options.json.write_text(json.dumps(result, indent=2))
    return 0


def load_goods(house: running.House, products: int) -> float:
    table = house.home / "goods.jsonl"
    skus = goods.write(table, products, categories=200)
    began = time.perf_counter()
    house.daji("import", "table", str(table), "--price-list", PRICE_LIST, "--site", SITE)
    took = time.perf_counter() - began
    print(f"{products} products, {skus} SKUs imported in {took:.0f} s ({skus / took:.0f} rows/s)", flush=True)
    return took


def measure_all(house: running.House, options: argparse.Namespace, result: dict[str, Any]) -> None:
    paths = paths_of(house)
    skus = skus_of(house, paths["product (JSON)"], 400)
    print(f"{'':16}{'conn':>4}  {'min':>8}{'median':>8}{'max':>8}  {'p50 ms':>8}{'p99 ms':>8}  {'errors':>6}")
    for name in options.only:
        ask = _asker(house, name, paths, skus)
        ask(16, 2, 1)
        for connections in options.connections:
            before = house.usage()
            rate = ask(connections, options.seconds, options.runs)
            cpu = house.usage().since(before)
            show(name, connections, rate)
            result["figures"][f"{name} c={connections}"] = asdict(rate) | {"cpu": cpu}


def _asker(
    house: running.House, name: str, paths: dict[str, list[str]], skus: list[str]
) -> Callable[[int, int, int], Rate]:
    if name in paths:
        return lambda connections, seconds, runs: reads.measure(
            house, paths[name], connections=connections, seconds=seconds, runs=runs
        )
    whole = name == "order, paid"

    def ask(buyers: int, seconds: int, runs: int) -> Rate:
        return buying.rate_of(
            [
                asyncio.run(
                    buying.run_for(house, skus, buyers=buyers, seconds=seconds, whole=whole, seed=run)
                )
                for run in range(runs)
            ]
        )

    return ask


if __name__ == "__main__":
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is not on PATH (Debian and Ubuntu: apt-get install wrk)")
    sys.exit(main())
