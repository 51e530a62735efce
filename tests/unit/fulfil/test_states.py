from __future__ import annotations

from daji.fulfil.warehouse.states import PICK_LIST


def test_pick_lists_move_forward_only() -> None:
    assert PICK_LIST.unreachable() == ()
    assert PICK_LIST.is_acyclic()
    assert set(PICK_LIST.finals) == {"handed_over", "cancelled"}
