"""The index: what is found, in which order, narrowed by what (B3, C1, C2, C3, C6, U-70, U-71, U-73)."""

from __future__ import annotations

import math
import threading
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daji.kit.problems import Invalid
from daji.shop.search import api as search
from daji.shop.search import narrowing, rules
from tests.makers.shelf import (
    BANLI,
    BLUE,
    GREEN,
    KITCHEN,
    NOW,
    RED,
    TEA,
    YUNZAO,
    document,
    index_of,
    product_id,
    shop,
)

SLUGS = {one.product_id: one.slug for one in shop()}


@pytest.fixture(scope="module")
def index() -> search.Index:
    return index_of(*shop())


def slugs(found: search.Found) -> list[str]:
    return [SLUGS[one] for one in found.product_ids]


def ask(index: search.Index, words: str | None, **more: object) -> search.Found:
    filters = search.Filters(**more)  # type: ignore[arg-type]
    return index.find(text=words, filters=filters)


@pytest.mark.parametrize(
    ("words", "first", "how"),
    [
        ("保温杯", "flask", "exact"),
        ("罗汉果", "fruit", "exact"),
        ("汉果", "fruit", "exact"),
        ("羅漢果", "fruit", "exact"),
        ("baowenbei", "flask", "exact"),
        ("bao wen bei", "flask", "exact"),
        ("BaoWen", "flask", "exact"),
        ("bwb", "flask", "exact"),
        ("宝温杯", "flask", "close"),
        ("龙景", "longjing", "close"),
        ("flasks", "flask", "exact"),
        ("flsk", "flask", "close"),
        ("stainles", "flask", "exact"),
        ("lngjing", "longjing", "close"),
        ("longjin", "longjing", "exact"),
        ("AB50B", "flask", "exact"),
        ("ab-50/b", "flask", "exact"),
        ("AB 50 b", "flask", "exact"),
        ("620ml", "flask", "exact"),
        ("云灶 锅", "wok", "exact"),
        ("云灶炒锅", "wok", "exact"),
        ("thermos", "flask", "exact"),
        ("green tea", "longjing", "exact"),
        ("绿茶", "longjing", "exact"),
        ("碗 火箭", "bowl", "partial"),
        ("锅子", "wok", "partial"),
        ("红色 保温杯", "flask", "exact"),
        ("Celadon bowls", "bowl", "exact"),
    ],
)
def test_u70_the_one_that_is_meant_comes_first(
    index: search.Index, words: str, first: str, how: search.How
) -> None:
    found = ask(index, words)
    assert (slugs(found)[:1], found.how) == ([first], how)


@pytest.mark.parametrize(
    "words", ["xyzzy", "🍵", "'; DROP TABLE", "((((", "title:flask AND", "\\", "a" * 200]
)
def test_nothing_is_an_answer_and_no_text_is_a_language(index: search.Index, words: str) -> None:
    assert ask(index, words).total == 0


@given(st.text(max_size=60))
@settings(max_examples=150, deadline=None)
def test_no_text_breaks_a_search_or_a_suggestion(words: str) -> None:
    ask(_SHARED, words)
    _SHARED.suggest(text=words, lang="zh")


_SHARED = index_of(*shop())


def test_without_words_everything_is_there_best_first(index: search.Index) -> None:
    found = ask(index, None)
    assert (found.total, found.how) == (8, "all")
    assert slugs(found)[0] == "longjing"
    assert slugs(found)[-1] == "wok"


def test_b3_a_rank_is_explained_by_its_factors(index: search.Index) -> None:
    found = index.find(text="茶", filters=search.Filters())
    scores = [found.reasons[one].score for one in found.product_ids]
    assert scores == sorted(scores, reverse=True)
    for reason in found.reasons.values():
        assert reason.score == pytest.approx(reason.text * math.prod(reason.factors.values()), rel=1e-3)
        assert set(reason.factors) == {"sales", "stars", "new", "stock"}
    plain = ask(index, None)
    for one in plain.product_ids:
        assert plain.reasons[one].text == pytest.approx(1, rel=1e-3)


def test_what_is_sold_out_or_disliked_sinks_and_what_is_new_rises() -> None:
    def weight(**more: object) -> float:
        return rules.weight(rules.factors(document("p", "碗", **more), now=NOW))

    plain = weight()
    assert weight(stock="sold_out") < 0.5 * plain
    assert weight(review_count=50, review_sum=75) < plain < weight(review_count=50, review_sum=250)
    assert plain < weight(sold=10) < weight(sold=1000) < 1.5 * plain
    assert weight(listed_at=NOW - timedelta(days=900)) < plain < weight(listed_at=NOW)
    assert weight(listed_at=NOW + timedelta(days=9)) == weight(listed_at=NOW)
    assert weight(review_count=1, review_sum=5) < weight(review_count=50, review_sum=250)


