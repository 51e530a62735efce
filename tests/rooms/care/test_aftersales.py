"""Cases: one unit in one of them, one winner of every step, a history anybody concerned can read."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import msgspec
import pytest

from daji.care.aftersales import api
from daji.care.aftersales.api import Case, NewCaseUnit
from daji.kit import ids
from daji.kit.db import Database, Tx
from daji.kit.states import IllegalTransition


class Owner(msgspec.Struct, frozen=True, kw_only=True):
    shopper_id: UUID | None = None
    guest_token: str | None = None


def unit(amount: int = 500, paid: int | None = None, unit_id: UUID | None = None) -> NewCaseUnit:
    return NewCaseUnit(
        unit_id=unit_id or ids.new_id(),
        line_id=ids.new_id(),
        sku_id=ids.new_id(),
        paid=amount if paid is None else paid,
        amount=amount,
    )


class Desk:
    """The room's commands, each in a transaction of its own."""

    def __init__(self, db: Database, now: datetime) -> None:
        self.db, self.now = db, now
        self.site = ids.new_id()

    async def do(self, work: Callable[[Tx], Awaitable[Case]]) -> Case:
        async with self.db.transaction() as tx:
            return await work(tx)

    async def open(self, *units: NewCaseUnit, owner: Owner | None = None, **changed: object) -> Case:
        values: dict[str, object] = {
            "case_id": ids.new_id(),
            "trade_id": ids.new_id(),
            "order_id": ids.new_id(),
            "kind": "return",
            "reason": "damaged",
            "note": "盒子破了",
            "currency": "CNY",
            "by": "guest:1",
        }
        return await self.do(
            lambda tx: api.open_case(
                tx,
                owner=owner,
                units=units or (unit(), unit(300)),
                now=self.now,
                **(values | changed),  # type: ignore[arg-type]
            )
        )

    async def approve(self, case: Case) -> Case:
        return await self.do(lambda tx: api.approve(tx, case_id=case.id, by="staff:1", now=self.now))

    async def receive(self, case: Case, grade: str = "restock") -> Case:
        grades = {u.unit_id: grade for u in case.units}
        return await self.do(
            lambda tx: api.receive(
                tx, case_id=case.id, grades=grades, site_id=self.site, by="staff:2", now=self.now
            )
        )

    async def start(self, case: Case) -> Case:
        return await self.do(lambda tx: api.start_refund(tx, case_id=case.id, now=self.now))

    async def finish(self, case: Case, amount: int) -> Case:
        return await self.do(lambda tx: api.finish_refund(tx, case_id=case.id, amount=amount, now=self.now))

    async def reject(self, case: Case, why: str = "已使用") -> Case:
        return await self.do(lambda tx: api.reject(tx, case_id=case.id, why=why, by="staff:1", now=self.now))

    async def withdraw(self, case: Case) -> Case:
        return await self.do(lambda tx: api.withdraw(tx, case_id=case.id, by="guest:1", now=self.now))


@pytest.fixture
def desk(db: Database, now: datetime) -> Desk:
    return Desk(db, now)


async def test_a_return_from_wish_to_money_with_its_history(desk: Desk):
    start = desk.now
    case = await desk.open()
    assert (case.status, case.amount, case.refunded_amount, case.holder) == ("requested", 800, 0, "shop")
    assert case.expected_refund_by == start + timedelta(hours=48 + 168 + 48 + 72)
    desk.now += timedelta(hours=5)
    case = await desk.approve(case)
    assert (case.holder, case.expected_refund_by) == ("buyer", desk.now + timedelta(hours=168 + 48 + 72))
    desk.now += timedelta(days=2)
    case = await desk.receive(case, "quarantine")
    assert {u.grade for u in case.units} == {"quarantine"}
    assert (case.site_id, case.holder) == (desk.site, "shop")
    case = await desk.start(case)
    assert (case.holder, case.expected_refund_by) == ("gateway", desk.now + timedelta(hours=72))
    desk.now += timedelta(hours=1)
    promised = case.expected_refund_by
    case = await desk.finish(case, 800)
    assert (case.status, case.refunded_amount, case.holder, case.closed_at) == (
        "refunded",
        800,
        "nobody",
        desk.now,
    )
    assert case.expected_refund_by == promised
    assert [(step.verb, step.status, step.by, step.holder) for step in case.history] == [
        ("request", "requested", "guest:1", "shop"),
        ("approve", "approved", "staff:1", "buyer"),
        ("receive", "received", "staff:2", "shop"),
        ("start_refund", "refunding", "system", "gateway"),
        ("finish_refund", "refunded", "system", "nobody"),
    ]
    assert [step.at for step in case.history] == sorted(step.at for step in case.history)
    assert case.history[0].note == "盒子破了"


