"""What a page tells machines about itself: its one address, its other language, and its data as schema.org has it.

Required and recommended properties follow Google Search Central, "Product snippet and merchant listing structured
data" and "Breadcrumb structured data".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from daji.faces.store.api.wire_shop import average
from daji.faces.store.markets import HTML_LANG, MAIN, Market, Markets
from daji.kit import ids
from daji.kit.money import Money
from daji.shop.reviews.api import Review
from daji.views.store_product import ProductPage, SkuOffer

CONTEXT = "https://schema.org"
MAX_REVIEWS = 3
_AVAILABLE = {"in_stock": "InStock", "low": "LimitedAvailability", "sold_out": "OutOfStock"}

Data = dict[str, Any]


class Seo(msgspec.Struct, frozen=True, kw_only=True):
    """`path` is the page's address without origin and prefix; `data` its JSON-LD; `picture` absolute."""

    origin: str
    market: Market
    markets: Markets
    path: str
    kind: str = "website"
    picture: str = ""
    data: tuple[Data, ...] = ()

    @property
    def canonical(self) -> str:
        """Its own address; a market that no region has for its own is stood for by the main one."""
        own = self.market.hreflang is not None
        return self.address(self.market if own else self.markets.get(self.market.lang, MAIN))

    @property
    def alternates(self) -> tuple[tuple[str, str], ...]:
        """Address by hreflang, the same from each of them, with the one for readers whom none of them means.

        Google: "If two pages don't both point to each other, the tags will be ignored"; an alternate is its own canonical
        address (Search Central, Localized versions; Consolidate duplicate URLs).
        """
        if self.market.hreflang is None:
            return ()
        return alternates(self.markets, self.origin, self.path)

    def address(self, market: Market) -> str:
        return f"{self.origin}{market.base}{self.path}"


def alternates(markets: Markets, origin: str, path: str) -> tuple[tuple[str, str], ...]:
    """(hreflang, address) of a page in each market that crawlers are told of, the default last."""
    found = [(one.hreflang or "", f"{origin}{one.base}{path}") for one in markets.indexed]
    return (*found, ("x-default", f"{origin}{markets.default.base}{path}"))


def organization(origin: str, *, name: str, about: str) -> Data:
    return {
        "@context": CONTEXT,
        "@type": "Organization",
        "@id": f"{origin}/#organization",
        "name": name,
        "description": about,
        "url": f"{origin}/",
        "logo": f"{origin}/static/store/icon-512.png",
    }


def website(origin: str, *, name: str, market: Market) -> Data:
    return {
        "@context": CONTEXT,
        "@type": "WebSite",
        "name": name,
        "url": f"{origin}{market.base}/",
        "inLanguage": HTML_LANG[market.lang],
        "publisher": {"@id": f"{origin}/#organization"},
        "potentialAction": {
            "@type": "SearchAction",
            "target": {
                "@type": "EntryPoint",
                "urlTemplate": f"{origin}{market.base}/search?q={{search_term_string}}",
            },
            "query-input": "required name=search_term_string",
        },
    }


def breadcrumb(steps: Sequence[tuple[str, str]]) -> Data:
    """`steps` are (name, absolute address), from the root to the page itself."""
    return {
        "@context": CONTEXT,
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": n, "name": name, "item": url}
            for n, (name, url) in enumerate(steps, 1)
        ],
    }


def item_list(urls: Sequence[str]) -> Data:
    return {
        "@context": CONTEXT,
        "@type": "ItemList",
        "itemListElement": [
            {"@type": "ListItem", "position": n, "url": url} for n, url in enumerate(urls, 1)
        ],
    }


def product(
    found: ProductPage,
    *,
    address: str,
    origin: str,
    text: Mapping[str, str],
    brand: str,
    reviews: Sequence[Review],
    chosen: SkuOffer | None,
) -> Data:
    """A product with its offers; `text` has name and description in the page's language."""
    pictures = [f"{origin}/media/{ids.show('med', one)}/640.webp" for one in found.gallery]
    data: Data = {
        "@context": CONTEXT,
        "@type": "Product",
        "@id": f"{address}#product",
        "name": text["name"],
        "description": text["description"] or text["name"],
        "image": pictures or [f"{origin}/static/store/icon-512.png"],
        "sku": chosen.code if chosen else found.code,
        "url": address,
        "offers": _offers(found, address, origin),
    }
    if brand:
        data["brand"] = {"@type": "Brand", "name": brand}
    mean = average(found.review_count, found.review_sum)
    if mean:
        data["aggregateRating"] = {
            "@type": "AggregateRating",
            "ratingValue": float(mean),
            "reviewCount": found.review_count,
            "bestRating": 5,
            "worstRating": 1,
        }
        data["review"] = [_review(one) for one in reviews[:MAX_REVIEWS]]
    return data


def _offers(found: ProductPage, address: str, origin: str) -> list[Data]:
    return [
        {
            "@type": "Offer",
            "sku": sku.code,
            "url": f"{address}?sku={ids.show('sku', sku.id)}",
            "priceCurrency": sku.currency,
            "price": plain(sku.amount, sku.currency),
            "availability": f"{CONTEXT}/{_AVAILABLE[sku.stock]}",
            "itemCondition": f"{CONTEXT}/NewCondition",
            "seller": {"@id": f"{origin}/#organization"},
        }
        for sku in found.skus
        if sku.amount is not None and sku.currency
    ]


def _review(one: Review) -> Data:
    return {
        "@type": "Review",
        "author": {"@type": "Person", "name": one.author},
        "datePublished": one.posted_at.date().isoformat(),
        "reviewRating": {"@type": "Rating", "ratingValue": one.score, "bestRating": 5, "worstRating": 1},
        "reviewBody": one.text or one.title,
    }


def plain(amount: int, currency: str) -> str:
    """An amount in major units with a point, as machines read it."""
    value: Decimal = Money(amount, currency).to_decimal()
    return f"{value:f}"


def picture_of(origin: str, media_id: UUID | None) -> str:
    """Where the Open Graph picture of a shot is; the shop's sign where there is none."""
    if media_id is None:
        return f"{origin}/static/store/share.png"
    return f"{origin}/og/{ids.show('med', media_id)}.jpg"
