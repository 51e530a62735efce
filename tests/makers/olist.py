"""A small folder in the shape of the Olist data set, with one order of every pattern that the real one has."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HEADS = {
    "orders": (
        "order_id,customer_id,order_status,order_purchase_timestamp,order_approved_at,"
        "order_delivered_carrier_date,order_delivered_customer_date,order_estimated_delivery_date,sample_group"
    ),
    "order_items": "order_id,order_item_id,product_id,seller_id,shipping_limit_date,price,freight_value",
    "order_payments": "order_id,payment_sequential,payment_type,payment_installments,payment_value",
    "order_reviews": (
        "review_id,order_id,review_score,review_comment_title,review_comment_message,"
        "review_creation_date,review_answer_timestamp"
    ),
    "customers": "customer_id,customer_unique_id,customer_zip_code_prefix,customer_city,customer_state",
    "products": (
        "product_id,product_category_name,product_name_lenght,product_description_lenght,product_photos_qty,"
        "product_weight_g,product_length_cm,product_height_cm,product_width_cm"
    ),
    "sellers": "seller_id,seller_zip_code_prefix,seller_city,seller_state",
    "geolocation": (
        "geolocation_zip_code_prefix,geolocation_lat,geolocation_lng,geolocation_city,geolocation_state"
    ),
    "product_category_name_translation": "product_category_name,product_category_name_english",
}


@dataclass(frozen=True, kw_only=True)
class Sale:
    """One order: times as the source writes them, items (product, seller, price, freight), tenders, reviews."""

    status: str
    bought: str
    approved: str = ""
    left: str = ""
    arrived: str = ""
    promised: str = "2017-03-30 00:00:00"
    items: Sequence[tuple[str, str, str, str]] = ()
    tenders: Sequence[tuple[str, int, str]] = (("credit_card", 1, "60.00"),)
    reviews: Sequence[tuple[str, int, str]] = ()
    person: str = ""


ONE = (("p1", "s1", "50.00", "10.00"),)

SALES: dict[str, Sale] = {
    "delivered": Sale(
        status="delivered",
        bought="2017-03-01 10:00:00",
        approved="2017-03-01 10:15:00",
        left="2017-03-03 09:00:00",
        arrived="2017-03-08 12:00:00",
        items=ONE,
        reviews=(
            ("r1", 5, "2017-03-10 08:00:00"),
            ("r2", 1, "2017-03-02 08:00:00"),
            ("", 4, "2017-03-11 08:00:00"),
        ),
    ),
    "late_by_slip": Sale(
        status="delivered",
        bought="2017-03-01 10:00:00",
        approved="2017-03-03 02:00:00",
        left="2017-03-05 09:00:00",
        arrived="2017-04-08 12:00:00",
        items=ONE,
        tenders=(("boleto", 1, "60.00"),),
    ),
    "on_the_promised_day": Sale(
        status="delivered",
        bought="2017-03-01 11:00",
        approved="2017-03-01 11:00",
        left="2017-03-05 09:00",
        arrived="2017-03-30 22:00",
        promised="2017-03-30 00:00",
        items=(("p1", "s1", "55.50", "10.00"),),
        tenders=(("credit_card", 3, "65.50"),),
    ),
    "three_of_one_and_two_sellers": Sale(
        status="delivered",
        bought="2017-03-02 10:00:00",
        approved="2017-03-02 10:01:00",
        left="2017-03-04 10:00:00",
        arrived="2017-03-09 10:00:00",
        items=(
            ("p1", "s1", "50.00", "10.00"),
            ("p1", "s1", "50.00", "10.00"),
            ("p1", "s1", "50.00", "10.00"),
            ("p2", "s2", "7.77", "0.00"),
        ),
        tenders=(("voucher", 1, "87.77"), ("voucher", 1, "0.00"), ("credit_card", 12, "100.00")),
        reviews=(("r9", 3, "2017-03-12 08:00:00"),),
    ),
    "interest": Sale(
        status="delivered",
        bought="2017-03-02 12:00:00",
        approved="2017-03-02 12:10:00",
        left="2017-03-04 10:00:00",
        arrived="2017-03-09 10:00:00",
        items=ONE,
        tenders=(("credit_card", 10, "66.66"),),
    ),
    "rounding": Sale(
        status="shipped",
        bought="2017-03-02 13:00:00",
        approved="2017-03-02 13:10:00",
        left="2017-03-04 10:00:00",
        items=ONE,
        tenders=(("debit_card", 1, "59.99"),),
    ),
    "contradicting": Sale(
        status="delivered",
        bought="2017-03-03 10:00:00",
        approved="2017-03-06 10:00:00",
        left="2017-03-05 10:00:00",
        arrived="2017-03-04 10:00:00",
        items=ONE,
    ),
    "without_a_date": Sale(
        status="delivered",
        bought="2017-03-03 11:00:00",
        approved="2017-03-03 11:10:00",
        items=ONE,
        reviews=(("r3", 2, "2017-02-01 00:00:00"),),
    ),
    "cancelled_indoors": Sale(
        status="canceled",
        bought="2017-03-04 10:00:00",
        approved="2017-03-04 10:10:00",
        items=ONE,
        tenders=(("credit_card", 2, "64.00"),),
    ),
    "cancelled_on_the_road": Sale(
        status="canceled",
        bought="2017-03-04 11:00:00",
        approved="2017-03-04 11:10:00",
        left="2017-03-06 10:00:00",
        items=ONE,
        reviews=(("r4", 1, "2017-03-20 00:00:00"),),
    ),
    "cancelled_after_delivery": Sale(
        status="canceled",
        bought="2017-03-04 12:00:00",
        approved="2017-03-04 12:10:00",
        left="2017-03-06 10:00:00",
        arrived="2017-03-09 10:00:00",
        items=(*ONE, ("p3", "s1", "1.00", "0.50")),
        tenders=(("credit_card", 1, "61.50"),),
    ),
    "not_found": Sale(
        status="unavailable", bought="2017-03-05 10:00:00", approved="2017-03-05 10:10:00", items=ONE
    ),
    "processing": Sale(
        status="processing", bought="2017-03-05 11:00:00", approved="2017-03-05 11:10:00", items=ONE
    ),
    "invoiced": Sale(
        status="invoiced", bought="2017-03-05 12:00:00", approved="2017-03-05 12:10:00", items=ONE
    ),
    "approved": Sale(
        status="approved", bought="2017-03-05 13:00:00", approved="2017-03-05 13:10:00", items=ONE
    ),
    "bare_created": Sale(status="created", bought="2017-03-06 10:00:00"),
    "bare_unavailable": Sale(
        status="unavailable",
        bought="2017-03-06 11:00:00",
        approved="2017-03-06 11:10:00",
        tenders=(("credit_card", 1, "12.34"), ("voucher", 1, "1.66")),
    ),
    "bare_cancelled": Sale(
        status="canceled", bought="2017-03-06 12:00:00", reviews=(("r5", 1, "2017-03-07 00:00:00"),)
    ),
    "bare_invoiced": Sale(status="invoiced", bought="2017-03-06 13:00:00", approved="2017-03-06 13:10:00"),
    "again_by_the_same_person": Sale(
        status="delivered",
        bought="2017-03-07 10:00:00",
        approved="2017-03-07 10:10:00",
        left="2017-03-08 09:00:00",
        arrived="2017-03-11 12:00:00",
        items=(("p1", "s2", "48.00", "12.00"),),
        person="delivered",
    ),
}


def write_folder(folder: Path, sales: dict[str, Sale] | None = None, *, copies: int = 1) -> Path:
    """Write the folder; `copies` repeats the sales on the following days of the same goods."""
    chosen = sales or SALES
    rows: dict[str, list[Sequence[object]]] = {name: [] for name in HEADS}
    for copy in range(copies):
        for name, sale in chosen.items():
            _add(rows, name if not copy else f"{name}_{copy}", sale)
    for product, category, weight in (("p1", "perfumaria", "225"), ("p2", "", ""), ("p3", "artes", "0")):
        rows["products"].append((product, category, 40, 200, 1, weight, 16, 10, 14))
    rows["products"].append(("never_sold", "pc_gamer", 40, 200, 1, 300, "", "", ""))
    rows["sellers"] += [("s1", "01012", "sao paulo", "SP"), ("s2", "99999", "manaus", "AM")]
    rows["geolocation"] += [
        ("01012", "-23.5", "-46.6", "sao paulo", "SP"),
        ("01012", "-23.7", "-46.8", "sao paulo", "SP"),
        ("20000", "41.0", "-8.6", "porto", "RJ"),
    ]
    rows["product_category_name_translation"].append(("perfumaria", "perfumery"))
    folder.mkdir(parents=True, exist_ok=True)
    for name, head in HEADS.items():
        text = io.StringIO(newline="")
        csv.writer(text).writerows([head.split(","), *rows[name]])
        (folder / f"{name}.csv.gz").write_bytes(gzip.compress(text.getvalue().encode(), mtime=0))
    return folder


def _add(rows: dict[str, list[Sequence[object]]], name: str, sale: Sale) -> None:
    rows["orders"].append(
        (
            name,
            f"c_{name}",
            sale.status,
            sale.bought,
            sale.approved,
            sale.left,
            sale.arrived,
            sale.promised,
            "A",
        )
    )
    rows["customers"].append((f"c_{name}", sale.person or name, "20000", "rio de janeiro", "RJ"))
    for number, (product, seller, price, freight) in enumerate(sale.items, start=1):
        rows["order_items"].append((name, number, product, seller, "", price, freight))
    for number, (method, instalments, amount) in enumerate(sale.tenders, start=1):
        rows["order_payments"].append((name, number, method, instalments, amount))
    for review, score, at in sale.reviews:
        rows["order_reviews"].append((review, name, score, "", "muito bom", at, at))
