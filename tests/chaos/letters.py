"""The outside's letters a second and third time, in any order: whatever they told before must not be done again."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from daji.adapters.carrier.simulated.signing import Signer
from daji.adapters.payment.sandbox.keys import ensure_keys
from daji.fulfil.delivery.ports import EventCode, TrackingEvent
from tests.live import LiveShop

SCANS: tuple[EventCode, ...] = ("picked_up", "in_transit", "out_for_delivery", "delivered")
MOST = 60
"""Letters of one round: the newest ones."""
AT_ONCE = 6
OFTEN = 3

Letter = tuple[bytes, dict[str, str]]


async def repeat_notices(shop: LiveShop) -> None:
    """All that the gateway told of late, each notice twice more under its own number, in a shuffled order."""
    keys = ensure_keys(shop.home / "sandbox")
    rows = _rows(
        shop.home / "sandbox",
        "SELECT url, body FROM notification WHERE NOT forged ORDER BY created_at DESC LIMIT ?",
    )
    now = datetime.now(UTC)
    letters = [(body, dict(keys.gateway.sign_message(body, now))) for _, body in rows for _ in range(2)]
    await _post(f"{shop.url}/notify/payments/sandbox", letters)


async def repeat_scans(shop: LiveShop) -> None:
    """Each scan of the newest parcels three times, in a shuffled order: a parcel is delivered before it was fetched."""
    signer = Signer((shop.home / "secret").read_bytes())
    rows = _rows(shop.home / "carrier", "SELECT tracking_no FROM booking ORDER BY serial DESC LIMIT ?")
    now = datetime.now(UTC)
    letters = []
    for (tracking_no,) in rows[: MOST // len(SCANS)]:
        for n, code in enumerate(SCANS):
            event = TrackingEvent(
                event_id=f"{tracking_no}-chaos-{n}",
                tracking_no=tracking_no,
                code=code,
                at=now - timedelta(seconds=len(SCANS) - n),
                place="拉萨市",
            )
            signed = signer.sign((event,), now)
            letters += [(signed.body, dict(signed.headers))] * OFTEN
    await _post(f"{shop.url}/notify/carriers/simulated", letters)


def _rows(folder: Path, sql: str) -> list[tuple[str, bytes]]:
    (path,) = (one for one in folder.iterdir() if one.suffix in {".db", ".sqlite3"})
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)) as books:
        return books.execute(sql, (MOST,)).fetchall()


async def _post(url: str, letters: Sequence[Letter]) -> None:
    """Every letter arrives; who is told to come later does so once."""
    shuffled = random.Random(len(letters)).sample(list(letters), len(letters))
    room = asyncio.Semaphore(AT_ONCE)
    async with httpx.AsyncClient(timeout=20) as http:

        async def send(letter: Letter) -> int:
            async with room:
                for _ in range(5):
                    answer = await http.post(url, content=letter[0], headers=letter[1])
                    # Two copies at once: the later one is told that the first is at work.
                    if answer.status_code not in {409, 503}:
                        break
                    await asyncio.sleep(0.3)
                return answer.status_code

        found = await asyncio.gather(*(send(letter) for letter in shuffled))
    assert all(status < 500 for status in found), found
