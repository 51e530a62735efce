"""What the demo shop sells, as written down in `goods/`: one file per leaf of the category tree."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib import resources
from typing import Any

import msgspec

_SMALL_G = 60
# The order in which the tree shows its leaves.
_LEAVES = (
    *("leaf", "teaware", "cookware", "prep", "table", "textiles", "furniture", "lighting", "decor"),
    *("audio", "devices", "stationery", "outdoor", "care", "toys", "pantry"),
)

Names = dict[str, str]
Pair = tuple[str, str]
"""A word in Chinese and in English."""


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """`add` on top of the product's price; `was` as a whole; grams only when they differ."""

    code: str
    zh: str
    en: str
    add: int = 0
    was: int | None = None
    weight: int | None = None


class Named(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    zh: str
    en: str


class Colour(msgspec.Struct, frozen=True, kw_only=True):
    zh: str
    en: str
    hex: str


class Brand(Named, frozen=True, kw_only=True):
    """`story` is who speaks in the texts of the brand's goods."""

    story: Names


class Attribute(Named, frozen=True, kw_only=True):
    """`values` are the words of an enumeration by code; `enum` is one that needs no words."""

    type: str
    unit: Pair | None = None
    values: dict[str, Pair] = {}
    enum: tuple[int | str, ...] = ()
    minimum: int | float | None = None
    maximum: int | float | None = None


class Category(Named, frozen=True, kw_only=True):
    attributes: tuple[Attribute, ...]
    parent: str | None = None


class Words(msgspec.Struct, frozen=True, kw_only=True):
    title: str
    subtitle: str
    description: str


class Goods(msgspec.Struct, frozen=True, kw_only=True):
    """A product as written down: `plain` goods have a colour but no choice of it; `shape` names its pictures."""

    code: str
    shape: str
    colours: tuple[str, ...]
    price: int
    weight: int
    attributes: dict[str, Any]
    zh: Words
    en: Words
    category: str = ""
    brand: str | None = None
    seller: bool = False
    plain: bool = False
    was: int | None = None
    sizes: tuple[Size, ...] = ()


class Leaf(msgspec.Struct, frozen=True, kw_only=True):
    """One file."""

    category: Category
    products: tuple[Goods, ...]


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """What all files share; `scarce` is stock by SKU code where it is not plenty."""

    colours: dict[str, Colour]
    brands: tuple[Brand, ...]
    roots: tuple[Named, ...]
    scarce: dict[str, int]


class Range(msgspec.Struct, frozen=True, kw_only=True):
    """All that the demo shop sells; `roots` are the categories that others lie under."""

    colours: dict[str, Colour]
    brands: tuple[Brand, ...]
    roots: tuple[Named, ...]
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
    frame = msgspec.convert(read("goods/range.toml"), Frame)
    leaves = [msgspec.convert(read(f"goods/{name}.toml"), Leaf) for name in _LEAVES]
    return Range(
        colours=frame.colours,
        brands=frame.brands,
        roots=frame.roots,
        categories=tuple(leaf.category for leaf in leaves),
        products=tuple(
            msgspec.structs.replace(product, category=leaf.category.code)
            for leaf in leaves
            for product in leaf.products
        ),
        scarce=frame.scarce,
    )


def read(name: str) -> dict[str, Any]:
    """Read one of the data files beside this module."""
    text = resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
    return tomllib.loads(text)


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
    """The category's JSON Schema: `x-names`, `x-unit` and `x-values` hold its words by language."""
    return {
        "type": "object",
        "properties": {one.code: _property(one) for one in category.attributes},
        "additionalProperties": False,
    }


def _property(one: Attribute) -> dict[str, Any]:
    words = {code: _by_language(pair) for code, pair in one.values.items()}
    known = list(one.values or one.enum)
    if one.type == "array":
        kind: dict[str, Any] = {"items": {"type": "string", "enum": known}, "uniqueItems": True}
    else:
        kind = {"enum": known} if known else {}
    limits = {"minimum": one.minimum, "maximum": one.maximum}
    return {
        "type": one.type,
        "x-names": names_of(one),
        **({"x-unit": _by_language(one.unit)} if one.unit else {}),
        **({"x-values": words} if words else {}),
        **kind,
        **{name: limit for name, limit in limits.items() if limit is not None},
    }


def _by_language(pair: Pair) -> Names:
    zh, en = pair
    return {"zh": zh, "en": en}
