"""Products for an index, without a database."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from daji.shop.search import api as search

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)

TEA = search.CategoryRef(
    id=uuid.uuid5(uuid.NAMESPACE_DNS, "tea"), slug="tea", names={"zh": "茶", "en": "Tea"}
)
GREEN = search.CategoryRef(
    id=uuid.uuid5(uuid.NAMESPACE_DNS, "green"), slug="green-tea", names={"zh": "绿茶", "en": "Green tea"}
)
KITCHEN = search.CategoryRef(
    id=uuid.uuid5(uuid.NAMESPACE_DNS, "kitchen"), slug="kitchen", names={"zh": "厨房", "en": "Kitchen"}
)
YUNZAO = search.BrandRef(slug="yunzao", names={"zh": "云灶", "en": "Yunzao"})
BANLI = search.BrandRef(slug="banli", names={"zh": "半里", "en": "Banli"})


def colour(code: str, zh: str, en: str) -> search.Trait:
    names = {"zh": "颜色", "en": "Colour"}
    return search.Trait(code="colour", names=names, value=code, value_names={"zh": zh, "en": en})


RED, BLUE = colour("red", "红色", "Red"), colour("blue", "蓝色", "Blue")


def product_id(slug: str) -> UUID:
    return uuid.uuid5(uuid.NAMESPACE_DNS, slug)


def document(slug: str, zh: str, en: str = "", **more: Any) -> search.Document:
    """A listed product; everything but its names may be left to chance."""
    given: dict[str, Any] = {
        "subtitles": {},
        "codes": (),
        "brand": None,
        "categories": (KITCHEN,),
        "traits": (),
        "price": 1000,
        "stock": "in_stock",
        "sold": 0,
        "review_count": 0,
        "review_sum": 0,
        "listed_at": NOW - timedelta(days=30),
        **more,
    }
    titles = {"zh": zh} | ({"en": en} if en else {})
    return search.Document(product_id=product_id(slug), slug=slug, titles=titles, **given)


def shop() -> tuple[search.Document, ...]:
    """Eight products that a shopper could confuse."""
    return (
        document(
            "flask", "不锈钢保温杯 620 毫升", "Stainless steel flask 620ml",
            codes=("AB-50/B", "BWB.1"), traits=(RED, BLUE), brand=BANLI, price=11900, sold=40,
        ),
        document("fruit", "香港罗汉果", "Monk fruit", categories=(TEA,), price=3000, sold=5),
        document(
            "longjing", "明前龙井", "Longjing", categories=(TEA, GREEN), brand=YUNZAO, price=9900,
            sold=500, review_count=40, review_sum=192, subtitles={"en": "Picked before Qingming"},
        ),
        document("teapot", "侧把急须壶", "Side-handle teapot", categories=(TEA,), price=15900, traits=(RED,)),
        document("wok", "云灶铸铁炒锅", "Cast iron wok", brand=YUNZAO, price=29900, stock="sold_out"),
        document("cups", "敞口品茗杯 · 一对", "Pair of teacups", categories=(TEA,), price=5900, stock="low"),
        document("bowl", "青瓷饭碗", "Celadon rice bowl", traits=(BLUE,), price=4900, brand=BANLI),
        document("kettle", "手冲壶", "Pour-over kettle", price=19900, sold=12, review_count=3, review_sum=6),
    )  # fmt: skip


def index_of(*documents: search.Document, now: datetime = NOW) -> search.Index:
    """An index that holds these products and is ready."""
    made = search.open_index()
    made.put(documents, now=now)
    made.commit()
    made.ready = True
    return made
