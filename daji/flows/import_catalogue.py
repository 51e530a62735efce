"""A file of goods becomes products, prices and first stock: row by row told, batch by batch kept, once.

Each batch is one transaction that also moves the job's position, so a process that is killed anywhere goes on where the
last commit was and takes no row twice. Sellers are written just before, in a transaction of their own: their lock
comes last in the written order and their ids are needed first; writing a seller twice changes nothing.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import NoReturn, Protocol
from uuid import UUID

import msgspec

from daji.fulfil.inventory import api as inventory
from daji.kit import faults
from daji.kit.db import Database, Tx
from daji.kit.problems import FieldProblem, Invalid
from daji.reach.marketplace import api as marketplace
from daji.shop.catalog import api as catalog
from daji.shop.pricing import api as pricing

Item = tuple[int, catalog.CatalogueRow | catalog.RowError]

_ERROR_PAGE = 100
_MANY = 1000
"""Rows from which on a shop may be another one for those who plan its statements."""
_MAX_SELLER_CODE = 64


class HasDatabase(Protocol):
    @property
    def db(self) -> Database: ...


class ImportReport(msgspec.Struct, frozen=True, kw_only=True):
    """What came of an import. `errors` are the first `catalog.MAX_STORED_ERRORS`, the counts are exact.

    `resumed_from` is the row an earlier, broken run had come to; `already_done` says that this very content had
    been imported before and nothing was done.
    """

    source: str
    job_id: UUID | None
    dry_run: bool
    ok: int
    failed: int
    errors: tuple[catalog.RowError, ...]
    resumed_from: int = 0
    already_done: bool = False


class _Target(msgspec.Struct, frozen=True, kw_only=True):
    """Where prices and stock go; None: the file's are not taken."""

    price_list: pricing.PriceList | None
    site_id: UUID | None
    by: str
    now: datetime


class _Outcome(msgspec.Struct, frozen=True, kw_only=True):
    ok: int
    failed: int
    errors: tuple[catalog.RowError, ...]


class _Undo(Exception):
    """The rehearsal is over; everything it wrote is rolled back."""


async def import_catalogue(
    ctx: HasDatabase,
    *,
    source: catalog.CatalogueSource,
    dry_run: bool,
    by: str,
    now: datetime,
    progress: Callable[[int], None],
    batch: int = 500,
    resume: bool = True,
    price_list_id: UUID | None = None,
    site_id: UUID | None = None,
) -> ImportReport:
    """Import a source; `progress` hears how many rows are done after each batch.

    Prices go into the list given, from `now` on; without one they are left out, and a row in another currency than the
    list's is refused. `stock` is received at the site given for SKUs that are new: a catalogue is no stock count.
    With `resume` a broken run of the same content into the same list and site goes on, and a finished one is
    told again; without it everything is read anew, which changes only what differs.

    `dry_run` goes through the same checks in one transaction that is rolled back. It locks nothing that exists; only
    somebody who creates one of the very codes of the file meanwhile would wait for it.

    Raises
    ------
    Invalid
        A batch size outside 1..`catalog.MAX_BATCH`.
    NotFound
        No such price list.
    catalog.JobMoved, catalog.JobRunning
        Another process imports the same source.
    """
    if not 1 <= batch <= catalog.MAX_BATCH:
        raise Invalid(
            fields=(
                FieldProblem(
                    pointer="batch", code="catalog.out_of_range", params={"maximum": catalog.MAX_BATCH}
                ),
            )
        )
    price_list = None
    if price_list_id is not None:
        async with ctx.db.read() as session:
            price_list = await pricing.get_list(session, list_id=price_list_id)
    target = _Target(price_list=price_list, site_id=site_id, by=by, now=now)
    if dry_run:
        return await _rehearse(ctx.db, source, target, progress=progress, batch=batch)
    job, done = await _job(ctx.db, source, target, resume=resume)
    if not done:
        await _run(ctx.db, source, target, job, progress=progress, batch=batch)
    report = await _report(ctx.db, job, already_done=done)
    if not done and report.ok >= _MANY:
        await ctx.db.analyze()
    return report


