"""Register a shopper: openly for staff and imports, silently for the public."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from daji.base.identity import rules
from daji.base.identity.commands import attempts
from daji.base.identity.errors import AlreadyRegistered
from daji.base.identity.events import RegistrationRepeated, ShopperRegistered
from daji.base.identity.facts import Shopper
from daji.base.identity.passwords import Passwords, shared
from daji.base.identity.store import accounts
from daji.kit import ids
from daji.kit.db import Database, Tx


async def register_shopper(
    tx: Tx,
    *,
    phone: str | None,
    email: str | None,
    password: str,
    name: str,
    lang: str,
    now: datetime,
    passwords: Passwords | None = None,
) -> Shopper:
    """Add a shopper's account, for callers that may know who has one; a public route uses `sign_up`.

    Raises
    ------
    Invalid
        With the fields that cannot be taken.
    AlreadyRegistered
        When the phone or the e-mail has an account.
    """
    checked = _check(phone=phone, email=email, password=password, name=name, lang=lang)
    password_hash = await (passwords or shared()).hash(password)
    account = _account(checked, password_hash)
    added, _ = await _add(tx, account, now)
    if not added:
        raise AlreadyRegistered
    return Shopper(
        id=account.id,
        phone=account.contact.phone,
        email=account.contact.email,
        name=account.name,
        lang=account.lang,
        created_at=now,
    )


async def sign_up(
    db: Database,
    *,
    phone: str | None,
    email: str | None,
    password: str,
    name: str,
    lang: str,
    ip: str,
    now: datetime,
    passwords: Passwords | None = None,
) -> None:
    """Register a visitor, saying nothing about whether the contact had an account already (U-112).

    The answer and the work are the same in both cases. The owner of a known account is told by the listeners of
    `identity.registration_repeated`; the account itself, its password too, stays as it was.

    Raises
    ------
    Invalid
        With the fields that cannot be taken, whoever has an account.
    TooManyAttempts
        When this address has registered too often.
    """
    checked = _check(phone=phone, email=email, password=password, name=name, lang=lang)
    await attempts.take(db, ((rules.SIGN_UPS, rules.address_key(ip)),), now)
    password_hash = await (passwords or shared()).hash(password)

    async def add(tx: Tx) -> None:
        await _add(tx, _account(checked, password_hash), now)

    await db.run(add)


_Checked = tuple[rules.Contact, str, str]


def _check(*, phone: str | None, email: str | None, password: str, name: str, lang: str) -> _Checked:
    contact = rules.contact(phone_text=phone, email_text=email)
    rules.check_password(password, realm="shopper", known=contact)
    shown = rules.text_field(name, pointer="/name", maximum=rules.MAX_NAME, required=False)
    return contact, shown, rules.language(lang)


def _account(checked: _Checked, password_hash: str) -> accounts.NewAccount:
    contact, name, lang = checked
    return accounts.NewAccount(
        id=ids.new_id(), realm="shopper", contact=contact, name=name, lang=lang, password_hash=password_hash
    )


async def _add(tx: Tx, account: accounts.NewAccount, now: datetime) -> tuple[bool, tuple[UUID, ...]]:
    added, found = await accounts.add(tx, account, now)
    for shopper_id in found:
        event = (
            ShopperRegistered(shopper_id=shopper_id) if added else RegistrationRepeated(shopper_id=shopper_id)
        )
        tx.emit(event, subject=shopper_id, at=now)
    return added, found
