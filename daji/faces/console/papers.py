"""Papers of an order as PDF: what lies in the box, and what it cost.

Chinese is set in `STSong-Light`, one of the CID fonts of Adobe's GB1 collection (Technical Note #5079) that PDF readers
bring along: a paper weighs a few kilobytes, and no font is shipped.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Flowable, PageBreak, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from daji.kit import i18n
from daji.trade.orders import api as orders

Say = Callable[..., str]

_FONT = "STSong-Light"
_MARGIN = 18 * mm
# What reportlab's frame keeps free by itself, in points.
_FRAME_PADDING = 6
_LINE = colors.HexColor("#cfc8bf")
_SOFT = colors.HexColor("#625a53")


class Paper:
    """What both papers need: the words, the language, and how things are written in it."""

    def __init__(self, *, say: Say, lang: str, now: datetime) -> None:
        self.say = say
        self.lang = lang
        self.now = now

    def pick(self, texts: Mapping[str, str]) -> str:
        return texts.get(self.lang) or next((text for text in texts.values() if text), "")

    def money(self, amount: int, currency: str) -> str:
        # The currency's sign may be missing in the font; its code never is.
        return f"{currency} {i18n.format_money(self.lang, amount, currency).lstrip('¥$€£CNUSEPJG ')}"

    def when(self, value: datetime) -> str:
        return i18n.format_datetime(self.lang, value)


def packing_slips(
    paper: Paper, boxes: Sequence[tuple[orders.Trade, orders.Order]], *, address: bool
) -> bytes:
    """A sheet for each box: to whom, and what; no prices. The address only for who may see it."""
    story: list[Flowable] = []
    for trade, order in boxes:
        story += [*_slip(paper, trade, order, address=address), PageBreak()]
    numbers = " ".join(order.number for _, order in boxes[:1])
    return _print(story[:-1], title=f"{paper.say('backoffice.paper.packing_slip')} {numbers}")


def _slip(paper: Paper, trade: orders.Trade, order: orders.Order, *, address: bool) -> list[Flowable]:
    rows = [
        [line.code, paper.pick(line.titles), paper.pick(line.option_texts), str(line.qty)]
        for line in order.lines
    ]
    head = [paper.say(f"backoffice.paper.{name}") for name in ("code", "goods", "option", "qty")]
    return [
        *_title(paper.say("backoffice.paper.packing_slip"), order.number),
        *_facts(
            paper,
            [
                ("placed_at", paper.when(trade.placed_at)),
                ("printed_at", paper.when(paper.now)),
                ("pieces", str(sum(line.qty for line in order.lines))),
            ]
            + ([("ship_to", _address(trade))] if address else []),
        ),
        _grid([head, *rows], widths=(34, None, 42, 16), numbers=(3,)),
    ]


def invoice(paper: Paper, trade: orders.Trade, *, captured: int, refunded: int, address: bool) -> bytes:
    """What was bought, at which price, and what was paid and given back. It is no tax invoice, and says so."""
    head = [paper.say(f"backoffice.paper.{name}") for name in ("goods", "qty", "price", "paid")]
    rows = [
        [
            " ".join(
                part for part in (paper.pick(line.titles), paper.pick(line.option_texts), line.code) if part
            ),
            str(line.qty),
            paper.money(line.unit_price, trade.currency),
            paper.money(sum(unit.paid for unit in line.units), trade.currency),
        ]
        for order in trade.orders
        for line in order.lines
    ]
    sums = [
        ("goods_sum", trade.goods),
        ("discount", -trade.discount),
        ("freight", trade.freight),
        ("tax", trade.tax),
        ("difference", trade.difference),
        ("due", trade.due),
        ("captured", captured),
        ("refunded", refunded),
    ]
    always = {"goods_sum", "due", "captured"}
    totals = [
        ["", "", paper.say(f"backoffice.paper.{name}"), paper.money(amount, trade.currency)]
        for name, amount in sums
        if amount or name in always
    ]
    story: list[Flowable] = [
        *_title(paper.say("backoffice.paper.invoice"), trade.number),
        *_facts(
            paper,
            [("placed_at", paper.when(trade.placed_at)), ("printed_at", paper.when(paper.now))]
            + ([("buyer", _contact(trade)), ("ship_to", _address(trade))] if address else []),
        ),
        _grid([head, *rows], widths=(None, 14, 34, 36), numbers=(1, 2, 3)),
        Spacer(1, 4 * mm),
        _grid(totals, widths=(None, 14, 40, 36), numbers=(3,), lines=False),
        Spacer(1, 8 * mm),
        Paragraph(_safe(paper.say("backoffice.paper.no_tax_invoice")), _style(8, _SOFT)),
    ]
    return _print(story, title=f"{paper.say('backoffice.paper.invoice')} {trade.number}")


def _title(name: str, number: str) -> list[Flowable]:
    return [
        Paragraph(_safe(name), _style(18)),
        Spacer(1, 1.5 * mm),
        Paragraph(_safe(number), _style(11, _SOFT)),
        Spacer(1, 6 * mm),
    ]


def _facts(paper: Paper, rows: Sequence[tuple[str, str]]) -> list[Flowable]:
    cells = [
        [
            Paragraph(_safe(paper.say(f"backoffice.paper.{name}")), _style(9, _SOFT)),
            Paragraph(_safe(value), _style(9)),
        ]
        for name, value in rows
    ]
    made = Table(cells, colWidths=[28 * mm, None], hAlign="LEFT")
    made.setStyle(TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0)]))
    return [made, Spacer(1, 6 * mm)]


def _grid(
    rows: Sequence[Sequence[str]],
    *,
    widths: Sequence[float | None],
    numbers: Sequence[int],
    lines: bool = True,
) -> Flowable:
    """A table; `widths` in millimetres, None shares what is left; `numbers` are the columns set to the right."""
    full = A4[0] - 2 * _MARGIN - 2 * _FRAME_PADDING
    free = (full - sum(width * mm for width in widths if width)) / max(
        1, sum(width is None for width in widths)
    )
    cells = [
        [
            Paragraph(
                _safe(text), _style(9, _SOFT if lines and n == 0 else colors.black, right=column in numbers)
            )
            for column, text in enumerate(row)
        ]
        for n, row in enumerate(rows)
    ]
    made = Table(
        cells, colWidths=[width * mm if width else free for width in widths], repeatRows=1 if lines else 0
    )
    style: list[Any] = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (0, -1), 0),
        ("RIGHTPADDING", (-1, 0), (-1, -1), 0),
    ]
    if lines:
        style.append(("LINEBELOW", (0, 0), (-1, -1), 0.4, _LINE))
    made.setStyle(TableStyle(style))
    return made


@lru_cache(maxsize=16)
def _style(size: int, colour: Any = colors.black, *, right: bool = False) -> ParagraphStyle:
    pdfmetrics.registerFont(UnicodeCIDFont(_FONT))
    return ParagraphStyle(
        f"s{size}{colour}{right}",
        fontName=_FONT,
        fontSize=size,
        leading=size * 1.45,
        textColor=colour,
        wordWrap="CJK",
        alignment=2 if right else 0,
    )


def _print(story: list[Flowable], *, title: str) -> bytes:
    out = io.BytesIO()
    SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN,
        bottomMargin=_MARGIN,
        title=title,
        author="Daji",
    ).build(story)
    return out.getvalue()


def _contact(trade: orders.Trade) -> str:
    return "\n".join(part for part in (trade.contact.name, trade.contact.phone, trade.contact.email) if part)


def _address(trade: orders.Trade) -> str:
    to = trade.address
    return "\n".join(
        " ".join(part for part in line if part)
        for line in (
            (to.name, to.phone),
            (to.region, to.city, to.district),
            (to.line, to.postcode, to.country),
        )
    )


def _safe(text: str) -> str:
    """Text as reportlab's own small markup: nothing of a buyer's name is a tag."""
    plain = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return plain.replace("\n", "<br/>")