async def _job(
    db: Database, source: catalog.CatalogueSource, target: _Target, *, resume: bool
) -> tuple[catalog.ImportJob, bool]:
    """The job to work on, and whether it is done already."""
    content = await asyncio.to_thread(source.digest)
    list_id = target.price_list.id if target.price_list else None
    digest = hashlib.sha256(f"{source.name}\n{content}\n{list_id}\n{target.site_id}".encode()).hexdigest()
    if resume:
        async with db.read() as session:
            known = await catalog.find_job(session, digest=digest)
        if known is not None:
            return known, known.status == "done"
    async with db.transaction() as tx:
        started = await catalog.start_job(tx, source=source.name, digest=digest, by=target.by, now=target.now)
    return started, False


async def _run(
    db: Database,
    source: catalog.CatalogueSource,
    target: _Target,
    job: catalog.ImportJob,
    *,
    progress: Callable[[int], None],
    batch: int,
) -> None:
    rows = source.rows()
    position = job.position
    await asyncio.to_thread(_skip, rows, position)
    sellers: dict[str, UUID] = {}
    while items := await asyncio.to_thread(_take, rows, batch):
        await _know_sellers(db, items, sellers, target.now)
        await db.run(_Batch(job.id, position, tuple(items), sellers, target))
        position += len(items)
        faults.reach("import_catalogue.batch.after_commit")
        progress(position)
    async with db.transaction() as tx:
        await catalog.finish_job(tx, job_id=job.id, now=target.now)


class _Batch:
    """The work of one transaction, which the database may run again after a deadlock."""

    def __init__(
        self,
        job_id: UUID,
        position: int,
        items: Sequence[Item],
        sellers: dict[str, UUID],
        target: _Target,
    ) -> None:
        self._job_id = job_id
        self._position = position
        self._items = items
        self._sellers = sellers
        self._target = target

    async def __call__(self, tx: Tx) -> None:
        target = self._target
        good, refused = _sift(self._items, target.price_list)
        result = await catalog.put_batch(
            tx, rows=[row for _, row in good], by=target.by, now=target.now, sellers=self._sellers
        )
        taken = {row.sku_code: row for _, row in good if row.sku_code in result.sku_ids}
        # In the written lock order: stock before prices.
        await self._receive(tx, result, taken)
        await self._price(tx, result, taken)
        outcome = _outcome(good, refused, result)
        await catalog.advance_job(
            tx,
            job_id=self._job_id,
            since=self._position,
            position=self._position + len(self._items),
            ok=outcome.ok,
            failed=outcome.failed,
            errors=outcome.errors,
            now=target.now,
        )
        faults.reach("import_catalogue.batch.before_commit")

    async def _receive(
        self, tx: Tx, result: catalog.BatchResult, taken: dict[str, catalog.CatalogueRow]
    ) -> None:
        if self._target.site_id is None:
            return
        lines = [
            inventory.HoldLine(sku_id=result.sku_ids[code], site_id=self._target.site_id, qty=row.stock)
            for code, row in taken.items()
            if row.stock and code in result.created_skus
        ]
        if lines:
            ref = f"import:{self._job_id}"
            await inventory.receive_many(tx, lines=lines, ref=ref, by=self._target.by, now=self._target.now)

    async def _price(
        self, tx: Tx, result: catalog.BatchResult, taken: dict[str, catalog.CatalogueRow]
    ) -> None:
        if self._target.price_list is None:
            return
        prices = [
            pricing.NewPrice(sku_id=result.sku_ids[code], amount=row.price, compare_at=row.compare_at)
            for code, row in taken.items()
            if row.price is not None
        ]
        if prices:
            await pricing.set_prices(
                tx,
                list_id=self._target.price_list.id,
                prices=prices,
                valid_from=self._target.now,
                by=self._target.by,
                now=self._target.now,
            )


async def _rehearse(
    db: Database,
    source: catalog.CatalogueSource,
    target: _Target,
    *,
    progress: Callable[[int], None],
    batch: int,
) -> ImportReport:
    """Do everything that could be refused, in one transaction, and take it back."""
    ok = failed = 0
    errors: list[catalog.RowError] = []
    rows = source.rows()
    sellers: dict[str, UUID] = {}
    try:
        async with db.transaction() as tx:
            while items := await asyncio.to_thread(_take, rows, batch):
                await _pretend_sellers(tx, items, sellers)
                good, refused = _sift(items, target.price_list)
                result = await catalog.put_batch(
                    tx,
                    rows=[row for _, row in good],
                    by=target.by,
                    now=target.now,
                    sellers=sellers,
                    rehearse=True,
                )
                outcome = _outcome(good, refused, result)
                ok, failed = ok + outcome.ok, failed + outcome.failed
                errors += outcome.errors[: catalog.MAX_STORED_ERRORS - len(errors)]
                progress(ok + failed)
            _undo()
    except _Undo:
        return ImportReport(
            source=source.name, job_id=None, dry_run=True, ok=ok, failed=failed, errors=tuple(errors)
        )


