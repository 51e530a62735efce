"""Finding a chain of divisions in a text: 浙江省 杭州市 西湖区, in full or in short, with levels left out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache

import msgspec

from daji.care.customers.pasted import lexicon
from daji.care.customers.pasted.lexicon import BREAK
from daji.kit import divisions
from daji.kit.divisions import Division, Way

_PROVINCE, _CITY = 2, 4
_DISTRICT = 3
_SKIPPED = ("市辖区", "直辖县级行政单位", "省直辖县级行政区划", "省直辖县", "中国")
_FULL_POINTS = {1: 3.0, 2: 3.0, 3: 3.0}
_SHORT_POINTS = {1: 2.0, 2: 2.0, 3: 1.5}
_ALONE_POINTS = 1.0
_GAP = 5
_OPENERS = frozenset({*lexicon.SEPARATORS, BREAK, *"NPAZ", "(", "[", ":"})
_SHORTEST_ALONE = 3
# What a foreign suffix may not eat: 越城市场路 is no city.
_NOT_A_SUFFIX = ("市场", "市民", "市政", "市区", "区政", "县城", "县政", "县前", "县学", "区域")


class Alias(msgspec.Struct, frozen=True):
    """One way to write a division."""

    text: str
    code: str
    level: int
    full: bool


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A chain of divisions from `start` to `end` of the text; `written` are the levels that it names itself."""

    start: int
    end: int
    code: str
    points: float
    written: dict[int, bool]

    @property
    def way(self) -> Way:
        return divisions.way_to(self.code)


def level_of(code: str) -> int:
    """1 for a province, 2 for a city, also one directly under its province, 3 for a district."""
    if len(code) == _PROVINCE:
        return 1
    return 2 if len(code) == _CITY or len(divisions.parent_code(code)) == _PROVINCE else 3


@lru_cache(maxsize=1)
def _by_start() -> dict[str, tuple[Alias, ...]]:
    """Aliases by their first two characters, the longest first."""
    found: dict[str, dict[tuple[str, str], Alias]] = defaultdict(dict)

    def add(text: str, one: Division, *, full: bool) -> None:
        found[text[:2]].setdefault((text, one.code), Alias(text, one.code, level_of(one.code), full))

    for one in divisions.every().values():
        add(one.name, one, full=True)
        stem = lexicon.SUFFIX.sub("", one.name)
        if stem != one.name:
            add(stem, one, full=False)
        # 苏州工业园区 carries its city's name, which nobody writes twice.
        outer = lexicon.SUFFIX.sub("", divisions.every().get(divisions.parent_code(one.code), one).name)
        own = one.name.removeprefix(outer).removeprefix("市")
        if own != one.name and len(own) >= _SHORTEST_ALONE:
            add(own, one, full=False)
    for name, code in lexicon.RENAMED.items():
        add(name, divisions.every()[code], full=True)
    return {
        start: tuple(sorted(aliases.values(), key=lambda alias: -len(alias.text)))
        for start, aliases in found.items()
    }


@lru_cache(maxsize=1)
def _named_once() -> frozenset[str]:
    """Codes of districts whose short name nothing else has: 义乌 is enough."""
    names: dict[str, set[str]] = defaultdict(set)
    for aliases in _by_start().values():
        for alias in aliases:
            names[alias.text].add(alias.code)
    return frozenset(code for codes in names.values() if len(codes) == 1 for code in codes)


def find(text: str) -> tuple[Found, ...]:
    """The best chain in the text; several when the name of a district stands alone and is that of several."""
    plain = text.translate(lexicon.SIMPLE)
    best: list[Found] = []
    for at in range(len(plain)):
        for found in _chains(plain, at):
            if not best or found.points > best[0].points:
                best = [found]
            elif found.points == best[0].points and found.start == best[0].start and found.end == best[0].end:
                # A municipality and its city have one name: the narrower of the two says more.
                best = [one for one in best if not divisions.lies_in(found.code, one.code)]
                if not any(found.code == one.code or divisions.lies_in(one.code, found.code) for one in best):
                    best.append(found)
    return tuple(best)


