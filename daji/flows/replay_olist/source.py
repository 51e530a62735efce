"""Read the source folder into facts: money in centavos, times aware, nothing judged and nothing dropped."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TypeVar

import msgspec

T = TypeVar("T")

CURRENCY = "BRL"
BRASILIA = timezone(timedelta(hours=-3), "UTC-03:00")
"""The source's times bear no zone and no summer time; taken all alike they keep their order."""

FILES = (
    "orders",
    "order_items",
    "order_payments",
    "order_reviews",
    "customers",
    "products",
    "sellers",
    "geolocation",
    "product_category_name_translation",
)
# Brazil with its islands; a few places of the source lie in Europe or the sea.
_LAT, _LON = (-34.0, 5.5), (-74.0, -28.0)
_CENTAVOS = 100
_DIGITS = 6


class SourceBroken(Exception):
    """The folder is not what it should be; the text names the file and what is wrong with it."""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Postal prefix with city, state and the mean of its known points (WGS 84 degrees)."""

    postcode: str
    city: str
    state: str
    lat: float | None
    lon: float | None


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One unit sold; `number` counts the units of an order from 1."""

    number: int
    product_id: str
    seller_id: str
    price: int
    freight: int

    @property
    def code(self) -> str:
        """What one seller's offer of one product is called here."""
        return f"{self.product_id}-{self.seller_id}"


class Tender(msgspec.Struct, frozen=True, kw_only=True):
    sequence: int
    method: str
    instalments: int
    amount: int


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """`ref` is unique; group B of the source has no ids, so they are numbered within their order there."""

    ref: str
    score: int
    title: str
    text: str
    asked_at: datetime
    answered_at: datetime


class Customer(msgspec.Struct, frozen=True, kw_only=True):
    """`person` is the same for all orders of one human being."""

    person: str
    place: Place


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """One recorded order with all that belongs to it; `items` may be empty."""

    id: str
    status: str
    customer: Customer
    bought_at: datetime
    approved_at: datetime | None
    handed_over_at: datetime | None
    delivered_at: datetime | None
    promised_by: datetime
    items: tuple[Item, ...]
    tenders: tuple[Tender, ...]
    reviews: tuple[Review, ...]

    @property
    def sold(self) -> int:
        """Lines and freight, in centavos."""
        return sum(item.price + item.freight for item in self.items)

    @property
    def paid(self) -> int:
        return sum(tender.amount for tender in self.tenders)

    def quantities(self) -> dict[str, int]:
        """Units by offer, in the order of the items."""
        counted: dict[str, int] = {}
        for item in self.items:
            counted[item.code] = counted.get(item.code, 0) + 1
        return counted


class Product(msgspec.Struct, frozen=True, kw_only=True):
    """Products have no names in the source. `size_mm` is None when a side is unknown."""

    id: str
    category: str
    weight_g: int
    size_mm: tuple[int, int, int] | None


