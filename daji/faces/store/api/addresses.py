"""A shopper's address book."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import delete, get, post, put
from litestar.params import FromPath, JSONBody

from daji.base.identity.api import Principal
from daji.care.customers import api as customers
from daji.faces.store.api.docs import refuses
from daji.faces.store.api.wire import AddressBody, AddressWire
from daji.faces.store.buyer import SHOPPER, Asking, HouseGiven, Now
from daji.kit import ids
from daji.kit.problems import Unauthenticated


class EntryBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An address to keep; `default` makes it the one that checkouts offer first."""

    address: AddressBody
    default: bool = False


class EntryWire(msgspec.Struct, frozen=True, kw_only=True):
    id: Annotated[str, msgspec.Meta(examples=["adr_01jd0v9k2m8e6t4r7w3y5z1a2b"])]
    address: AddressWire
    default: bool

    @classmethod
    def of(cls, saved: customers.SavedAddress) -> EntryWire:
        return cls(
            id=ids.show("adr", saved.id), address=AddressWire.of(saved.address), default=saved.is_default
        )


class EntryList(msgspec.Struct, frozen=True, kw_only=True):
    """The default one first."""

    items: tuple[EntryWire, ...]


@get("/addresses", opt=SHOPPER, summary="My addresses", tags=["addresses"], responses=refuses(401))
async def list_addresses(house: HouseGiven, principal: Asking) -> EntryList:
    """List the shopper's address book."""
    async with house.db.read() as session:
        found = await customers.list_addresses(session, shopper_id=shopper_id(principal))
    return EntryList(items=tuple(EntryWire.of(saved) for saved in found))


@post(
    "/addresses",
    opt=SHOPPER,
    summary="Keep an address",
    tags=["addresses"],
    responses=refuses(401, 409, 422),
)
async def add_address(house: HouseGiven, principal: Asking, now: Now, data: JSONBody[EntryBody]) -> EntryWire:
    """Add an address to the book."""
    owner, address = shopper_id(principal), data.address.to_address()
    saved = await house.db.run(
        lambda tx: customers.add_address(
            tx, shopper_id=owner, address=address, make_default=data.default, now=now
        )
    )
    return EntryWire.of(saved)


@put(
    "/addresses/{entry:str}",
    opt=SHOPPER,
    summary="Change an address",
    tags=["addresses"],
    responses=refuses(401, 404, 422),
)
async def change_address(
    house: HouseGiven, principal: Asking, now: Now, entry: FromPath[str], data: JSONBody[AddressBody]
) -> EntryWire:
    """Replace an address of the book; orders keep the one they were placed with."""
    owner, address_id, address = shopper_id(principal), ids.read("adr", entry), data.to_address()
    saved = await house.db.run(
        lambda tx: customers.update_address(
            tx, shopper_id=owner, address_id=address_id, address=address, now=now
        )
    )
    return EntryWire.of(saved)


@post(
    "/addresses/{entry:str}/default",
    status_code=200,
    opt=SHOPPER,
    summary="Make an address the first choice",
    tags=["addresses"],
    responses=refuses(401, 404),
)
async def make_default(house: HouseGiven, principal: Asking, now: Now, entry: FromPath[str]) -> EntryWire:
    """Let checkouts offer this address first."""
    owner, address_id = shopper_id(principal), ids.read("adr", entry)
    saved = await house.db.run(
        lambda tx: customers.set_default_address(tx, shopper_id=owner, address_id=address_id, now=now)
    )
    return EntryWire.of(saved)


@delete(
    "/addresses/{entry:str}",
    opt=SHOPPER,
    summary="Forget an address",
    tags=["addresses"],
    responses=refuses(401, 404),
)
async def remove_address(house: HouseGiven, principal: Asking, now: Now, entry: FromPath[str]) -> None:
    """Take an address out of the book."""
    owner, address_id = shopper_id(principal), ids.read("adr", entry)
    await house.db.run(
        lambda tx: customers.remove_address(tx, shopper_id=owner, address_id=address_id, now=now)
    )


def shopper_id(principal: Principal) -> UUID:
    """Id of the shopper who asks. Raises Unauthenticated."""
    if principal.kind != "shopper" or principal.id is None:
        raise Unauthenticated
    return principal.id


ROUTES = [list_addresses, add_address, change_address, make_default, remove_address]
