"""Categories and brands."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, patch, post
from litestar.params import FromPath, FromQuery, JSONBody

from daji.faces.console.api.docs import answers
from daji.faces.console.api.inputs import CategoryId
from daji.faces.console.asking import Acting, HouseGiven, Now, P, can
from daji.faces.console.audited import Deed, write
from daji.faces.console.wire import answer
from daji.kit import ids
from daji.kit.paging import Page
from daji.shop.catalog import api as catalog

TAG = ["Catalogue"]


class NewCategory(msgspec.Struct, frozen=True, kw_only=True):
    """`attribute_schema` is JSON Schema (2020-12) for the attributes of its products."""

    code: str
    names: dict[str, str]
    parent_id: CategoryId | None = None
    attribute_schema: dict[str, Any] = {}
    slug: str | None = None
    position: int = 0


class CategoryEdit(msgspec.Struct, frozen=True, kw_only=True):
    """What to change; a field left out stays. `parent_id` null makes it a root."""

    parent_id: CategoryId | msgspec.UnsetType | None = msgspec.UNSET
    names: dict[str, str] | msgspec.UnsetType = msgspec.UNSET
    attribute_schema: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET
    position: int | msgspec.UnsetType = msgspec.UNSET


class NewBrand(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    names: dict[str, str]
    slug: str | None = None


class BrandEdit(msgspec.Struct, frozen=True, kw_only=True):
    """Names by language; code and address stay."""

    names: dict[str, str]


def category_id(text: str | None) -> UUID | None:
    return ids.read("cat", text) if text is not None else None


@get(
    "/categories",
    opt=can(P.CATALOG_READ),
    summary="The category tree",
    operation_id="console_list_categories",
    responses=answers(tuple[catalog.Category, ...], "Parents before children."),
    tags=TAG,
)
async def list_categories(house: HouseGiven) -> Response[bytes]:
    """List the whole tree."""
    async with house.db.read() as session:
        return answer(await catalog.list_categories(session))


@post(
    "/categories",
    opt=can(P.CATALOG_WRITE),
    summary="Add a category",
    operation_id="console_create_category",
    responses=answers(catalog.Category, "The new category.", 404, 409, 422, status=201),
    tags=TAG,
)
async def create_category(
    data: JSONBody[NewCategory], actor: Acting, house: HouseGiven, now: Now
) -> Response[bytes]:
    """Add a category below another, or as a root."""
    made = await write(
        house,
        actor,
        Deed(action="catalog.create_category", kind="category"),
        lambda tx: catalog.create_category(
            tx,
            code=data.code,
            names=data.names,
            parent_id=category_id(data.parent_id),
            attribute_schema=data.attribute_schema,
            slug=data.slug,
            position=data.position,
            by=actor.by,
            now=now,
        ),
        now=now,
    )
    return answer(made, status=201)


@patch(
    "/categories/{category:str}",
    opt=can(P.CATALOG_WRITE),
    summary="Change or move a category",
    operation_id="console_update_category",
    responses=answers(catalog.Category, "As it is now.", 404, 409, 422),
    tags=TAG,
)
async def update_category(
    category: FromPath[str], data: JSONBody[CategoryEdit], actor: Acting, house: HouseGiven, now: Now
) -> Response[bytes]:
    """Change what is given; moving takes the subtree along."""
    which = ids.read("cat", category)
    parent = data.parent_id
    changes = catalog.CategoryChanges(
        parent_id=parent if parent is msgspec.UNSET else category_id(parent),
        names=data.names,
        attribute_schema=data.attribute_schema,
        position=data.position,
    )
    after = await write(
        house,
        actor,
        Deed(action="catalog.update_category", kind="category", subject=category),
        lambda tx: catalog.update_category(tx, category_id=which, changes=changes, by=actor.by, now=now),
        before=lambda tx: catalog.get_category(tx, category_id=which),
        now=now,
    )
    return answer(after)


@get(
    "/brands",
    opt=can(P.CATALOG_READ),
    summary="List brands",
    operation_id="console_list_brands",
    responses=answers(Page[catalog.Brand], "Brands by code.", 422),
    tags=TAG,
)
async def list_brands(
    house: HouseGiven, cursor: FromQuery[str | None] = None, limit: FromQuery[int | None] = None
) -> Response[bytes]:
    """List brands, a page at a time."""
    async with house.db.read() as session:
        return answer(await catalog.list_brands(session, cursor=cursor, limit=limit))


@post(
    "/brands",
    opt=can(P.CATALOG_WRITE),
    summary="Add a brand",
    operation_id="console_create_brand",
    responses=answers(catalog.Brand, "The new brand.", 409, 422, status=201),
    tags=TAG,
)
async def create_brand(
    data: JSONBody[NewBrand], actor: Acting, house: HouseGiven, now: Now
) -> Response[bytes]:
    """Add a brand."""
    made = await write(
        house,
        actor,
        Deed(action="catalog.create_brand", kind="brand"),
        lambda tx: catalog.create_brand(
            tx, code=data.code, names=data.names, slug=data.slug, by=actor.by, now=now
        ),
        now=now,
    )
    return answer(made, status=201)


@patch(
    "/brands/{brand:str}",
    opt=can(P.CATALOG_WRITE),
    summary="Rename a brand",
    operation_id="console_update_brand",
    responses=answers(catalog.Brand, "As it is now.", 404, 422),
    tags=TAG,
)
async def update_brand(
    brand: FromPath[str], data: JSONBody[BrandEdit], actor: Acting, house: HouseGiven, now: Now
) -> Response[bytes]:
    """Change what a brand is called."""
    which = ids.read("brd", brand)
    after = await write(
        house,
        actor,
        Deed(action="catalog.update_brand", kind="brand", subject=brand, given=data),
        lambda tx: catalog.update_brand(tx, brand_id=which, names=data.names, by=actor.by),
        now=now,
    )
    return answer(after)


ROUTES = [list_categories, create_category, update_category, list_brands, create_brand, update_brand]
