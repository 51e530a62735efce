"""The console's types are made from the contract: a route that changes without them is noticed here."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import console_types  # noqa: E402 - tools are no package


def test_the_committed_types_are_those_of_the_routes() -> None:
    assert console_types.is_current(), "run `npm run api` in web/"


def test_a_changed_contract_is_noticed() -> None:
    document = console_types.contract()
    document["paths"].pop("/console/v1/orders")
    assert console_types.mark(document) != console_types.mark(console_types.contract())