def _chains(text: str, at: int) -> Iterator[Found]:
    opens = at == 0 or text[at - 1] in _OPENERS
    for alias, end in _at(text, at):
        points = (_FULL_POINTS if alias.full else _SHORT_POINTS)[alias.level]
        found = Found(start=at, end=end, code=alias.code, points=points, written={alias.level: alias.full})
        grown = _grown(text, found)
        if grown.end == end:
            # Alone, a short word is one of many: 浙江财经大学 is no province, 东区 hardly one district.
            if not alias.full and not opens:
                continue
            if alias.level == _DISTRICT and not _stands_alone(text, end, alias, opens=opens):
                continue
            if alias.level == _DISTRICT and not alias.full:
                grown = msgspec.structs.replace(grown, points=_ALONE_POINTS)
        yield grown


def _stands_alone(text: str, end: int, alias: Alias, *, opens: bool) -> bool:
    """Whether the name of a district tells enough without its city."""
    if alias.full:
        return len(alias.text) >= _SHORTEST_ALONE or (
            opens and len(alias.text) == _SHORTEST_ALONE - 1 and alias.text[-1] == "县"
        )
    return (
        alias.code in _named_once() and len(text[end:].split(BREAK, maxsplit=1)[0].strip()) > _SHORTEST_ALONE
    )


def _grown(text: str, found: Found) -> Found:
    """Follow the chain downwards as long as the text names something that lies inside."""
    here = found
    while True:
        at = _skip(text, here.end, here.code)
        inner = _next(text, at, here.code)
        if inner is None and level_of(here.code) == 1:
            # A city that is misspelt or unknown, and then a district of the province: 浙江省台卅市天台县.
            gaps = (_next(text, place, here.code, full=True) for place in range(at + 1, at + _GAP))
            inner = next((one for one in gaps if one and level_of(one[0].code) == _DISTRICT), None)
        if inner is None:
            return msgspec.structs.replace(here, end=_repeated(text, at, here))
        alias, end = inner
        points = (_FULL_POINTS if alias.full else _SHORT_POINTS)[alias.level]
        here = Found(
            start=here.start,
            end=end,
            code=alias.code,
            points=here.points + points,
            written={**here.written, alias.level: alias.full},
        )


def _next(text: str, at: int, outer: str, *, full: bool = False) -> tuple[Alias, int] | None:
    """The longest name at this place of something inside `outer`."""
    return max(
        (
            (alias, end)
            for alias, end in _at(text, at)
            if alias.code != outer and (alias.full or not full) and divisions.lies_in(alias.code, outer)
        ),
        key=lambda one: (one[1], one[0].full, -one[0].level),
        default=None,
    )


def _at(text: str, at: int) -> Iterator[tuple[Alias, int]]:
    """Divisions named at this place, with the position after each."""
    for alias in _by_start().get(text[at : at + 2], ()):
        end = at + len(alias.text)
        if not text.startswith(alias.text, at):
            continue
        if not alias.full:
            if lexicon.ROAD_AFTER.match(text, end):
                continue
            if text[end : end + 1] in {"市", "区", "县", "省"} and text[end : end + 2] not in _NOT_A_SUFFIX:
                # A county that became a city, a city that became a district: people go on with the old word.
                end += 1
        yield alias, end


def _repeated(text: str, at: int, here: Found) -> int:
    """The end of the chain: its last name may be said once more."""
    name = divisions.every()[here.code].name
    return (
        here.end
        if at == here.end or not text[here.end : at].strip(lexicon.SEPARATORS).startswith(name)
        else at
    )


def _skip(text: str, at: int, code: str) -> int:
    """Step over what stands between two levels: separators, a repetition, the statistics' own words."""
    name = divisions.every()[code].name
    moved = True
    while moved:
        moved = False
        while at < len(text) and text[at] in lexicon.SEPARATORS:
            at, moved = at + 1, True
        inner = _next(text, at, code)
        if inner is not None and inner[1] - at > len(name):
            return at
        for word in (name, *_SKIPPED, *(("县",) if name == "重庆市" else ())):
            if text.startswith(word, at):
                at, moved = at + len(word), True
    return at
