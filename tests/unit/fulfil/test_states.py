from __future__ import annotations

from daji.fulfil.delivery.states import SHIPMENT
from daji.fulfil.warehouse.states import PICK_LIST


def test_pick_lists_move_forward_only() -> None:
    assert PICK_LIST.unreachable() == ()
    assert PICK_LIST.is_acyclic()
    assert set(PICK_LIST.finals) == {"handed_over", "cancelled"}


def test_parcels_never_go_back() -> None:
    assert SHIPMENT.unreachable() == ()
    assert SHIPMENT.is_acyclic()
    assert set(SHIPMENT.finals) == {"delivered", "returned", "cancelled"}
    assert not SHIPMENT.allows("delivered", "in_transit")
    assert not SHIPMENT.allows("created", "in_transit")
