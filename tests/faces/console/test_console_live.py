"""News of what happened: to whom, how fast, and from where they go on."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from daji.faces.console import live
from daji.kit import ids
from tests.faces.console.conftest import Hire
from tests.makers.world import World

ALL = tuple(live.ROOMS)


async def first(frames: Any, count: int) -> list[dict[str, Any]]:
    """The next `count` events of a stream; comments are passed over."""
    found: list[dict[str, Any]] = []
    async for frame in frames:
        if frame.startswith(b"id:"):
            found.append(json.loads(frame.decode().split("data: ", 1)[1]))
        if len(found) == count:
            break
    return found


async def test_a_list_of_news_goes_on_where_it_ended(world: World, hire: Hire) -> None:
    desk = await hire("admin")
    begun = (await desk.get("/console/v1/live")).json()
    assert begun["items"] == []
    trade = await world.paid_order({await world.sku(stock=5): 1})
    told = (await desk.get(f"/console/v1/live?after={begun['last']}")).json()
    kinds = [one["kind"] for one in told["items"]]
    assert {"orders.order_placed", "orders.order_confirmed", "payments.payment_captured"} <= set(kinds)
    placed = told["items"][kinds.index("orders.order_placed")]
    assert placed["subject"] == {"trade_id": ids.show("trd", trade.id)}
    assert (await desk.get(f"/console/v1/live?after={told['last']}")).json()["items"] == []
    by_header = await desk.get("/console/v1/live", headers={"Last-Event-ID": begun["last"]})
    assert by_header.json() == told


async def test_nobody_hears_of_what_they_may_not_read(world: World, hire: Hire) -> None:
    warehouse, nobody = await hire("warehouse"), await hire()
    begun = (await warehouse.get("/console/v1/live")).json()["last"]
    await world.paid_order({await world.sku(stock=5): 1})
    heard = {
        one["kind"].partition(".")[0]
        for one in (await warehouse.get(f"/console/v1/live?after={begun}")).json()["items"]
    }
    assert "orders" in heard
    assert "payments" not in heard
    assert (await nobody.get(f"/console/v1/live?after={begun}")).json()["items"] == []


async def test_a_stream_tells_at_once_and_tells_what_was_missed(world: World) -> None:
    watch = live.Watch(world.db)
    frames = watch.follow(rooms=("orders",), after=None)
    assert (await anext(frames)).startswith(b": welcome")
    trade = await world.paid_order({await world.sku(stock=5): 1})
    heard = await asyncio.wait_for(first(frames, 2), 10)
    assert [one["kind"] for one in heard] == ["orders.order_placed", "orders.order_confirmed"]
    assert heard[0]["subject"]["trade_id"] == ids.show("trd", trade.id)

    later = watch.follow(rooms=("orders",), after=int(heard[0]["id"]))
    missed = await asyncio.wait_for(first(later, 1), 10)
    assert missed == heard[1:]
    await frames.aclose()
    await later.aclose()
    await watch.close()


async def test_two_processes_hear_the_same(world: World) -> None:
    """Each process reads the outbox for itself: nothing between them can be lost."""
    watches = [live.Watch(world.db), live.Watch(world.db)]
    streams = [one.follow(rooms=ALL, after=None) for one in watches]
    for stream in streams:
        await anext(stream)
    await world.place({await world.sku(stock=5): 1})
    heard = await asyncio.gather(*(asyncio.wait_for(first(one, 2), 10) for one in streams))
    assert heard[0] == heard[1]
    for stream, watch in zip(streams, watches, strict=True):
        await stream.aclose()
        await watch.close()


async def test_a_number_that_commits_late_is_still_told(world: World) -> None:
    """A transaction that began earlier may commit a lower number later."""
    watch = live.Watch(world.db)
    frames = watch.follow(rooms=("orders",), after=None)
    await anext(frames)
    sql = """
        INSERT INTO kit.outbox (id, seq, topic, version, subject, payload, occurred_at)
        OVERRIDING SYSTEM VALUE VALUES ($1, $2, 'orders.order_placed', 1, $1, '{}', now())
    """
    top = int(await world.db.run(lambda tx: tx.value("SELECT coalesce(max(seq), 0) FROM kit.outbox")))
    for number in (top + 2, top + 1):
        await world.db.run(lambda tx, n=number: tx.execute(sql, ids.new_id(), n))  # type: ignore[misc]
        assert (await asyncio.wait_for(first(frames, 1), 10))[0]["id"] == str(number)
    await frames.aclose()
    await watch.close()
