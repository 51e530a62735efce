"""Both languages say everything, and every refusal has its words."""

from __future__ import annotations

from pathlib import Path

from daji.boot import MESSAGES
from daji.faces import app  # noqa: F401 - declares every problem there is
from daji.kit.i18n import Catalogue
from daji.kit.problems import Problem


def lacking(catalogue: Catalogue, codes: list[str]) -> list[str]:
    known = catalogue.keys("zh")
    return [
        f"problems.{code}.{part}"
        for code in codes
        for part in ("title", "detail")
        if f"problems.{code}.{part}" not in known
    ]


def ours() -> list[str]:
    return [code for code, kind in Problem.catalogue().items() if kind.__module__.startswith("daji.")]


def test_both_catalogues_have_the_same_keys_and_gaps() -> None:
    assert Catalogue(MESSAGES).compare() == ()


def test_every_problem_has_a_title_and_a_detail() -> None:
    assert lacking(Catalogue(MESSAGES), ours()) == []


def test_a_missing_word_is_noticed() -> None:
    assert lacking(Catalogue(MESSAGES), ["seeded.unheard_of"])


def test_a_missing_translation_is_noticed(tmp_path: Path) -> None:
    for lang, text in (("zh", 'a = "甲"\nb = "乙 {n}"'), ("en", 'a = "A"\nb = "B"')):
        (tmp_path / lang).mkdir()
        (tmp_path / lang / "x.toml").write_text(text)
    assert Catalogue(tmp_path).compare()
