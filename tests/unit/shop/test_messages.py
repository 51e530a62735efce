"""Everything this wing and media refuse can be said in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import daji.faces
from daji.base.media import api as media
from daji.kit.i18n import Catalogue
from daji.kit.problems import Problem
from daji.shop.catalog import problems, states
from daji.shop.catalog.facts import ImportJob
from daji.shop.pricing import api as pricing
from daji.shop.reviews import api as reviews

HOUSE = Path(daji.faces.__file__).parents[1]
PLACES = ("shop", "adapters/catalogue", "flows/import_catalogue.py")
CODE = re.compile(r"\"((?:catalog|pricing|reviews)\.[a-z_]+)\"")


def catalogue() -> Catalogue:
    return Catalogue(HOUSE / "faces" / "messages")


def field_codes() -> set[str]:
    """Field codes as they stand in the sources."""
    found: set[str] = set()
    for place in PLACES:
        path = HOUSE / place
        for file in [path] if path.is_file() else path.rglob("*.py"):
            if file.name not in ("events.py", "facts.py", "problems.py", "tables.py"):
                found |= set(CODE.findall(file.read_text(encoding="utf-8")))
    return found - {"catalog.product", "pricing.price", "reviews.summary"}


def test_every_problem_has_its_words() -> None:
    assert problems
    assert pricing
    assert reviews
    assert media
    said = catalogue()
    ours = [
        code
        for code in Problem.catalogue()
        if code.split(".")[0] in ("catalog", "pricing", "reviews", "media")
    ]
    assert len(ours) > 20
    for lang in said.languages:
        missing = [code for code in ours if f"problems.{code}.title" not in said.keys(lang)]
        missing += [code for code in ours if f"problems.{code}.detail" not in said.keys(lang)]
        assert missing == []


def test_every_field_code_has_its_words() -> None:
    said = catalogue()
    codes = field_codes()
    assert len(codes) > 40
    for lang in said.languages:
        assert [code for code in sorted(codes) if f"fields.{code}" not in said.keys(lang)] == []


def test_every_state_has_a_name() -> None:
    said = catalogue()
    for lang in said.languages:
        keys = set(said.keys(lang))
        assert {f"catalog.status.{status}" for status in states.PRODUCT.statuses} <= keys
        assert {f"catalog.verb.{verb}" for _, verb in states.PRODUCT.table} <= keys
        assert {f"catalog.job_status.{status}" for status in ("running", "done", "abandoned")} <= keys
    assert "status" in ImportJob.__struct_fields__


def test_both_languages_of_this_topic_agree() -> None:
    ours = ("catalog.", "fields.catalog.", "fields.pricing.", "fields.reviews.", "reviews.")
    ours += tuple(f"problems.{room}." for room in ("catalog", "pricing", "reviews", "media"))
    assert [one for one in catalogue().compare() if one.key.startswith(ours)] == []
