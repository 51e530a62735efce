from __future__ import annotations

from uuid import UUID

import pytest

from daji.fulfil.supply import rules
from daji.fulfil.supply.facts import NoticeLine
from daji.fulfil.supply.states import NOTICE
from daji.kit.problems import Invalid

TEA, POT = UUID(int=1), UUID(int=2)


def test_notices_move_forward_only() -> None:
    assert NOTICE.unreachable() == ()
    assert NOTICE.is_acyclic()
    assert set(NOTICE.finals) == {"closed", "cancelled"}
    assert not NOTICE.allows("receiving", "cancel")


def test_what_came_is_added_also_when_nobody_announced_it() -> None:
    before = (NoticeLine(sku_id=TEA, expected=5, received=2),)
    after = rules.after_receipt(before, [(TEA, 4), (POT, 1)])
    assert after == (
        NoticeLine(sku_id=TEA, expected=5, received=6),
        NoticeLine(sku_id=POT, expected=0, received=1),
    )
    assert rules.is_complete(after)
    assert not rules.is_complete(before)


@pytest.mark.parametrize(
    ("lines", "pointer"),
    [
        ([], "/lines"),
        ([(TEA, 0)], "/lines/0/qty"),
        ([(TEA, 1), (POT, -3)], "/lines/1/qty"),
        ([(TEA, rules.MAX_QTY + 1)], "/lines/0/qty"),
        ([(TEA, 1), (TEA, 1)], "/lines/1/qty"),
        ([(UUID(int=n), 1) for n in range(rules.MAX_LINES + 1)], "/lines"),
    ],
)
def test_what_is_no_delivery_is_refused(lines: list[tuple[UUID, int]], pointer: str) -> None:
    with pytest.raises(Invalid) as caught:
        rules.check_lines(lines)
    assert caught.value.fields[0].pointer == pointer