async def test_money_without_goods_needs_no_receipt(desk: Desk):
    case = await desk.open(kind="refund_only")
    assert case.expected_refund_by == desk.now + timedelta(hours=48 + 72)
    case = await desk.approve(case)
    assert case.holder == "shop"
    with pytest.raises(IllegalTransition):
        await desk.receive(case)
    assert (await desk.start(case)).status == "refunding"


async def test_goods_come_before_the_money(desk: Desk):
    case = await desk.approve(await desk.open())
    with pytest.raises(IllegalTransition):
        await desk.start(case)


async def test_every_step_out_of_turn_is_refused_and_changes_nothing(desk: Desk):
    verbs = {
        "approve": desk.approve,
        "reject": desk.reject,
        "withdraw": desk.withdraw,
        "receive": desk.receive,
        "start_refund": desk.start,
        "finish_refund": lambda case: desk.finish(case, 1),
    }
    allowed = {
        "requested": {"approve", "reject", "withdraw"},
        "approved": {"withdraw", "receive"},
        "received": {"start_refund"},
        "refunding": {"finish_refund"},
        "refunded": set(),
        "rejected": set(),
        "withdrawn": set(),
    }
    path: dict[str, list[Callable[[Case], Awaitable[Case]]]] = {
        "requested": [],
        "approved": [desk.approve],
        "received": [desk.approve, desk.receive],
        "refunding": [desk.approve, desk.receive, desk.start],
        "refunded": [desk.approve, desk.receive, desk.start, lambda case: desk.finish(case, 800)],
        "rejected": [desk.reject],
        "withdrawn": [desk.withdraw],
    }
    for status, steps in path.items():
        case = await desk.open()
        for step in steps:
            case = await step(case)
        assert case.status == status
        for verb in verbs.keys() - allowed[status]:
            with pytest.raises(IllegalTransition):
                await verbs[verb](case)
        async with desk.db.read() as session:
            assert await api.get_case(session, case_id=case.id, owner=None) == case


class TestUnits:
    async def test_a_unit_is_in_one_open_case(self, desk: Desk):
        shared = unit()
        first = await desk.open(shared)
        with pytest.raises(api.UnitInCase) as refused:
            await desk.open(unit(), shared)
        assert refused.value.params == {"units": 1}
        await desk.withdraw(first)
        again = await desk.open(shared)
        await desk.reject(again)
        assert (await desk.open(shared)).status == "requested"
        async with desk.db.read() as session:
            assert len((await api.list_cases(session, owner=None)).items) == 3

    async def test_many_wishes_for_one_unit_at_once_make_one_case(self, desk: Desk):
        one, two = unit(), unit()
        results = await asyncio.gather(
            *(desk.open(*((one, two) if n % 2 else (two, one))) for n in range(12)), return_exceptions=True
        )
        assert sum(isinstance(result, Case) for result in results) == 1
        assert sum(isinstance(result, api.UnitInCase) for result in results) == 11

    @pytest.mark.parametrize(
        ("units", "changed", "pointer"),
        [
            ((unit(501, paid=500),), {}, "/units/0/amount"),
            ((unit(-1, paid=500),), {}, "/units/0/amount"),
            ((unit(unit_id=UUID(int=1)), unit(unit_id=UUID(int=1))), {}, "/units"),
            ((unit(0, paid=0),), {"kind": "refund_only"}, "/units"),
            ((), {"kind": "exchange"}, "/kind"),
            ((), {"reason": "<script>"}, "/reason"),
            ((), {"note": "x" * 1001}, "/note"),
            ((), {"note": "a\x00b"}, "/note"),
        ],
    )
    async def test_senseless_wishes_name_their_field(
        self, desk: Desk, units: tuple[NewCaseUnit, ...], changed: dict[str, object], pointer: str
    ):
        with pytest.raises(api.BadCase) as refused:
            await desk.open(*units, **changed)
        assert [field.pointer for field in refused.value.fields] == [pointer]

    async def test_no_unit_at_all(self, desk: Desk, now: datetime):
        with pytest.raises(api.BadCase):
            await desk.do(
                lambda tx: api.open_case(
                    tx,
                    case_id=ids.new_id(),
                    trade_id=ids.new_id(),
                    order_id=ids.new_id(),
                    owner=None,
                    kind="return",
                    units=(),
                    reason="other",
                    note="",
                    currency="CNY",
                    by="x",
                    now=now,
                )
            )

    async def test_an_id_names_one_case(self, desk: Desk):
        case = await desk.open()
        with pytest.raises(api.CaseExists):
            await desk.open(case_id=case.id)


