"""Which piece of the text is the receiver's name."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from daji.care.customers.pasted import lexicon
from daji.care.customers.pasted.facts import GUESSED, WRITTEN

_HAN_NAME = re.compile(r"[\u4e00-\u9fff]{2,4}|[\u4e00-\u9fff]{1,6}·[\u4e00-\u9fff·]{1,12}")
_LATIN_WORD = re.compile(r"[A-Za-z][A-Za-z.'-]*")
_MIXED = re.compile(r"[\w·]{2,8}")
_RECEIVES = re.compile(r"\s*(?:\(?收件?\)?|\(收货?\)|亲收|本人收)$")
_MAX_WORDS = 3
_ENOUGH = 2.0
# Where a line of an address ends and a glued name may begin.
_GLUED_TAILS = tuple(
    re.compile(rf"(?<=[{lexicon.LINE_END}\d)])(?P<name>[\u4e00-\u9fff]{{{length}}})收?$") for length in (3, 2)
)


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of the text between separators; `label` is the mark before it, `by_phone` whether a number is next to it."""

    text: str
    label: str = ""
    by_phone: bool = False
    glued: bool = False
    outer: bool = False


def is_surname(text: str) -> bool:
    return text[:2] in lexicon.TWO_CHAR_SURNAMES or text[:1] in lexicon.SURNAMES


def bare(text: str) -> str:
    """A name without the word that says that its bearer receives."""
    return _RECEIVES.sub("", text).strip(" ()[]-:,")


def score(piece: Piece) -> float:
    """How much a piece looks like a name: 2 is enough."""
    text = bare(piece.text)
    if not text or len(text) > 40:  # noqa: PLR2004 - what a label prints
        return 0
    if piece.label == "N":
        return 10
    points = 0.0
    titled = bool(lexicon.TITLES.search(text))
    plain = lexicon.TITLES.sub("", text)
    if text != piece.text.strip(" ,-"):
        points += 2
    if titled:
        points += 3
    if _HAN_NAME.fullmatch(plain) or (titled and len(plain) == 1):
        points += _han(plain)
    elif (
        all(_LATIN_WORD.fullmatch(word) for word in plain.split())
        and len(plain.split()) <= _MAX_WORDS
        and len(plain) > 1
    ):
        points += 1.5 if len(plain.split()) > 1 else 1
    elif _MIXED.fullmatch(plain) and not re.search(r"\d", plain) and not lexicon.ADDRESS_SIGN.search(plain):
        points += 0.5
    else:
        return 0
    if piece.by_phone:
        points += 1.5
    if piece.outer:
        points += 0.5
    if piece.label == "A":
        points -= 2
    return points


def _han(text: str) -> float:
    points = 1.0
    if is_surname(text):
        points += 1.5 if len(text) <= 3 or text[:2] in lexicon.TWO_CHAR_SURNAMES else 0.2  # noqa: PLR2004 - usual length
    if lexicon.ADDRESS_SIGN.search(text[1:]):
        points -= 1.5 if is_surname(text) and len(text) <= 3 else 3  # noqa: PLR2004 - usual length
    return points


def choose(pieces: Sequence[Piece]) -> tuple[int, float] | None:
    """Index of the piece that is the name, and how sure that is; None when none looks like one."""
    ranked = [(score(piece), -n) for n, piece in enumerate(pieces)]
    if not ranked:
        return None
    best, place = max(ranked)
    if best < _ENOUGH:
        return None
    sure = WRITTEN if best >= 10 else min(0.95, GUESSED - 0.1 + best / 20)  # noqa: PLR2004 - a label's points
    return -place, sure


def split_tail(line: str) -> tuple[str, str]:
    """(line, name) for a line to whose end a name is glued; the name is empty when there is none."""
    for pattern in _GLUED_TAILS:
        found = pattern.search(line)
        if found and is_surname(found["name"]) and not lexicon.ADDRESS_SIGN.search(found["name"]):
            return line[: found.start("name")], found["name"]
    return line, ""
