"""How Chinese is spelled in letters."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from importlib.resources import files

_WITHOUT = ("PYPINYIN_NO_PHRASES", "PYPINYIN_NO_DICT_COPY")
"""Variables by which the library leaves its words alone when it is imported."""


@cache
def _speller() -> Callable[[str], list[str]]:
    """The library with words of its own that are read otherwise than their characters, and with no others.

    All of its words would take 50 MB, and half a second of every process that spells; they are read the same without
    (`tools/readings.py`).
    """
    before = {name: os.environ.get(name) for name in _WITHOUT}
    os.environ.update(dict.fromkeys(_WITHOUT, "1"))
    from pypinyin import constants, lazy_pinyin  # noqa: PLC0415 - see above
    from pypinyin.seg import mmseg  # noqa: PLC0415 - see above

    for name, value in before.items():
        if value is None:
            del os.environ[name]
        else:
            os.environ[name] = value
    # Full where somebody else imported it before.
    if not constants.PHRASES_DICT:
        alike: dict[str, str] = {}
        constants.PINYIN_DICT.update(
            {letter: alike.setdefault(one, one) for letter, one in constants.PINYIN_DICT.items()}
        )
        words = _words()
        constants.PHRASES_DICT.update(words)
        mmseg.p_set.train(iter(words))
    return lazy_pinyin


def _words() -> dict[str, list[list[str]]]:
    rows = files("daji.kit").joinpath("readings.tsv").read_text(encoding="utf-8").splitlines()
    # What is read alike is one object.
    shared: dict[str, list[str]] = {}
    return {
        word: [shared.setdefault(one, [one]) for one in readings]
        for word, *readings in (row.split("\t") for row in rows)
    }


def spell(text: str) -> list[str]:
    """Syllables of the text without tones; what is not Chinese stands between them as it is."""
    return _speller()(text)