class TestGrades:
    async def test_every_unit_needs_a_known_grade_and_a_place(self, desk: Desk):
        case = await desk.approve(await desk.open())
        first, second = (u.unit_id for u in case.units)
        stranger = ids.new_id()
        for grades, site, pointers in (
            ({first: "restock"}, desk.site, {f"/grades/{second}"}),
            ({first: "restock", second: "burn"}, desk.site, {f"/grades/{second}"}),
            (
                {first: "restock", second: "scrap", stranger: "scrap"},
                desk.site,
                {f"/grades/{stranger}"},
            ),
            ({first: "restock", second: "scrap"}, None, {"/site_id"}),
        ):
            with pytest.raises(api.BadGrades) as refused:
                await desk.do(
                    lambda tx, grades=grades, site=site: api.receive(
                        tx, case_id=case.id, grades=grades, site_id=site, by="staff:2", now=desk.now
                    )
                )
            assert {field.pointer for field in refused.value.fields} == pointers
        received = await desk.do(
            lambda tx: api.receive(
                tx,
                case_id=case.id,
                grades={first: "scrap", second: "scrap"},
                site_id=None,
                by="staff:2",
                now=desk.now,
            )
        )
        assert [u.grade for u in received.units] == ["scrap", "scrap"]


class TestMoney:
    async def refunding(self, desk: Desk) -> Case:
        return await desk.start(await desk.receive(await desk.approve(await desk.open())))

    async def test_the_end_may_be_told_twice(self, desk: Desk):
        case = await self.refunding(desk)
        first = await desk.finish(case, 800)
        assert await desk.finish(case, 800) == first
        with pytest.raises(IllegalTransition):
            await desk.finish(case, 799)

    @pytest.mark.parametrize("amount", [801, -1])
    async def test_no_more_than_the_case(self, desk: Desk, amount: int):
        case = await self.refunding(desk)
        with pytest.raises(api.RefundBeyondCase):
            await desk.finish(case, amount)

    async def test_a_part_is_what_it_is(self, desk: Desk):
        assert (await desk.finish(await self.refunding(desk), 300)).refunded_amount == 300


class TestRivals:
    async def count(self, work: list[Awaitable[Case]]) -> int:
        results = await asyncio.gather(*work, return_exceptions=True)
        won = [result for result in results if isinstance(result, Case)]
        assert all(isinstance(result, Case | IllegalTransition) for result in results)
        return len(won)

    async def test_of_two_who_decide_receive_or_refund_one_wins(self, desk: Desk):
        case = await desk.open()
        assert await self.count([desk.approve(case) for _ in range(8)]) == 1
        assert await self.count([desk.receive(case) for _ in range(8)]) == 1
        assert await self.count([desk.start(case) for _ in range(8)]) == 1
        finished = await asyncio.gather(*(desk.finish(case, 800) for _ in range(8)))
        assert len({result.status for result in finished}) == 1
        async with desk.db.read() as session:
            after = await api.get_case(session, case_id=case.id, owner=None)
            events = await session.value("SELECT count(*) FROM kit.outbox WHERE subject = $1", case.id)
        assert len(after.history) == 5
        assert events == 5

    async def test_yes_no_and_withdrawal_at_once_have_one_result(self, desk: Desk):
        for _ in range(5):
            case = await desk.open()
            won = await self.count([desk.reject(case), desk.withdraw(case), desk.reject(case)])
            assert won == 1


