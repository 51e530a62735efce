"""Replace every process of a running shop while buyers ask, and count what failed.

    python tools/rehearse_restart.py [--times 1] [--workers 2] [--json FILE]

A shop of its own (`daji up`, with demo data) is opened; readers on kept and on fresh connections and buyers who fill carts
ask without pause while `daji restart` replaces web and worker. Exit code 1 when one request failed, a process stayed, or
the command did not end well.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from uuid import uuid4

import httpx
import psutil
from shop import ROOT, Shop, open_up

from daji.faces.cli.rehearsing import bars

LEAST_REQUESTS = 100
"""For each restart: fewer tell nothing."""
LEAST_PROCESSES = 3
"""Two of the web and a worker."""
KEPT_READERS, FRESH_READERS, BUYERS = 3, 2, 2
_OK = 400


def family(home: Path) -> set[int]:
    """Process ids of web and worker of the shop that lives in `home`."""
    found = set()
    for one in psutil.process_iter(["cmdline"]):
        words = one.info["cmdline"] or []
        if "daji" in words and {"serve", "work"} & set(words):
            try:
                environment = one.environ()
            except psutil.Error:
                continue
            if environment.get("DAJI_HOME") == str(home.resolve()):
                found.add(one.pid)
    return found


class Load:
    """Buyers who look and put things into carts, a bounded number of them, until told to stop."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.answers: Counter[int] = Counter()
        self.failed: list[str] = []
        self.asked_again = 0
        self.slowest = 0.0
        self._over = asyncio.Event()

    async def run(self, during: asyncio.Task[int]) -> int:
        """Ask until `during` is done, and a little longer; what it gave."""
        async with httpx.AsyncClient(base_url=self._url) as http:
            listed = (await http.get("/store/v1/products", params={"limit": 5})).json()["items"]
            slugs = [item["slug"] for item in listed]
            detail = (await http.get(f"/store/v1/products/{slugs[0]}")).json()
            sku = detail["skus"][0]["id"]
        asking = [
            *(asyncio.create_task(self._reader(slugs, keep=True)) for _ in range(KEPT_READERS)),
            *(asyncio.create_task(self._reader(slugs, keep=False)) for _ in range(FRESH_READERS)),
            *(asyncio.create_task(self._buyer(sku)) for _ in range(BUYERS)),
        ]
        try:
            return await during
        finally:
            await asyncio.sleep(1)
            self._over.set()
            await asyncio.gather(*asking)

    async def _ask(self, http: httpx.AsyncClient, method: str, path: str, **more: object) -> None:
        began = time.monotonic()
        try:
            answer = await self._send(http, method, path, **more)
        except httpx.HTTPError as error:
            self.failed.append(f"{method} {path}: {error!r}")
            return
        self.slowest = max(self.slowest, time.monotonic() - began)
        self.answers[answer.status_code] += 1
        if answer.status_code >= _OK:
            self.failed.append(f"{method} {path}: {answer.status_code} {answer.text[:200]}")

    async def _send(self, http: httpx.AsyncClient, method: str, path: str, **more: object) -> httpx.Response:
        """As browsers and proxies do: a question on a kept connection that was closed before it arrived is put once more,
        where it changes nothing (RFC 9112, 9.3.1). A second time in a row is a failure.
        """
        try:
            return await http.request(method, path, **more)  # type: ignore[arg-type]
        except httpx.RemoteProtocolError:
            if method != "GET":
                raise
            self.asked_again += 1
        return await http.request(method, path, **more)  # type: ignore[arg-type]

    async def _reader(self, slugs: list[str], *, keep: bool) -> None:
        http = httpx.AsyncClient(base_url=self._url, timeout=30)
        while not self._over.is_set():
            for slug in slugs:
                await self._ask(http, "GET", f"/store/v1/products/{slug}")
                await self._ask(http, "GET", "/health/ready")
                await asyncio.sleep(0.02)
            if not keep:
                await http.aclose()
                http = httpx.AsyncClient(base_url=self._url, timeout=30)
        await http.aclose()

    async def _buyer(self, sku: str) -> None:
        async with httpx.AsyncClient(base_url=self._url, timeout=30, headers={"Origin": self._url}) as http:
            while not self._over.is_set():
                await self._ask(
                    http,
                    "PUT",
                    f"/store/v1/cart/lines/{sku}",
                    json={"qty": 1, "add": True},
                    headers={"Idempotency-Key": str(uuid4())},
                )
                http.cookies.clear()
                await asyncio.sleep(0.05)


async def restart(env: Mapping[str, str]) -> int:
    """`daji restart`; its exit code."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "daji", "restart"), cwd=ROOT, env=dict(env)
    )
    return await child.wait()


async def rehearse(shop: Shop, *, times: int) -> bars.Verdict:
    """Restart it so often under load, and judge."""
    load = Load(shop.url)
    stayed, badly, few, seconds = 0, 0, 0, list[float]()

    async def again() -> int:
        nonlocal stayed, badly, few
        for _ in range(times):
            before, began = family(shop.home), time.monotonic()
            badly += await restart(shop.env) != 0
            seconds.append(round(time.monotonic() - began, 1))
            stayed += len(family(shop.home) & before)
            few += len(before) < LEAST_PROCESSES
        return badly

    await load.run(asyncio.create_task(again()))
    for line in load.failed[:10]:
        print(line)
    return bars.judge(
        "restart",
        (
            bars.exactly("requests failed", len(load.failed)),
            bars.at_least("requests answered", load.answers.total(), LEAST_REQUESTS * times),
            bars.exactly("processes that stayed", stayed),
            bars.exactly("restarts that did not end well", badly),
            bars.exactly("restarts of too few processes to tell", few),
        ),
        {
            "seconds": seconds,
            "slowest_answer_s": round(load.slowest, 2),
            "answers": {str(status): count for status, count in load.answers.items()},
            "asked_again": load.asked_again,
            "failed": load.failed[:100],
        },
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    with open_up("--workers", str(given.workers)) as shop:
        verdict = asyncio.run(rehearse(shop, times=given.times))
    print(
        f"replaced in {verdict.figures['seconds']} s, slowest answer {verdict.figures['slowest_answer_s']} s, "
        f"asked again on a closed connection {verdict.figures['asked_again']} times"
    )
    return bars.finish(verdict, json_file=given.json)


if __name__ == "__main__":
    sys.exit(main())
