"""What one paid order costs at the gateway: processor time of the payment sandbox and of the shop's client of it.

Usage: ``python benchmarks/gateway.py [--payments 1000] [--at-once 16] [--runs 3]``

Starts the sandbox as a process of its own, pays through the shop's own client, and takes the notices in a third process
that only answers. Counts processor time (user and system), not time that passes, so other work on the machine disturbs
it little; the signature that each side has to make is printed beside, as the part that nothing can save.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import running
import uvloop

from daji.adapters.payment.sandbox.client import GatewayUnreachable, SandboxGateway
from daji.adapters.payment.sandbox.keys import Keys, ensure_keys
from daji.adapters.payment.sandbox.wire import CreatePayment
from daji.kit.ids import new_id
from daji.kit.outbound import Wire

READY_SECONDS = 60
_THANKS = b"HTTP/1.1 204 No Content\r\n\r\n"


def now() -> datetime:
    return datetime.now(UTC)


def take_notices(port: int) -> None:
    """The shop's door for notices, at the lowest cost there is."""

    class Door(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self._transport = transport

        def data_received(self, data: bytes) -> None:
            self._transport.write(_THANKS * data.count(b"POST /notify"))  # type: ignore[attr-defined]

    async def serve() -> None:
        server = await asyncio.get_running_loop().create_server(Door, "127.0.0.1", port)
        await server.serve_forever()

    uvloop.run(serve())


@contextmanager
def opened(folder: Path, port: int, door: int) -> Iterator[psutil.Process]:
    """The sandbox and the door, as processes that end with the measurement."""
    env = {**os.environ, "DAJI_HOME": str(folder), "DAJI_SANDBOX_PORT": str(port)}
    taker = multiprocessing.Process(target=take_notices, args=(door,), daemon=True)
    taker.start()
    server = subprocess.Popen([sys.executable, "-m", "daji.adapters.payment.sandbox"], env=env)
    try:
        yield psutil.Process(server.pid)
    finally:
        server.terminate()
        server.wait()
        taker.terminate()


async def pay(gateway: SandboxGateway, door: int, payments: int, at_once: int) -> None:
    """Pay as often as that; every payment tells of itself with a notice."""
    left = iter(range(payments))

    async def buyer() -> None:
        for _ in left:
            payment = await gateway.create_payment(
                CreatePayment(
                    merchant_id="daji",
                    out_no=str(new_id()),
                    amount=12_880,
                    currency="CNY",
                    method="wallet",
                    subject="bench",
                    notify_url=f"http://127.0.0.1:{door}/notify",
                    return_url=f"http://127.0.0.1:{door}/",
                    expires_at=now() + timedelta(minutes=30),
                    script="approve",
                )
            )
            if payment.status != "captured":
                raise RuntimeError(payment.status)

    await asyncio.gather(*(buyer() for _ in range(at_once)))


def used(process: psutil.Process) -> float:
    """Processor seconds of a process and its children until now."""
    times = [one.cpu_times() for one in (process, *process.children(recursive=True))]
    return sum(one.user + one.system for one in times)


async def ready(gateway: SandboxGateway, door: int) -> None:
    for _ in range(READY_SECONDS * 10):
        try:
            return await pay(gateway, door, 1, 1)
        except GatewayUnreachable:
            await asyncio.sleep(0.1)
    raise RuntimeError("the sandbox did not start")


def signature(keys: Keys) -> float:
    """Milliseconds of one RSA-2048 signature here."""
    start = time.process_time()
    for _ in range(200):
        keys.merchant.sign_message(b"x" * 500, now())
    return (time.process_time() - start) * 5


async def measure(options: argparse.Namespace, folder: Path) -> None:
    port, door = running.free_port(), running.free_port()
    keys = ensure_keys(folder / "sandbox")
    wire = Wire()
    gateway = SandboxGateway(http=wire, base_url=f"http://127.0.0.1:{port}", keys=keys, clock=now)
    with opened(folder, port, door) as sandbox:
        await ready(gateway, door)
        await pay(gateway, door, options.payments // 5, options.at_once)
        rows: list[tuple[float, float]] = []
        for _ in range(options.runs):
            service, caller = used(sandbox), time.process_time()
            await pay(gateway, door, options.payments, options.at_once)
            caller = time.process_time() - caller
            await asyncio.sleep(1)
            rows.append(
                ((used(sandbox) - service) * 1000 / options.payments, caller * 1000 / options.payments)
            )
    await wire.aclose()
    print(
        f"CPU ms for each payment, {options.payments} payments, {options.at_once} at once, {options.runs} runs"
    )
    for name, figures in zip(("sandbox", "caller"), zip(*rows, strict=True), strict=True):
        low, middle, high = min(figures), statistics.median(figures), max(figures)
        print(f"{name:<10} {low:6.2f} {middle:6.2f} {high:6.2f}  (least, median, most)")
    print(f"{'signature':<10} {signature(keys):6.2f}  (two of them at the sandbox, one at the caller)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--payments", type=int, default=1000)
    parser.add_argument("--at-once", type=int, default=16)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="daji-gateway-") as folder:
        uvloop.run(measure(options, Path(folder)))


if __name__ == "__main__":
    main()
