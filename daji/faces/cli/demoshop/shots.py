"""The studio shots that come with the demo shop: which there are, and what a product shows of them."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources

import msgspec

from daji.base.media import api as media
from daji.faces.cli.demoshop.goods import Goods

_ANGLES = ("-b", "-c")


class Shot(msgspec.Struct, frozen=True, kw_only=True):
    """One line of `shots/index.json`."""

    blur: str


@lru_cache(maxsize=1)
def index() -> dict[str, Shot]:
    """Every shot by its name, `<model>-<colour>` with `-b` or `-c` for another angle."""
    content = resources.files(__package__).joinpath("shots", "index.json").read_bytes()
    return msgspec.json.decode(content, type=dict[str, Shot])


def shown(product: Goods) -> dict[str, str]:
    """Shot by colour. A colour that was never shot is absent; the first one shows the model in whatever colour.

    StopIteration for a model without any.
    """
    found = {
        colour: f"{product.shape}-{colour}"
        for colour in product.colours
        if f"{product.shape}-{colour}" in index()
    }
    if product.colours[0] in found:
        return found
    some = next(name for name in index() if name.rpartition("-")[0] == product.shape)
    return {product.colours[0]: some, **found}


def angles(product: Goods) -> tuple[str, ...]:
    """The other sides of what the product shows first."""
    first = shown(product)[product.colours[0]]
    return tuple(f"{first}{angle}" for angle in _ANGLES if f"{first}{angle}" in index())


def wanted(product: Goods) -> tuple[str, ...]:
    """Every shot that the product needs, what it shows first in front."""
    return tuple(dict.fromkeys([*shown(product).values(), *angles(product)]))


def prepared(name: str) -> media.Prepared:
    """The files of one shot."""
    folder = resources.files(__package__).joinpath("shots")
    return media.Prepared(
        renditions={
            width: folder.joinpath(f"{name}-{width}.webp").read_bytes() for width in media.PREPARED_WIDTHS
        },
        blur=index()[name].blur,
    )


def model_of(product: Goods) -> bytes | None:
    """The product in three dimensions (binary glTF), for those that have one."""
    file = resources.files(__package__).joinpath("models", f"{product.shape}.glb")
    return file.read_bytes() if file.is_file() else None
