"""A worker's health and figures at a port of its own."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

import httpx
import pytest

from daji.faces import figures, worker, worker_port
from daji.views import vital_signs
from tests.faces.real_app import RealShop
from tests.live import free_port
from tests.makers.world import START


async def fetch(path: str, pulse: worker_port.Pulse) -> httpx.Response:
    port = free_port()
    server = await worker_port.serve(pulse, host="127.0.0.1", port=port)
    async with server, httpx.AsyncClient() as http:
        return await http.get(f"http://127.0.0.1:{port}{path}")


@pytest.mark.parametrize(
    ("peer", "line", "token", "may"),
    [
        ("127.0.0.1", b"", "token", True),
        ("10.0.0.9", b"", "token", False),
        ("10.0.0.9", b"", "", False),
        ("10.0.0.9", b"Authorization: Bearer token", "token", True),
        ("10.0.0.9", b"authorization: bearer token ", "token", True),
        ("10.0.0.9", b"Authorization: Bearer other", "token", False),
        ("10.0.0.9", b"Authorization: Bearer ", "", False),
        ("nonsense", b"", "", False),
    ],
)
def test_figures_are_for_the_machine_and_whoever_holds_the_token(
    peer: str, line: bytes, token: str, *, may: bool
) -> None:
    head = b"GET /metrics HTTP/1.1\r\nHost: x\r\n" + line + b"\r\n\r\n"
    assert worker_port.may_measure(head, peer, token) is may


async def test_it_is_alive_as_long_as_its_rounds_end(monkeypatch: pytest.MonkeyPatch) -> None:
    pulse = worker_port.Pulse()
    pulse.watch("timers")
    assert (await fetch("/health/live", pulse)).status_code == 200
    later = time.monotonic() + worker_port.STUCK_SECONDS + 1
    monkeypatch.setattr(worker_port.time, "monotonic", lambda: later)
    stuck = worker_port._answer("/health/live", pulse)
    assert stuck.startswith(b"HTTP/1.0 503")
    assert b'"timers"' in stuck


async def test_it_is_ready_once_it_hears_its_queue() -> None:
    pulse = worker_port.Pulse()
    assert (await fetch("/health/ready", pulse)).status_code == 503
    pulse.ready = True
    assert (await fetch("/health/ready", pulse)).json() == {"ready": True}
    assert (await fetch("/elsewhere", pulse)).status_code == 404


@pytest.mark.parametrize(
    "sent", [b"", b"\r\n\r\n", b"GET\r\n\r\n", b"\x00" * 20_000, b"GET /" + b"a" * 9_000]
)
async def test_nonsense_does_not_end_it(sent: bytes) -> None:
    port = free_port()
    server = await worker_port.serve(worker_port.Pulse(), host="127.0.0.1", port=port)
    async with server:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent)
        writer.write_eof()
        await reader.read()
        writer.close()
        async with httpx.AsyncClient() as http:
            assert (await http.get(f"http://127.0.0.1:{port}/health/live")).status_code == 200


async def test_figures_say_what_the_database_says(shop: RealShop) -> None:
    await shop.world.sku(stock=3)
    await figures.Figures(shop.house).look()
    told = (await fetch("/metrics", worker_port.Pulse())).text
    assert "daji_oversold_units 0.0" in told
    assert "daji_outbox_parked 0.0" in told
    assert "daji_replica_lag_seconds 0.0" in told


async def test_late_orders_and_tenders_are_counted(shop: RealShop) -> None:
    sku = await shop.world.sku(stock=3)
    await shop.world.paid_order({sku: 1})
    refused = await shop.world.place({sku: 1})
    await shop.world.pay(refused.trade_id, script="decline")
    shop.world.clock.advance(timedelta(minutes=10))
    await figures.Figures(shop.house).look()
    shop.world.clock.advance(timedelta(days=30))
    await figures.Figures(shop.house).look()
    assert figures._GAUGES["late"]._value.get() == 1


def test_the_smallest_id_of_a_moment_is_below_all_of_it() -> None:
    first = vital_signs.first_id(START)
    assert first.int >> 80 == int(START.timestamp() * 1000)
    assert first < vital_signs.first_id(START + timedelta(milliseconds=1))


async def test_a_worker_serves_its_port_while_it_works(
    shop: RealShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    settings = type(shop.house.settings)(home=shop.house.settings.home, work_port=port)
    monkeypatch.setattr(shop.house, "settings", settings)
    stop = asyncio.Event()
    working = asyncio.create_task(worker.work(shop.house, stop=stop))
    url = f"http://127.0.0.1:{port}"
    async with httpx.AsyncClient() as http:
        for _ in range(100):
            try:
                if (await http.get(f"{url}/health/ready")).status_code == 200:
                    break
            except httpx.ConnectError:
                pass
            await asyncio.sleep(0.1)
        assert (await http.get(f"{url}/health/live")).json()["alive"] is True
        assert "daji_workers_alive" in (await http.get(f"{url}/metrics")).text
    stop.set()
    await asyncio.wait_for(working, 20)
