"""The library's words, held in half the memory: what is spelled is what the library spells."""

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


def test_it_leaves_the_environment_alone() -> None:
    code = (
        "import json, os; from daji.kit.pinyin import spell; spell('集');"
        "print(json.dumps([one for one in os.environ if one.startswith('PYPINYIN')]))"
    )
    given = {**os.environ, "PYPINYIN_NO_PHRASES": "x"}
    for env, kept in ((None, []), (given, ["PYPINYIN_NO_PHRASES"])):
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, env=env, check=True)
        assert json.loads(done.stdout) == kept
