"""What the demo shop says and plans, before anything is written: texts, prices, people, fates."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import chain

import pytest

from daji.faces.cli.demoshop import abroad, folk, keeping, people, plan, season, shots, snaps
from daji.faces.cli.demoshop.goods import Goods, choices, schema_of, sold_here
from daji.shop.catalog import attributes, rules

UNTIL = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
# Article 9 of the Advertising Law of China, and what inspectors read into it.
SUPERLATIVES = re.compile(
    "最|第一|顶级|极品|极致|唯一|首选|国家级|绝对|永久|万能|王牌|冠军|100%|疗效|治疗|抗癌"
)
PRODUCTS = sold_here().products


@pytest.mark.parametrize("product", PRODUCTS, ids=lambda product: product.code)
def test_a_product_speaks_two_languages_and_no_superlatives(product: Goods) -> None:
    zh = f"{product.zh.title} {product.zh.subtitle} {product.zh.description}"
    en = f"{product.en.title} {product.en.subtitle} {product.en.description}"
    assert not SUPERLATIVES.search(zh)
    assert re.search("[\u4e00-\u9fff]", zh)
    assert not re.search("[\u4e00-\u9fff]", en)
    assert len(product.zh.description) >= 20
    assert len(product.en.description) >= 60
    assert bool(product.brand) != product.seller


@pytest.mark.parametrize("product", PRODUCTS, ids=lambda product: product.code)
def test_prices_end_as_a_shop_ends_them(product: Goods) -> None:
    offers = choices(product)
    assert 1 <= len(offers) <= 12
    for one in offers:
        assert one.amount % 1000 in {800, 900}
        assert one.was is None or one.was > one.amount
        assert keeping.reduced(one.amount) % 1000 in {800, 900}
        assert 0 < keeping.reduced(one.amount) <= one.amount


@pytest.mark.parametrize("product", PRODUCTS, ids=lambda product: product.code)
def test_prices_abroad_end_as_prices_do_there(product: Goods) -> None:
    (dollars,) = abroad.shops()
    for one in choices(product):
        amount, was = dollars.prices(one.amount, one.was)
        assert amount % 100 in ({49, 99} if amount < 2000 else {0, 99})
        assert was is None or was > amount
        # Never further from the stated rate than half of the step that prices go by.
        assert abs(amount - one.amount * dollars.rate) <= (
            26 if amount < 2000 else 51 if amount < 9000 else 600
        )
        assert 0 < dollars.price(keeping.reduced(one.amount)) <= amount


def test_the_range_is_wide_and_its_attributes_fit_the_schemas() -> None:
    goods = sold_here()
    assert len(goods.products) >= 100
    assert len(goods.categories) >= 12
    assert {brand.code for brand in goods.brands} == {"yunzao", "banli", "qingbu"}
    assert all(set(brand.story) == {"zh", "en"} for brand in goods.brands)
    schemas = {one.code: schema_of(one) for one in goods.categories}
    for product in goods.products:
        schema = schemas[product.category]
        assert not attributes.check_schema(schema)
        assert not attributes.check((schema,), product.attributes), product.code
    codes = [one.code for product in goods.products for one in choices(product)]
    assert len(set(codes)) == len(codes)
    assert set(goods.scarce) <= set(codes)
    titles = [words.title for product in goods.products for words in (product.zh, product.en)]
    assert len(set(titles)) == len(titles)
    assert all(len(title) <= rules.MAX_NAME for title in titles)


def test_no_two_buyers_say_the_same() -> None:
    said = list(chain.from_iterable(plan.opinions().values()))
    said += [opinion for purchase in people.story().orders for opinion in purchase.reviews]
    assert len(said) >= 300
    assert len({opinion.text for opinion in said}) == len(said)
    assert {opinion.score for opinion in said} == {1, 2, 3, 4, 5}
    assert {opinion.lang for opinion in said} == {"zh", "en"}
    assert sum(bool(opinion.reply) for opinion in said) >= 20
    assert set(plan.opinions()) <= {product.code for product in PRODUCTS}


@pytest.mark.parametrize("days", [plan.SHORT_DAYS, 60])
def test_one_seed_makes_one_history(days: int) -> None:
    made = plan.visits(until=UNTIL, days=days)
    assert made == plan.visits(until=UNTIL, days=days)
    assert made != plan.visits(until=UNTIL, days=days, seed=1)
    assert [visit.n for visit in made] == list(range(len(made)))
    assert all(UNTIL - timedelta(days=days) < visit.at < UNTIL for visit in made)
    assert {visit.channel for visit in made} == {"web", "mini", "web-usd"}
    assert {visit.member for visit in made} == {True, False}
    known = {one.code for product in PRODUCTS for one in choices(product)}
    assert {code for visit in made for code in visit.items} <= known
    spoken = [opinion.text for visit in made for opinion in visit.opinions.values()]
    assert len(spoken) == len(set(spoken)) >= 300


def test_ninety_days_hold_all_that_may_happen_to_an_order() -> None:
    made = plan.visits(until=UNTIL, days=90)
    assert {visit.way for visit in made} == {"", "slow", "fail", "lost"}
    verbs = {step.verb for visit in made for step in visit.steps}
    assert verbs == {
        *("pay", "decline", "cancel", "pick", "pick_part", "pack", "ship", "call_off"),
        *("review", "ask", "agree", "reject", "withdraw", "take_back"),
    }
    by_day = Counter(visit.at.astimezone(season.SHOP_TIME).date() for visit in made)
    sale = season.sale_day(UNTIL, 90)
    assert by_day.most_common(1)[0][0] == sale
    before = [by_day[sale - timedelta(days=n)] for n in range(1, 8)]
    assert by_day[sale] > 4 * sum(before) / len(before)
    assert len({visit.buyer.city for visit in made}) >= 15
    lately = [visit for visit in made if UNTIL - visit.at < timedelta(hours=48) and visit.steps]
    # The warehouse has come to different places with them.
    assert {visit.steps[-1].verb for visit in lately} >= {"pay", "pick", "pack", "ship"}


def test_buyers_say_why_in_their_own_language() -> None:
    known = folk.folk()
    assert all(set(wish.note) == {"zh", "en"} for wish in (*known.wishes, *known.disputes))
    assert all(set(wish.answer) == {"zh", "en"} for wish in known.disputes)
    for visit in plan.visits(until=UNTIL, days=60):
        if visit.note and visit.buyer.lang == "en":
            assert not re.search("[\u4e00-\u9fff]", visit.note)


def test_buyers_show_their_own_pictures() -> None:
    """Each is made of a shot that there is, by somebody with an account, and the same in every run."""
    pictured = [said for purchase in people.story().orders for said in purchase.reviews if said.shot]
    assert len(pictured) >= 10
    assert {said.shot for said in pictured} <= set(shots.index())
    assert not [said for told in plan.opinions().values() for said in told if said.shot]
    for said in pictured:
        picture = snaps.snap(said.shot)
        assert (picture.declared_type, picture.content[:3]) == ("image/jpeg", b"\xff\xd8\xff")
        assert picture == snaps.snap(said.shot)
