"""No float comes near money, and no count or balance is read, changed in the program, and written back (U-11, U-64)."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.house.test_sql import constants

ROOT = Path(__file__).parents[2]
MONEY_ROOMS = ("kit/money.py", "shop/pricing", "trade", "care/aftersales", "fulfil/inventory", "flows")
MONEY_WORDS = re.compile(
    r"(^|_)(amount|price|fee|total|due|paid|captured|refunded|freight|discount|goods|balance)s?($|_)"
)

BALANCES = {
    "inventory.balance": ("on_hand", "held", "quarantined"),
    "payments.payable": ("captured", "refunding", "refunded"),
    "payments.tender": ("captured", "refunding", "refunded"),
    "orders.unit": ("refunded",),
}


def float_sins(source: str, name: str) -> list[str]:
    """Floats and true divisions in a module about money; coordinates and ratios of time are not money."""
    sins = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            sins.append(f"{name}:{node.lineno} divides with a fraction")
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float":
            sins.append(f"{name}:{node.lineno} makes a float")
        if isinstance(node, ast.AnnAssign | ast.arg) and node.annotation is not None:
            target = node.arg if isinstance(node, ast.arg) else ast.unparse(node.target)
            if "float" in ast.unparse(node.annotation) and MONEY_WORDS.search(target):
                sins.append(f"{name}:{node.lineno} {target} is a float")
    return sins


def modules() -> list[Path]:
    found: list[Path] = []
    for place in MONEY_ROOMS:
        path = ROOT / "daji" / place
        found += [path] if path.suffix else sorted(path.rglob("*.py"))
    return [path for path in found if "replay_olist" not in path.parts]


def test_u64_no_float_near_money() -> None:
    sins = [sin for path in modules() for sin in float_sins(path.read_text(), str(path.relative_to(ROOT)))]
    assert sins == []


@pytest.mark.parametrize("seeded", ["x = amount / 3", "def f(price: float) -> None: ...", "y = float(total)"])
def test_a_float_is_noticed(seeded: str) -> None:
    assert float_sins(seeded, "seeded")


def overwrites(sql: str) -> list[str]:
    """Columns of a balance that a statement sets to a parameter instead of moving them by a difference."""
    found = []
    for table, columns in BALANCES.items():
        for update in re.finditer(
            rf"UPDATE {table}\b(.*?)(?=\bWHERE\b|\bFROM\b|\bRETURNING\b|$)", sql, flags=re.DOTALL
        ):
            found += [
                f"{table}.{column}" for column in columns if re.search(rf"\b{column}\s*=\s*\$\d", update[1])
            ]
    return found


def test_u11_balances_move_by_difference_only() -> None:
    assert {name: wrong for name, sql in constants().items() if (wrong := overwrites(sql))} == {}


def test_u11_an_overwritten_balance_is_noticed() -> None:
    assert overwrites("UPDATE inventory.balance SET on_hand = $1 WHERE sku_id = $2")
    assert not overwrites("UPDATE inventory.balance SET on_hand = on_hand - $1 WHERE on_hand - held >= $1")
