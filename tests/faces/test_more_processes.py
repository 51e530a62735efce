"""Faces as processes of their own, a leave that is told, and every process replaced while buyers ask (X9)."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from daji.faces.app import create_app
from daji.faces.console import live
from daji.faces.face import Face
from daji.faces.http import leaving
from tests.faces.real_app import RealShop
from tests.live import ROOT, LiveShop, free_port

sys.path.insert(0, str(ROOT / "tools"))
import rehearse_restart

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGUSR1"), reason="needs signals of POSIX")

EVERYWHERE = {"/health/live", "/health/ready", "/metrics"}


def paths(face: Face, shop: RealShop) -> set[str]:
    return {route.path for route in create_app(shop.house, face=face).routes}


@pytest.fixture
def calm(monkeypatch: pytest.MonkeyPatch) -> leaving.Leaving:
    """This process's own state of leaving, put back afterwards."""
    fresh = leaving.Leaving()
    monkeypatch.setattr(leaving, "THIS", fresh)
    return fresh


async def test_each_face_has_its_routes_and_no_others(shop: RealShop) -> None:
    found = {face: paths(face, shop) for face in Face}
    for face, served in found.items():
        assert served >= EVERYWHERE, face
        assert served <= found[Face.ALL], face
    assert "/store/v1/products" in found[Face.STORE]
    assert not any(path.startswith("/console") for path in found[Face.STORE])
    for face in (Face.CONSOLE, Face.STATION, Face.LIVE):
        assert not any(path.startswith("/store/v1") for path in found[face])
    assert found[Face.STATION] < found[Face.CONSOLE]
    assert "/console/v1/live" in found[Face.LIVE]
    everything = found[Face.STORE] | found[Face.CONSOLE]
    assert everything == found[Face.ALL]


async def test_a_path_of_another_face_is_not_there(shop: RealShop) -> None:
    transport = httpx.ASGITransport(create_app(shop.house, face=Face.LIVE))
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as http:
        assert (await http.get("/store/v1/products")).status_code == 404
        assert (await http.get("/health/ready")).status_code == 200


async def test_who_leaves_is_not_ready_but_answers_and_closes(shop: RealShop, calm: leaving.Leaving) -> None:
    transport = httpx.ASGITransport(create_app(shop.house))
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as http:
        assert "connection" not in (await http.get("/store/v1/categories")).headers
        calm.begin(unready=False)
        replaced = await http.get("/health/ready")
        assert replaced.status_code == 200
        assert replaced.headers["connection"] == "close"
        calm.begin(unready=True)
        gone = await http.get("/health/ready")
        assert gone.status_code == 503
        assert gone.json()["leaving"] is True
        assert "retry-after" in gone.headers
        assert (await http.get("/health/live")).status_code == 200
        assert (await http.get("/store/v1/categories")).headers["connection"] == "close"


async def test_a_stream_is_told_to_come_back_elsewhere(shop: RealShop, calm: leaving.Leaving) -> None:
    watch = live.Watch(shop.house.db)
    stream = watch.follow(rooms=("orders",), after=None)
    assert b"welcome" in await anext(stream)
    waiting = asyncio.create_task(anext(stream))
    await asyncio.sleep(0.05)
    calm.begin(unready=True)
    assert b"elsewhere" in await asyncio.wait_for(waiting, 2)
    with pytest.raises(StopAsyncIteration):
        await anext(stream)
    again = watch.follow(rooms=("orders",), after=None)
    await anext(again)
    assert b"retry: 250" in await asyncio.wait_for(anext(again), 2)
    await watch.close()


@contextmanager
def serving(shop: LiveShop, *arguments: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A web process of its own beside the living shop, on its database."""
    port = free_port()
    env = {**shop.env, "DAJI_PORT": str(port), "DAJI_SERVE_DRAIN": "4", "DAJI_SERVE_LEAVE": "8"}
    with (shop.home / f"serve-{port}.log").open("w+") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "daji", "serve", *arguments], cwd=ROOT, env=env, stdout=log, stderr=log
        )
        url = f"http://127.0.0.1:{port}"
        try:
            wait_for(url)
            yield url, process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
            process.wait(20)


def wait_for(url: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{url}/health/ready", timeout=2).is_success:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    raise AssertionError(f"{url} did not get ready")


def wait_until_unready(url: str) -> None:
    for _ in range(100):
        if httpx.get(f"{url}/health/ready").status_code == 503:
            return
        time.sleep(0.03)
    raise AssertionError("it leaves and is ready still")


def begin_slow_request(url: str) -> socket.socket:
    """A request whose body has not come yet."""
    host, port = url.removeprefix("http://").split(":")
    wire = socket.create_connection((host, int(port)), timeout=20)
    wire.sendall(
        b"POST /store/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b"Content-Length: 20\r\n\r\n{"
    )
    return wire


def test_readiness_ends_first_and_what_runs_is_finished(live_shop: LiveShop) -> None:
    with serving(live_shop, "store") as (url, process):
        assert httpx.get(f"{url}/console/v1/live").status_code == 404
        wire = begin_slow_request(url)
        time.sleep(0.3)
        process.send_signal(signal.SIGTERM)
        wait_until_unready(url)
        assert httpx.get(f"{url}/store/v1/categories").status_code == 200
        time.sleep(1)
        assert process.poll() is None
        wire.sendall(b'"email": "a@b.c.d"}')
        answer = wire.recv(4096)
        assert answer.startswith(b"HTTP/1.1 4"), answer
        wire.close()
        assert process.wait(20) == 0


def test_a_hangup_replaces_every_worker(live_shop: LiveShop) -> None:
    with serving(live_shop, "live", "--workers", "2") as (url, process):
        before = workers(process.pid)
        process.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and (
            workers(process.pid) & before or len(workers(process.pid)) < 2
        ):
            assert httpx.get(f"{url}/health/ready").status_code == 200
            time.sleep(0.05)
        assert not workers(process.pid) & before
        # Whoever is asked tells the figures of all, those of the ones that went too.
        seen = [counted(url) for _ in range(4)]
        assert seen == sorted(seen)
        assert min(seen) > 10


def counted(url: str) -> float:
    text = httpx.get(f"{url}/metrics").text
    lines = [line for line in text.splitlines() if line.startswith("daji_http_request_seconds_count")]
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if '"/health/ready"' in line)


def workers(pid: int) -> set[int]:
    return {child.pid for child in psutil.Process(pid).children()}


async def test_every_process_is_replaced_and_no_request_fails(live_shop: LiveShop) -> None:
    before = rehearse_restart.family(live_shop.home)
    assert len(before) >= 3
    load = rehearse_restart.Load(live_shop.url)
    code = await load.run(asyncio.create_task(rehearse_restart.restart(live_shop.env)))
    assert code == 0
    assert load.failed == []
    assert load.answers.total() > 100, load.answers
    assert not rehearse_restart.family(live_shop.home) & before


def test_without_a_supervisor_there_is_nothing_to_restart(tmp_path: Path) -> None:
    env = {**os.environ, "DAJI_HOME": str(tmp_path)}
    told = subprocess.run(
        [sys.executable, "-m", "daji", "restart"],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 1
    assert "daji up" in told.stderr
