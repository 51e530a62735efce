"""Who works here: roles, keys, the first and the last administrator."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from daji.base.identity import api
from daji.base.identity.passwords import Passwords
from daji.boot import MESSAGES
from daji.kit import ids
from daji.kit.db import Database
from daji.kit.i18n import Catalogue
from daji.kit.problems import Invalid, NotFound

PASSWORD = "correct horse 7"
P = api.Permission


@pytest.fixture(scope="module")
def quick() -> Passwords:
    return Passwords(memory_kib=8, rounds=1, threads=4)


class Office:
    def __init__(self, db: Database, now: datetime, quick: Passwords) -> None:
        self.db, self.now, self.quick = db, now, quick

    async def hire(self, name: str, *roles: str, by: UUID | None = None) -> api.Staff:
        async with self.db.transaction() as tx:
            return await api.create_staff(
                tx, email=f"{name}@example.com", name=name, password=PASSWORD, roles=roles, by=by, now=self.now,
                passwords=self.quick,
            )  # fmt: skip

    async def set_roles(self, who: api.Staff, *roles: str, by: UUID | None = None) -> api.Staff:
        async with self.db.transaction() as tx:
            return await api.set_roles(tx, staff_id=who.id, roles=roles, by=by, now=self.now)

    async def close(self, who: api.Staff, by: UUID | None = None) -> api.Staff:
        async with self.db.transaction() as tx:
            return await api.deactivate_staff(tx, staff_id=who.id, by=by, now=self.now)

    async def key(self, who: api.Staff, *permissions: str, **more: Any) -> api.ApiKey:
        given = {"label": "nightly", "lives": timedelta(days=90)} | more
        async with self.db.transaction() as tx:
            return await api.create_api_key(
                tx, staff_id=who.id, permissions=permissions, now=self.now, **given
            )

    async def who(self, token: str, at: datetime | None = None) -> api.Principal:
        async with self.db.read() as session:
            return await api.authenticate_bearer(session, token=token, now=at or self.now)


@pytest.fixture
def office(db: Database, now: datetime, quick: Passwords) -> Office:
    return Office(db, now, quick)


def test_the_catalogue_is_whole():
    assert api.permissions_of(["admin"]) == set(P)
    assert set(api.ROLE_PERMISSIONS) == set(api.Role)
    assert all(p.value.endswith(":read") for p in api.permissions_of(["analyst"]))
    assert P.CUSTOMERS_READ not in api.permissions_of(["analyst"])
    assert not api.permissions_of(["operator"]) & {P.IDENTITY_MANAGE, P.AUDIT_READ, P.SETTINGS_MANAGE}
    assert api.permissions_of([]) == set()
    with pytest.raises(ValueError, match="boss"):
        api.permissions_of(["boss"])


def test_every_permission_and_role_has_a_name_in_both_languages():
    catalogue = Catalogue(MESSAGES, strict=True)
    for lang in catalogue.languages:
        names = {catalogue.text(lang, f"permissions.{p}") for p in P}
        assert len(names) == len(P)
        assert all(catalogue.text(lang, f"roles.{role}") for role in api.Role)


async def test_the_first_administrator_is_made_once_by_rivals(db: Database, now: datetime, quick: Passwords):
    async def start(n: int) -> api.Staff | None:
        async with db.transaction() as tx:
            return await api.ensure_first_admin(
                tx, email=f"boss{n}@example.com", password=PASSWORD, now=now, passwords=quick
            )

    made = [staff for staff in await asyncio.gather(*(start(n) for n in range(6))) if staff is not None]
    assert len(made) == 1
    assert made[0].roles == ("admin",)
    assert await start(9) is None


async def test_staff_sign_in_with_what_their_roles_hold(office: Office, db: Database, quick: Passwords):
    await office.hire("ana", "analyst", "warehouse")
    signed_in = await api.login(
        db, realm="staff", account="ANA@example.com", password=PASSWORD, ip="::1", now=office.now, kind="bearer",
        passwords=quick,
    )  # fmt: skip
    who = signed_in.principal
    assert who.kind == "staff"
    assert who.permissions == {str(p) for p in api.permissions_of(["analyst", "warehouse"])}
    assert (await office.who(signed_in.token, office.now + timedelta(hours=12))).kind == "anonymous"


async def test_a_role_taken_away_works_on_the_next_request(office: Office, db: Database, quick: Passwords):
    await office.hire("boss", "admin")
    ana = await office.hire("ana", "operator")
    signed_in = await api.login(
        db, realm="staff", account="ana@example.com", password=PASSWORD, ip="::1", now=office.now, kind="bearer",
        passwords=quick,
    )  # fmt: skip
    key = await office.key(ana, P.STOCK_ADJUST, P.STOCK_READ)
    assert (await office.who(key.token)).permissions == {P.STOCK_ADJUST, P.STOCK_READ}
    await office.set_roles(ana, "analyst")
    assert P.STOCK_ADJUST not in (await office.who(signed_in.token)).permissions
    assert (await office.who(key.token)).permissions == {P.STOCK_READ}


async def test_a_closed_account_stands_for_nobody(office: Office, db: Database, quick: Passwords):
    await office.hire("boss", "admin")
    ana = await office.hire("ana", "operator")
    key = await office.key(ana, P.STOCK_READ)
    assert not (await office.close(ana)).active
    assert (await office.who(key.token)).kind == "anonymous"
    with pytest.raises(NotFound):
        await office.key(ana, P.STOCK_READ)
    async with db.transaction() as tx:
        assert (await api.activate_staff(tx, staff_id=ana.id, by=None, now=office.now)).active
    assert (await office.who(key.token)).kind == "anonymous"


async def test_nobody_gives_or_takes_what_they_do_not_hold(office: Office):
    boss = await office.hire("boss", "admin")
    ops = await office.hire("ops", "operator", by=boss.id)
    with pytest.raises(api.BeyondGiver) as caught:
        await office.hire("friend", "admin", by=ops.id)
    assert P.IDENTITY_MANAGE in caught.value.params["permissions"]  # type: ignore[operator]
    for attempt in (
        office.set_roles(ops, "admin", by=ops.id),
        office.set_roles(boss, "analyst", by=ops.id),
        office.close(boss, by=ops.id),
        office.hire("friend", "analyst", by=ids.new_id()),
    ):
        with pytest.raises(api.BeyondGiver):
            await attempt
    assert (await office.hire("helper", "analyst", by=ops.id)).roles == ("analyst",)
    await office.close(ops)
    with pytest.raises(api.BeyondGiver):
        await office.hire("late", "analyst", by=ops.id)


async def test_the_last_administrator_stays(office: Office):
    boss = await office.hire("boss", "admin")
    with pytest.raises(api.LastAdmin):
        await office.close(boss)
    with pytest.raises(api.LastAdmin):
        await office.set_roles(boss, "operator")
    second = await office.hire("second", "admin")
    await office.close(second)
    with pytest.raises(api.LastAdmin):
        await office.set_roles(boss)


async def test_two_administrators_who_demote_each_other_leave_one(office: Office, db: Database):
    for n in range(5):
        a = await office.hire(f"a{n}", "admin")
        b = await office.hire(f"b{n}", "admin")
        async with db.read() as session:
            others = [s for s in (await api.list_staff(session)).items if s.id not in {a.id, b.id}]
        for other in others:
            if "admin" in other.roles:
                await office.set_roles(other)
        answers = await asyncio.gather(
            office.set_roles(b, "analyst", by=a.id), office.close(a, by=b.id), return_exceptions=True
        )
        refused = [x for x in answers if isinstance(x, api.LastAdmin | api.BeyondGiver)]
        assert len(refused) == 1, answers


async def test_keys_hold_a_part_of_what_their_owner_holds(office: Office):
    ana = await office.hire("ana", "analyst")
    with pytest.raises(api.BeyondGiver):
        await office.key(ana, P.ORDERS_READ, P.STOCK_ADJUST)
    for wrong in (
        {"label": " "},
        {"label": "x" * 81},
        {"lives": timedelta(0)},
        {"lives": timedelta(days=400)},
    ):
        with pytest.raises(Invalid):
            await office.key(ana, P.ORDERS_READ, **wrong)
    with pytest.raises(Invalid):
        await office.key(ana)
    with pytest.raises(Invalid):
        await office.key(ana, "orders:raed")
    key = await office.key(ana, P.ORDERS_READ, P.ORDERS_READ)
    who = await office.who(key.token)
    assert (who.kind, who.id, who.permissions) == ("api", ana.id, {"orders:read"})
    assert (await office.who(key.token, office.now + timedelta(days=90))).kind == "anonymous"


async def test_shoppers_have_no_keys(office: Office, db: Database, quick: Passwords):
    async with db.transaction() as tx:
        lin = await api.register_shopper(
            tx, phone="13800138000", email=None, password=PASSWORD, name="", lang="zh", now=office.now,
            passwords=quick,
        )  # fmt: skip
    with pytest.raises(NotFound):
        async with db.transaction() as tx:
            await api.create_api_key(
                tx,
                staff_id=lin.id,
                label="x",
                permissions=["orders:read"],
                lives=timedelta(1),
                now=office.now,
            )
    with pytest.raises(NotFound):
        async with db.transaction() as tx:
            await api.set_roles(tx, staff_id=lin.id, roles=["admin"], by=None, now=office.now)
    with pytest.raises(NotFound):
        async with db.read() as session:
            await api.get_staff(session, staff_id=lin.id)


async def test_staff_input_is_checked(office: Office):
    for name, roles in (("ana", ("boss",)), ("", ("analyst",)), ("a b", ("analyst",))):
        with pytest.raises(Invalid):
            await office.hire(name, *roles)
    await office.hire("ana", "analyst")
    with pytest.raises(api.AlreadyRegistered):
        await office.hire("ANA", "analyst")


async def test_staff_are_listed(office: Office, db: Database):
    people = [await office.hire(f"p{n}", "admin", "analyst") for n in range(3)]
    await office.close(people[0])
    async with db.read() as session:
        first = await api.list_staff(session, limit=2)
        rest = await api.list_staff(session, limit=2, cursor=first.next_cursor)
        assert [s.name for s in (*first.items, *rest.items)] == ["p0", "p1", "p2"]
        assert [s.name for s in (await api.list_staff(session, active=True)).items] == ["p1", "p2"]
        assert (await api.get_staff(session, staff_id=people[1].id)).roles == ("admin", "analyst")


async def test_the_schema_itself_refuses_a_plain_password(db: Database, now: datetime):
    with pytest.raises(asyncpg.CheckViolationError):
        async with db.transaction() as tx:
            await tx.execute(
                "INSERT INTO identity.account (id, kind, email, name, lang, password_hash, created_at, updated_at,"
                " password_changed_at) VALUES ($1, 'staff', 'a@b', '', 'zh', 'secret', $2, $2, $2)",
                ids.new_id(),
                now,
            )
