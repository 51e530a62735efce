"""Write who sells what to whom: sellers with one warehouse each, products, shoppers.

Every part is a run of its own under a key made of what it holds, so that a killed import goes on where it was and a
second one is answered from the first.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeVar
from uuid import UUID

import msgspec

from daji.base.identity import api as identity
from daji.care.customers import api as customers
from daji.flows.context import Context
from daji.flows.replay_olist.names import UNSORTED, category_names
from daji.flows.replay_olist.source import CURRENCY, Customer, Product, Seller, Source
from daji.fulfil.delivery import api as delivery
from daji.fulfil.inventory import api as inventory
from daji.kit import runs
from daji.kit.db import Tx
from daji.kit.places import Address
from daji.reach.marketplace import api as marketplace
from daji.shop.catalog import api as catalog
from daji.shop.pricing import api as pricing

T = TypeVar("T")

SCOPE = "olist"
CHANNEL = "olist"
COUNTRY = "BR"
LANG = "en"
BY = "system"
MAIL_DOMAIN = "olist.invalid"
"""A top-level domain that no mail will ever reach: RFC 2606."""

_SELLERS = 1_000
_PRODUCTS = 1_000
_SHOPPERS = 500
_SHORT_ID = 8
_MAX_CITY = 80

Kind = Literal["sellers", "products", "shoppers"]
Rows = Sequence[Seller] | Sequence[catalog.CatalogueRow] | Sequence[Customer]


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One part of the import, known by what it holds."""

    kind: Kind
    digest: str


class Ids(msgspec.Struct, frozen=True, kw_only=True):
    """Ids by the source's own names; a seller has a site too."""

    ids: dict[str, UUID]
    sites: dict[str, UUID] = {}


class RowsRefused(Exception):
    """The catalogue refused rows of the source: a defect of the import."""


@dataclass(frozen=True, kw_only=True)
class Imported:
    """Where everything of the source is here."""

    list_id: UUID
    sellers: dict[str, UUID] = field(default_factory=dict)
    sites: dict[str, UUID] = field(default_factory=dict)
    skus: dict[str, UUID] = field(default_factory=dict)
    shoppers: dict[str, UUID] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class _Import:
    """What the parts are made from."""

    source: Source
    sellers: Mapping[str, UUID]
    template_id: UUID
    passwords: identity.Passwords
    rows: Rows


class _NobodyKnows(identity.Passwords):
    """One hash of a secret that is thrown away: imported people sign in after setting a password of their own."""

    def __init__(self) -> None:
        super().__init__(threads=1)
        self._hash = ""

    async def hash(self, password: str) -> str:  # noqa: ARG002 - whatever is given, nobody knows it
        if not self._hash:
            self._hash = await super().hash(secrets.token_urlsafe(32))
        return self._hash


async def open_channel(ctx: Context, *, now: datetime) -> tuple[UUID, UUID]:
    """The price list and the freight template of the replay; there already the second time."""
    async with ctx.db.transaction() as tx:
        template = await delivery.save_template(
            tx, code="olist", name="Olist: as recorded", currency=CURRENCY, mode="carrier", now=now
        )
        await pricing.save_channel(tx, code=CHANNEL, name="Olist", currency=CURRENCY, lang=LANG, now=now)
        prices = await pricing.save_list(tx, code="olist", channel=CHANNEL, currency=CURRENCY, now=now)
    return prices.id, template.id


async def import_all(
    ctx: Context, source: Source, into: Imported, *, template_id: UUID, now: datetime
) -> AsyncIterator[tuple[str, int]]:
    """Write all parts into the house and their ids into `into`; yields (what, how many) after each part."""
    passwords = _NobodyKnows()

    async def part(kind: Kind, rows: Rows) -> Ids:
        digest = hashlib.sha256(msgspec.json.encode(rows)).hexdigest()
        made = _Import(
            source=source, sellers=into.sellers, template_id=template_id, passwords=passwords, rows=rows
        )
        return await runs.start(
            ctx.db,
            FLOW,
            made,
            Part(kind=kind, digest=digest),
            scope=SCOPE,
            key=f"import:{kind}:{digest[:32]}",
            now=now,
        )

    for sellers in _batches(source.sellers, _SELLERS):
        found = await part("sellers", sellers)
        into.sellers.update(found.ids)
        into.sites.update(found.sites)
        yield "sellers", len(sellers)
    for rows in _batches(tuple(catalogue_rows(source)), _PRODUCTS):
        into.skus.update((await part("products", rows)).ids)
        yield "products", len(rows)
    for persons in _batches(_customers(source), _SHOPPERS):
        into.shoppers.update((await part("shoppers", persons)).ids)
        yield "shoppers", len(persons)


def count_of(source: Source) -> int:
    """Rows that `import_all` will write."""
    return len(source.sellers) + sum(1 for _ in catalogue_rows(source)) + len(_customers(source))


def _customers(source: Source) -> tuple[Customer, ...]:
    """People with each place they ordered to, in the order of their orders."""
    return tuple(dict.fromkeys(order.customer for order in source.orders))


