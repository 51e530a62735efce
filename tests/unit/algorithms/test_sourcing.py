from __future__ import annotations

from collections import Counter

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daji.algorithms.allocation import Line, Parcel, Plan, Point, Reason, Site, plan

SHANGHAI: Point = (31.23, 121.47)
HANGZHOU: Point = (30.27, 120.15)
BEIJING: Point = (39.90, 116.41)
CHENGDU: Point = (30.57, 104.07)

Stock = dict[tuple[int, int], int]
Case = tuple[list[Line], list[Site], Stock, Point | None]

POINTS = st.one_of(st.none(), st.tuples(st.floats(-90, 90), st.floats(-180, 180)))


@st.composite
def cases(draw: st.DrawFn, *, distinct_items: bool = False) -> Case:
    items = draw(st.lists(st.integers(0, 5), max_size=6, unique=distinct_items))
    lines = [Line(item, draw(st.integers(1, 9))) for item in items]
    sites = draw(st.lists(st.builds(Site, POINTS, st.integers(-1, 2)), max_size=5))
    keys = st.tuples(st.integers(0, max(0, len(sites) - 1)), st.integers(0, 6))
    stock = draw(st.dictionaries(keys, st.integers(0, 20))) if sites else {}
    return lines, sites, stock, draw(POINTS)


def missing(result: Plan) -> int:
    return sum(quantity for _, quantity in result.short)


def sites_of(result: Plan) -> list[int]:
    return [parcel.site for parcel in result.parcels]


def full(sites: int, items: int, quantity: int = 10) -> Stock:
    return {(site, item): quantity for site in range(sites) for item in range(items)}


@given(cases(), st.booleans())
def test_stock_is_never_exceeded_and_no_unit_is_lost_or_made(case: Case, split: bool) -> None:
    lines, sites, stock, destination = case
    result = plan(lines, sites, stock, destination=destination, allow_split_line=split)
    taken: Counter[tuple[int, int]] = Counter()
    served: Counter[int] = Counter(dict(result.short))
    for parcel in result.parcels:
        assert parcel.lines, "no empty parcel"
        for index, quantity in parcel.lines:
            assert quantity >= 1
            taken[parcel.site, lines[index].item] += quantity
            served[index] += quantity
    assert all(quantity <= stock.get(key, 0) for key, quantity in taken.items())
    assert served == Counter({index: line.quantity for index, line in enumerate(lines)})
    assert len(set(sites_of(result))) == len(result.parcels), "one parcel per site"


@given(cases())
def test_without_splitting_a_line_ships_whole_or_not_at_all(case: Case) -> None:
    lines, sites, stock, destination = case
    result = plan(lines, sites, stock, destination=destination)
    pieces = [piece for parcel in result.parcels for piece in parcel.lines] + list(result.short)
    assert sorted(pieces) == [(index, line.quantity) for index, line in enumerate(lines)]


@given(cases(), st.data())
def test_a_site_that_can_ship_all_ships_all_in_one_parcel(case: Case, data: st.DataObject) -> None:
    lines, sites, stock, destination = case
    if not lines or not sites:
        return
    able = data.draw(st.integers(0, len(sites) - 1))
    for line in lines:
        stock[able, line.item] = sum(other.quantity for other in lines)
    result = plan(lines, sites, stock, destination=destination)
    assert (len(result.parcels), result.short) == (1, ())
    assert result.parcels[0].reasons[0] is Reason.SHIPS_ALL


@given(cases(distinct_items=True), st.data())
def test_more_stock_never_leaves_more_missing(case: Case, data: st.DataObject) -> None:
    lines, sites, stock, destination = case
    if not sites:
        return
    more = dict(stock)
    for site in range(len(sites)):
        for item in range(6):
            more[site, item] = more.get((site, item), 0) + data.draw(st.integers(0, 5))
    before = plan(lines, sites, stock, destination=destination)
    after = plan(lines, sites, more, destination=destination)
    assert set(dict(after.short)) <= set(dict(before.short))


