"""The shopper's address book."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from daji.care.customers import api as customers
from daji.faces.store.api.addresses import shopper_id
from daji.faces.store.pages.forms import OWN, OWN_FORM, read_address
from daji.faces.store.pages.places import COUNTRIES, VERBS, AddressForm, answer, form_of, of_address
from daji.faces.store.pages.scene import Here, Scene
from daji.kit import ids
from daji.kit.problems import NotFound, Problem


@get("/account/addresses", opt=OWN, include_in_schema=False)
async def addresses(scene: Here) -> Response[str]:
    """Show the address book."""
    return await _book(scene, form_of({}))


@post("/account/addresses", opt=OWN_FORM, include_in_schema=False)
async def add_address(scene: Here) -> Response[Any]:
    """Keep another address."""
    form = await scene.form()
    owner = shopper_id(scene.principal)
    if form.get("verb") in VERBS:
        return await _book(scene, answer(form))
    try:
        address = read_address(form)
        await scene.house.db.run(
            lambda tx: customers.add_address(
                tx, shopper_id=owner, address=address, make_default=form.get("default") == "1", now=scene.now
            )
        )
    except Problem as problem:
        return await _book(scene, form_of(form), problem)
    return scene.go("/account/addresses")


@get("/account/addresses/{entry:str}", opt=OWN, include_in_schema=False)
async def edit_address(scene: Here, entry: FromPath[str]) -> Response[str]:
    """Show one address to be changed."""
    async with scene.house.db.read() as session:
        saved = await customers.get_address(
            session, shopper_id=shopper_id(scene.principal), address_id=ids.read("adr", entry)
        )
    return await _edit(scene, entry, form_of(of_address(saved.address)))


@post("/account/addresses/{entry:str}", opt=OWN_FORM, include_in_schema=False)
async def change_address(scene: Here, entry: FromPath[str]) -> Response[Any]:
    """Change an address, forget it, or make it the first choice."""
    form = await scene.form()
    entry_id, owner = ids.read("adr", entry), shopper_id(scene.principal)
    verb = form.get("verb")
    if verb in VERBS:
        return await _edit(scene, entry, answer(form))
    if verb == "default":
        await scene.house.db.run(
            lambda tx: customers.set_default_address(tx, shopper_id=owner, address_id=entry_id, now=scene.now)
        )
    elif verb == "save":
        try:
            address = read_address(form)
            await scene.house.db.run(
                lambda tx: customers.update_address(
                    tx, shopper_id=owner, address_id=entry_id, address=address, now=scene.now
                )
            )
        except NotFound:
            raise
        except Problem as problem:
            return await _edit(scene, entry, form_of(form), problem)
    else:
        await scene.house.db.run(
            lambda tx: customers.remove_address(tx, shopper_id=owner, address_id=entry_id, now=scene.now)
        )
    return scene.go("/account/addresses")


async def _book(scene: Scene, form: AddressForm, problem: Problem | None = None) -> Response[str]:
    async with scene.house.db.read() as session:
        book = await customers.list_addresses(session, shopper_id=shopper_id(scene.principal))
    return await scene.show("addresses.html", problem=problem, book=book, form=form, countries=COUNTRIES)


async def _edit(scene: Scene, entry: str, form: AddressForm, problem: Problem | None = None) -> Response[str]:
    return await scene.show("address_edit.html", problem=problem, aid=entry, form=form, countries=COUNTRIES)


ROUTES = [addresses, add_address, edit_address, change_address]
