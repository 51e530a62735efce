"""Few of the library's words at hand: what is spelled is what the library spells with all of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys

_SPELL = """
import sys
{imported}
print([spell(text) for text in sys.argv[1:]])
"""
TEXTS = ("重庆银行行长", "不得了，还得还", "大集 fair 2026", "㐀", "", "朝阳区长安街")


def spelled(imported: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", _SPELL.format(imported=imported), *TEXTS],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_it_spells_as_the_library_does() -> None:
    ours = spelled("from daji.kit.pinyin import spell")
    assert ours == spelled("from pypinyin import lazy_pinyin as spell")
    assert "'chong', 'qing'" in ours


def test_it_spells_the_same_where_somebody_imported_the_library_before() -> None:
    assert spelled("import pypinyin\nfrom daji.kit.pinyin import spell") == spelled(
        "from daji.kit.pinyin import spell"
    )


def test_every_word_of_the_library_is_spelled_as_with_all_of_them() -> None:
    # Where a new version of the library says otherwise: tools/readings.py.
    spell_all = "json.dumps([spell(word) for word in json.loads(files('pypinyin').joinpath('phrases_dict.json').read_bytes())])"
    code = (
        "import json, hashlib; from importlib.resources import files; {}; print(hashlib.sha256("
        + spell_all
        + ".encode()).hexdigest())"
    )
    ours, theirs = (
        subprocess.run([sys.executable, "-c", code.format(one)], capture_output=True, check=True).stdout
        for one in ("from daji.kit.pinyin import spell", "from pypinyin import lazy_pinyin as spell")
    )
    assert ours == theirs


def test_it_leaves_the_environment_alone() -> None:
    code = (
        "import json, os; from daji.kit.pinyin import spell; spell('集');"
        "print(json.dumps([one for one in os.environ if one.startswith('PYPINYIN')]))"
    )
    given = {**os.environ, "PYPINYIN_NO_PHRASES": "x"}
    for env, kept in ((None, []), (given, ["PYPINYIN_NO_PHRASES"])):
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, env=env, check=True)
        assert json.loads(done.stdout) == kept
