"""Signing up, signing in, sessions: what holds, and what nobody may learn."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from daji.base.identity import api, rules, tokens
from daji.base.identity.passwords import Passwords
from daji.kit import ids
from daji.kit.db import Database, counting
from daji.kit.problems import Invalid, NotFound

PASSWORD = "correct horse 7"
OTHER = "battery staple 8"


@pytest.fixture(scope="module")
def quick() -> Passwords:
    """Argon2 at its cheapest: what is tested here is not its cost."""
    return Passwords(memory_kib=8, rounds=1, threads=4)


@pytest.fixture
async def lin(db: Database, now: datetime, quick: Passwords) -> api.Shopper:
    async with db.transaction() as tx:
        return await api.register_shopper(
            tx,
            phone="138 0013 8000",
            email="Lin@Example.COM",
            password=PASSWORD,
            name="林",
            lang="zh",
            now=now,
            passwords=quick,
        )


class Door:
    """Signs in with the defaults of these tests."""

    def __init__(self, db: Database, quick: Passwords, now: datetime) -> None:
        self.db, self.quick, self.now = db, quick, now

    async def login(
        self, account: str = "lin@example.com", password: str = PASSWORD, **more: Any
    ) -> api.SignedIn:
        given = {"realm": "shopper", "ip": "192.0.2.7", "now": self.now, "passwords": self.quick} | more
        return await api.login(self.db, account=account, password=password, **given)

    async def who(self, signed_in: api.SignedIn | str, at: datetime | None = None) -> api.Principal:
        token = signed_in if isinstance(signed_in, str) else signed_in.token
        ask = api.authenticate_bearer if token.startswith("daji_") else api.authenticate_session
        async with self.db.read() as session:
            return await ask(session, token=token, now=at or self.now)


@pytest.fixture
def door(db: Database, quick: Passwords, now: datetime) -> Door:
    return Door(db, quick, now)


async def test_a_shopper_signs_in_by_phone_or_mail_in_any_spelling(door: Door, lin: api.Shopper):
    assert (lin.phone, lin.email) == ("+8613800138000", "lin@example.com")
    for spelling in ("13800138000", "+86 138-0013-8000", "1380013８０００", " LIN@example.com "):
        signed_in = await door.login(spelling)
        assert (signed_in.principal.kind, signed_in.principal.id) == ("shopper", lin.id)
        assert signed_in.principal.permissions == frozenset()


async def test_one_statement_tells_who_a_session_is_and_none_tells_nonsense(door: Door, lin: api.Shopper):
    signed_in = await door.login()
    with counting() as tally:
        assert (await door.who(signed_in)).id == lin.id
    assert tally.count == 1
    with counting() as tally:
        for nonsense in ("", "x", "' OR 1=1 --", "é" * 43, "\0" * 43, "a" * 100_000):
            assert await door.who(nonsense) == api.ANONYMOUS
    assert tally.count == 0


async def test_secrets_are_stored_as_hashes_only(db: Database, door: Door, lin: api.Shopper):
    signed_in = await door.login()
    async with db.read() as session:
        stored = await session.row("SELECT token_hash FROM identity.session")
        account = await session.row("SELECT password_hash FROM identity.account")
    assert stored is not None
    assert account is not None
    assert stored["token_hash"] == tokens.digest(signed_in.token)
    assert account["password_hash"].startswith("$argon2id$v=19$")
    assert PASSWORD not in account["password_hash"]


@pytest.mark.parametrize(
    ("account", "password"),
    [
        ("lin@example.com", OTHER),
        ("nobody@example.com", PASSWORD),
        ("13900139000", PASSWORD),
        ("", ""),
        ("@", "@"),
        ("not a phone", PASSWORD),
        ("lin@example.com\0", PASSWORD),
        ("\ud800@example.com", "\ud800"),
        ("lin@example.com", PASSWORD + "x" * 100_000),
        ("x" * 100_000, PASSWORD),
    ],
)
async def test_every_failed_sign_in_gets_one_answer(
    door: Door, lin: api.Shopper, account: str, password: str
):
    with pytest.raises(api.BadCredentials) as caught:
        await door.login(account, password)
    assert dict(caught.value.params) == {}


async def test_realms_share_nothing(
    db: Database, door: Door, lin: api.Shopper, now: datetime, quick: Passwords
):
    async with db.transaction() as tx:
        await api.create_staff(
            tx, email="lin@example.com", name="Lin", password="staff password 9", roles=("analyst",), by=None,
            now=now, passwords=quick,
        )  # fmt: skip
    with pytest.raises(api.BadCredentials):
        await door.login(password=PASSWORD, realm="staff")
    with pytest.raises(api.BadCredentials):
        await door.login(password="staff password 9", realm="shopper")
    assert (await door.login(password="staff password 9", realm="staff")).principal.kind == "staff"


async def test_signing_in_makes_a_new_session_and_ends_the_one_brought_along(door: Door, lin: api.Shopper):
    first = await door.login()
    fixed = await door.login(replaces=first.token)
    assert fixed.token != first.token
    assert (await door.who(first)).kind == "anonymous"
    assert (await door.who(fixed)).id == lin.id
    await door.login(replaces="nonsense '; DROP TABLE x")


async def test_signing_out_ends_the_session_and_may_be_repeated(db: Database, door: Door, lin: api.Shopper):
    signed_in = await door.login()
    for _ in range(2):
        async with db.transaction() as tx:
            await api.logout(tx, token=signed_in.token, now=door.now)
    assert (await door.who(signed_in)).kind == "anonymous"


async def test_a_session_slides_while_used_but_not_for_ever(db: Database, door: Door, lin: api.Shopper):
    signed_in = await door.login()
    at = door.now
    session_id = signed_in.principal.session_id
    assert session_id is not None
    assert not (await door.who(signed_in, at + timedelta(hours=1))).renew
    for _ in range(8):
        at += timedelta(days=25)
        principal = await door.who(signed_in, at)
        if at < door.now + timedelta(days=180):
            assert principal.renew
            async with db.transaction() as tx:
                end = await api.renew_session(tx, realm="shopper", session_id=session_id, now=at)
            assert end == min(at + timedelta(days=30), door.now + timedelta(days=180))
    assert principal.kind == "anonymous"
    async with db.transaction() as tx:
        assert await api.renew_session(tx, realm="shopper", session_id=session_id, now=at) is None


async def test_an_idle_session_ends_and_its_last_instant_is_outside(door: Door, lin: api.Shopper):
    signed_in = await door.login()
    assert signed_in.expires_at == door.now + timedelta(days=30)
    assert (await door.who(signed_in, signed_in.expires_at - timedelta(microseconds=1))).id == lin.id
    assert (await door.who(signed_in, signed_in.expires_at)).kind == "anonymous"


async def test_bearer_tokens_and_cookies_cannot_stand_in_for_each_other(
    db: Database, door: Door, lin: api.Shopper
):
    bearer = await door.login(kind="bearer")
    web = await door.login()
    assert bearer.token.startswith(tokens.BEARER_PREFIX)
    assert (await door.who(bearer)).id == lin.id
    async with db.read() as session:
        assert await api.authenticate_session(session, token=bearer.token, now=door.now) == api.ANONYMOUS
        assert await api.authenticate_bearer(session, token=web.token, now=door.now) == api.ANONYMOUS
    assert not (await door.who(bearer, door.now + timedelta(days=29))).renew
    assert (await door.who(bearer, door.now + timedelta(days=30))).kind == "anonymous"


async def test_a_changed_password_ends_every_other_session(
    db: Database, door: Door, lin: api.Shopper, quick: Passwords
):
    here, there, app = await door.login(), await door.login(), await door.login(kind="bearer")
    with pytest.raises(api.BadCredentials):
        await api.change_password(
            db, account_id=lin.id, old=OTHER, new="a new password", now=door.now, passwords=quick
        )
    await api.change_password(
        db,
        account_id=lin.id,
        old=PASSWORD,
        new=OTHER,
        now=door.now,
        keep=here.principal.session_id,
        passwords=quick,
    )
    assert [(await door.who(one)).kind for one in (here, there, app)] == ["shopper", "anonymous", "anonymous"]
    with pytest.raises(api.BadCredentials):
        await door.login(password=PASSWORD)
    assert (await door.login(password=OTHER)).principal.id == lin.id


async def test_a_sign_in_that_races_a_change_of_password_leaves_no_session_of_the_old_one(
    db: Database, door: Door, lin: api.Shopper, quick: Passwords
):
    for n in range(6):
        # Wrong guesses of one round must not count against the next.
        door.now += timedelta(hours=1)
        old, new = (PASSWORD, OTHER) if n % 2 == 0 else (OTHER, PASSWORD)
        rivals = await asyncio.gather(
            *(door.login(password=old) for _ in range(4)),
            api.change_password(db, account_id=lin.id, old=old, new=new, now=door.now, passwords=quick),
            return_exceptions=True,
        )
        assert rivals[-1] is None
        for rival in rivals[:-1]:
            assert isinstance(rival, api.SignedIn | api.BadCredentials)
            if isinstance(rival, api.SignedIn):
                assert (await door.who(rival)).kind == "anonymous"


async def test_recovery_sets_a_password_and_ends_everything(
    db: Database, door: Door, lin: api.Shopper, quick: Passwords
):
    signed_in = await door.login()
    async with db.transaction() as tx:
        await api.set_password(tx, account_id=lin.id, password=OTHER, now=door.now, passwords=quick)
    assert (await door.who(signed_in)).kind == "anonymous"
    assert (await door.login(password=OTHER)).principal.id == lin.id
    with pytest.raises(NotFound):
        async with db.transaction() as tx:
            await api.set_password(tx, account_id=ids.new_id(), password=OTHER, now=door.now, passwords=quick)


async def test_sessions_are_listed_and_ended_by_their_owner_only_u114(
    db: Database, door: Door, lin: api.Shopper
):
    web = await door.login()
    await door.login(kind="bearer")
    async with db.read() as session:
        shown = await api.list_sessions(session, account_id=lin.id, now=door.now)
    assert {one.kind for one in shown} == {"web", "bearer"}
    session_id = web.principal.session_id
    assert session_id is not None
    for owner, unknown in ((ids.new_id(), session_id), (lin.id, ids.new_id())):
        with pytest.raises(NotFound):
            async with db.transaction() as tx:
                await api.revoke_session(tx, account_id=owner, session_id=unknown, now=door.now)
    async with db.transaction() as tx:
        await api.revoke_session(tx, account_id=lin.id, session_id=session_id, now=door.now)
    assert (await door.who(web)).kind == "anonymous"


async def test_a_hash_of_yesterdays_cost_is_replaced_at_sign_in(db: Database, door: Door, lin: api.Shopper):
    dearer = Passwords(memory_kib=16, rounds=1, threads=1)
    await door.login(passwords=dearer)
    async with db.read() as session:
        stored: str = await session.value("SELECT password_hash FROM identity.account")
    assert "m=16," in stored
    assert (await door.login(passwords=dearer)).principal.id == lin.id


async def test_what_has_ended_is_purged(db: Database, door: Door, lin: api.Shopper):
    await door.login()
    with pytest.raises(api.BadCredentials):
        await door.login(password=OTHER)
    async with db.transaction() as tx:
        assert await api.purge(tx, now=door.now) == 0
    async with db.transaction() as tx:
        assert await api.purge(tx, now=door.now + timedelta(days=61)) == 3


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"phone": "12345"}, "/phone", "identity.bad_phone"),
        ({"phone": "13800138000 ext. 5"}, "/phone", "identity.bad_phone"),
        ({"email": "a@b"}, "/email", "identity.bad_email"),
        ({"email": "a b@example.com"}, "/email", "identity.bad_email"),
        ({"email": "a@" + "b" * 300 + ".com"}, "/email", "identity.bad_email"),
        ({"phone": None, "email": None}, "/phone", "identity.contact_needed"),
        ({"password": "short"}, "/password", "too_short"),
        ({"password": "x" * 129}, "/password", "too_long"),
        ({"password": "密" * 129}, "/password", "too_long"),
        ({"password": "aaaaaaaaaa"}, "/password", "identity.password_common"),
        ({"password": "Password123"}, "/password", "identity.password_common"),
        ({"password": "13700137000"}, "/password", "identity.password_is_contact"),
        ({"password": "with\0nul in it"}, "/password", "wrong_type"),
        ({"name": "x" * 81}, "/name", "too_long"),
        ({"name": "a\0b"}, "/name", "wrong_type"),
        ({"lang": "klingon"}, "/lang", "unknown_value"),
    ],
)
async def test_bad_input_is_named_by_field(
    db: Database, quick: Passwords, now: datetime, changes: dict[str, Any], pointer: str, code: str
):
    given = {"phone": "13700137000", "email": None, "password": PASSWORD, "name": "", "lang": "en"} | changes
    with pytest.raises(Invalid) as caught:
        await api.sign_up(db, **given, ip="::1", now=now, passwords=quick)
    assert (pointer, code) in [(field.pointer, field.code) for field in caught.value.fields]


def test_contacts_have_one_stored_form():
    assert rules.email("Ünï@EXAMPLE.com") is None
    assert rules.email("me@Bücher.example") == "me@xn--bcher-kva.example"
    assert rules.phone("+44 20 7946 0958") == "+442079460958"
    assert rules.phone("+1 650 253 0000") == "+16502530000"
    assert rules.phone("0" * 5000) is None
    assert rules.address_key("2001:db8::1") == rules.address_key("2001:db8::ffff")
    assert rules.address_key("2001:db8:0:1::1") != rules.address_key("2001:db8::1")
    assert rules.address_key("::ffff:192.0.2.1") == rules.address_key("192.0.2.1")


async def test_profiles_change_for_their_owner(db: Database, lin: api.Shopper, now: datetime):
    async with db.transaction() as tx:
        changed = await api.update_profile(tx, shopper_id=lin.id, name=" Lin D. ", lang="en", now=now)
    assert (changed.name, changed.lang) == ("Lin D.", "en")
    with pytest.raises(NotFound):
        async with db.transaction() as tx:
            await api.update_profile(tx, shopper_id=ids.new_id(), name="x", lang="en", now=now)


async def test_staff_find_shoppers(db: Database, lin: api.Shopper, now: datetime, quick: Passwords):
    others: list[UUID] = []
    for n in range(5):
        async with db.transaction() as tx:
            added = await api.register_shopper(
                tx, phone=None, email=f"s{n}@example.com", password=PASSWORD, name=f"100%_{n}", lang="en",
                now=now, passwords=quick,
            )  # fmt: skip
            others.append(added.id)
    async with db.read() as session:
        assert (await api.get_shopper(session, shopper_id=lin.id)).name == "林"
        with pytest.raises(NotFound):
            await api.get_shopper(session, shopper_id=ids.new_id())
        found = await api.find_shopper(session, contact="13800138000")
        assert found is not None
        assert found.id == lin.id
        assert await api.find_shopper(session, contact="") is None
        assert {s.id for s in await api.shoppers(session, ids=others)} == set(others)
        first = await api.list_shoppers(session, limit=4)
        rest = await api.list_shoppers(session, limit=4, cursor=first.next_cursor)
        assert [s.id for s in (*first.items, *rest.items)] == [*reversed(others), lin.id]
        assert rest.next_cursor is None
        assert len((await api.list_shoppers(session, text="100%_")).items) == 5
        assert (await api.list_shoppers(session, text="%")).items != ()
        assert (await api.list_shoppers(session, text="x' OR '1'='1")).items == ()
