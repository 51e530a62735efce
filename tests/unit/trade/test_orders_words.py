"""Every state, reason, change, timeline code and refusal of cart and orders can be read in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import daji
from daji.kit.i18n import Catalogue
from daji.kit.problems import Problem
from daji.trade.cart.rules import CHANGE_CODES
from daji.trade.orders import api, rules
from daji.trade.orders.states import AFTERSALES, DELIVERY, MOVES, ORDER, PAYMENTS, TRADE, UNIT

HOUSE = Path(daji.__file__).parent
CATALOGUE = Catalogue(HOUSE / "faces" / "messages")


def timeline_codes() -> set[str]:
    """Codes that the room's verbs write, and those that journeys note."""
    sources = [*(HOUSE / "trade/orders/commands").glob("*.py"), *(HOUSE / "flows").glob("*.py")]
    text = "\n".join(path.read_text() for path in sources)
    plain = {
        code
        for call in re.findall(r"(?:Happened|orders\.note)\((.*?)\bparams=", text, re.DOTALL)
        for code in re.findall(r'"([a-z_]+)"', call)
    }
    named = set(re.findall(r'code = "([a-z_]+)" if late else "([a-z_]+)"', text)[0])
    paid = set(re.findall(r'"(payment_[a-z]+)":', text))
    moved = {f"delivery_{target}" for (_, verb), target in DELIVERY.table.items() if verb in MOVES}
    return {code for code in plain | named | paid | moved if code not in {"keep", "delivery_"}}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_word_is_there(lang: str):
    needed = {
        "trade_status": TRADE.statuses,
        "payment": PAYMENTS,
        "order_status": ORDER.statuses,
        "delivery": DELIVERY.statuses,
        "aftersales": AFTERSALES,
        "unit_status": UNIT.statuses,
        "cancel_reason": rules.CANCEL_REASONS,
        "quote_change": CHANGE_CODES,
        "timeline": timeline_codes(),
    }
    known = {key for key in CATALOGUE.keys(lang) if key.startswith("orders.")}
    assert known == {f"orders.{group}.{code}" for group, codes in needed.items() for code in codes}


def test_the_codes_are_found_in_the_source():
    assert {
        "placed",
        "confirmed_late",
        "order_cancelled",
        "payment_refunded",
        "paid_too_late",
        "return_kept",
    } <= (timeline_codes())


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_refusal_has_a_title_and_a_detail(lang: str):
    assert api.TradeUnknown.code in Problem.catalogue()
    codes = [code for code in Problem.catalogue() if code.split(".")[0] in {"cart", "orders"}]
    assert len(codes) == 16
    for code in codes:
        for part in ("title", "detail"):
            assert f"problems.{code}.{part}" in CATALOGUE.keys(lang)


def test_both_languages_have_the_same_gaps():
    ours = [difference for difference in CATALOGUE.compare() if difference.key.split(".")[0] == "orders"]
    assert ours == []
