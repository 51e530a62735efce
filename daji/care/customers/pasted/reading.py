"""Read an address out of one pasted text: what it is made of, how sure that is, and what is still missing.

Numbers and labels are recognised by their shape, divisions by the list of them (`kit.divisions`), the name by where it
stands and what it looks like; what is left is the line. Nothing is made up: what the text does not say stays empty.
"""

from __future__ import annotations

import re

from daji.care.customers.pasted import abroad, finding, lexicon, marks, naming
from daji.care.customers.pasted.facts import FOLLOWS, GUESSED, NEEDED, SHORT, WRITTEN, Pasted
from daji.care.customers.pasted.lexicon import BREAK, MARK
from daji.care.customers.pasted.naming import Piece
from daji.kit import divisions
from daji.kit.divisions import Way

_HAN = re.compile(r"[\u4e00-\u9fff]")
_PIECES = re.compile(rf"({MARK}[NPAZ])|({BREAK})|([\n,;。|、\[\]【】]+)|( +)")
_PLACE = "\x03"
_EMPTY_BRACKETS = re.compile(r"\(\s*\)|\[\s*\]")
_MAX_LINE = 200


def read(text: str) -> Pasted:
    """Read a text of at most `facts.MAX_TEXT` characters; longer ones are cut."""
    plain = marks.clean(text)
    marked = marks.mark(plain)
    if abroad.is_abroad(marked, plain):
        return abroad.read(marked)
    found = finding.find(marked.text)
    best = found[0] if found else None
    pieces = _pieces(marked.text if best is None else _cut(marked.text, best))
    name, rest, sure = _name(pieces)
    line = _line(rest)
    if not name:
        line, name = naming.split_tail(line)
        sure = {"name": GUESSED} if name else {}
    parts = {"name": name[:80], "line": line[:_MAX_LINE], "phone": marked.phone, "postcode": marked.postcode}
    sure |= marked.sure
    if line:
        sure["line"] = (
            SHORT if lexicon.ADDRESS_SIGN.search(line) or any(char.isdigit() for char in line) else GUESSED
        )
    country = "CN"
    choices: tuple[Way, ...] = ()
    if best is not None:
        way = _whole(best.way)
        country = way.country
        choices = tuple(one.way for one in found) if len(found) > 1 else ()
        parts |= _places(way, narrow=not choices)
        sure |= _sureness(best, parts)
    return Pasted(
        name=parts["name"],
        phone=parts["phone"],
        country=country,
        region=parts.get("region", ""),
        city=parts.get("city", ""),
        district=parts.get("district", ""),
        line=parts["line"],
        postcode=parts["postcode"],
        sure={part: round(value, 2) for part, value in sure.items() if parts.get(part)},
        missing=_missing(parts, country),
        choices=choices,
    )


def _cut(text: str, found: finding.Found) -> str:
    before = re.sub(r"(?:中国|中华人民共和国)[ ,-]*$", "", text[: found.start])
    return f"{before}{_PLACE}{text[found.end :]}"


def _pieces(text: str) -> list[Piece]:
    """Split what is left; each piece knows its label and whether a number stood beside it."""
    raw: list[tuple[str, str, bool]] = []
    label, fresh_phone = "", False
    for part in _PIECES.split(_EMPTY_BRACKETS.sub(" ", text).replace(_PLACE, f"{BREAK}{_PLACE}{BREAK}")):
        if not part:
            continue
        if part[0] == MARK:
            label = part[1]
        elif part == BREAK:
            fresh_phone = True
            if raw and raw[-1][0] != _PLACE:
                raw[-1] = (raw[-1][0], raw[-1][1], True)
            if label == "P":
                label = ""
        elif _PIECES.fullmatch(part):
            if label == "N" and raw and raw[-1][1] == "N" and part.strip():
                label = ""
            if part.strip(" "):
                fresh_phone = False
        else:
            raw.append((part, label, fresh_phone and part != _PLACE))
            fresh_phone = False
    return [
        Piece(text=part, label=mark, by_phone=phone, outer=n in {0, len(raw) - 1})
        for n, (part, mark, phone) in enumerate(raw)
    ]


def _name(pieces: list[Piece]) -> tuple[str, list[Piece], dict[str, float]]:
    """The name, the pieces without it, and how sure it is."""
    named = [piece for piece in pieces if piece.label == "N" and piece.text != _PLACE]
    if named:
        name = naming.bare(" ".join(piece.text for piece in named))
        return name, [piece for piece in pieces if piece not in named], {"name": WRITTEN}
    joined = _join_latin(pieces)
    chosen = naming.choose([Piece(text="") if piece.text == _PLACE else piece for piece in joined])
    if chosen is None:
        return "", joined, {}
    place, sure = chosen
    return (
        naming.bare(joined[place].text),
        [one for n, one in enumerate(joined) if n != place],
        {"name": sure},
    )


def _join_latin(pieces: list[Piece]) -> list[Piece]:
    """Words of one Latin name are one piece: Emma Clark."""
    joined: list[Piece] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        if (
            last
            and last.label == piece.label
            and last.text.isascii()
            and piece.text.isascii()
            and _words(last, piece)
        ):
            joined[-1] = Piece(
                text=f"{last.text} {piece.text}", label=last.label, by_phone=last.by_phone or piece.by_phone,
                outer=last.outer or piece.outer,
            )  # fmt: skip
        else:
            joined.append(piece)
    return joined


def _words(*pieces: Piece) -> bool:
    return all(re.fullmatch(r"[A-Za-z][A-Za-z.' -]+", piece.text) for piece in pieces)


def _line(pieces: list[Piece]) -> str:
    """What is left, in its order: what follows the divisions first, then what stood before them."""
    texts = [piece.text for piece in pieces if piece.label != "Z"]
    if _PLACE in texts:
        at = texts.index(_PLACE)
        texts = texts[at + 1 :] + texts[:at]
    line = " ".join(texts).strip(" ,;。、-|/:")
    return re.sub(r"\s+", " ", line.replace(_PLACE, " ").replace(MARK, " ").replace(BREAK, " ")).strip()


def _whole(way: Way) -> Way:
    """A municipality named alone is its own city."""
    if way.city is None:
        inside = divisions.children(way.province.code)
        if len(inside) == 1 and inside[0].name == way.province.name:
            return Way(province=way.province, city=inside[0])
    return way


def _places(way: Way, *, narrow: bool) -> dict[str, str]:
    found = {"district": way.district.name if way.district else ""}
    if narrow:
        found |= {"region": way.province.name, "city": way.city.name if way.city else ""}
    return found


def _sureness(found: finding.Found, parts: dict[str, str]) -> dict[str, float]:
    """A level that the text names is as sure as it is written; one above it follows."""
    if found.written == {3: False}:
        return {part: GUESSED for part in ("region", "city", "district") if parts.get(part)}
    return {
        part: (WRITTEN if found.written[level] else SHORT) if level in found.written else FOLLOWS
        for level, part in ((1, "region"), (2, "city"), (3, "district"))
        if parts.get(part)
    }


def _missing(parts: dict[str, str], country: str) -> tuple[str, ...]:
    lacking = [part for part in NEEDED if not parts.get(part)]
    way = divisions.find(parts.get("region", ""), parts.get("city", ""))
    no_districts = way is not None and way.city is not None and not divisions.children(way.city.code)
    if "district" in lacking and (no_districts or country != "CN"):
        lacking.remove("district")
    return tuple(lacking)