@pytest.mark.parametrize(
    ("sort", "first", "last"),
    [
        ("price_up", "fruit", "wok"),
        ("price_down", "wok", "fruit"),
        ("sales", "longjing", None),
        ("rating", "longjing", "kettle"),
        ("title", "flask", "wok"),
    ],
)
def test_b3_the_orders(index: search.Index, sort: str, first: str, last: str | None) -> None:
    found = slugs(index.find(text=None, filters=search.Filters(), sort=sort))
    assert found[0] == first
    assert last in {None, found[-1]}


def test_pages_meet_without_gap_or_repeat() -> None:
    many = [document(f"p{n}", "白瓷碗", price=100 * (n % 3)) for n in range(60)]
    index = index_of(*many)
    for sort in search.SORTS:
        seen = []
        for offset in range(0, 60, 7):
            found = index.find(text="碗", filters=search.Filters(), sort=sort, offset=offset, limit=7)
            seen += found.product_ids
        assert len(seen) == len(set(seen)) == 60


def test_an_unknown_order_or_a_far_page_is_a_defect_of_the_caller(index: search.Index) -> None:
    with pytest.raises(ValueError, match="cheap"):
        index.find(text=None, filters=search.Filters(), sort="cheap")
    with pytest.raises(ValueError, match="10001"):
        index.find(text=None, filters=search.Filters(), offset=10_001)
    with pytest.raises(Invalid):
        ask(index, None, brands=tuple(map(str, range(60))))
    with pytest.raises(search.NotReady):
        search.open_index().find(text=None, filters=search.Filters())


def facet(found: search.Found, code: str) -> dict[str, int]:
    return {value.value: value.count for one in found.facets if one.code == code for value in one.values}


def test_c6_filters_narrow_and_add_up(index: search.Index) -> None:
    assert set(slugs(ask(index, None, brands=("yunzao",)))) == {"longjing", "wok"}
    assert set(slugs(ask(index, None, brands=("yunzao", "banli")))) == {"longjing", "wok", "flask", "bowl"}
    assert slugs(ask(index, None, brands=("banli",), attributes={"colour": ("red",)})) == ["flask"]
    assert set(slugs(ask(index, None, category_id=TEA.id))) == {"fruit", "longjing", "teapot", "cups"}
    assert slugs(ask(index, None, category_id=GREEN.id)) == ["longjing"]
    assert set(slugs(ask(index, None, price=(5000, 11900)))) == {"cups", "longjing", "flask"}
    assert set(slugs(ask(index, None, price=(None, 3000)))) == {"fruit"}
    assert slugs(ask(index, None, rating=4)) == ["longjing"]
    assert slugs(ask(index, None, stock=("sold_out",))) == ["wok"]
    assert ask(index, "保温杯", stock=("sold_out",)).total == 0


def test_filters_do_not_change_the_order_of_what_is_left(index: search.Index) -> None:
    everything = slugs(ask(index, "壶"))
    narrowed = slugs(ask(index, "壶", stock=("in_stock",)))
    assert narrowed == [one for one in everything if one in narrowed]


def test_c6_a_facet_counts_without_its_own_choice(index: search.Index) -> None:
    found = ask(index, None, brands=("banli",))
    assert facet(found, "brand") == {"banli": 2, "yunzao": 2}
    assert facet(found, "a.colour") == {"blue": 2, "red": 1}
    both = ask(index, None, brands=("banli",), attributes={"colour": ("red",)})
    assert facet(both, "brand") == {"banli": 1}
    assert facet(both, "a.colour") == {"blue": 2, "red": 1}


def test_a_facets_promise_is_kept(index: search.Index) -> None:
    """Whatever is chosen, each value leads to as many hits as it says."""
    starts: list[dict[str, object]] = [
        {}, {"brands": ("banli",)}, {"stock": ("in_stock",)}, {"category_id": TEA.id}, {"price": (None, 12000)},
    ]  # fmt: skip
    for start in starts:
        for one in ask(index, None, **start).facets:
            for value in one.values:
                if one.code == "category":
                    refs = {ref.slug: ref.id for ref in (TEA, GREEN, KITCHEN)}
                    chosen: dict[str, object] = {"category_id": refs[value.value]}
                elif one.code == "brand":
                    chosen = {"brands": (value.value,)}
                elif one.code == "price":
                    chosen = {"price": (value.low, value.high)}
                elif one.code == "rating":
                    chosen = {"rating": int(value.value)}
                elif one.code == "stock":
                    chosen = {"stock": (value.value,)}
                else:
                    chosen = {"attributes": {one.code.removeprefix("a."): (value.value,)}}
                assert ask(index, None, **{**start, **chosen}).total == value.count, (start, one.code, value)


