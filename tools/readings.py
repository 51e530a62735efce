"""Write `daji/kit/readings.tsv`: the words whose reading does not follow from the readings of their characters.

    python tools/readings.py

The words are those of pypinyin (MIT), 47,111 of them, of which thirteen in fourteen are read as their characters are read
alone: with the others at hand every one is still read as the library reads it. A row is `word reading reading …`.
"""

from __future__ import annotations

from pathlib import Path

from pypinyin import constants, lazy_pinyin
from pypinyin.seg import mmseg

TARGET = Path(__file__).parents[1] / "daji/kit/readings.tsv"


def use(words: dict[str, list[list[str]]]) -> None:
    constants.PHRASES_DICT.clear()
    constants.PHRASES_DICT.update(words)
    mmseg.p_set.__init__()
    mmseg.p_set.train(words)


def main() -> None:
    everything = dict(constants.PHRASES_DICT)
    wanted = {word: lazy_pinyin(word) for word in everything}
    kept: dict[str, list[list[str]]] = {}
    while True:
        use(kept)
        # A word that is kept may cut one that follows from its characters, so that this takes rounds.
        wrong = [word for word, reading in wanted.items() if lazy_pinyin(word) != reading]
        if not wrong:
            break
        kept |= {word: everything[word] for word in wrong}
    rows = ("\t".join((word, *(reading[0] for reading in kept[word]))) for word in sorted(kept))
    TARGET.write_text("\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
