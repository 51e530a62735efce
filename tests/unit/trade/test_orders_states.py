"""The axes as data: everything reachable, nothing goes back, and each column has one writer."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from daji.kit.problems import Invalid
from daji.kit.states import Transitions
from daji.trade.orders import rules
from daji.trade.orders.states import AFTERSALES, DELIVERY, GOODS_AT_HAND, MOVES, ORDER, PAYMENTS, TRADE, UNIT
from daji.trade.orders.store import axes, checks, payment, read, units, write

ROOM = Path(rules.__file__).parent
ASSIGNED = re.compile(r"\b(status|payment|delivery|aftersales)\s*=(?!=)")
# A busy machine may be slow; what is asserted is never time.
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
WRITERS = {
    "axes.SQL_MOVE_TRADE": {"status"},
    "axes.SQL_MOVE_TRADES": {"status"},
    "axes.SQL_CANCEL_ORDERS": {"status", "delivery"},
    "axes.SQL_MOVE_DELIVERIES": {"delivery"},
    "axes.SQL_COMPLETE": {"status"},
    "payment.SQL_DERIVE_PAYMENT": {"payment"},
    # The claim of what is fully paid: the same sums, and the one move that they allow, in one statement.
    "payment.SQL_CONFIRM": {"status", "payment", "delivery"},
    "units.SQL_MOVE_UNITS": {"status"},
    "units.SQL_DERIVE_AFTERSALES": {"aftersales"},
}


@pytest.mark.parametrize("axis", [TRADE, ORDER, DELIVERY, UNIT])
def test_every_state_can_be_reached_and_every_verb_leads_to_one_state(axis: Transitions):
    assert axis.unreachable() == ()
    targets: dict[str, set[str]] = {}
    for (_, verb), target in axis.table.items():
        targets.setdefault(verb, set()).add(target)
    # The claiming statements set one target per verb.
    assert all(len(found) == 1 for found in targets.values())


@pytest.mark.parametrize("axis", [TRADE, ORDER, DELIVERY])
def test_no_axis_goes_back_u23(axis: Transitions):
    assert axis.is_acyclic()


def test_only_a_withdrawn_return_leads_a_unit_back():
    back = {key: target for key, target in UNIT.table.items() if key != ("in_return", "keep")}
    assert Transitions(back, initial="sold").is_acyclic()
    assert UNIT.finals == ("cancelled", "returned")


def test_the_ends():
    assert TRADE.finals == ("cancelled", "completed")
    assert ORDER.finals == ("cancelled", "completed")
    assert DELIVERY.finals == ("stopped", "delivered", "returned")
    assert set(GOODS_AT_HAND) < set(DELIVERY.statuses)
    assert set(MOVES) | {"release"} == {verb for _, verb in DELIVERY.table}


def statements() -> dict[str, str]:
    """Every SQL constant of the store by module and name."""
    return {
        f"{module.__name__.rsplit('.', 1)[-1]}.{name}": sql
        for module in (axes, checks, payment, read, units, write)
        for name, sql in vars(module).items()
        if name.startswith("SQL_")
    }


def test_no_module_of_the_store_is_left_out():
    names = {path.stem for path in (ROOM / "store").glob("*.py")} - {"__init__"}
    assert names == {name.split(".")[0] for name in statements()}


def assigned(sql: str) -> set[str]:
    """Columns of the axes that the SET clause of an UPDATE names."""
    clauses = re.findall(r"\bUPDATE\b.*?\bSET\b(.*?)(?:\n ?FROM|\n ?WHERE|\bWHERE\b|\Z)", sql, re.DOTALL)
    return {
        name
        for clause in clauses
        for name in ASSIGNED.findall(re.sub(r"CASE.*?END", "", clause, flags=re.DOTALL))
    }


def test_the_axes_have_these_writers_and_no_other():
    found = {name: columns for name, sql in statements().items() if (columns := assigned(sql))}
    assert found == WRITERS
    inserted = [
        name for name, sql in statements().items() if re.search(r"INSERT INTO[^(]*\([^)]*\bstatus\b", sql)
    ]
    assert inserted == []


def test_a_second_writer_would_be_seen():
    assert assigned("UPDATE orders.trade SET payment = 'paid' WHERE id = $1") == {"payment"}
    assert assigned("UPDATE orders.unit u\n   SET refunded = 1,\n       status = 'x'\n  FROM y") == {"status"}
    assert assigned("SELECT 1 FROM orders.trade WHERE status = 'placed'") == set()


def test_nobody_outside_the_store_writes_to_orders():
    house = ROOM.parents[1]
    writing = re.compile(r"(UPDATE|INSERT INTO|DELETE FROM)\s+orders\.", re.IGNORECASE)
    strays = [
        str(path.relative_to(house))
        for path in sorted(house.rglob("*.py"))
        if ROOM / "store" not in path.parents
        and "migrations" not in path.parts
        and writing.search(path.read_text())
    ]
    assert strays == []


@UNHURRIED
@given(st.lists(st.sampled_from(ORDER.statuses), max_size=6))
def test_a_trade_follows_its_orders(statuses: list[str]):
    verb = rules.trade_verb(statuses)
    alive = [status for status in statuses if status != "cancelled"]
    if not statuses or any(status != "completed" for status in alive):
        assert verb is None
    else:
        assert verb == ("complete" if alive else "cancel")


def test_only_goods_that_left_come_back():
    allowed = {d for d in DELIVERY.statuses if rules.may_return("confirmed", d)}
    assert allowed == {"shipped", "delivered", "failed"}
    assert rules.may_return("completed", "delivered")
    assert not rules.may_return("cancelled", "returned")


def test_reasons_and_codes():
    for reason in rules.CANCEL_REASONS:
        rules.check_reason(reason)
    for code in ("", "A", "a-b", "a b", "1a", "a\n", "ä", "a" * 61):
        with pytest.raises(Invalid):
            rules.check_code("/code", code)
        with pytest.raises(Invalid):
            rules.check_reason(code)


def test_the_derived_axes_name_no_state_twice():
    assert len(set(PAYMENTS)) == 5
    assert len(set(AFTERSALES)) == 4
