"""Carts and quotes: quantities, rivals, guests who sign in, and offers that stay as they were shown."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from daji.kit import ids
from daji.kit.db import Database, counting
from daji.kit.money import UnknownCurrency
from daji.kit.problems import Invalid, NotFound
from daji.trade.cart import api as cart
from tests.rooms.trade.orders_making import act, line, parcel, plain_quote, quote, same, shopper

GUEST = cart.Owner(guest_token="g-1")


async def change(
    db: Database, now: datetime, owner: cart.Owner, sku_id: UUID, qty: int, mode: str = "set", **more: Any
) -> cart.Cart:
    fields: dict[str, Any] = {"channel": "main", "currency": "CNY", **more}
    return await act(db, cart.change_line, owner=owner, sku_id=sku_id, qty=qty, mode=mode, now=now, **fields)


async def find(db: Database, owner: cart.Owner, channel: str = "main") -> cart.Cart | None:
    async with db.read() as session:
        return await cart.find_cart(session, owner=owner, channel=channel)


def wish(owner: cart.Owner, seen: cart.Cart | None, now: datetime, *changes: cart.LineChange) -> cart.Wish:
    version, lines = (seen.version, seen.lines) if seen else (0, ())
    return cart.Wish(owner=owner, version=version, lines=lines, changes=changes, now=now)


def quantities(found: cart.Cart | None) -> dict[UUID, int]:
    assert found is not None
    return {each.sku_id: each.qty for each in found.lines}


async def test_a_cart_is_opened_by_its_first_line(db: Database, now: datetime):
    owner, sku = shopper(), ids.new_id()
    assert await find(db, owner) is None
    first = await change(db, now, owner, sku, 2)
    assert (first.owner, first.version, quantities(first)) == (owner, 1, {sku: 2})
    assert await find(db, owner) == first
    second = await change(db, now + timedelta(hours=1), owner, sku, 3, "add")
    assert (second.id, second.version, quantities(second)) == (first.id, 2, {sku: 5})
    assert second.lines[0].added_at == now
    assert await find(db, owner) == second
    empty = await change(db, now, owner, sku, 0)
    assert empty.lines == ()
    assert await find(db, owner) == empty
    assert (await change(db, now, owner, ids.new_id(), 0)).lines == ()


async def test_a_change_costs_three_statements_and_a_look_one(db: Database, now: datetime):
    owner = shopper()
    async with db.transaction() as tx:
        with counting() as tally:
            await cart.change_line(
                tx,
                owner=owner,
                channel="main",
                currency="CNY",
                sku_id=ids.new_id(),
                qty=1,
                mode="add",
                now=now,
            )
    assert tally.count == 3
    async with db.read() as session:
        with counting() as tally:
            await cart.find_cart(session, owner=owner, channel="main")
    assert tally.count == 1


@pytest.mark.parametrize(
    ("qty", "mode"), [(-1, "set"), (1000, "set"), (0, "add"), (-5, "add"), (1000, "add"), (10**30, "set")]
)
async def test_impossible_quantities_open_no_cart(db: Database, now: datetime, qty: int, mode: str):
    owner = shopper()
    with pytest.raises(cart.QuantityOutOfRange):
        await change(db, now, owner, ids.new_id(), qty, mode)
    assert await find(db, owner) is None


async def test_bad_modes_currencies_and_sums(db: Database, now: datetime):
    owner, sku = shopper(), ids.new_id()
    with pytest.raises(Invalid):
        await change(db, now, owner, sku, 1, "double")
    with pytest.raises(UnknownCurrency):
        await change(db, now, owner, sku, 1, currency="RMB")
    await change(db, now, owner, sku, 999)
    with pytest.raises(cart.QuantityOutOfRange) as refused:
        await change(db, now, owner, sku, 1, "add")
    assert refused.value.params["wanted"] == 1000
    assert quantities(await find(db, owner)) == {sku: 999}


async def test_a_full_cart_takes_no_new_sku_but_changes_its_own(db: Database, now: datetime):
    owner = shopper()
    skus = [ids.new_id() for _ in range(cart.MAX_LINES)]
    for sku in skus:
        await change(db, now, owner, sku, 1)
    with pytest.raises(cart.CartFull):
        await change(db, now, owner, ids.new_id(), 1)
    assert len((await change(db, now, owner, skus[0], 1, "add")).lines) == cart.MAX_LINES
    await change(db, now, owner, skus[0], 0)
    assert len((await change(db, now, owner, ids.new_id(), 1)).lines) == cart.MAX_LINES


async def test_carts_of_others_and_of_other_channels_are_apart_u114(db: Database, now: datetime):
    sku, mine = ids.new_id(), shopper()
    await change(db, now, mine, sku, 1)
    await change(db, now, mine, sku, 2, channel="b2b", currency="USD")
    await change(db, now, GUEST, sku, 3)
    await change(db, now, cart.Owner(guest_token="g-2"), sku, 4)
    assert quantities(await find(db, mine)) == {sku: 1}
    assert quantities(await find(db, mine, "b2b")) == {sku: 2}
    assert quantities(await find(db, GUEST)) == {sku: 3}
    assert await find(db, shopper()) is None
    with pytest.raises(NotFound):
        await act(
            db,
            cart.select_lines,
            owner=shopper(),
            channel="main",
            sku_ids=None,
            selected=False,
            now=now,
        )
    gone = await act(db, cart.clear_lines, owner=shopper(), channel="main", sku_ids=[sku], now=now)
    assert gone == 0
    assert quantities(await find(db, GUEST)) == {sku: 3}


async def test_rivals_add_up(db: Database, now: datetime):
    owner, sku = shopper(), ids.new_id()
    await asyncio.gather(*(change(db, now, owner, sku, 1, "add") for _ in range(20)))
    found = await find(db, owner)
    assert quantities(found) == {sku: 20}
    assert found is not None
    assert found.version == 20


async def test_marks_and_clearing(db: Database, now: datetime):
    owner, one, two = shopper(), ids.new_id(), ids.new_id()
    await change(db, now, owner, one, 1)
    await change(db, now, owner, two, 1)

    async def select(sku_ids: list[UUID] | None, *, selected: bool) -> list[bool]:
        changed = await act(
            db,
            cart.select_lines,
            owner=owner,
            channel="main",
            sku_ids=sku_ids,
            selected=selected,
            now=now,
        )
        assert changed == await find(db, owner)
        return [each.selected for each in changed.lines]

    assert await select([two, ids.new_id()], selected=False) == [True, False]
    assert (await change(db, now, owner, two, 5)).lines[1].selected is False
    assert await select([], selected=False) == [True, False]
    assert await select(None, selected=False) == [False, False]
    assert await select(None, selected=True) == [True, True]

    async def clear(*skus: UUID) -> int:
        return await act(db, cart.clear_lines, owner=owner, channel="main", sku_ids=skus, now=now)

    assert [await clear(one, ids.new_id()), await clear(one), await clear()] == [1, 0, 0]
    assert quantities(await find(db, owner)) == {two: 5}


async def test_a_guest_who_signs_in_brings_everything(db: Database, now: datetime):
    owner, both, mine, theirs = shopper(), ids.new_id(), ids.new_id(), ids.new_id()
    assert owner.shopper_id is not None
    await change(db, now, owner, mine, 1)
    await change(db, now, owner, both, 600)
    await change(db, now, GUEST, both, 600)
    await change(db, now, GUEST, theirs, 2)
    await change(db, now, GUEST, theirs, 7, channel="b2b", currency="USD")
    await act(db, cart.select_lines, owner=GUEST, channel="main", sku_ids=[theirs], selected=False, now=now)

    async def merge() -> cart.Cart | None:
        return await act(db, cart.merge, guest_token="g-1", shopper_id=owner.shopper_id, now=now)

    await asyncio.gather(*(merge() for _ in range(4)))
    found = await find(db, owner)
    assert quantities(found) == {mine: 1, both: 999, theirs: 2}
    assert found is not None
    assert {each.sku_id for each in found.lines if not each.selected} == {theirs}
    assert quantities(await find(db, owner, "b2b")) == {theirs: 7}
    assert await find(db, GUEST) is None
    assert await merge() is None


async def test_nothing_is_lost_when_a_guest_adds_while_signing_in(db: Database, now: datetime):
    owner, sku = shopper(), ids.new_id()
    await asyncio.gather(
        *(change(db, now, GUEST, sku, 1, "add") for _ in range(10)),
        *(act(db, cart.merge, guest_token="g-1", shopper_id=owner.shopper_id, now=now) for _ in range(4)),
        *(change(db, now, owner, sku, 1, "add") for _ in range(5)),
    )
    await act(db, cart.merge, guest_token="g-1", shopper_id=owner.shopper_id, now=now)
    assert quantities(await find(db, owner)) == {sku: 15}


async def test_a_merge_returns_the_cart_it_made(db: Database, now: datetime):
    owner, sku = shopper(), ids.new_id()
    await change(db, now, GUEST, sku, 1)
    merged = await act(db, cart.merge, guest_token="g-1", shopper_id=owner.shopper_id, now=now)
    assert merged == await find(db, owner)
    assert merged is not None


async def test_a_quote_comes_back_as_it_was_shown(db: Database, now: datetime):
    one = line(2, 10**15, titles={"zh": '引号"\\u0000 \\ <b>', "en": "😀"})
    offer = quote(now, parcel([(one, 2)], now, unit_freights=((one.sku_id, 0),)), lines=[one])
    await act(db, cart.save_quote, quote=offer)
    async with db.read() as session:
        again = await cart.get_quote(session, quote_id=offer.id, owner=offer.owner)
        assert again == offer
        assert same(again, offer)
        for stranger in (shopper(), GUEST):
            with pytest.raises(cart.QuoteNotFound):
                await cart.get_quote(session, quote_id=offer.id, owner=stranger)
        with pytest.raises(NotFound):
            await cart.get_quote(session, quote_id=ids.new_id(), owner=offer.owner)


async def test_a_quote_that_could_not_be_read_back_is_refused(db: Database, now: datetime):
    offer = plain_quote(now)
    nul = msgspec.structs.replace(offer, contact=cart.Contact(name="a\0b"))
    with pytest.raises(cart.UnreadableText):
        await act(db, cart.save_quote, quote=nul)
    far = msgspec.structs.replace(offer, address=msgspec.structs.replace(offer.address, country="China"))
    with pytest.raises(Invalid) as refused:
        await act(db, cart.save_quote, quote=far)
    assert refused.value.fields[0].pointer == "/address/country"


async def test_old_quotes_are_forgotten(db: Database, now: datetime):
    offers = [plain_quote(now, expires_at=now + timedelta(minutes=n)) for n in range(5)]
    for offer in offers:
        await act(db, cart.save_quote, quote=offer)

    async def forget(limit: int) -> int:
        return await act(db, cart.forget_quotes, expired_before=now + timedelta(minutes=3), limit=limit)

    assert [await forget(2), await forget(10), await forget(10)] == [2, 2, 0]
    async with db.read() as session:
        assert (await cart.get_quote(session, quote_id=offers[4].id, owner=offers[4].owner)).id == offers[
            4
        ].id


async def test_a_line_is_written_only_into_the_cart_that_was_read(db: Database, now: datetime):
    """Ten rivals add one piece each of one SKU; whoever was too late reads again, and no piece is lost."""
    owner, sku = shopper(), ids.new_id()
    stale = 0

    async def add() -> None:
        nonlocal stale
        while True:
            async with db.fresh() as session:
                seen = await cart.find_cart(session, owner=owner, channel="main")
                with counting() as tally:
                    (done,) = await cart.put_lines(
                        session,
                        channel="main",
                        currency="CNY",
                        wishes=[wish(owner, seen, now, cart.LineChange(sku_id=sku, qty=1, mode="add"))],
                    )
            assert tally.count == 1
            if done is not None:
                return
            stale += 1

    await asyncio.gather(*(add() for _ in range(10)))
    found = await find(db, owner)
    assert found is not None
    assert (quantities(found), found.version) == ({sku: 10}, 10)
    assert stale > 0


async def test_a_line_put_to_nothing_goes(db: Database, now: datetime):
    owner, sku = shopper(), ids.new_id()
    before = await change(db, now, owner, sku, 2)
    async with db.fresh() as session:
        done = await cart.put_lines(
            session,
            channel="main",
            currency="CNY",
            wishes=[wish(owner, before, now, cart.LineChange(sku_id=sku, qty=0))],
        )
    assert done == [(2, ())]
    assert quantities(await find(db, owner)) == {}


async def test_many_carts_are_written_at_once_and_each_is_told_of_its_own(db: Database, now: datetime):
    """A new cart, a known one, a guest's, one that somebody changed meanwhile and one that is asked too much of."""
    sku = ids.new_id()
    new, known, stale, greedy = (shopper() for _ in range(4))
    guest = cart.Owner(guest_token="g-many")
    before = {owner: await change(db, now, owner, sku, 2) for owner in (known, stale, greedy)}
    await change(db, now, stale, sku, 5)

    more = cart.LineChange(sku_id=sku, qty=1, mode="add")
    other = cart.LineChange(sku_id=ids.new_id(), qty=4)
    wishes = [
        wish(new, None, now, more),
        wish(known, before[known], now, more, other),
        wish(stale, before[stale], now, more),
        wish(greedy, before[greedy], now, cart.LineChange(sku_id=sku, qty=998, mode="add")),
        wish(guest, None, now, other, cart.LineChange(sku_id=sku, qty=0)),
    ]
    async with db.fresh() as session:
        with counting() as tally:
            done = await cart.put_lines(session, channel="main", currency="CNY", wishes=wishes)
    assert tally.count == 1
    versions = [one[0] if isinstance(one, tuple) else one for one in done]
    assert versions[:3] == [1, 2, None]
    assert isinstance(versions[3], cart.QuantityOutOfRange)
    assert versions[4] == 1
    found = [quantities(await find(db, owner)) for owner in (new, known, stale, greedy, guest)]
    assert found == [
        {sku: 1},
        {sku: 3, other.sku_id: 4},
        {sku: 5},
        {sku: 2},
        {other.sku_id: 4},
    ]


async def test_an_offer_that_is_taken_empties_what_it_took(db: Database, now: datetime):
    owner = shopper()
    offer = msgspec.structs.replace(plain_quote(now), owner=owner)
    other = ids.new_id()
    for sku_id in (offer.lines[0].sku_id, other):
        await change(db, now, owner, sku_id, 3, channel=offer.channel)
    for wish, left in ((False, 2), (True, 1)):
        kept = msgspec.structs.replace(offer, id=ids.new_id(), from_cart=wish)
        async with db.transaction() as tx:
            await cart.save_quote(tx, quote=kept)
        with counting() as tally:
            taken = await act(db, cart.take_quote, quote_id=kept.id, owner=owner, now=now)
        assert tally.count == 3
        assert same(taken, kept)
        found = await find(db, owner, offer.channel)
        assert found is not None
        assert len(found.lines) == left
    with pytest.raises(cart.QuoteNotFound):
        await act(db, cart.take_quote, quote_id=kept.id, owner=shopper(), now=now)
