"""What the replay makes of the source, without a database."""

from __future__ import annotations

import gzip
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from daji.flows.replay_olist import plan, reconcile
from daji.flows.replay_olist.names import category_names
from daji.flows.replay_olist.source import SourceBroken, centavos, moment, read_source
from tests.makers.olist import SALES, write_folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_folder(tmp_path_factory.mktemp("olist"))


def test_amounts_are_exact_or_refused():
    assert [centavos(text) for text in ("0.0", "21.99", "218", "0.1", "1e2")] == [0, 2199, 21800, 10, 10000]
    for bad in ("", "1.234", "-1", "NaN", "eleven", "Infinity"):
        with pytest.raises((ValueError, ArithmeticError)):
            centavos(bad)


def test_times_of_both_groups_are_read():
    assert moment("2017-03-01 10:00") == moment("2017-03-01 10:00:00")
    assert moment("2017-03-01 10:00").utcoffset() == timedelta(hours=-3)


def test_the_source_is_read_whole(folder: Path):
    source = read_source(folder)
    assert source.whole
    assert [order.bought_at for order in source.orders] == sorted(order.bought_at for order in source.orders)
    several = next(order for order in source.orders if order.id == "three_of_one_and_two_sellers")
    assert several.quantities() == {"p1-s1": 3, "p2-s2": 1}
    assert (several.sold, several.paid) == (18777, 18777)
    # The point that lies in Portugal does not count, and two points have a middle.
    assert source.orders[0].customer.place.lat is None
    assert source.sellers[0].place.lat == pytest.approx(-23.6)
    assert source.products["p1"].size_mm == (160, 140, 100)
    assert source.products["never_sold"].size_mm is None


def test_a_slice_is_the_first_orders(folder: Path):
    source = read_source(folder, limit=3)
    assert not source.whole
    assert [order.id for order in source.orders] == ["delivered", "late_by_slip", "on_the_promised_day"]


def test_a_broken_source_is_named(tmp_path: Path):
    with pytest.raises(SourceBroken, match=r"lacks orders\.csv\.gz"):
        read_source(tmp_path / "nowhere")
    folder = write_folder(tmp_path / "cut")
    whole = (folder / "order_items.csv.gz").read_bytes()
    (folder / "order_items.csv.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(SourceBroken, match=r"order_items\.csv\.gz"):
        read_source(folder)
    (folder / "order_items.csv.gz").write_bytes(
        gzip.compress(gzip.decompress(whole).replace(b"50.00", b"fifty", 1))
    )
    with pytest.raises(SourceBroken, match=r"order_items\.csv\.gz, line 2"):
        read_source(folder)


def test_every_order_walks_forward(folder: Path):
    orders = read_source(folder).orders
    steps = plan.steps(orders)
    assert [step.at for step in steps] == sorted(step.at for step in steps)
    assert len({step.key for step in steps}) == len(steps)
    lives = {order.id: [step.kind for step in steps if step.order.id == order.id] for order in orders}
    for life in lives.values():
        assert life[0] == "place"
    assert lives["contradicting"] == ["place", "pay", "approve", "pick", "pack", "ship", "deliver"]
    assert lives["cancelled_on_the_road"][-3:] == ["come_back", "cancel", "review"]
    assert lives["cancelled_after_delivery"][-3:] == ["deliver", "ask_return", "settle_return"]
    assert lives["bare_cancelled"] == ["place", "pay", "cancel", "review"]
    assert lives["bare_created"] == ["place", "pay"]
    assert steps[-1].order.id == "bare_created"


def test_what_is_odd_is_listed(folder: Path):
    orders = read_source(folder).orders
    counted = Counter(oddity.code for oddity in plan.oddities(orders))
    assert counted["source_has_no_lines"] == 4
    assert counted["tender_of_zero"] == 1
    assert counted["instalment_interest"] == 2
    assert counted["source_rounding"] == 1
    assert counted["handed_over_before_approval"] == 1
    assert counted["delivered_before_hand_over"] == 1
    assert counted["delivered_without_a_date"] == 1
    assert counted["review_before_purchase"] == 1
    assert counted["cancelled_on_the_road"] == counted["cancelled_after_delivery"] == 1
    assert {oddity.order_id for oddity in plan.oddities(orders)} <= set(SALES)


def test_the_promised_day_counts_whole(folder: Path):
    found = reconcile.figures(read_source(folder).orders)
    assert found["deliveries.late"] == 1
    assert found["deliveries.in_time"] == 7


def test_a_difference_without_an_explanation_shows():
    oddity = plan.Oddity(code="why", order_id="1", effects={"orders.shipped": -1})
    compared = reconcile.compare(
        {"orders.shipped": 5, "lines": 3}, {"orders.shipped": 4, "lines": 2}, [oddity]
    )
    rows = {row.figure: row for row in compared.rows}
    assert rows["orders.shipped"].unexplained == 0
    assert rows["lines"].unexplained == -1
    assert not compared.clean


def test_an_unlisted_figure_of_the_house_shows():
    assert not reconcile.compare({}, {"tenders.bitcoin.count": 1}, []).clean


def test_every_category_has_a_name_in_both_languages():
    assert category_names("perfumaria", {"perfumaria": "perfumery"}) == {"en": "Perfumery", "zh": "香水"}
    assert category_names("coisa_nova", {}) == {"en": "Coisa nova", "zh": "coisa nova"}
