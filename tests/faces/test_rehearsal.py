"""The short form of `daji rehearse flash-sale`: two thousand attempts, and every invariant."""

from __future__ import annotations

import msgspec

from daji.faces.cli.rehearse import START
from daji.faces.cli.rehearsing.flash import gini, rehearse_flash_sale
from tests.faces import http_app


async def test_two_thousand_attempts_sell_exactly_the_stock() -> None:
    with http_app.silence():
        result = await rehearse_flash_sale(
            attempts=2_000, stock=50, bots=0.3, duplicates=0.05, seed=7, processes=2, start=START
        )
    verdict = result.judge()
    assert verdict.passed, verdict.bars
    assert (result.sold, result.oversold, result.leaked, result.miscounted) == (50, 0, 0, 0)
    assert result.doubled > 0
    assert result.order_kept > 0.8
    for harm in ({"sold": 49}, {"oversold": 1}, {"leaked": 1}, {"errors": 1}, {"doubles_that_differ": 1}):
        assert not msgspec.structs.replace(result, **harm).judge().passed


def test_the_gini_of_waiting_knows_equal_and_unequal() -> None:
    assert gini([5.0, 5.0, 5.0]) == 0
    assert gini([]) == 0
    assert 0.7 < gini([0.0] * 9 + [10.0]) <= 0.9