def test_facets_are_named_and_one_that_narrows_nothing_is_left_out(index: search.Index) -> None:
    found = {one.code: one for one in ask(index, None).facets}
    assert found["a.colour"].names == {"zh": "颜色", "en": "Colour"}
    assert {value.names["en"] for value in found["a.colour"].values} == {"Red", "Blue"}
    assert {value.names["zh"] for value in found["brand"].values} == {"云灶", "半里"}
    assert {value.value for value in found["category"].values} == {"tea", "kitchen"}
    alone = ask(index, "罗汉果")
    assert alone.facets == ()


def test_a_choice_that_nothing_has_stays_visible_to_be_taken_back(index: search.Index) -> None:
    found = ask(index, None, attributes={"colour": ("puce",)})
    assert found.total == 0
    values = next(one for one in found.facets if one.code == "a.colour").values
    assert [(one.value, one.count) for one in values if one.chosen] == [("puce", 0)]


@pytest.mark.parametrize(
    ("quantiles", "steps"),
    [
        ([4730.0, 9000.0, 9900.0, 52000.0], [5000, 10000, 50000]),
        ([0.0, 0.4, math.nan, math.inf], []),
        ([100.0, 100.0, 100.0, 100.0], [100]),
        ([1.0, 2.2, 6.0, 11.0], [1, 2, 5, 10]),
    ],
)
def test_ranges_of_prices_begin_at_round_amounts(quantiles: list[float], steps: list[int]) -> None:
    assert rules.price_steps(quantiles) == steps


def test_a_product_is_taken_anew_and_forgotten() -> None:
    index = index_of(document("p", "红碗", price=100))
    assert index.put([document("p", "红碗", price=100)], now=NOW) == 0
    assert index.put([document("p", "蓝碗", price=200, categories=(TEA,))], now=NOW) == 1
    assert ask(index, "红碗").total == 1, "readers see what was committed"
    index.commit()
    assert ask(index, "红碗").how == "partial"
    assert ask(index, "蓝碗", price=(200, 200)).total == 1
    assert [one.slug for one in index.suggest(text="茶", lang="zh").categories] == ["tea"]
    assert index.suggest(text="厨", lang="zh").categories == ()
    assert index.remove([product_id("p"), product_id("q")]) == 1
    index.commit()
    assert (ask(index, None).total, len(index)) == (0, 0)


def test_a_serial_that_was_given_back_never_stands_for_two() -> None:
    one, other = document("one", "一号茶壶"), document("other", "二号茶壶")
    found = index_of(one, document("stays", "茶壶"))
    for gone, comes in ((one, other), (other, one), (one, other)):
        found.remove([gone.product_id])
        found.put([comes], now=NOW)
        # Not committed: readers still find what was there, and take it for nothing else.
        assert comes.product_id not in ask(found, "茶壶").product_ids
        found.commit()
        assert {*ask(found, "茶壶").product_ids} == {comes.product_id, product_id("stays")}
        assert found.slug_of(comes.product_id) == comes.slug
        assert found.slug_of(gone.product_id) is None
    assert len(found) == 2
    assert {*found.product_ids()} == {other.product_id, product_id("stays")}


def test_facets_of_very_many_are_reckoned_from_a_sample_and_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    many = tuple(
        document(f"n{n}", f"茶壶 {n}", traits=(RED,) if n % 4 else (BLUE,), price=1000 + n)
        for n in range(4000)
    )
    found = index_of(*many)
    exact = {one.code: one for one in ask(found, "茶壶").facets}
    assert {value.value: value.count for value in exact["a.colour"].values} == {"red": 3000, "blue": 1000}
    assert not any(value.about for one in exact.values() for value in one.values)
    monkeypatch.setattr(narrowing, "SAMPLED_FROM", 1000)
    # Another price makes it another question.
    sampled = ask(found, "茶壶", price=(None, 9999))
    assert sampled.total == 4000
    colours = next(one for one in sampled.facets if one.code == "a.colour").values
    assert all(value.about for value in colours)
    for value, count in {"red": 3000, "blue": 1000}.items():
        (reckoned,) = (one.count for one in colours if one.value == value)
        assert reckoned == pytest.approx(count, rel=0.35)
    few = ask(found, None, price=(1000, 1099))
    assert few.total == 100
    assert not any(value.about for one in few.facets if one.code != "price" for value in one.values)


