"""One hot SKU: complete orders by many buyers at once; its stock must be sold exactly once."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

import buying
import goods
from running import House

BUYERS = 64


@dataclass(frozen=True, kw_only=True)
class Rush:
    """`rate` is paid orders a second until the last one of the stock, `answers` attempts a second over all of it."""

    stock: int
    attempts: int
    paid: int
    rate: float
    answers: float
    p50: float
    p99: float
    refused: dict[str, int]

    @property
    def oversold(self) -> int:
        return max(self.paid - self.stock, 0)


def run(house: House, attempts: int, *, number: int = 0) -> Rush:
    """Let 64 buyers at a time try for one new SKU with a quarter as many pieces as attempts, whole orders."""
    stock = attempts // 4
    row: dict[str, Any] = {
        "product_code": f"HOT{number}",
        "sku_code": f"HOT{number}-0",
        "category": f"rush{number}",
        "price": "19.90",
        "currency": "CNY",
        "weight_g": 100,
        "stock": stock,
        "list": "1",
        "title.en": "hot",
        "title.zh": "抢",
    }
    table = house.home / "hot.jsonl"
    table.write_text(json.dumps(row, ensure_ascii=False) + "\n", encoding="utf-8")
    goods.load(house, table)
    # Another face than the one that is asked may have kept the categories; it hears of new ones within a second.
    time.sleep(1.5)
    (sku,) = goods.plenty(house, 1, category=f"rush{number}")
    tally = buying.rush(house, sku, buyers=BUYERS, attempts=attempts)
    return Rush(
        stock=stock,
        attempts=attempts,
        paid=len(tally.seconds),
        rate=len(tally.seconds) / max(tally.last - tally.began, 1e-9),
        answers=attempts / (tally.ended - tally.began),
        p50=tally.percentile(0.5),
        p99=tally.percentile(0.99),
        refused=dict(tally.refused),
    )


def told(one: Rush) -> str:
    return (
        f"hot SKU           {BUYERS} buyers, stock {one.stock}, {one.attempts} attempts: {one.paid} paid orders, "
        f"oversold {one.oversold}, {one.rate:.0f} orders/s, {one.answers:.0f} attempts/s, p50 {one.p50:.0f} ms, "
        f"p99 {one.p99:.0f} ms, {one.refused}"
    )
