"""Events reach satellites over a real NATS JetStream, which dies and comes back while orders go on (U-04, ADR 0016)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from daji.adapters.stream.jetstream import JetStreamLine
from daji.boot import House, make_line, open_house
from daji.faces import carrying
from daji.kit import ids
from daji.kit.carriage import CarriageSettings, Carried, Carrier, attend
from daji.kit.db import Database
from tests.makers.lines import LOCAL, Server, answers, find_server
from tests.makers.world import World


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    program = find_server()
    if program is None:
        pytest.skip("no nats-server on this machine")
    made = Server(program, tmp_path / "stream")
    made.start()
    yield made
    made.kill()


class Satellite:
    """Hears everything from the start, each event once."""

    def __init__(self, line: JetStreamLine) -> None:
        self._line = line
        self.heard: list[Carried] = []
        self.holes = 0

    def standing(self) -> int:
        return self.heard[-1].seq if self.heard else 0

    def take(self, told: Carried) -> None:
        if told.seq <= self.standing():
            return
        self.holes += told.after > self.standing()
        self.heard.append(told)

    async def run(self) -> None:
        await attend(self._line, self.take, standing=self.standing)


@asynccontextmanager
async def running(*work: object) -> AsyncIterator[None]:
    tasks = [asyncio.ensure_future(one) for one in work]  # type: ignore[call-overload]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def until(holds: Callable[[], bool], *, seconds: float = 40) -> None:
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - a condition, not an event
            await asyncio.sleep(0.05)


async def outbox_of(db: Database) -> list[tuple[int, str, str]]:
    async with db.fresh() as session:
        rows = await session.rows("SELECT seq, id, subject FROM kit.outbox ORDER BY seq")
    return [(row["seq"], str(row["id"]), str(row["subject"])) for row in rows]


def heard_by(satellite: Satellite) -> list[tuple[int, str, str]]:
    return [(one.seq, str(one.event_id), str(one.subject)) for one in satellite.heard]


async def open_on(world: World, server: Server) -> House:
    env = {"DAJI_DATABASE_URL": world.db.url, "DAJI_HOME": str(world.folder), "DAJI_NATS_URL": server.url}
    return await open_house(env=env, clock=world.clock, sandbox_http=world.http)


async def test_the_server_is_killed_twice_while_orders_go_on(world: World, server: Server) -> None:
    house = await open_on(world, server)
    assert house.line is not None
    one, other = (Satellite(JetStreamLine(CarriageSettings(url=server.url))) for _ in range(2))
    sku = await world.sku(stock=100)
    carrier = carrying.carry(house, house.line, asyncio.Event())
    async with running(carrier, one.run(), other.run()):
        for round_ in range(4):
            for _ in range(3):
                # With the server there, gone, and there again: an order asks nobody but the database.
                await world.place({sku: 1})
            if round_ % 2 == 0:
                await until(lambda: len(one.heard) > 0)
                server.kill()
            else:
                server.start()
        told = await outbox_of(world.db)
        await until(lambda: len(one.heard) >= len(told) and len(other.heard) >= len(told))
    assert heard_by(one) == heard_by(other) == told
    assert one.holes == other.holes == 0
    await house.db.close()
    await house.line.close()


async def test_a_server_that_lost_everything_is_filled_again(world: World, server: Server) -> None:
    line = JetStreamLine(CarriageSettings(url=server.url))
    carrier = Carrier(world.db, line, holder="one")
    sku = await world.sku(stock=10)
    while await carrier.step():
        pass
    server.kill()
    server.forget()
    server.start()
    await world.place({sku: 1})
    carrier = Carrier(world.db, line, holder="one")
    while await carrier.step():
        pass
    fresh = Satellite(JetStreamLine(CarriageSettings(url=server.url)))
    told = await outbox_of(world.db)
    async with running(fresh.run()):
        await until(lambda: len(fresh.heard) >= len(told))
    assert heard_by(fresh) == told
    assert fresh.holes == 0
    await line.close()


async def test_hearing_begins_anywhere_and_over_the_server_of_this_machine(world: World) -> None:
    host, _, port = LOCAL.removeprefix("nats://").partition(":")
    if not answers(int(port or 4222), host):
        pytest.skip("no NATS answers on this machine")
    line = make_line(CarriageSettings(url=LOCAL, stream=f"test-{ids.new_id().hex[:12]}"))
    assert isinstance(line, JetStreamLine)
    carrier = Carrier(world.db, line, holder="one")
    await world.sku()
    while await carrier.step():
        pass
    told = await outbox_of(world.db)
    try:
        for start in (0, len(told) // 2, len(told) - 1):
            after = told[start][0] - 1
            heard: list[int] = []
            async with asyncio.timeout(10):
                async for one in line.hear(after):
                    heard.append(one.seq)
                    if len(heard) == len(told) - start:
                        break
            assert heard == [seq for seq, _, _ in told[start:]]
    finally:
        await line.delete()
        await line.close()
    assert make_line(CarriageSettings()) is None
