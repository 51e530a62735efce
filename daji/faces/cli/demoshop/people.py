"""Who keeps the demo shop, and who buys in it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from daji.base.identity import api as identity
from daji.kit.db import Tx


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody to sign in as; the password is public, so it is for demonstrations only."""

    role: str
    login: str
    password: str
    name: str = ""


ACCOUNTS = tuple(
    Account(role=role, login=f"{role}@daji.example", password=password, name=name)
    for role, password, name in (
        ("admin", "dajiadmin2026", "Admin"),
        ("operator", "dajishop2026", "林晓"),
        ("warehouse", "dajigoods2026", "陈大力"),
        ("service", "dajicare2026", "周静"),
        ("shopper", "dajibuys2026", "王小明"),
    )
)


async def hire(tx: Tx, *, now: datetime) -> None:
    """Give every member of staff an account; a shop that has an administrator keeps its own."""
    for account in ACCOUNTS:
        if account.role == "admin":
            await identity.ensure_first_admin(
                tx, email=account.login, password=account.password, name=account.name, now=now
            )
        elif account.role != "shopper":
            await identity.create_staff(
                tx,
                email=account.login,
                name=account.name,
                password=account.password,
                roles=(account.role,),
                by=None,
                now=now,
            )


async def welcome(tx: Tx, *, now: datetime) -> UUID:
    """Register the demo shopper."""
    (account,) = (one for one in ACCOUNTS if one.role == "shopper")
    shopper = await identity.register_shopper(
        tx,
        phone=None,
        email=account.login,
        password=account.password,
        name=account.name,
        lang="zh",
        now=now,
    )
    return shopper.id
