"""`make bench`: how fast this shop is on this machine, beside its peers on the same kind of machine.

Usage: ``python benchmarks/bench.py [--products 10000] [--seconds 5] [--runs 3] [--workers 2] [--only NAME …]
[--no-cold] [--json FILE] [--svg FILE]``

Opens a shop in production mode (web processes, worker, sandbox, embedded PostgreSQL), loads the catalogue through
`daji import`, warms up and measures each kind of work at 1, 16 and 64 connections. Reads are measured twice: as a shop
answers them, which keeps what every visitor gets, and "new", by a web face with `DAJI_KEPT=off`, where every single one is
made from the database. Load generator, database and shop share the machine. The peers' figures were measured on two cores with the same catalogue and are only ever printed
beside; they are not run here.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import beyond
import buying
import goods
import picture
import reads
import running
from reads import Rate
from table import AT_TILL, ORDER, PEERS, Figure

from daji.faces.cli.up import ON_ONE_MACHINE

CONNECTIONS = (1, 16, 64)
WARM_SECONDS, WARM_ROUNDS, WARM_TIMES = 2, 30, 3
Ask = Callable[[int, int, int], Rate]


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


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Measure the shop.")
    parser.add_argument("--products", type=int, default=10_000)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--connections", type=int, nargs="+", default=CONNECTIONS)
    parser.add_argument("--only", nargs="+", choices=PEERS, default=tuple(PEERS))
    parser.add_argument("--no-cold", action="store_true", help="leave out the reads with nothing kept")
    parser.add_argument("--reads-only", action="store_true", help="leave out hot SKUs and the replay")
    parser.add_argument("--olist", type=Path, help="folder of the Olist files: their orders are replayed too")
    parser.add_argument("--olist-orders", type=int, default=0, help="only so many of them")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--svg", type=Path, help="a picture of the figures at 16 connections")
    options = parser.parse_args(arguments)
    result: dict[str, Any] = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": _command(options),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
        "load before": os.getloadavg()[0],
        "products": options.products,
        "workers": options.workers,
    }
    print(
        f"{result['date']}  {result['machine']}, load {result['load before']:.1f}  {result['command']}",
        flush=True,
    )
    with running.open_house(options.workers) as house:
        result["load seconds"] = load_goods(house, options.products)
        figures = measure_all(house, options, result)
    result["figures"] = [figure.as_json() for figure in figures]
    if not options.reads_only:
        lines: list[beyond.Line] = result["lines"]
        lines.append(_told(beyond.hot_holds(options.runs)))
        if options.olist:
            lines.append(_told(beyond.replay(options.olist, options.olist_orders)))
    result["lines"] = [line.as_json() for line in result["lines"]]
    if options.json:
        options.json.write_text(json.dumps(result, indent=2) + "\n")
    if options.svg:
        options.svg.write_text(picture.draw(figures, result), encoding="utf-8")
    return 0


def _command(options: argparse.Namespace) -> str:
    """What repeats the figures; where they were written to is nobody's business."""
    said = ["make bench"]
    given = [f"--{name} {getattr(options, name)}" for name in ("products", "seconds", "runs", "workers")]
    return " ".join([*said, f'ARGS="{" ".join(given)}"'])


def measure_all(house: running.House, options: argparse.Namespace, result: dict[str, Any]) -> list[Figure]:
    paths = paths_of(house)
    skus = goods.plenty(house, 100)
    figures: list[Figure] = []
    print(Figure.head(), flush=True)
    for name in options.only:
        if name != AT_TILL:
            figures += measure(
                house,
                name,
                _asker(house, name, paths, skus),
                options,
                kept=True,
                addresses=len(paths.get(name, ())),
            )
    lines = [_told(beyond.memory(house.usage().parts)), *map(_told, beyond.statements(figures))]
    if not options.reads_only:
        lines.append(_told(beyond.hot_orders(house, options.runs, by="the sandbox")))
    if AT_TILL in options.only:
        with house.beside(options.workers, DAJI_PAYMENTS="till", **ON_ONE_MACHINE) as till:
            ask = _asker(till, AT_TILL, paths, skus)
            figures += measure(till, AT_TILL, ask, options, kept=True, addresses=0)
            if not options.reads_only:
                lines.append(_told(beyond.hot_orders(till, options.runs, by="the till")))
    result["lines"] = lines
    cold = [] if options.no_cold else [name for name in options.only if name in paths]
    if cold:
        with house.beside(options.workers, DAJI_KEPT="off") as other:
            for name in cold:
                figures += measure(
                    other,
                    name,
                    _asker(other, name, paths, skus),
                    options,
                    kept=False,
                    addresses=len(paths[name]),
                )
    return figures


def _told(line: beyond.Line) -> beyond.Line:
    print(line.row(), flush=True)
    return line


def measure(
    house: running.House, name: str, ask: Ask, options: argparse.Namespace, *, kept: bool, addresses: int
) -> list[Figure]:
    """Warm up, until every process was asked for every address where answers are kept; then measure."""
    wanted, asked = (WARM_TIMES * options.workers * addresses if kept else 1), 0
    for _ in range(WARM_ROUNDS):
        asked += ask(16, WARM_SECONDS, 1).count
        if asked >= wanted:
            break
    found = []
    for connections in options.connections:
        before_all = house.usage()
        rates = ask(connections, options.seconds, options.runs)
        after = house.usage()
        found.append(
            Figure(
                name=name,
                connections=connections,
                kept=kept,
                rate=rates,
                statements=(after.statements - before_all.statements) / max(rates.count, 1),
                cpu_ms={part: 1000 * s / max(rates.count, 1) for part, s in after.since(before_all).items()},
            )
        )
        print(found[-1].row(), flush=True)
    return found


def load_goods(house: running.House, products: int) -> float:
    table = house.home / "goods.jsonl"
    skus = goods.write(table, products, categories=200)
    began = time.perf_counter()
    goods.load(house, table)
    took = time.perf_counter() - began
    print(f"{products} products, {skus} SKUs imported in {took:.0f} s ({skus / took:.0f} rows/s)", flush=True)
    return took


def _asker(house: running.House, name: str, paths: dict[str, list[str]], skus: list[str]) -> Ask:
    if name in paths:
        return lambda connections, seconds, runs: reads.measure(
            house, paths[name], connections=connections, seconds=seconds, runs=runs
        )
    whole = name in (ORDER, AT_TILL)

    def ask(buyers: int, seconds: int, runs: int) -> Rate:
        return buying.rate_of(
            [
                buying.run_for(house, skus, buyers=buyers, seconds=seconds, whole=whole, seed=run)
                for run in range(runs)
            ]
        )

    return ask


if __name__ == "__main__":
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is not on PATH (Debian and Ubuntu: apt-get install wrk)")
    sys.exit(main())
