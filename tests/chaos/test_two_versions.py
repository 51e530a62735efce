"""Two releases side by side (X9): the code before the newest migration sells from the same database as today's."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import httpx
import pytest

from tests.chaos import wreck
from tests.chaos.crowd import Crowd
from tests.chaos.verdict import BUYERS, busy, goods, own_house
from tests.live import ROOT, LiveShop, free_port

pytestmark = [pytest.mark.slow, pytest.mark.timeout(420)]

TOGETHER_SECONDS = 20.0
READY_SECONDS = 90


def git(*arguments: str) -> bytes:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=False)
    if done.returncode != 0:
        pytest.skip("the release before is in the history of a checkout, and there is none here")
    return done.stdout


@contextmanager
def release_before() -> Iterator[Path]:
    """The code as it was before the newest migration, with today's browser files beside it."""
    newest = git("log", "-1", "--format=%H", "--", "daji/migrations/versions").decode().strip()
    packed = git("archive", f"{newest}^", "daji")
    with tempfile.TemporaryDirectory(prefix="daji-before-") as folder:
        with tarfile.open(fileobj=BytesIO(packed)) as archive:
            archive.extractall(folder, filter="data")
        assets = Path(folder) / "daji" / "faces" / "assets"
        if not assets.exists():
            assets.symlink_to(ROOT / "daji" / "faces" / "assets")
        yield Path(folder)


@contextmanager
def running_before(shop: LiveShop, code: Path) -> Iterator[LiveShop]:
    """A web process and a worker of the release before, on the database that today's release has migrated."""
    port = free_port()
    env = {**shop.env, "DAJI_DATABASE_URL": shop.database_url, "DAJI_PORT": str(port)}
    with (shop.home / "before.log").open("w+") as log:
        parts = [
            subprocess.Popen(
                [sys.executable, "-m", "daji", verb], cwd=code, env=env, stdout=log, stderr=subprocess.STDOUT
            )
            for verb in ("serve", "work")
        ]
        before = replace(shop, url=f"http://127.0.0.1:{port}", env=env)
        try:
            until = time.monotonic() + READY_SECONDS
            while not ready(before.url):
                assert time.monotonic() < until, (shop.home / "before.log").read_text()[-3000:]
                time.sleep(0.3)
            yield before
            assert all(part.poll() is None for part in parts)
        finally:
            for part in parts:
                part.terminate()
            for part in parts:
                part.wait(40)


def ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health/ready", timeout=2).is_success
    except httpx.HTTPError:
        return False


async def test_the_release_before_sells_beside_todays() -> None:
    with release_before() as code, own_house() as shop, running_before(shop, code) as before:
        assert before.url != shop.url
        async with busy(shop, seed=5) as story:
            other, over = Crowd(before, await goods(before)), asyncio.Event()
            buying = asyncio.create_task(other.shop_until(over, buyers=BUYERS, seed=6))
            await asyncio.sleep(TOGETHER_SECONDS / 2)
            # Today's worker dies: what it held, and what comes until its successor, is the old worker's to do.
            await story.suffer("worker of today's release killed", wreck.kill_worker)
            await asyncio.sleep(TOGETHER_SECONDS / 2)
            over.set()
            await buying
            assert other.placed_at
            print(
                f"\nthe release before: {len(other.placed_at)} orders, today's: {len(story.crowd.placed_at)}"
            )
            story.crowd.intents += other.intents
            story.crowd.lost += other.lost


def test_the_code_of_the_release_before_is_what_runs() -> None:
    with release_before() as code:
        told = subprocess.run(
            [sys.executable, "-c", "import daji; print(daji.__file__)"],
            cwd=code,
            env={**os.environ},
            capture_output=True,
            text=True,
            check=True,
        )
        assert Path(told.stdout.strip()).is_relative_to(code)
