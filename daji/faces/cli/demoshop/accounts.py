"""Who may sign in to the demo shop."""

from __future__ import annotations

import msgspec


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
