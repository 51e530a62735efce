"""Where one order's time goes: statements and milliseconds of each step, then orders a second.

Usage: ``python benchmarks/order.py [--orders 50] [--statements] [--buyers 16] [--seconds 10] [--workers 2]``

Opens a shop in production mode, then asks the same application inside this process, on the shop's own database and
gateway, so that every statement can be counted (BEGIN and COMMIT too) and timed. What the gateway's notice costs is
counted beside: it comes to the shop by itself. With `--seconds` the shop that runs is then driven over HTTP. To see which lines cost the time, point
py-spy at this process (``py-spy record -o flame.svg -- python benchmarks/order.py --orders 500``) or at the shop's
web process while buyers buy.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
import uuid
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import buying
import goods
import running
import uvloop
from litestar import Litestar

from daji.boot import House, open_house
from daji.faces.app import create_app
from daji.kit import telemetry
from daji.kit.db import counting

PRICE_LIST, SITE = "retail", "HZ"
READY_SECONDS = 60
CATEGORY = "bench"
"""What the imported products stand under."""
STEPS = ("cart line", "cart line again", "quote", "order", "payment", "refresh")


@dataclass
class Step:
    """Milliseconds of each time, and the statements of the last."""

    ms: list[float] = field(default_factory=list)
    statements: list[str] = field(default_factory=list)


class Inside:
    """A browser that asks the application without a network between."""

    def __init__(self, app: Litestar, steps: dict[str, Step], origin: str) -> None:
        self._app, self._steps, self._origin = app, steps, origin
        self._cookies: dict[str, str] = {}

    async def call(self, step: str, method: str, path: str, body: Any = None) -> Any:
        """One request under the name of a step; the decoded answer."""
        content = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        began = time.perf_counter()
        with counting() as tally:
            status, answer = await self._exchange(method, path, content)
        self._steps[step].ms.append((time.perf_counter() - began) * 1000)
        self._steps[step].statements = tally.statements
        if status >= 400:
            raise RuntimeError(f"{step}: {status} {answer[:300]!r}")
        return json.loads(answer)

    async def _exchange(self, method: str, path: str, content: bytes) -> tuple[int, bytes]:
        headers = [
            (b"host", self._origin.removeprefix("http://").encode()),
            (b"origin", self._origin.encode()),
            (b"content-type", b"application/json"),
            (b"content-length", str(len(content)).encode()),
            (b"idempotency-key", uuid.uuid4().hex.encode()),
            (b"cookie", "; ".join(f"{name}={value}" for name, value in self._cookies.items()).encode()),
        ]
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": headers,
            "client": ("127.0.0.1", 5),
            "server": ("127.0.0.1", 80),
        }
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": content, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        await self._app(scope, receive, send)  # type: ignore[arg-type]
        for name, value in sent[0]["headers"]:
            if name.lower() == b"set-cookie":
                cookie, _, kept = value.decode().partition(";")[0].partition("=")
                self._cookies[cookie] = kept
        return sent[0]["status"], b"".join(one.get("body", b"") for one in sent[1:])


async def buy(client: Inside, skus: Sequence[str]) -> str:
    """One whole order; its id."""
    for step, sku in zip(STEPS, skus, strict=False):
        await client.call(step, "PUT", f"/store/v1/cart/lines/{sku}", {"qty": 1})
    quote = await client.call("quote", "POST", "/store/v1/quotes", buying.QUOTE)
    placed = await client.call("order", "POST", "/store/v1/orders", {"quote_id": quote["id"]})
    payments = f"/store/v1/orders/{placed['id']}/payments"
    await client.call("payment", "POST", payments, {"method": "wallet", "script": "approve"})
    state = await client.call("refresh", "POST", f"{payments}/refresh")
    if state["state"] != "paid":
        raise RuntimeError(f"the order is {state['state']}")
    return str(placed["id"])


@asynccontextmanager
async def inside(house: running.House) -> AsyncIterator[tuple[House, Litestar]]:
    """The shop's application in this process."""
    opened = await open_house(env=house.env)
    try:
        yield opened, create_app(opened)
    finally:
        await opened.close()


