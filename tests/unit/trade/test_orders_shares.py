"""The frozen shares of units: exact in every currency, never negative, for any quote that adds up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from daji.kit import ids
from daji.kit.money import AmountOutOfRange, UnknownCurrency
from daji.kit.places import Address
from daji.trade.cart.api import Contact, Owner, Quote, QuoteLine, QuoteParcel
from daji.trade.orders import rules
from daji.trade.orders.facts import QuoteUnbalanced, TooManyUnits

NOW = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
ADDRESS = Address(name="A", phone="1", country="CN", region="r", city="c", line="l")
SITES = [ids.new_id() for _ in range(3)]
SELLERS = [None, ids.new_id()]
# A busy machine may be slow; what is asserted is never time.
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
PRICES = st.one_of(st.integers(0, 5), st.integers(0, 1_000_000), st.integers(0, 10**12))


def a_line(qty: int, price: int, seller_id: UUID | None = None) -> QuoteLine:
    return QuoteLine(
        sku_id=ids.new_id(),
        code="S",
        product_id=ids.new_id(),
        titles={},
        option_texts={},
        seller_id=seller_id,
        qty=qty,
        unit_price=price,
        amount=qty * price,
        weight_g=1,
        price_id=ids.new_id(),
    )


def a_parcel(
    items: Sequence[tuple[QuoteLine, int]],
    site_id: UUID,
    freight: int = 0,
    unit_freights: tuple[tuple[UUID, int], ...] | None = None,
) -> QuoteParcel:
    return QuoteParcel(
        seller_id=items[0][0].seller_id,
        site_id=site_id,
        items=tuple((line.sku_id, qty) for line, qty in items),
        freight=freight,
        unit_freights=unit_freights,
        weight_g=sum(qty for _, qty in items),
        promised_by=NOW + timedelta(days=freight % 7),
    )


def a_quote(
    lines: Sequence[QuoteLine],
    parcels: Sequence[QuoteParcel],
    *,
    discount: int = 0,
    tax: int = 0,
    currency: str = "CNY",
) -> Quote:
    goods, freight = sum(line.amount for line in lines), sum(parcel.freight for parcel in parcels)
    return Quote(
        id=ids.new_id(),
        owner=Owner(guest_token="g"),
        channel="main",
        currency=currency,
        lang="zh",
        address=ADDRESS,
        contact=Contact(name="A"),
        lines=tuple(lines),
        parcels=tuple(parcels),
        goods=goods,
        freight=freight,
        discount=discount,
        tax=tax,
        total=goods - discount + freight + tax,
        made_at=NOW,
        expires_at=NOW + timedelta(minutes=15),
        from_cart=False,
    )


@st.composite
def quotes(draw: st.DrawFn) -> Quote:
    """Lines of several sellers, each spread over some sites, with freights told or not told per unit."""
    lines = [
        a_line(draw(st.integers(1, 7)), draw(PRICES), draw(st.sampled_from(SELLERS)))
        for _ in range(draw(st.integers(1, 4)))
    ]
    packed: dict[tuple[UUID | None, int], dict[UUID, int]] = {}
    for line in lines:
        for _ in range(line.qty):
            items = packed.setdefault((line.seller_id, draw(st.integers(0, 2))), {})
            items[line.sku_id] = items.get(line.sku_id, 0) + 1
    by_sku = {line.sku_id: line for line in lines}
    parcels = []
    for (_, site), items in packed.items():
        told = None
        freight = draw(st.integers(0, 10**6))
        if draw(st.booleans()):
            told = tuple((sku, draw(st.integers(0, 999))) for sku, qty in items.items() for _ in range(qty))
            freight = sum(fee for _, fee in told) if draw(st.booleans()) else freight
        parcels.append(
            a_parcel([(by_sku[sku], qty) for sku, qty in items.items()], SITES[site], freight, told)
        )
    goods = sum(line.amount for line in lines)
    return a_quote(
        lines,
        parcels,
        discount=draw(st.integers(0, goods)),
        tax=draw(st.integers(0, 10**6)),
        currency=draw(st.sampled_from(["JPY", "CNY", "KWD"])),
    )


@UNHURRIED
@given(quotes())
def test_shares_add_up_to_every_part_of_the_quote_u40_u60(quote: Quote):
    children = rules.children(quote)
    shares = [share for child in children for share in child.shares]
    assert sum(share.paid for share in shares) == quote.total
    assert sum(share.price for share in shares) == quote.goods
    assert sum(share.discount for share in shares) == quote.discount
    assert sum(share.freight for share in shares) == quote.freight
    assert sum(share.tax for share in shares) == quote.tax
    for share in shares:
        assert min(share.price, share.discount, share.freight, share.tax, share.paid) >= 0
        assert share.discount <= share.price


@UNHURRIED
@given(quotes())
def test_what_is_packed_is_what_was_quoted(quote: Quote):
    children = rules.children(quote)
    assert len({(child.seller_id, child.site_id) for child in children}) == len(children)
    counted: dict[UUID, int] = {}
    for child in children:
        for line, shares in child.items:
            assert line.seller_id == child.seller_id
            counted[line.sku_id] = counted.get(line.sku_id, 0) + len(shares)
        parcels = [p for p in quote.parcels if (p.seller_id, p.site_id) == (child.seller_id, child.site_id)]
        assert sum(share.freight for share in child.shares) == sum(parcel.freight for parcel in parcels)
        assert child.promised_by == max(parcel.promised_by for parcel in parcels)
    assert counted == {line.sku_id: line.qty for line in quote.lines}


@UNHURRIED
@given(quotes(), st.randoms(use_true_random=False), st.integers(1, 5))
def test_refunds_over_any_partition_of_the_units_make_the_total_u40(quote: Quote, random: object, parts: int):
    paid = [share.paid for child in rules.children(quote) for share in child.shares]
    random.shuffle(paid)  # type: ignore[attr-defined]
    pieces = [paid[start::parts] for start in range(parts)]
    assert sum(sum(piece) for piece in pieces) == quote.total


@UNHURRIED
@given(quotes())
def test_the_same_quote_is_shared_the_same_way(quote: Quote):
    assert rules.children(quote) == rules.children(quote)


def freights(line: QuoteLine, freight: int, told: Sequence[int] | None) -> list[int]:
    unit_freights = None if told is None else tuple((line.sku_id, fee) for fee in told)
    quote = a_quote([line], [a_parcel([(line, line.qty)], SITES[0], freight, unit_freights)])
    return [share.freight for child in rules.children(quote) for share in child.shares]


def test_freight_is_kept_as_the_carrier_told_it():
    line = a_line(3, 100)
    assert freights(line, 30, None) == [10, 10, 10]
    assert freights(line, 31, None) == [11, 10, 10]
    assert freights(line, 60, (10, 20, 30)) == [10, 20, 30]
    assert freights(line, 60, (20,)) == [20, 20, 20]
    assert freights(line, 61, (10, 20, 30)) == [10, 20, 31]
    assert freights(line, 60, (0,)) == [20, 20, 20]
    assert freights(line, 60, ()) == [20, 20, 20]
    assert freights(line, 60, (10, 20, 30, 999)) == [10, 20, 30]


def test_free_goods_share_their_freight_equally():
    assert freights(a_line(2, 0), 5, None) == [3, 2]


def test_yen_fen_and_fils_are_whole_minor_units_u63():
    line = a_line(3, 100)
    for currency in ("JPY", "CNY", "KWD"):
        quote = a_quote([line], [a_parcel([(line, 3)], SITES[0], 100)], discount=100, currency=currency)
        shares = rules.children(quote)[0].shares
        assert [(share.discount, share.freight) for share in shares] == [(34, 34), (33, 33), (33, 33)]


def broken(quote: Quote, **fields: object) -> Quote:
    return msgspec.structs.replace(quote, **fields)


def test_contradictions_are_refused_by_name():
    line, other = a_line(2, 100), a_line(1, 50, SELLERS[1])
    parcel = a_parcel([(line, 2)], SITES[0], 10)
    good = a_quote([line], [parcel])
    replace = msgspec.structs.replace
    wrong = {
        "total": [broken(good, total=good.total + 1)],
        "goods": [broken(good, goods=199, total=209)],
        "freight": [broken(good, freight=11, total=211)],
        "discount": [broken(good, discount=201, total=9)],
        "lines": [
            broken(good, lines=(line, line)),
            broken(good, lines=(replace(line, amount=201),), goods=201, total=211),
            a_quote([], []),
        ],
        "negative": [
            broken(good, discount=-1, total=211),
            broken(good, tax=-1, total=209),
            a_quote([a_line(1, -5)], [], discount=0),
            broken(good, parcels=(replace(parcel, unit_freights=((line.sku_id, -1),)),)),
        ],
        "quantities": [
            broken(good, parcels=(replace(parcel, items=((line.sku_id, 1),)),)),
            broken(good, parcels=(replace(parcel, items=((line.sku_id, 3),)),)),
            broken(good, parcels=(replace(parcel, items=((line.sku_id, 3), (line.sku_id, -1))),)),
            broken(good, parcels=(), freight=0, total=200),
            a_quote([a_line(0, 5)], []),
        ],
        "parcels": [
            a_quote([line, other], [a_parcel([(line, 2), (other, 1)], SITES[0])]),
            broken(good, parcels=(replace(parcel, items=((ids.new_id(), 2),)),)),
            broken(good, parcels=(parcel, replace(parcel, items=(), freight=0))),
            broken(good, parcels=(replace(parcel, weight_g=-1),)),
        ],
    }
    for what, offers in wrong.items():
        for offer in offers:
            with pytest.raises(QuoteUnbalanced) as refused:
                rules.children(offer)
            assert refused.value.params["what"] == what


def test_sums_beyond_a_bigint_and_unknown_currencies_are_refused():
    line = a_line(2, 2**62)
    with pytest.raises(AmountOutOfRange):
        rules.children(a_quote([line], [a_parcel([(line, 2)], SITES[0])]))
    with pytest.raises(UnknownCurrency):
        rules.children(a_quote([line], [a_parcel([(line, 2)], SITES[0])], currency="RMB"))


def test_a_huge_order_is_shared_exactly():
    lines = [a_line(999, 12_345 + n) for n in range(20)]
    quote = a_quote(
        lines, [a_parcel([(line, 999) for line in lines], SITES[0], 777)], discount=1_234_567, tax=89
    )
    assert sum(share.paid for share in rules.children(quote)[0].shares) == quote.total


def test_more_pieces_than_a_trade_takes_are_refused_before_they_are_made():
    line = a_line(10**12, 1)
    with pytest.raises(TooManyUnits) as refused:
        rules.children(a_quote([line], [a_parcel([(line, 10**12)], SITES[0])]))
    assert refused.value.params == {"maximum": rules.MAX_UNITS, "wanted": 10**12}