@given(cases())
def test_with_splitting_all_that_exists_is_used(case: Case) -> None:
    # Hence more stock never leaves more missing, for lines that share an item as well.
    lines, sites, stock, destination = case
    wanted: Counter[int] = Counter()
    for line in lines:
        wanted[line.item] += line.quantity
    free: Counter[int] = Counter()
    for (_, item), quantity in stock.items():
        free[item] += quantity
    expected = sum(max(0, quantity - free[item]) for item, quantity in wanted.items())
    assert missing(plan(lines, sites, stock, destination=destination, allow_split_line=True)) == expected


@given(cases(), st.booleans(), st.randoms(use_true_random=False))
def test_the_order_of_the_stock_mapping_decides_nothing(case: Case, split: bool, random) -> None:  # noqa: ANN001
    lines, sites, stock, destination = case
    shuffled = list(stock.items())
    random.shuffle(shuffled)
    given_stock = dict(stock)
    first = plan(lines, sites, stock, destination=destination, allow_split_line=split)
    assert first == plan(lines, sites, dict(shuffled), destination=destination, allow_split_line=split)
    assert stock == given_stock, "the caller's stock is left alone"


@given(cases())
def test_splitting_never_leaves_more_missing(case: Case) -> None:
    lines, sites, stock, destination = case
    strict = plan(lines, sites, stock, destination=destination)
    loose = plan(lines, sites, stock, destination=destination, allow_split_line=True)
    assert missing(loose) <= missing(strict)
    assert sites_of(loose)[: len(strict.parcels)] == sites_of(strict)


def test_the_site_with_most_lines_goes_before_a_nearer_one() -> None:
    result = plan(
        [Line(0, 1), Line(1, 1), Line(2, 1)],
        [Site(HANGZHOU), Site(BEIJING)],
        {(0, 0): 1, (0, 2): 1, (1, 0): 1, (1, 1): 1, (1, 2): 1},
        destination=SHANGHAI,
    )
    assert result.parcels == (Parcel(1, ((0, 1), (1, 1), (2, 1)), (Reason.SHIPS_ALL, Reason.MOST_LINES)),)


def test_of_equally_many_lines_the_most_units_win() -> None:
    result = plan(
        [Line(0, 1), Line(1, 5)],
        [Site(HANGZHOU), Site(BEIJING)],
        {(0, 0): 1, (1, 1): 5},
        destination=SHANGHAI,
    )
    assert [(parcel.site, parcel.reasons) for parcel in result.parcels] == [
        (1, (Reason.SHIPS_LINES, Reason.MOST_UNITS)),
        (0, (Reason.SHIPS_LINES, Reason.ONLY_SITE)),
    ]


@pytest.mark.parametrize(
    ("sites", "destination", "winner", "reason"),
    [
        ([Site(BEIJING), Site(HANGZHOU), Site(CHENGDU)], SHANGHAI, 1, Reason.NEAREST),
        ([Site(None), Site(CHENGDU)], SHANGHAI, 1, Reason.NEAREST),
        ([Site((0.0, 179.0)), Site((0.0, -179.9))], (0.0, 179.9), 1, Reason.NEAREST),
        ([Site(BEIJING, 2), Site(BEIJING, 1)], SHANGHAI, 1, Reason.PRIORITY),
        ([Site(BEIJING, 2), Site(HANGZHOU, 1)], None, 1, Reason.PRIORITY),
        ([Site(BEIJING), Site(HANGZHOU)], None, 0, Reason.FIRST_LISTED),
        ([Site(None), Site(None)], SHANGHAI, 0, Reason.FIRST_LISTED),
        ([Site((31.23, 121.4700001)), Site((31.23, 121.47))], SHANGHAI, 0, Reason.FIRST_LISTED),
    ],
)
def test_ties_are_broken_by_distance_priority_and_index(
    sites: list[Site], destination: Point | None, winner: int, reason: Reason
) -> None:
    result = plan([Line(0, 1)], sites, full(len(sites), 1), destination=destination)
    assert [(p.site, p.reasons) for p in result.parcels] == [(winner, (Reason.SHIPS_ALL, reason))]


