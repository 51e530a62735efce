"""Decisions of a flash sale: its life, its room, its lanes, its tokens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daji.grow.flash import rules
from daji.grow.flash.facts import (
    LaneReport,
    LaneView,
    NewLine,
    Pass,
    PassView,
    Plan,
    Sale,
    SaleLine,
    Settled,
    Ticket,
)
from daji.grow.flash.gate import Gate, Lane
from daji.grow.flash.states import SALE
from daji.grow.flash.tokens import Signer
from daji.kit import ids
from daji.kit.problems import Invalid

NOON = datetime(2026, 11, 11, 12, tzinfo=UTC)


def sale(**more: Any) -> Sale:
    given_: dict[str, Any] = {
        "id": ids.new_id(),
        "titles": {"en": "Flash"},
        "channel": "web",
        "currency": "CNY",
        "status": "scheduled",
        "opens_at": NOON,
        "closes_at": NOON + timedelta(hours=1),
        "per_buyer": 1,
        "audience": "anyone",
        "pass_minutes": 5,
        "pay_minutes": 10,
        "admit_percent": 110,
        "version": 1,
        "lines": (SaleLine(id=ids.new_id(), sku_id=ids.new_id(), price=100, quota=10, taken=0),),
        **more,
    }
    return Sale(**given_)


def taken(one: Sale, count: int) -> Sale:
    return msgspec.structs.replace(one, lines=(msgspec.structs.replace(one.lines[0], taken=count),))


def test_every_status_is_reached_and_only_the_closed_one_ends() -> None:
    assert SALE.unreachable() == ()
    assert SALE.finals == ("closed",)


@pytest.mark.parametrize(
    ("minutes", "count", "phase"),
    [(-1, 0, "scheduled"), (0, 0, "open"), (59.99, 9, "open"), (30, 10, "sold_out"), (60, 0, "closed")],
)
def test_the_clock_and_the_count_say_what_a_sale_is(minutes: float, count: int, phase: str) -> None:
    assert rules.phase(taken(sale(), count), NOON + timedelta(minutes=minutes)) == phase


def test_a_closed_sale_stays_closed_whatever_the_clock_says() -> None:
    assert rules.phase(sale(status="closed"), NOON) == "closed"
    assert rules.phase(sale(status="draft"), NOON) == "draft"


@pytest.mark.parametrize(("minutes", "may"), [(-31, False), (-30, True), (0, True), (59, True), (60, False)])
def test_the_line_opens_half_an_hour_before(minutes: int, may: bool) -> None:
    assert rules.may_join(sale(), NOON + timedelta(minutes=minutes)) is may


@pytest.mark.parametrize(("count", "per_buyer", "room"), [(0, 1, 11), (9, 1, 2), (10, 1, 0), (0, 2, 6)])
def test_the_room_before_the_till_follows_what_is_left(count: int, per_buyer: int, room: int) -> None:
    assert rules.room(taken(sale(per_buyer=per_buyer), count), NOON) == room
    assert rules.room(taken(sale(), count), NOON - timedelta(seconds=1)) == 0


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"titles": {}}, "/titles"),
        ({"titles": {"en": " "}}, "/titles/en"),
        ({"closes_at": NOON}, "/closes_at"),
        ({"per_buyer": 0}, "/per_buyer"),
        ({"admit_percent": 99}, "/admit_percent"),
        ({"pass_minutes": 61}, "/pass_minutes"),
        ({"lines": ()}, "/lines"),
    ],
)
def test_a_plan_that_cannot_be_says_which_field_is_wrong(change: dict[str, Any], pointer: str) -> None:
    plan = Plan(
        titles={"en": "Flash"},
        channel="web",
        currency="CNY",
        opens_at=NOON,
        closes_at=NOON + timedelta(hours=1),
        lines=(NewLine(sku_id=ids.new_id(), price=1, quota=1),),
    )
    rules.check_plan(plan, now=NOON)
    with pytest.raises(Invalid) as refused:
        rules.check_plan(msgspec.structs.replace(plan, **change), now=NOON)
    assert pointer in {field.pointer for field in refused.value.fields}


counts = st.integers(0, 500)


@given(
    whole=counts,
    mine=st.lists(st.tuples(counts, counts, st.booleans()), min_size=1, max_size=4),
    others=st.lists(st.tuples(counts, counts, st.booleans()), max_size=4),
)
def test_lanes_never_get_more_than_the_room_beyond_those_they_called(
    whole: int, mine: list[tuple[int, int, bool]], others: list[tuple[int, int, bool]]
) -> None:
    own = [
        LaneReport(id=ids.new_id(), late=late, issued=waiting, called=0, busy=busy)
        for waiting, busy, late in mine
    ]
    rest = [
        (LaneView(id=ids.new_id(), worker="x", late=late, issued=waiting, called=0, units=units), units)
        for waiting, units, late in others
    ]
    got = rules.shares(whole, own, rest)
    free = max(0, whole - sum(kept for _, kept in rest))
    busy = sum(one.busy for one in own)
    assert sum(got.values()) <= max(free, 0) + busy
    assert all(got[one.id] >= one.busy for one in own)
    if any(not one.late and one.issued for one in own):
        assert all(got[one.id] == one.busy for one in own if one.late)


def test_two_accounts_that_receive_at_one_telephone_are_one_buyer() -> None:
    assert rules.phone_key("+86 138-0013-8000") == rules.phone_key("13800138000")
    assert rules.phone_key("13800138001") != rules.phone_key("13800138000")
    assert rules.phone_key("-") is None


def test_a_token_of_one_kind_or_house_is_nothing_to_another() -> None:
    signer, other = Signer(b"a" * 32), Signer(b"b" * 32)
    sale_id, lane_id = ids.new_id(), ids.new_id()
    ticket = signer.write(Ticket(sale_id, lane_id, 7, "guest:1", 0))
    granted = signer.write(Pass(sale_id, ids.new_id(), "guest:1", 99))
    assert signer.read(Ticket, ticket) == Ticket(sale_id, lane_id, 7, "guest:1", 0)
    assert signer.read(Pass, ticket) is None
    assert signer.read(Ticket, granted) is None
    assert other.read(Ticket, ticket) is None
    flipped = ticket[:10] + ("A" if ticket[10] != "A" else "B") + ticket[11:]
    for broken in (flipped, ticket[:-1], "", "é", "x" * 10_000):
        assert signer.read(Ticket, broken) is None


@dataclass
class Line:
    """A gate with so much room, and its clock."""

    gate: Gate
    sale: Sale
    now: datetime = NOON

    def settle(self, units: int, *passes: PassView) -> None:
        views = [
            msgspec.structs.replace(view, worker="w", units=units if not view.late else 0)
            for view in self.gate.lanes
        ]
        self.gate.learn(Settled(sale=self.sale, hope=True, lanes=tuple(views), passes=passes, at=self.now))

    def state(self, ticket: Ticket) -> str:
        return self.gate.standing(ticket, self.sale, self.now).state


def line() -> Line:
    one = sale()
    return Line(gate=Gate(one.id, worker="w"), sale=one)


def test_buyers_are_called_in_the_order_of_their_coming() -> None:
    at = line()
    tickets = [at.gate.join(f"guest:{n}", NOON) for n in range(5)]
    assert [ticket.place for ticket in tickets] == [1, 2, 3, 4, 5]
    assert at.gate.join("guest:2", NOON) == tickets[2]
    at.settle(2)
    assert [at.state(ticket) for ticket in tickets] == ["called", "called", "waiting", "waiting", "waiting"]
    assert at.gate.standing(tickets[4], at.sale, NOON).ahead == 2


def test_who_does_not_come_makes_room_for_the_next_and_may_still_come_late() -> None:
    at = line()
    tickets = [at.gate.join(f"guest:{n}", NOON) for n in range(3)]
    at.settle(1)
    at.now += timedelta(seconds=rules.CALL_SECONDS)
    assert at.state(tickets[1]) == "called"
    assert at.state(tickets[0]) == "called"
    held = PassView(
        lane_id=tickets[1].lane_id, place=2, expires_at=at.now + timedelta(minutes=5), spent=False
    )
    at.settle(1, held)
    assert at.state(tickets[0]) == "waiting"


def test_a_used_pass_frees_its_place_once_and_a_new_one_is_given_to_who_comes_again() -> None:
    at = line()
    first = at.gate.join("guest:0", NOON)
    at.gate.join("guest:1", NOON)
    at.settle(1)
    used = PassView(lane_id=first.lane_id, place=1, expires_at=NOON + timedelta(minutes=5), spent=True)
    at.settle(1, used)
    again = at.gate.join("guest:0", NOON)
    assert again.place == 3


def test_programs_and_the_many_of_one_network_wait_behind_everybody() -> None:
    at = line()
    hasty = at.gate.join("guest:bot", NOON, network="net:a", hasty=True)
    first = at.gate.join("guest:1", NOON, network="net:b")
    second = at.gate.join("guest:2", NOON, network="net:b")
    member = at.gate.join("shopper:1", NOON)
    assert hasty.lane_id == second.lane_id != first.lane_id == member.lane_id
    assert at.gate.standing(hasty, at.sale, NOON).ahead >= 2


def test_a_lane_whose_people_have_left_calls_many_at_once() -> None:
    lane = Lane(ids.new_id(), late=False, issued=10_000)
    lane.units, now = 1, NOON
    for _ in range(150):
        lane.call(now)
        now += timedelta(seconds=rules.CALL_SECONDS)
    assert lane.called > 2_000
    assert len(lane.expected) <= 1 / rules.FEWEST_SHOW


def test_a_ticket_of_a_lane_nobody_told_of_yet_waits_and_is_remembered() -> None:
    at = line()
    at.settle(5)
    stranger = Ticket(at.sale.id, UUID(int=5), 42, "guest:9", 0)
    assert at.state(stranger) == "waiting"