class TestOwners:
    async def test_a_stranger_sees_nothing(self, desk: Desk):
        shopper, guest = Owner(shopper_id=ids.new_id()), Owner(guest_token="secret-token")
        mine, theirs, nobodys = (
            await desk.open(owner=shopper),
            await desk.open(owner=guest),
            await desk.open(),
        )
        async with desk.db.read() as session:
            assert (await api.get_case(session, case_id=mine.id, owner=shopper)).id == mine.id
            assert (await api.get_case(session, case_id=theirs.id, owner=guest)).id == theirs.id
            for case, owner in (
                (mine, guest),
                (theirs, shopper),
                (mine, Owner(guest_token="secret-tokem")),
                (nobodys, shopper),
                (nobodys, guest),
                (nobodys, Owner()),
                (nobodys, Owner(guest_token="")),
            ):
                with pytest.raises(api.NoCase):
                    await api.get_case(session, case_id=case.id, owner=owner)
            assert [c.id for c in (await api.list_cases(session, owner=shopper)).items] == [mine.id]
            assert [c.id for c in (await api.list_cases(session, owner=guest)).items] == [theirs.id]
            assert (await api.list_cases(session, owner=Owner())).items == ()
            assert len((await api.list_cases(session, owner=None)).items) == 3

    async def test_the_guests_token_is_not_kept(self, desk: Desk):
        await desk.open(owner=Owner(guest_token="secret-token"))
        async with desk.db.read() as session:
            row = await session.row("SELECT c::text AS line FROM aftersales.cases c")
        assert row is not None
        assert "secret" not in row["line"]

    async def test_what_does_not_exist(self, desk: Desk):
        ghost = msgspec.structs.replace(await desk.open(), id=ids.new_id())
        for verb in (desk.approve, desk.reject, desk.withdraw, desk.receive, desk.start):
            with pytest.raises(api.NoCase):
                await verb(ghost)


async def test_a_no_has_a_reason(desk: Desk):
    case = await desk.open()
    for why in ("", "  ", "x" * 1001, "a\x00"):
        with pytest.raises(api.BadCase):
            await desk.reject(case, why)
    assert (await desk.reject(case)).history[-1].note == "已使用"


async def test_lists_filter_and_turn_pages(desk: Desk):
    trade_id = ids.new_id()
    cases = [await desk.open(trade_id=trade_id if n % 2 else ids.new_id()) for n in range(5)]
    await desk.approve(cases[0])
    async with desk.db.read() as session:
        of_trade = await api.list_cases(session, owner=None, trade_id=trade_id)
        of_order = await api.list_cases(session, owner=None, order_id=cases[2].order_id)
        approved = await api.list_cases(session, owner=None, status="approved")
        seen: list[UUID] = []
        cursor: str | None = None
        while True:
            page = await api.list_cases(session, owner=None, cursor=cursor, limit=2)
            seen += [case.id for case in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
    assert [case.id for case in of_trade.items] == [cases[3].id, cases[1].id]
    assert [case.id for case in of_order.items] == [cases[2].id]
    assert [case.id for case in approved.items] == [cases[0].id]
    assert seen == [case.id for case in reversed(cases)]


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE aftersales.cases SET refunded_amount = amount + 1, status = 'refunded', closed_at = now()",
        "UPDATE aftersales.cases SET status = 'refunded'",
        "UPDATE aftersales.cases SET status = 'lost'",
        "UPDATE aftersales.cases SET kind = 'refund_only', status = 'received'",
        "UPDATE aftersales.case_unit SET amount = paid + 1",
        "UPDATE aftersales.case_unit SET grade = 'burn'",
    ],
)
async def test_the_tables_refuse_what_the_code_never_does(desk: Desk, sql: str):
    await desk.open()
    with pytest.raises(asyncpg.CheckViolationError):
        async with desk.db.transaction() as tx:
            await tx.execute(sql)
