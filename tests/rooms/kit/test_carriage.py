"""The outbox goes over a line in its order: nothing left out, nothing twice, whoever dies or loses something."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import ClassVar
from uuid import UUID

import pytest

from daji.kit import ids
from daji.kit.carriage import Carried, Carrier, LineAway, attend
from daji.kit.carriage.carrier import OtherHistory
from daji.kit.db import Database
from daji.kit.events import Event
from tests.makers.lines import MemoryLine


class LampLit(Event, frozen=True, kw_only=True):
    topic: ClassVar[str] = "lamp.lit"
    number: int


@pytest.fixture
def line() -> MemoryLine:
    return MemoryLine()


@pytest.fixture
def carrier(db: Database, line: MemoryLine) -> Carrier:
    return Carrier(db, line, holder="one")


async def tell(db: Database, *numbers: int, subject: UUID | None = None) -> None:
    async with db.transaction() as tx:
        for number in numbers:
            tx.emit(LampLit(number=number), subject=subject or ids.new_id(), at=datetime.now(UTC))


async def send_all(carrier: Carrier) -> int:
    """Steps until two in a row had nothing to send: the first may only have seen who is still at work."""
    total = quiet = 0
    while quiet < 2:
        sent = await carrier.step()
        assert sent is not None
        total += sent
        quiet = 0 if sent else quiet + 1
    return total


def numbers(line: MemoryLine) -> list[int]:
    found = []
    for one in line.told:
        event = one.event()
        assert isinstance(event, LampLit)
        found.append(event.number)
    return found


async def cursor(db: Database) -> int:
    async with db.fresh() as session:
        return int(await session.value("SELECT seq FROM kit.carriage"))


async def test_everything_goes_once_and_each_names_the_one_before(
    db: Database, line: MemoryLine, carrier: Carrier
) -> None:
    await tell(db, 1, 2, 3)
    await tell(db, 4)
    assert await send_all(carrier) == 4
    assert numbers(line) == [1, 2, 3, 4]
    assert [one.after for one in line.told[1:]] == [one.seq for one in line.told[:-1]]
    assert all(one.lsn > 0 for one in line.told)
    assert await cursor(db) == line.told[-1].seq
    assert await send_all(carrier) == 0


async def test_an_empty_place_is_waited_for_while_it_may_be_filled(
    db: Database, line: MemoryLine, carrier: Carrier
) -> None:
    written, may_commit = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        async with db.transaction() as tx:
            await tx.execute(
                "INSERT INTO kit.outbox (id, topic, version, subject, payload, occurred_at)"
                " VALUES ($1, 'lamp.lit', 1, $1, '{\"number\": 2}', now())",
                ids.new_id(),
            )
            written.set()
            await may_commit.wait()

    await tell(db, 1)
    slowly = asyncio.create_task(slow())
    await written.wait()
    await tell(db, 3)
    for _ in range(5):
        await carrier.step()
    assert numbers(line) == [1]
    may_commit.set()
    await slowly
    await send_all(carrier)
    assert numbers(line) == [1, 2, 3]


async def test_a_place_that_stays_empty_holds_up_nobody(
    db: Database, line: MemoryLine, carrier: Carrier
) -> None:
    await tell(db, 1)
    with suppress(ZeroDivisionError):
        async with db.transaction() as tx:
            await tx.execute(
                "INSERT INTO kit.outbox (id, topic, version, subject, payload, occurred_at)"
                " VALUES ($1, 'lamp.lit', 1, $1, '{}', now())",
                ids.new_id(),
            )
            raise ZeroDivisionError
    await tell(db, 3)
    await send_all(carrier)
    assert numbers(line) == [1, 3]
    assert line.told[1].seq == line.told[0].seq + 2


async def test_many_writers_at_once_come_out_in_the_order_of_their_places(
    db: Database, line: MemoryLine, carrier: Carrier
) -> None:
    async def write(number: int) -> None:
        with suppress(ZeroDivisionError):
            async with db.transaction() as tx:
                tx.emit(LampLit(number=number), subject=ids.new_id(), at=datetime.now(UTC))
                if number % 7 == 0:
                    await tx.execute("SELECT nextval(pg_get_serial_sequence('kit.outbox', 'seq'))")
                    raise ZeroDivisionError

    writing = asyncio.gather(*(write(number) for number in range(1, 120)))
    while not writing.done():
        await carrier.step()
        await asyncio.sleep(0)
    await writing
    await send_all(carrier)
    assert sorted(numbers(line)) == [number for number in range(1, 120) if number % 7]
    places = [one.seq for one in line.told]
    assert places == sorted(places)
    assert [one.after for one in line.told[1:]] == places[:-1]


async def test_one_of_two_sends_and_the_other_takes_over(db: Database, line: MemoryLine) -> None:
    one, other = Carrier(db, line, holder="one"), Carrier(db, line, holder="other")
    await tell(db, 1)
    assert await send_all(one) == 1
    assert await other.step() is None
    await one.leave()
    await tell(db, 2)
    assert await send_all(other) == 1
    # The first believes that it still holds the lease, as after a long pause.
    async with db.fresh() as session:
        await session.row("UPDATE kit.carriage SET leased_until = now() - interval '1 s' RETURNING line")
    await tell(db, 3)
    assert await send_all(one) == 1
    assert numbers(line) == [1, 2, 3]


async def test_an_answer_that_was_lost_sends_nothing_twice(
    db: Database, line: MemoryLine, carrier: Carrier
) -> None:
    await tell(db, 1, 2)
    await send_all(carrier)
    async with db.fresh() as session:
        await session.row("UPDATE kit.carriage SET seq = 0 RETURNING line")
    await tell(db, 3)
    await send_all(Carrier(db, line, holder="one"))
    assert numbers(line) == [1, 2, 3]
    assert await cursor(db) == line.told[-1].seq


async def test_a_line_that_is_away_is_caught_up_with(
    db: Database, line: MemoryLine, carrier: Carrier
) -> None:
    line.away = True
    await tell(db, 1)
    with pytest.raises(LineAway):
        await carrier.step()
    await tell(db, 2)
    line.away = False
    await send_all(Carrier(db, line, holder="another, at once"))
    assert numbers(line) == [1, 2]


async def test_a_line_that_lost_its_end_gets_it_again(
    db: Database, line: MemoryLine, carrier: Carrier
) -> None:
    await tell(db, 1, 2, 3)
    await send_all(carrier)
    line.lose(2)
    await tell(db, 4)
    await send_all(carrier)
    assert numbers(line) == [1, 2, 3, 4]


async def test_a_new_line_gets_what_is_young_enough(db: Database, line: MemoryLine, carrier: Carrier) -> None:
    await tell(db, 1, 2)
    async with db.fresh() as session:
        # Its id says when it was made.
        await session.row(
            "UPDATE kit.outbox SET id = $1 WHERE payload ->> 'number' = '1' RETURNING id", UUID(int=7 << 80)
        )
    await send_all(carrier)
    assert numbers(line) == [2]
    line.forget("second")
    await tell(db, 3)
    await send_all(carrier)
    assert numbers(line) == [2, 3]


async def test_a_quiet_week_is_not_a_new_line(db: Database, line: MemoryLine, carrier: Carrier) -> None:
    await tell(db, 1)
    await send_all(carrier)
    line.expire()
    await tell(db, 2)
    await send_all(Carrier(db, line, holder="one"))
    assert numbers(line) == [2]


async def test_nothing_is_added_to_another_history(db: Database, line: MemoryLine, carrier: Carrier) -> None:
    await tell(db, 1)
    await send_all(carrier)
    async with db.fresh() as session:
        await session.row("UPDATE kit.outbox SET id = $1 RETURNING id", ids.new_id())
    with pytest.raises(OtherHistory, match="delete the stream 'memory'"):
        await Carrier(db, line, holder="one").step()
    line.forget("second")
    assert await send_all(Carrier(db, line, holder="one")) == 1


async def test_who_attends_goes_on_where_it_stood(db: Database, line: MemoryLine, carrier: Carrier) -> None:
    heard: list[Carried] = []

    def standing() -> int:
        return heard[-1].seq if heard else 0

    listening = asyncio.create_task(attend(line, heard.append, standing=standing))
    line.away = True
    await asyncio.sleep(0.05)
    line.away = False
    await tell(db, 1, 2)
    await send_all(carrier)
    async with asyncio.timeout(10):
        while len(heard) < 2:  # noqa: ASYNC110 - a condition, not an event
            await asyncio.sleep(0.02)
    listening.cancel()
    with suppress(asyncio.CancelledError):
        await listening
    assert [one.seq for one in heard] == [one.seq for one in line.told]
    assert line.keep == timedelta(days=7)