def test_reading_goes_on_while_somebody_writes() -> None:
    index = index_of(*(document(f"p{n}", f"瓷碗 {n} 号") for n in range(300)))
    stop, seen = threading.Event(), []

    def read() -> None:
        while not stop.is_set():
            seen.append(ask(index, "碗").total)

    reader = threading.Thread(target=read)
    reader.start()
    for turn in range(10):
        index.put((document(f"p{n}", f"瓷碗 {n} 号", price=2000 + turn) for n in range(300)), now=NOW)
        index.commit()
    stop.set()
    reader.join()
    assert seen
    assert set(seen) == {300}


@pytest.mark.parametrize(
    ("typed", "category", "product"),
    [
        ("保", None, "flask"), ("baow", None, "flask"), ("bw", None, "flask"), ("steel fl", None, "flask"),
        ("厨", "kitchen", None), ("chuf", "kitchen", None), ("kit", "kitchen", None), ("te", "tea", "teapot"),
        ("不锈钢保wen", None, "flask"), ("ab5", None, "flask"),
    ],
)  # fmt: skip
def test_c5_suggestions_from_the_first_letters(
    index: search.Index, typed: str, category: str | None, product: str | None
) -> None:
    found = index.suggest(text=typed, lang="zh")
    assert category in {None, *(one.slug for one in found.categories)}
    assert product in {None, *(one.slug for one in found.products)}


def test_c5_popular_queries_are_offered_in_the_readers_language() -> None:
    index = index_of(*shop())
    asked = {
        "保温杯": 9,
        "龙井": 5,
        "teapot": 4,
        "罗汉果": 2,
        "nothing here": 9,
        "13800138000": 9,
        "a@shop.example": 9,
    }
    for words, times in asked.items():
        for _ in range(times):
            ask(index, words)
    index.learn_queries()
    assert index.suggest(text="", lang="zh").queries == ("保温杯", "龙井")
    assert index.suggest(text="", lang="en").queries == ("teapot",)
    assert index.suggest(text="bao", lang="zh").queries == ("保温杯",)
    assert index.suggest(text="tea", lang="en").queries == ("teapot",)
    assert index.suggest(text="tea", lang="zh").queries == ()
    assert search.open_index().suggest(text="tea", lang="zh") == search.Suggestions()


@pytest.mark.parametrize("typed", ["620ml", "620 ml", "620ML"])
def test_a_number_and_its_unit_are_found_however_either_side_writes_them(typed: str) -> None:
    index = index_of(
        document("joined", "Flask 620ml"),
        document("apart", "Flask 620 ml"),
        document("other", "Flask 500 ml, no. 620"),
    )
    found = ask(index, typed)
    assert found.how == "exact"
    assert {product_id("joined"), product_id("apart")} <= set(found.product_ids[:2])


def test_a_model_is_found_with_and_without_the_gap() -> None:
    index = index_of(
        document("apart", "Pixel 9 Pro"), document("joined", "Case for Pixel9"), document("other", "Pixel 8")
    )
    for typed in ("pixel9", "pixel 9"):
        assert set(ask(index, typed).product_ids) == {product_id("apart"), product_id("joined")}
    alone = index_of(document("apart", "9 lives, one Pixel"))
    assert ask(alone, "pixel9").product_ids == (product_id("apart"),), (
        "parts count where nothing bears the whole"
    )


def test_a_quiet_index_closes_its_writer_and_opens_it_for_the_next_change(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    index = index_of(*shop())
    before = ask(index, "保温杯").product_ids
    index.tidy()
    assert index._opened is not None
    monkeypatch.setattr("daji.shop.search.index._QUIET_SECONDS", -1.0)
    index.tidy()
    assert index._opened is None
    assert ask(index, "保温杯").product_ids == before
    late = document("late", "青瓷香炉")
    index.put([late], now=NOW)
    index.tidy()
    assert index._opened is not None, "what was not committed is still to be"
    index.commit()
    assert ask(index, "香炉").product_ids == (late.product_id,)
    assert index.remove([late.product_id]) == 1


def test_documents_survive_the_wire_of_a_process() -> None:
    """A document is plain data: another process may make it."""
    one = document("p", "碗", brand=YUNZAO, traits=(BLUE,), categories=(TEA, GREEN))
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(one), type=search.Document) == one
    assert BANLI != YUNZAO
