"""The arithmetic of docs/how-to/scale.md."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.loading import load

scale = load(Path(__file__).parents[2] / "tools" / "scale.py")


def figure(
    name: str, *, web: float, postgres: float, kept: bool = True, connections: int = 16
) -> dict[str, Any]:
    return {
        "name": name,
        "connections": connections,
        "kept": kept,
        "rate": {"median": 1000.0},
        "statements": 2.0,
        "cpu_ms": {"web": web, "postgres": postgres},
    }


FIGURES = [
    *(figure(name, web=1.0, postgres=0.0) for name in scale.LOOKS),
    figure(scale.LOOKS[0], web=99.0, postgres=99.0, kept=False),
    figure(scale.LOOKS[0], web=99.0, postgres=99.0, connections=64),
    figure(scale.CART, web=2.0, postgres=1.0),
    figure(scale.ORDER, web=4.0, postgres=5.0),
]


def test_an_average_day_is_divided_by_its_seconds() -> None:
    assert scale.Load(orders=86_400, peak=1.0, looks=0.0).orders_a_second == 1.0
    assert round(scale.Load(orders=10_000_000, peak=10.0, looks=0.0).orders_a_second) == 1157


def test_cores_are_rates_times_milliseconds() -> None:
    found = scale.need(scale.read(FIGURES), scale.Load(orders=86_400 * 100, peak=1.0, looks=30.0))
    assert found.requests == pytest.approx(100 * 30 + 200)
    assert found.cores == pytest.approx({"web": 3.0 + 0.2 + 0.4, "postgres": 0.1 + 0.5})
    assert found.statements == pytest.approx(2 * 3200)


def test_what_was_not_measured_is_not_made_up() -> None:
    with pytest.raises(ValueError, match="order, paid"):
        scale.read([one for one in FIGURES if one["name"] != scale.ORDER])


def test_the_report_says_what_is_measured_and_what_is_multiplied() -> None:
    lines = scale.report({"figures": FIGURES}, scale.Load(10_000_000, 10.0, 100.0), busy=0.5, cores=4)
    text = "\n".join(lines)
    assert text.index("measured here") < text.index("multiplied:") < text.index("not multiplied")
    assert "1,157" in text
