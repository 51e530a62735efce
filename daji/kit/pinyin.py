"""How Chinese is spelled in letters."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from functools import cache
from importlib.resources import files

import msgspec

_WITHOUT = ("PYPINYIN_NO_PHRASES", "PYPINYIN_NO_DICT_COPY")
"""Variables by which the library leaves its words alone when it is imported."""


@cache
def _speller() -> Callable[[str], list[str]]:
    """The library with its words, which a process that spells nothing need not hold.

    Its file writes the reading of each character out anew, so that the words would take 50 MB as it reads them. Here what
    is alike becomes one object, and nothing of the first reading is kept, so that its memory goes back whole.
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
        words = pickle.loads(_packed_words())  # noqa: S301 - packed below
        constants.PHRASES_DICT.update(words)
        mmseg.p_set.train(words)
    return lazy_pinyin


def _packed_words() -> bytes:
    shared: dict[tuple[str, ...], list[str]] = {}
    words = msgspec.json.decode(
        files("pypinyin").joinpath("phrases_dict.json").read_bytes(), type=dict[str, list[tuple[str, ...]]]
    )
    alike = {
        word: [shared.setdefault(one, list(one)) for one in readings] for word, readings in words.items()
    }
    return pickle.dumps(alike, pickle.HIGHEST_PROTOCOL)


def spell(text: str) -> list[str]:
    """Syllables of the text without tones; what is not Chinese stands between them as it is."""
    return _speller()(text)