async def look(house: running.House, orders: int) -> dict[str, Step]:
    """Buy `orders` times, one after the other."""
    steps: dict[str, Step] = defaultdict(Step)
    async with inside(house) as (opened, app):
        skus = plenty(house, 20)
        for number in range(orders):
            client = Inside(app, steps, opened.settings.base_url)
            at = (2 * number) % (len(skus) - 1)
            await buy(client, skus[at : at + 2])
    return steps


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


def show(steps: dict[str, Step], *, statements: bool) -> None:
    print(f"{'step':18}{'statements':>11}{'median ms':>11}{'p99 ms':>9}")
    count, whole = 0, 0.0
    for name in STEPS:
        step = steps[name]
        ordered = sorted(step.ms)
        median = statistics.median(ordered)
        count, whole = count + len(step.statements), whole + median
        p99 = ordered[int(0.99 * (len(ordered) - 1))]
        print(f"{name:18}{len(step.statements):11}{median:11.2f}{p99:9.2f}")
        if statements:
            for one in step.statements:
                print(f"{'':8}{' '.join(one.split())[:140]}")
    print(f"{'whole order':18}{count:11}{whole:11.2f}", flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Take one order's path apart.")
    parser.add_argument("--products", type=int, default=500)
    parser.add_argument("--orders", type=int, default=50)
    parser.add_argument("--statements", action="store_true")
    parser.add_argument("--buyers", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument(
        "--rush", type=int, default=0, help="attempts for one SKU with a quarter as many pieces"
    )
    options = parser.parse_args(arguments)
    telemetry.configure(service="daji-bench", level="WARNING")
    with running.open_house(options.workers) as house:
        table = house.home / "goods.jsonl"
        goods.write(table, options.products, categories=20)
        house.daji("import", "table", str(table), "--price-list", PRICE_LIST, "--site", SITE)
        steps = uvloop.run(look(house, options.orders))
        show(steps, statements=options.statements)
        if options.seconds:
            drive(house, options)
        if options.rush:
            rush(house, options.rush)
    return 0


def rush(house: running.House, attempts: int) -> None:
    """Let 64 buyers at a time try for one SKU, whole orders; its stock must be sold exactly once."""
    stock = attempts // 4
    row = {
        "product_code": "HOT",
        "sku_code": "HOT-0",
        "category": "rush",
        "price": "19.90",
        "currency": "CNY",
        "weight_g": 100,
        "stock": stock,
        "list": "1",
        "title.en": "hot",
        "title.zh": "抢",
    }
    table = house.home / "hot.jsonl"
    table.write_text(json.dumps(row, ensure_ascii=False) + "\n", encoding="utf-8")
    house.daji("import", "table", str(table), "--price-list", PRICE_LIST, "--site", SITE)
    (sku,) = plenty(house, 1, category="rush")
    tally = uvloop.run(buying.rush(house, sku, buyers=64, attempts=attempts))
    whole = len(tally.seconds)
    print(
        f"hot SKU           64 buyers, stock {stock}, {attempts} attempts: {whole} paid orders, "
        f"oversold {max(whole - stock, 0)}, {tally.rate:.0f} orders/s, {attempts / (tally.ended - tally.began):.0f} "
        f"attempts/s, p50 {tally.percentile(0.5):.0f} ms, p99 {tally.percentile(0.99):.0f} ms, {dict(tally.refused)}",
        flush=True,
    )


def drive(house: running.House, options: argparse.Namespace) -> None:
    """Buyers over HTTP, and what the shop's processes used of the processor."""
    skus = plenty(house, 100)
    for whole, name in ((False, "cart of 2 lines"), (True, "order, paid")):
        uvloop.run(buying.run_for(house, skus, buyers=options.buyers, seconds=2, whole=whole, seed=1))
        before = house.usage()
        tally = uvloop.run(
            buying.run_for(house, skus, buyers=options.buyers, seconds=options.seconds, whole=whole, seed=2)
        )
        cpu = house.usage().since(before)
        each = {part: round(1000 * used / max(len(tally.seconds), 1), 2) for part, used in cpu.items()}
        print(
            f"{name:18}{options.buyers} buyers: {tally.rate:.0f}/s, p50 {tally.percentile(0.5):.0f} ms, "
            f"p99 {tally.percentile(0.99):.0f} ms, refused {dict(tally.refused)}, CPU ms each {each}",
            flush=True,
        )


if __name__ == "__main__":
    sys.exit(main())
