"""Budgets counted together: two nodes share one, a server that dies costs nobody an answer, one that is back counts again."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from daji.faces.http.budget import Limit
from daji.faces.http.shared_budget import AWAY_SECONDS, SHARED, SharedStore
from tests.live import free_port

SERVER = next((path for name in ("valkey-server", "redis-server") if (path := shutil.which(name))), None)
pytestmark = pytest.mark.skipif(SERVER is None, reason="no redis-server or valkey-server on PATH")

SLOW = Limit(name="slow", rate=0.001, burst=5)


class Server:
    """A server of one's own, which may be killed."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        assert SERVER
        command = [
            SERVER,
            "--port",
            str(self.port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--dir",
            str(self._folder),
        ]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        until = time.monotonic() + 10
        while time.monotonic() < until:
            probe = subprocess.run(
                ["redis-cli", "-p", str(self.port), "ping"], capture_output=True, text=True, check=False
            )
            if probe.stdout.strip() == "PONG":
                return
            time.sleep(0.05)
        raise AssertionError("the server does not answer")

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    made = Server(tmp_path)
    made.start()
    yield made
    made.kill()


async def test_two_nodes_share_one_budget(server: Server) -> None:
    here, there = SharedStore(server.url), SharedStore(server.url)
    verdicts = [await store.charge("k", SLOW, 1, now=0) for store in (here, there) * 4]
    assert [one.taken for one in verdicts] == [True] * 5 + [False] * 3
    assert [one.left for one in verdicts] == [4, 3, 2, 1, 0, 0, 0, 0]
    assert 990 < verdicts[-1].wait <= 1000
    assert (await there.charge("other", SLOW, 1, now=0)).taken
    assert not (await here.charge("k", SLOW, 6, now=0)).taken
    await here.close()
    await there.close()


async def test_of_many_at_once_no_more_are_taken_than_there_are(server: Server) -> None:
    stores = [SharedStore(server.url) for _ in range(4)]
    verdicts = await asyncio.gather(*(stores[n % 4].charge("k", SLOW, 1, now=0) for n in range(60)))
    assert sum(one.taken for one in verdicts) == 5
    for store in stores:
        await store.close()


async def test_a_budget_refills_and_a_look_takes_nothing(server: Server) -> None:
    store = SharedStore(server.url)
    quick = Limit(name="quick", rate=20, burst=2)
    assert [(await store.charge("k", quick, 1, now=0)).taken for _ in range(3)] == [True, True, False]
    assert (await store.charge("k", quick, 0, now=0)).left == 0
    await asyncio.sleep(0.2)
    assert (await store.charge("k", quick, 0, now=0)).left == 2
    await store.close()


async def test_u04_a_server_that_dies_costs_nobody_an_answer_and_counts_again_when_it_is_back(
    server: Server,
) -> None:
    moment = [0.0]
    store = SharedStore(server.url, clock=lambda: moment[0])
    assert (await store.charge("k", SLOW, 5, now=0)).taken
    server.kill()
    began = time.monotonic()
    # Each process counts by itself now: a whole budget again, and never more than that.
    alone = [(await store.charge("k", SLOW, 1, now=0)).taken for _ in range(7)]
    assert (alone, SHARED._value.get()) == ([True] * 5 + [False] * 2, 0)
    assert time.monotonic() - began < 2
    server.start()
    assert not (await store.charge("k", SLOW, 1, now=0)).taken
    moment[0] += AWAY_SECONDS
    # The server forgot with its memory; what counts is that it counts.
    assert [(await store.charge("k", SLOW, 1, now=0)).left for _ in range(2)] == [4, 3]
    assert SHARED._value.get() == 1
    await store.close()


async def test_a_server_that_was_never_there_is_no_reason_not_to_open() -> None:
    store = SharedStore(f"redis://127.0.0.1:{free_port()}/0")
    assert (await store.charge("k", SLOW, 1, now=0)).taken
    await store.close()