def _undo() -> NoReturn:
    raise _Undo


async def _report(db: Database, job: catalog.ImportJob, *, already_done: bool) -> ImportReport:
    errors: list[catalog.RowError] = []
    cursor: str | None = None
    async with db.read() as session:
        final = await catalog.get_job(session, job_id=job.id)
        while True:
            page = await catalog.list_job_errors(session, job_id=job.id, cursor=cursor, limit=_ERROR_PAGE)
            errors += page.items
            cursor = page.next_cursor
            if cursor is None:
                break
    return ImportReport(
        source=final.source,
        job_id=final.id,
        dry_run=False,
        ok=final.ok,
        failed=final.failed,
        errors=tuple(errors),
        resumed_from=0 if already_done else job.position,
        already_done=already_done,
    )


async def _know_sellers(db: Database, items: Sequence[Item], sellers: dict[str, UUID], now: datetime) -> None:
    """Learn the ids of the batch's sellers, and open those that nobody has. What is known of one is never changed."""
    unknown = _seller_codes(items) - sellers.keys()
    if not unknown:
        return
    async with db.read() as session:
        for code in sorted(unknown):
            found = await marketplace.find_seller(session, code=code)
            if found is not None:
                sellers[code] = found.id
    new = [marketplace.NewSeller(code=code, name=code) for code in sorted(unknown - sellers.keys())]
    if new:
        async with db.transaction() as tx:
            sellers |= await marketplace.save_sellers(tx, sellers=new, now=now)


async def _pretend_sellers(tx: Tx, items: Sequence[Item], sellers: dict[str, UUID]) -> None:
    """Learn the ids of the batch's sellers; one that would be opened gets an id made of its code."""
    for code in sorted(_seller_codes(items) - sellers.keys()):
        found = await marketplace.find_seller(tx, code=code)
        sellers[code] = found.id if found else UUID(bytes=hashlib.sha256(code.encode()).digest()[:16])


def _seller_codes(items: Sequence[Item]) -> set[str]:
    """Codes that a seller can have; a row with another one is refused by the catalogue as of an unknown seller."""
    return {
        row.seller_code
        for _, row in items
        if isinstance(row, catalog.CatalogueRow)
        and row.seller_code
        and len(row.seller_code) <= _MAX_SELLER_CODE
        and row.seller_code.isprintable()
    }


def _sift(
    items: Sequence[Item], price_list: pricing.PriceList | None
) -> tuple[list[tuple[int, catalog.CatalogueRow]], list[catalog.RowError]]:
    """Part the rows to be tried from those that are refused before the catalogue sees them."""
    good: list[tuple[int, catalog.CatalogueRow]] = []
    refused: list[catalog.RowError] = []
    for line, row in items:
        if isinstance(row, catalog.RowError):
            refused.append(row)
        elif price_list is not None and row.price is not None and row.currency != price_list.currency:
            refused.append(
                catalog.RowError(
                    line=line,
                    field="currency",
                    code="catalog.other_currency",
                    params={"expected": price_list.currency},
                )
            )
        else:
            good.append((line, row))
    return good, refused


def _outcome(
    good: Sequence[tuple[int, catalog.CatalogueRow]],
    refused: Sequence[catalog.RowError],
    result: catalog.BatchResult,
) -> _Outcome:
    """Count rows, and give the errors of the batch the line numbers of the source."""
    errors = [msgspec.structs.replace(error, line=good[error.line][0]) for error in result.errors]
    return _Outcome(
        ok=len(good) - result.failed,
        failed=len(refused) + result.failed,
        errors=tuple(sorted((*refused, *errors), key=lambda error: error.line)),
    )


def _take(rows: Iterator[Item], count: int) -> list[Item]:
    return list(islice(rows, count))


def _skip(rows: Iterator[Item], count: int) -> None:
    for _ in islice(rows, count):
        pass
