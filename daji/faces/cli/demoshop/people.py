"""Who keeps the demo shop, and who buys in it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from uuid import UUID

import msgspec

from daji.base.identity import api as identity
from daji.care.customers import api as customers
from daji.faces.cli.demoshop.accounts import ACCOUNTS
from daji.faces.cli.demoshop.goods import read
from daji.kit.db import Tx
from daji.kit.places import Address

_PASSWORDS = {account.login: account.password for account in ACCOUNTS}
_STAFF = tuple(account for account in ACCOUNTS if account.role != "shopper")


class Buyer(msgspec.Struct, frozen=True, kw_only=True):
    """A shopper of the demo shop and where they live."""

    key: str
    name: str
    phone: str
    email: str
    region: str
    city: str
    district: str
    line: str
    postcode: str
    lat: float
    lon: float
    lang: str = "zh"

    @property
    def address(self) -> Address:
        return Address(
            name=self.name,
            phone=self.phone,
            country="CN",
            region=self.region,
            city=self.city,
            district=self.district,
            line=self.line,
            postcode=self.postcode,
            lat=self.lat,
            lon=self.lon,
        )


class Opinion(msgspec.Struct, frozen=True, kw_only=True):
    """What a buyer says of something, the studio shot that a member's own picture is made of, the shop's answer."""

    score: int
    text: str
    title: str = ""
    shot: str = ""
    reply: str = ""
    lang: str = "zh"


class Purchase(msgspec.Struct, frozen=True, kw_only=True):
    """An order of the past: `days` ago, and how far it came; `items` are SKU codes and pieces."""

    days: float
    buyer: str
    items: dict[str, int]
    until: str
    reviews: tuple[Opinion, ...] = ()
    reason: str = ""
    note: str = ""


class Story(msgspec.Struct, frozen=True, kw_only=True):
    buyers: tuple[Buyer, ...]
    orders: tuple[Purchase, ...]


@lru_cache(maxsize=1)
def story() -> Story:
    return msgspec.convert(read("story.toml"), Story)


async def hire(tx: Tx, *, now: datetime) -> Mapping[str, UUID]:
    """Let the demo staff work here; ids by role.

    A shop that somebody keeps gets no colleague whose password is public: then it is empty.
    """
    working = (await identity.list_staff(tx, limit=len(_STAFF))).items
    if working:
        ours = {account.login: account.role for account in _STAFF}
        return {ours[one.email]: one.id for one in working if one.email in ours}
    hired: dict[str, UUID] = {}
    for account in _STAFF:
        member = await identity.create_staff(
            tx,
            email=account.login,
            name=account.name,
            password=account.password,
            roles=(account.role,),
            by=None,
            now=now,
        )
        hired[account.role] = member.id
    return hired


async def welcome(tx: Tx, *, now: datetime) -> Mapping[str, UUID]:
    """Register the buyers with their addresses; ids by key. Only the demo shopper's password is known to anybody."""
    known: dict[str, UUID] = {}
    fresh: list[Buyer] = []
    for buyer in story().buyers:
        shopper = await identity.find_shopper(tx, contact=buyer.email)
        if shopper is None:
            fresh.append(buyer)
            shopper = await identity.register_shopper(
                tx,
                phone=buyer.phone,
                email=buyer.email,
                password=_PASSWORDS.get(buyer.email) or secrets.token_urlsafe(24),
                name=buyer.name,
                lang=buyer.lang,
                now=now,
            )
        known[buyer.key] = shopper.id
    for buyer in fresh:
        await customers.add_address(tx, shopper_id=known[buyer.key], address=buyer.address, now=now)
    return known


class NobodyKnows(identity.Passwords):
    """One hash of a secret that is thrown away: those who are made up sign in after setting a password of their own."""

    def __init__(self) -> None:
        super().__init__(threads=1)
        self._hash = ""

    async def hash(self, password: str) -> str:  # noqa: ARG002 - whatever is given, nobody knows it
        if not self._hash:
            self._hash = await super().hash(secrets.token_urlsafe(32))
        return self._hash


async def join(tx: Tx, buyer: Buyer, *, passwords: identity.Passwords, now: datetime) -> UUID:
    """Make a member of somebody who buys for the first time."""
    shopper = await identity.register_shopper(
        tx,
        phone=buyer.phone,
        email=buyer.email,
        password=secrets.token_urlsafe(24),
        name=buyer.name,
        lang=buyer.lang,
        now=now,
        passwords=passwords,
    )
    await customers.add_address(tx, shopper_id=shopper.id, address=buyer.address, now=now)
    return shopper.id
