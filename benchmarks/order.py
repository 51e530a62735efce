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
import rush
import uvloop
from litestar import Litestar

from daji.boot import House, open_house
from daji.faces.app import create_app
from daji.kit import telemetry
from daji.kit.db import counting

PRICE_LIST, SITE = "retail", "HZ"
STEPS = ("cart of 2 lines", "quote", "order and payment")


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


async def buy(client: Inside, skus: Sequence[str]) -> None:
    """One whole order, as `buying.buy` does it."""
    cart, quote, order = STEPS
    lines = {"lines": [{"sku": sku, "qty": 1} for sku in skus]}
    await client.call(cart, "PUT", "/store/v1/cart/lines", lines)
    offer = await client.call(quote, "POST", "/store/v1/quotes", buying.QUOTE)
    body = {"quote_id": offer["id"], "payment": {"method": "wallet", "script": "approve"}}
    placed = await client.call(order, "POST", "/store/v1/orders", body)
    states = [tender["status"] for tender in placed["payment"]["tenders"]]
    if states != ["captured"]:
        raise RuntimeError(f"the payment is {states}")


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
        skus = goods.plenty(house, 20)
        for number in range(orders):
            client = Inside(app, steps, opened.settings.base_url)
            at = (2 * number) % (len(skus) - 1)
            await buy(client, skus[at : at + 2])
    return steps


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
            print(rush.told(rush.run(house, options.rush)), flush=True)
    return 0


def drive(house: running.House, options: argparse.Namespace) -> None:
    """Buyers over HTTP, and what the shop's processes used of the processor."""
    skus = goods.plenty(house, 100)
    for whole, name in ((False, "cart of 2 lines"), (True, "order, paid")):
        buying.run_for(house, skus, buyers=options.buyers, seconds=2, whole=whole, seed=1)
        before = house.usage()
        tally = buying.run_for(
            house, skus, buyers=options.buyers, seconds=options.seconds, whole=whole, seed=2
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
