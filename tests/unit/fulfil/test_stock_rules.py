from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daji.fulfil.inventory import rules
from daji.fulfil.inventory.facts import Graded, HoldLine, HoldPolicy
from daji.kit.ids import new_id
from daji.kit.problems import Invalid

POLICY = HoldPolicy(max_units_per_buyer_sku=50, max_share_percent=20, min_units=2)


@pytest.mark.parametrize(
    ("on_hand", "allowed"), [(0, 2), (1, 2), (10, 2), (14, 2), (15, 3), (100, 20), (1000, 50)]
)
def test_what_one_buyer_may_keep_unpaid(on_hand: int, allowed: int) -> None:
    """U-14"""
    assert rules.allowed_hold(POLICY, on_hand) == allowed


def test_only_what_is_over_is_told() -> None:
    a, b, c = new_id(), new_id(), new_id()
    over = rules.over_limit(POLICY, on_hand={a: 100, b: 100}, pending={a: 20, b: 21, c: 3})
    assert over == {b: 20, c: 2}


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(1, 9)), min_size=1))
def test_merging_keeps_every_piece_and_the_lock_order(triples: list[tuple[int, int, int]]) -> None:
    skus, sites = [new_id() for _ in range(4)], [new_id() for _ in range(4)]
    lines = [HoldLine(sku_id=skus[a], site_id=sites[b], qty=qty) for a, b, qty in triples]
    merged = rules.merged(lines)
    keys = [(line.sku_id, line.site_id) for line in merged]
    assert keys == sorted(set(keys))
    assert sum(line.qty for line in merged) == sum(qty for _, _, qty in triples)


def test_nonsense_is_refused_with_its_place() -> None:
    with pytest.raises(Invalid) as caught:
        rules.merged([HoldLine(sku_id=new_id(), site_id=new_id(), qty=q) for q in (1, 0)])
    assert caught.value.fields[0].pointer == "/lines/1/qty"
    with pytest.raises(Invalid):
        rules.check_graded(())
    with pytest.raises(Invalid):
        rules.check_graded((Graded(sku_id=new_id(), qty=1, grade="eat"),))  # type: ignore[arg-type]
    with pytest.raises(Invalid):
        rules.check_delta(0, "delta")