class Seller(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    place: Place


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """The whole folder. Orders in time order; `whole` is False for a slice of them."""

    orders: tuple[Order, ...]
    products: dict[str, Product]
    sellers: tuple[Seller, ...]
    categories: dict[str, str]
    whole: bool


def read_source(folder: Path, *, limit: int | None = None) -> Source:
    """Read the folder; `limit` keeps the first so many orders by time of purchase.

    Raises
    ------
    SourceBroken
        For a file that is missing, cut off, or holds what cannot be read.
    """
    missing = [name for name in FILES if not (folder / f"{name}.csv.gz").is_file()]
    if missing:
        raise SourceBroken(f"{folder} lacks {', '.join(f'{name}.csv.gz' for name in missing)}")
    places = _places(folder)
    every = sorted(_orders(folder, places), key=lambda order: (order.bought_at, order.id))
    orders = tuple(every if limit is None else every[:limit])
    return Source(
        orders=orders,
        products={product.id: product for product in _read(folder, "products", _product)},
        sellers=tuple(
            Seller(id=row["seller_id"], place=_place(row, "seller", places))
            for row in _read(folder, "sellers", dict)
        ),
        categories=dict(
            _read(
                folder,
                "product_category_name_translation",
                lambda row: (row["product_category_name"], row["product_category_name_english"]),
            )
        ),
        whole=len(orders) == len(every),
    )


def _orders(folder: Path, places: Mapping[str, tuple[float, float]]) -> Iterator[Order]:
    items = _grouped(folder, "order_items", _item)
    tenders = _grouped(folder, "order_payments", _tender)
    reviews = _grouped(folder, "order_reviews", lambda row: row)
    customers = {
        row["customer_id"]: Customer(person=row["customer_unique_id"], place=_place(row, "customer", places))
        for row in _read(folder, "customers", dict)
    }

    def order(row: Mapping[str, str]) -> Order:
        order_id = row["order_id"]
        return Order(
            id=order_id,
            status=row["order_status"],
            customer=customers[row["customer_id"]],
            bought_at=moment(row["order_purchase_timestamp"]),
            approved_at=_moment_or_none(row["order_approved_at"]),
            handed_over_at=_moment_or_none(row["order_delivered_carrier_date"]),
            delivered_at=_moment_or_none(row["order_delivered_customer_date"]),
            promised_by=moment(row["order_estimated_delivery_date"]),
            items=tuple(sorted(items.get(order_id, ()), key=lambda item: item.number)),
            tenders=tuple(sorted(tenders.get(order_id, ()), key=lambda tender: tender.sequence)),
            reviews=_reviews(order_id, reviews.get(order_id, ())),
        )

    yield from _read(folder, "orders", order)


def _item(row: Mapping[str, str]) -> Item:
    return Item(
        number=int(row["order_item_id"]),
        product_id=row["product_id"],
        seller_id=row["seller_id"],
        price=centavos(row["price"]),
        freight=centavos(row["freight_value"]),
    )


def _tender(row: Mapping[str, str]) -> Tender:
    return Tender(
        sequence=int(row["payment_sequential"]),
        method=row["payment_type"],
        instalments=int(row["payment_installments"]),
        amount=centavos(row["payment_value"]),
    )


def _reviews(
    order_id: str, rows: tuple[Mapping[str, str], ...] | list[Mapping[str, str]]
) -> tuple[Review, ...]:
    found = []
    for number, row in enumerate(
        sorted(rows, key=lambda row: (row["review_answer_timestamp"], row["review_id"])), start=1
    ):
        found.append(
            Review(
                # One id may stand for the reviews of several orders in the source.
                ref=f"{order_id}/{row['review_id'] or number}",
                score=int(row["review_score"]),
                title=row["review_comment_title"],
                text=row["review_comment_message"],
                asked_at=moment(row["review_creation_date"]),
                answered_at=moment(row["review_answer_timestamp"]),
            )
        )
    return tuple(found)


def _product(row: Mapping[str, str]) -> Product:
    sides = [row[f"product_{side}_cm"] for side in ("length", "width", "height")]
    length, width, height = (int(Decimal(side) * 10) if side else 0 for side in sides)
    return Product(
        id=row["product_id"],
        category=row["product_category_name"],
        weight_g=int(Decimal(row["product_weight_g"] or 0)),
        size_mm=(length, width, height) if length and width and height else None,
    )


def _places(folder: Path) -> dict[str, tuple[float, float]]:
    """The middle of each postal prefix: mean of its points that lie in the country."""
    sums: dict[str, tuple[float, float, int]] = {}
    for row in _read(folder, "geolocation", dict):
        lat, lon = float(row["geolocation_lat"]), float(row["geolocation_lng"])
        if _LAT[0] <= lat <= _LAT[1] and _LON[0] <= lon <= _LON[1]:
            a, b, n = sums.get(row["geolocation_zip_code_prefix"], (0.0, 0.0, 0))
            sums[row["geolocation_zip_code_prefix"]] = (a + lat, b + lon, n + 1)
    return {prefix: (round(a / n, _DIGITS), round(b / n, _DIGITS)) for prefix, (a, b, n) in sums.items()}


def _place(row: Mapping[str, str], whose: str, places: Mapping[str, tuple[float, float]]) -> Place:
    prefix = row[f"{whose}_zip_code_prefix"]
    lat, lon = places.get(prefix, (None, None))
    return Place(
        postcode=prefix,
        city=row[f"{whose}_city"],
        state=row[f"{whose}_state"],
        lat=lat,
        lon=lon,
    )


def centavos(text: str) -> int:
    """Read an amount of reais as centavos.

    Raises
    ------
    ValueError
        For what is no amount, is negative, or is finer than a centavo.
    """
    try:
        exact = Decimal(text) * _CENTAVOS
    except InvalidOperation:
        raise ValueError(f"no amount: {text!r}") from None
    if exact != exact.to_integral_value() or exact < 0:
        raise ValueError(f"no amount of centavos: {text!r}")
    return int(exact)


def moment(text: str) -> datetime:
    """Read a time of the source (group B has no seconds). Raises ValueError."""
    return datetime.fromisoformat(text).replace(tzinfo=BRASILIA)


def _moment_or_none(text: str) -> datetime | None:
    return moment(text) if text else None


def _grouped(folder: Path, name: str, make: Callable[[Mapping[str, str]], T]) -> dict[str, list[T]]:
    groups: dict[str, list[T]] = defaultdict(list)
    for order_id, made in _read(folder, name, lambda row: (row["order_id"], make(row))):
        groups[order_id].append(made)
    return groups


def _read(folder: Path, name: str, make: Callable[[Mapping[str, str]], T]) -> Iterator[T]:
    path = folder / f"{name}.csv.gz"
    line = 1
    try:
        with gzip.open(path, "rb") as packed, io.TextIOWrapper(packed, "utf-8", newline="") as text:
            for line, row in enumerate(csv.DictReader(text), start=2):  # noqa: B007 - told in the error
                yield make(row)
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error) as error:
        raise SourceBroken(f"{path.name} cannot be read after line {line}: {error}") from error
    except (KeyError, ValueError, TypeError, ArithmeticError) as error:
        raise SourceBroken(f"{path.name}, line {line}: {error}") from error
