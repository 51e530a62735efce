"""A delivery is announced by the codes on the supplier's paper: goods are looked up, then the notice is kept."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from daji.fulfil.supply import api as supply
from daji.kit.db import Tx
from daji.kit.problems import FieldProblem, Invalid
from daji.shop.catalog import api as catalog


class AnnouncedLine(msgspec.Struct, frozen=True, kw_only=True):
    """Pieces of the SKU with this code."""

    code: str
    qty: int


class AnnounceDelivery(msgspec.Struct, frozen=True, kw_only=True):
    """What a supplier says will come to a site, and when."""

    number: str
    supplier: str
    site_id: UUID
    expected_at: datetime
    lines: tuple[AnnouncedLine, ...]
    note: str = ""


async def announce_delivery(tx: Tx, wish: AnnounceDelivery, *, by: str, now: datetime) -> supply.Notice:
    """Keep the notice; a code named on several lines is summed.

    Raises
    ------
    Invalid
        A code that no SKU bears, at `/lines/<n>/code`; or what `supply.announce` refuses.
    supply.NoticeKnown
        The number came before.
    """
    codes = [line.code.strip() for line in wish.lines]
    known = await catalog.sku_ids_by_code(tx, codes=codes)
    unknown = tuple(
        FieldProblem(pointer=f"/lines/{n}/code", code="supply.unknown_code", params={"code": code})
        for n, code in enumerate(codes)
        if code not in known
    )
    if unknown:
        raise Invalid(fields=unknown)
    pieces: dict[UUID, int] = {}
    for line, code in zip(wish.lines, codes, strict=True):
        pieces[known[code]] = pieces.get(known[code], 0) + line.qty
    notice = supply.NewNotice(
        number=wish.number.strip(),
        supplier=wish.supplier.strip(),
        site_id=wish.site_id,
        expected_at=wish.expected_at,
        lines=tuple(pieces.items()),
        note=wish.note.strip(),
    )
    return await supply.announce(tx, notice=notice, by=by, now=now)
