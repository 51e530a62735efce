"""Quantities, merging, and what a buyer is told when an offer changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from daji.kit import ids
from daji.kit.places import Address
from daji.trade.cart import rules
from daji.trade.cart.api import (
    CartFull,
    CartLine,
    Contact,
    Owner,
    Quote,
    QuoteLine,
    QuoteParcel,
    UnreadableText,
)

NOW = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
SKUS = [UUID(int=n) for n in range(1, 9)]
# A busy machine may be slow; what is asserted is never time.
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def carts(draw: st.DrawFn) -> tuple[CartLine, ...]:
    skus = draw(st.lists(st.sampled_from(SKUS), unique=True, max_size=6))
    return tuple(
        CartLine(
            sku_id=sku,
            qty=draw(st.integers(1, rules.MAX_QTY)),
            selected=draw(st.booleans()),
            added_at=NOW + timedelta(seconds=draw(st.integers(0, 1000))),
        )
        for sku in skus
    )


@UNHURRIED
@given(carts(), carts())
def test_merging_loses_nothing_that_fits(own: tuple[CartLine, ...], guest: tuple[CartLine, ...]):
    merged = {line.sku_id: line for line in rules.merged(own, guest)}
    assert set(merged) == {line.sku_id for line in (*own, *guest)}
    both = {line.sku_id: line for line in guest}
    for line in own:
        other = both.get(line.sku_id)
        assert merged[line.sku_id].qty == min(line.qty + (other.qty if other else 0), rules.MAX_QTY)
        assert merged[line.sku_id].selected == (line.selected or (other is not None and other.selected))


def wishes(first: int, count: int, start: datetime) -> tuple[CartLine, ...]:
    return tuple(
        CartLine(sku_id=UUID(int=n), qty=1, selected=True, added_at=start + timedelta(seconds=n))
        for n in range(first, first + count)
    )


def test_of_too_many_lines_the_own_stay_and_the_newest_of_the_guest():
    own, guest = wishes(1, 100, NOW), wishes(90, 100, NOW - timedelta(days=1))
    merged = rules.merged(own, guest)
    assert len(merged) == rules.MAX_LINES
    kept = {line.sku_id for line in merged}
    assert kept == {line.sku_id for line in own} | {UUID(int=n) for n in range(170, 190)}
    assert [line.added_at for line in merged] == sorted(line.added_at for line in merged)


@UNHURRIED
@given(carts(), st.sampled_from(SKUS), st.integers(0, rules.MAX_QTY))
def test_setting_twice_is_setting_once(lines: tuple[CartLine, ...], sku: UUID, qty: int):
    def put(before: tuple[CartLine, ...]) -> tuple[CartLine, ...]:
        return rules.with_quantity(before, sku_id=sku, qty=qty, mode="set", now=NOW)

    once = put(lines)
    assert put(once) == once
    assert {line.sku_id: line.qty for line in once}.get(sku, 0) == qty
    assert [line for line in once if line.sku_id != sku] == [line for line in lines if line.sku_id != sku]


def test_a_full_cart_takes_no_new_line():
    full = wishes(1, rules.MAX_LINES, NOW)
    with pytest.raises(CartFull):
        rules.with_quantity(full, sku_id=UUID(int=999), qty=1, mode="add", now=NOW)
    assert rules.with_quantity(full, sku_id=UUID(int=999), qty=0, mode="set", now=NOW) == full


def a_line(code: str, qty: int, price: int) -> QuoteLine:
    return QuoteLine(
        sku_id=ids.new_id(),
        code=code,
        product_id=ids.new_id(),
        titles={"zh": f"名{code}", "en": f"Name {code}"},
        option_texts={},
        seller_id=None,
        qty=qty,
        unit_price=price,
        amount=qty * price,
        weight_g=1,
        price_id=ids.new_id(),
    )


def a_quote(*lines: QuoteLine, freight: int = 0, promised: datetime = NOW) -> Quote:
    goods = sum(line.amount for line in lines)
    parcel = QuoteParcel(
        seller_id=None,
        site_id=ids.new_id(),
        items=tuple((line.sku_id, line.qty) for line in lines),
        freight=freight,
        unit_freights=None,
        weight_g=1,
        promised_by=promised,
    )
    return Quote(
        id=ids.new_id(),
        owner=Owner(guest_token="g"),
        channel="main",
        currency="CNY",
        lang="en",
        address=Address(name="A", phone="1", country="CN", region="r", city="c", line="l"),
        contact=Contact(name="A"),
        lines=lines,
        parcels=(parcel,),
        goods=goods,
        freight=freight,
        discount=0,
        tax=0,
        total=goods + freight,
        made_at=NOW,
        expires_at=NOW,
        from_cart=False,
    )


CUP, POT = a_line("CUP", 2, 100), a_line("POT", 1, 300)


def priced(line: QuoteLine, qty: int, price: int) -> QuoteLine:
    return msgspec.structs.replace(line, qty=qty, unit_price=price, amount=qty * price)


def test_the_same_offer_made_again_has_no_difference():
    assert rules.differences(a_quote(CUP, POT), a_quote(POT, CUP)) == ()


@pytest.mark.parametrize(
    ("new", "codes"),
    [
        (lambda: a_quote(priced(CUP, 2, 101), POT), ["price_up", "total"]),
        (lambda: a_quote(priced(CUP, 2, 99), POT), ["price_down", "total"]),
        (lambda: a_quote(priced(CUP, 1, 100), POT), ["quantity_short", "total"]),
        (lambda: a_quote(priced(CUP, 1, 200), POT), ["quantity_short", "price_up"]),
        (lambda: a_quote(CUP), ["sold_out", "total"]),
        (lambda: a_quote(CUP, POT, freight=5), ["freight", "total"]),
        (lambda: a_quote(CUP, POT, promised=NOW + timedelta(days=1)), ["promise_later"]),
        (lambda: a_quote(CUP, POT, promised=NOW - timedelta(days=1)), []),
    ],
)
def test_each_change_is_told_with_its_parameters(new: Callable[[], Quote], codes: list[str]):
    changes = rules.differences(a_quote(CUP, POT), new())
    assert [change.code for change in changes] == codes
    assert set(codes) <= set(rules.CHANGE_CODES)
    for change in changes:
        if change.code not in {"sold_out", "delisted"}:
            assert change.params["old"] != change.params["new"]
        if change.code in {"price_up", "price_down", "freight", "total"}:
            assert change.params["currency"] == "CNY"
    msgspec.to_builtins(changes)


def test_gone_for_good_is_told_apart_from_sold_out():
    changes = rules.differences(a_quote(CUP, POT), a_quote(CUP), delisted={POT.sku_id})
    assert changes[0].code == "delisted"
    assert changes[0].params == {"sku": ids.show("sku", POT.sku_id), "code": "POT", "title": "Name POT"}


def test_one_late_parcel_is_one_piece_of_news():
    later = NOW + timedelta(days=2)
    (change,) = rules.differences(a_quote(CUP, POT), a_quote(CUP, POT, promised=later))
    assert (change.params["old"], change.params["new"]) == (NOW, later)
    assert change.params["title"] == "Name CUP, Name POT"


def test_a_title_in_the_language_or_any_or_the_code():
    assert rules.title(CUP, "zh") == "名CUP"
    assert rules.title(CUP, "fr") == "名CUP"
    assert rules.title(msgspec.structs.replace(CUP, titles={"zh": ""}), "zh") == "CUP"


def test_the_null_character_is_found_however_it_is_wrapped():
    for harmless in ("", "\\u0000", "\\\\u0000", "u0000", '"\\'):
        assert msgspec.json.decode(rules.stored_json([harmless])) == [harmless]
    for hostile in ("\0", "\\\0", "\\\\\0", "a\0b"):
        with pytest.raises(UnreadableText):
            rules.stored_json({"deep": [hostile]})
        with pytest.raises(UnreadableText):
            rules.stored_json({hostile: 1})
