"""Rules, dashboards and runbooks name only what is there: figures that are told, routes that exist, pages, alarms."""

from __future__ import annotations

import importlib
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import REGISTRY

from daji.faces import figures
from daji.faces.app import create_app
from daji.faces.cli import vitals
from tests.faces.real_app import RealShop

ROOT = Path(__file__).parents[2]
HERE = ROOT / "deploy" / "observability"
RUNBOOKS = ROOT / "docs" / "runbooks"
RULES: dict[str, Any] = yaml.safe_load((HERE / "rules.yaml").read_text())
ALERTS = [rule for group in RULES["groups"] for rule in group["rules"] if "alert" in rule]
RECORDED = {rule["record"] for group in RULES["groups"] for rule in group["rules"] if "record" in rule}
BOARDS = {path.name: json.loads(path.read_text()) for path in sorted((HERE / "dashboards").glob("*.json"))}
NAME = re.compile(r"\b(daji[:_][a-z0-9_:]+|process_[a-z_]+)")
# Told by Prometheus itself.
THEIRS = {"up"}
SECTIONS = ("What the shopper feels", "What shows it", "What mends it", "How to know it is over")


def expressions() -> Iterator[tuple[str, str]]:
    for group in RULES["groups"]:
        for rule in group["rules"]:
            yield rule.get("alert") or rule["record"], rule["expr"]
    for board in BOARDS.values():
        for panel in board["panels"]:
            for target in panel["targets"]:
                yield panel["title"], target["expr"]


def told() -> set[str]:
    """Names of all series that web processes and workers tell."""
    for module in ("daji.faces.app", "daji.faces.worker", "daji.faces.figures"):
        importlib.import_module(module)
    found = set()
    for family in REGISTRY.collect():
        suffixes = {
            "counter": ("_total",),
            "histogram": ("_bucket", "_count", "_sum"),
        }.get(family.type, ("",))
        found |= {family.name + suffix for suffix in suffixes}
    return found


def unknown(expression: str, known: set[str]) -> set[str]:
    names = {name for name in NAME.findall(expression) if not name.startswith("daji-")}
    return {name for name in names if name not in known}


def test_every_figure_that_is_named_is_told() -> None:
    known = told() | RECORDED
    missing = {where: gone for where, text in expressions() if (gone := unknown(text, known))}
    assert missing == {}


def test_a_figure_that_nobody_tells_is_noticed() -> None:
    assert unknown("rate(daji_seeded_total[5m]) > 0", told()) == {"daji_seeded_total"}


async def test_every_route_that_is_named_exists(shop: RealShop) -> None:
    routes = {route.path_format for route in create_app(shop.house).routes}
    for _, text in expressions():
        for operator, quoted in re.findall(r'route(=~|!~)"((?:[^"\\]|\\.)*)"', text):
            for pattern in re.split(r"\|(?![^(]*\))", quoted.replace("\\\\", "\\")):
                if "unmatched" in pattern:
                    continue
                assert any(re.fullmatch(pattern, route) for route in routes), (operator, pattern)


def test_every_alarm_has_its_page_and_every_page_its_alarm() -> None:
    named = set()
    for rule in ALERTS:
        page = ROOT / rule["annotations"]["runbook"]
        assert page.is_file(), rule["alert"]
        assert f"`{rule['alert']}`" in page.read_text(), rule["alert"]
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert rule["annotations"]["summary"]
        named.add(page)
    alarms = {rule["alert"] for rule in ALERTS}
    pages = {page for page in RUNBOOKS.glob("*.md") if page.name != "README.md"}
    assert len(pages) >= 10
    for page in pages:
        (line,) = re.findall(r"(?m)^Alarms: .*$", page.read_text())
        assert set(re.findall(r"`(\w+)`", line)) <= alarms, page.name


@pytest.mark.parametrize("page", sorted(RUNBOOKS.glob("[a-z]*.md")), ids=lambda page: page.stem)
def test_a_page_says_all_four_things_with_commands(page: Path) -> None:
    text = page.read_text()
    parts = dict(re.findall(r"(?ms)^## ([^\n]+)\n(.*?)(?=^## |\Z)", text))
    for section in SECTIONS:
        assert parts.get(section, "").strip(), section
    for section in SECTIONS[1:3]:
        assert "```sh\n" in parts[section], section
    for block in re.findall(r"(?s)```sh\n(.*?)```", text):
        subprocess.run(["bash", "-n", "-c", block], check=True)
    assert f"({page.name})" in (RUNBOOKS / "README.md").read_text()


def test_burn_rates_look_at_two_windows() -> None:
    burning = [rule for rule in ALERTS if "ratio_rate" in rule["expr"]]
    assert len(burning) == 9
    for rule in burning:
        long, short = re.findall(r"ratio_rate(\w+) >", rule["expr"])
        assert (long, short) in {("1h", "5m"), ("6h", "30m"), ("3d", "6h")}
        assert len(set(re.findall(r"> ([\d.]+)", rule["expr"]))) == 1


def test_the_console_s_limits_are_those_of_the_alarms() -> None:
    text = " ".join(rule["expr"] for rule in ALERTS)
    for field, limit in vitals.LIMITS.items():
        name = (figures._SIGNS | figures._SLOW)[field][0]
        assert re.search(rf"{name}\) > {limit:g}\b", text), field


def test_dashboards_are_whole() -> None:
    assert set(BOARDS) == {"shop.json", "machine.json"}
    for board in BOARDS.values():
        assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
        places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in board["panels"]]
        assert len(set(places)) == len(places)
        assert all(panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24 for panel in board["panels"])


def promtool() -> str:
    found = shutil.which("promtool")
    if found is None:
        pytest.skip("no promtool on PATH (it is in Debian's `prometheus`)")
    return found


def test_prometheus_reads_the_rules() -> None:
    subprocess.run([promtool(), "check", "rules", str(HERE / "rules.yaml")], check=True, capture_output=True)


def test_alarms_ring_when_they_should_and_not_before() -> None:
    subprocess.run(
        [promtool(), "test", "rules", str(HERE / "rules.test.yaml")], check=True, capture_output=True
    )
