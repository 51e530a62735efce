"""What the demo shop sells, as written down in `goods.toml`."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib import resources
from typing import Any

import msgspec

_SMALL_G = 60

Names = dict[str, str]


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """`add` on top of the product's price; `was` as a whole; grams only when they differ."""

    code: str
    zh: str
    en: str
    add: int = 0
    was: int | None = None
    weight: int | None = None


class Colour(msgspec.Struct, frozen=True, kw_only=True):
    zh: str
    en: str
    hex: str


class Named(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    zh: str
    en: str


class Attribute(Named, frozen=True, kw_only=True):
    type: str
    enum: tuple[str, ...] = ()


class Category(Named, frozen=True, kw_only=True):
    attributes: tuple[Attribute, ...]


class Words(msgspec.Struct, frozen=True, kw_only=True):
    title: str
    subtitle: str
    description: str


class Goods(msgspec.Struct, frozen=True, kw_only=True):
    """A product as written down: `plain` goods have a colour but no choice of it, `extra` colours a picture too."""

    code: str
    category: str
    shape: str
    colours: tuple[str, ...]
    price: int
    weight: int
    attributes: dict[str, Any]
    zh: Words
    en: Words
    brand: str | None = None
    seller: bool = False
    plain: bool = False
    extra: tuple[str, ...] = ()
    was: int | None = None
    sizes: tuple[Size, ...] = ()


class Range(msgspec.Struct, frozen=True, kw_only=True):
    """All that the demo shop sells; `scarce` is stock by SKU code where it is not plenty."""

    colours: dict[str, Colour]
    brands: tuple[Named, ...]
    categories: tuple[Category, ...]
    products: tuple[Goods, ...]
    scarce: dict[str, int]


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """One SKU to be: its code, price, and what was chosen."""

    code: str
    values: Names
    amount: int
    was: int | None
    weight_g: int


@lru_cache(maxsize=1)
def sold_here() -> Range:
    text = resources.files(__package__).joinpath("goods.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), Range)


def drawn_in(product: Goods) -> tuple[str, ...]:
    return (product.colours[0], *product.extra)


def pictures_wanted() -> int:
    return sum(len(drawn_in(product)) for product in sold_here().products)


def choices(product: Goods) -> tuple[Choice, ...]:
    """Every combination of colour and size."""
    colours: tuple[str | None, ...] = (None,) if product.plain else product.colours
    sizes: tuple[Size | None, ...] = product.sizes or (None,)
    return tuple(_choice(product, colour, size) for colour in colours for size in sizes)


def _choice(product: Goods, colour: str | None, size: Size | None) -> Choice:
    parts = [product.code, *([colour] if colour else []), *([size.code] if size else [])]
    was = product.was
    if size is not None:
        was = size.was or (was + size.add if was is not None else None)
    return Choice(
        code="-".join(parts).upper(),
        values={**({"colour": colour} if colour else {}), **({"size": size.code} if size else {})},
        amount=product.price + (size.add if size else 0),
        was=was,
        weight_g=(size.weight if size and size.weight else product.weight) + _SMALL_G,
    )


def names_of(one: Named) -> Names:
    return {"zh": one.zh, "en": one.en}


def schema_of(category: Category) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            one.code: {
                "type": one.type,
                "x-names": names_of(one),
                **({"enum": list(one.enum)} if one.enum else {}),
            }
            for one in category.attributes
        },
        "additionalProperties": False,
    }