def test_a_line_too_big_for_any_site_is_short_or_split_nearest_first() -> None:
    lines, sites = [Line(0, 7)], [Site(BEIJING), Site(HANGZHOU), Site(CHENGDU)]
    stock = {(0, 0): 4, (1, 0): 2, (2, 0): 4}
    assert plan(lines, sites, stock, destination=SHANGHAI) == Plan((), ((0, 7),))
    assert plan(lines, sites, stock, destination=SHANGHAI, allow_split_line=True) == Plan(
        (
            Parcel(1, ((0, 2),), (Reason.SPLITS_LINE, Reason.NEAREST)),
            Parcel(0, ((0, 4),), (Reason.SPLITS_LINE, Reason.NEAREST)),
            Parcel(2, ((0, 1),), (Reason.SPLITS_LINE, Reason.ONLY_SITE)),
        ),
        (),
    )


def test_a_split_rest_joins_the_parcel_of_its_site_and_what_nobody_has_is_short() -> None:
    result = plan(
        [Line(0, 1), Line(1, 9)],
        [Site(HANGZHOU)],
        {(0, 0): 1, (0, 1): 4},
        destination=SHANGHAI,
        allow_split_line=True,
    )
    reasons = (Reason.SHIPS_LINES, Reason.ONLY_SITE, Reason.SPLITS_LINE)
    assert result == Plan((Parcel(0, ((0, 1), (1, 4)), reasons),), ((1, 5),))


def test_two_lines_of_one_item_never_take_the_same_unit() -> None:
    lines = [Line(7, 3), Line(7, 2)]
    assert plan(lines, [Site()], {(0, 7): 4}) == Plan(
        (Parcel(0, ((1, 2),), (Reason.SHIPS_LINES, Reason.ONLY_SITE)),), ((0, 3),)
    )
    assert plan(lines, [Site()], {(0, 7): 5}).short == ()
    assert plan(lines, [Site()], {(0, 7): 4}, allow_split_line=True).short == ((0, 1),)


def test_nothing_to_do_and_nothing_to_do_it_with() -> None:
    assert plan([], [], {}) == Plan((), ())
    assert plan([], [Site()], {(0, 1): 5}) == Plan((), ())
    assert plan([Line(1, 2)], [], {}) == Plan((), ((0, 2),))
    assert plan([Line(1, 2)], [Site()], {}, allow_split_line=True) == Plan((), ((0, 2),))
    assert plan([Line(1, 2)], [Site()], {(0, 1): 0}, allow_split_line=True) == Plan((), ((0, 2),))


@pytest.mark.parametrize(
    ("lines", "sites", "stock", "destination"),
    [
        ([Line(0, 0)], [Site()], {}, None),
        ([Line(0, -1)], [Site()], {(0, 0): 5}, None),
        ([Line(0, 1)], [Site()], {(0, 0): -1}, None),
        ([Line(0, 1)], [Site()], {(1, 0): 1}, None),
        ([Line(0, 1)], [Site()], {(-1, 0): 1}, None),
        ([Line(0, 1)], [], {(0, 0): 1}, None),
        ([Line(0, 1)], [Site((91.0, 0.0))], {}, None),
        ([Line(0, 1)], [Site((0.0, float("nan")))], {}, None),
        ([Line(0, 1)], [Site()], {}, (0.0, 181.0)),
    ],
)
def test_nonsense_is_refused(
    lines: list[Line], sites: list[Site], stock: Stock, destination: Point | None
) -> None:
    with pytest.raises(ValueError, match=r"quantity|stock|itude"):
        plan(lines, sites, stock, destination=destination)


def test_huge_quantities_are_only_numbers() -> None:
    huge = 10**30
    result = plan([Line(0, huge)], [Site(), Site()], {(0, 0): huge - 1, (1, 0): 1}, allow_split_line=True)
    assert (len(result.parcels), result.short) == (2, ())


def test_a_plan_is_plain_json() -> None:
    result = plan([Line(0, 1)], [Site(HANGZHOU)], {(0, 0): 1}, destination=SHANGHAI)
    assert msgspec.json.decode(msgspec.json.encode(result), type=Plan) == result
    assert b'"reasons":["ships_all","only_site"]' in msgspec.json.encode(result)
