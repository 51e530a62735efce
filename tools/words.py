"""Write `daji/shop/search/words.tsv`: the Chinese words that the search index cuts texts into.

    python tools/words.py DICT

DICT is the `dict.txt` of jieba (MIT). Left out are the 200,000 words that it knows from less than four places, mostly
names: they are cut as their parts, or guessed, at a third of the memory and the time that all would take. A row is
`word count`.
"""

from __future__ import annotations

import sys
from pathlib import Path

TARGET = Path(__file__).parents[1] / "daji/shop/search/words.tsv"
LEAST = 4


def main(path: Path) -> None:
    rows = (line.split() for line in path.read_text(encoding="utf-8").splitlines())
    kept = sorted((word, int(count)) for word, count, *_ in rows if int(count) >= LEAST)
    TARGET.write_text("".join(f"{word}\t{count}\n" for word, count in kept), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