async def _import(run: runs.Run, made: _Import, given: Part) -> Ids:
    async def work(tx: Tx) -> Ids:
        match given.kind:
            case "sellers":
                rows = tuple(row for row in made.rows if isinstance(row, Seller))
                return await _write_sellers(tx, rows, made.template_id, run.now)
            case "products":
                wares = tuple(row for row in made.rows if isinstance(row, catalog.CatalogueRow))
                return await _write_products(tx, wares, made.sellers, run.now)
            case "shoppers":
                people = tuple(row for row in made.rows if isinstance(row, Customer))
                return await _write_shoppers(tx, people, made.passwords, run.now)

    return await run.local("write", Ids, work, final=True)


FLOW = runs.Flow(name="replay_import", takes=Part, gives=Ids, body=_import)


async def _write_sellers(tx: Tx, sellers: Sequence[Seller], template_id: UUID, now: datetime) -> Ids:
    """Sellers, each with one warehouse where it sits and the freight that was recorded."""
    known = await marketplace.save_sellers(
        tx,
        sellers=[
            marketplace.NewSeller(
                code=seller.id,
                name=f"Seller {seller.id[:_SHORT_ID]}",
                city=seller.place.city,
                region=seller.place.state,
                postcode=seller.place.postcode,
                lat=seller.place.lat,
                lon=seller.place.lon,
            )
            for seller in sellers
        ],
        now=now,
    )
    opened = await inventory.open_sites(
        tx,
        sites=[
            inventory.NewSite(
                code=f"olist-{seller.id}",
                name=f"Warehouse {seller.id[:_SHORT_ID]}",
                kind="warehouse",
                seller_id=known[seller.id],
                country=COUNTRY,
                region=seller.place.state,
                city=seller.place.city,
                postcode=seller.place.postcode,
                lat=seller.place.lat,
                lon=seller.place.lon,
            )
            for seller in sellers
        ],
        now=now,
    )
    for seller_id in known.values():
        await delivery.assign_template(tx, seller_id=seller_id, template_id=template_id)
    return Ids(ids=known, sites={code.removeprefix("olist-"): site_id for code, site_id in opened.items()})


def catalogue_rows(source: Source) -> Iterator[catalog.CatalogueRow]:
    """One product per offer that was sold; of the whole source also the never sold ones, as drafts of nobody."""
    offers = dict.fromkeys(
        (item.product_id, item.seller_id) for order in source.orders for item in order.items
    )
    for product_id, seller_id in offers:
        yield _row(source, source.products[product_id], seller_id)
    if source.whole:
        sold = {product_id for product_id, _ in offers}
        for product in source.products.values():
            if product.id not in sold:
                yield _row(source, product, None)


def _row(source: Source, product: Product, seller_id: str | None) -> catalog.CatalogueRow:
    category = product.category or UNSORTED
    names = category_names(category, source.categories)
    code = product.id if seller_id is None else f"{product.id}-{seller_id}"
    return catalog.CatalogueRow(
        product_code=code,
        sku_code=code,
        seller_code=seller_id,
        category_path=((f"olist-{category}", names),),
        titles={lang: f"{name} {product.id[:_SHORT_ID]}" for lang, name in names.items()},
        weight_g=product.weight_g,
        size_mm=product.size_mm,
        list_now=seller_id is not None,
    )


async def _write_products(
    tx: Tx, rows: Sequence[catalog.CatalogueRow], sellers: Mapping[str, UUID], now: datetime
) -> Ids:
    done = await catalog.put_batch(tx, rows=rows, by=BY, now=now, sellers=sellers)
    if done.errors:
        raise RowsRefused(str(done.errors[:3]))
    return Ids(ids={row.sku_code: done.sku_ids[row.sku_code] for row in rows if row.seller_code is not None})


async def _write_shoppers(
    tx: Tx, people: Sequence[Customer], passwords: identity.Passwords, now: datetime
) -> Ids:
    """An account per human being, without a password that anybody knows."""
    ids: dict[str, UUID] = {}
    for person in dict.fromkeys(customer.person for customer in people):
        mail = f"{person}@{MAIL_DOMAIN}"
        try:
            shopper = await identity.register_shopper(
                tx,
                phone=None,
                email=mail,
                password=secrets.token_urlsafe(32),
                name=display_name(person),
                lang=LANG,
                now=now,
                passwords=passwords,
            )
        except identity.AlreadyRegistered:
            # A slice of the source was replayed here before.
            known = await identity.find_shopper(tx, contact=mail)
            if known is None:
                raise
            shopper = known
        ids[person] = shopper.id
    # After all accounts, since address books are locked after them.
    for customer in people:
        wanted, shopper_id = address(customer), ids[customer.person]
        saved = await customers.list_addresses(tx, shopper_id=shopper_id)
        if all(one.address != wanted for one in saved):
            await customers.add_address(tx, shopper_id=shopper_id, address=wanted, now=now)
    return Ids(ids=ids)


def address(customer: Customer) -> Address:
    """Where somebody lives: the source knows the postal prefix, and neither street nor telephone."""
    place = customer.place
    return Address(
        name=display_name(customer.person),
        phone="-",
        country=COUNTRY,
        region=place.state,
        city=place.city[:_MAX_CITY],
        line=f"CEP {place.postcode}",
        postcode=place.postcode,
        lat=place.lat,
        lon=place.lon,
    )


def display_name(person: str) -> str:
    """What an anonymous customer of the source is called."""
    return f"Customer {person[:_SHORT_ID]}"


def _batches(rows: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
