"""A file that staff uploaded is looked at, and later rehearsed or imported by a worker that notes how far it is."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import msgspec

from daji.flows.context import Context
from daji.flows.import_catalogue import ImportReport, import_catalogue
from daji.kit.db import Database
from daji.kit.problems import FieldProblem, Problem
from daji.shop.catalog import api as catalog

BATCH = 200
LEASE_SECONDS = 30
BEAT_SECONDS = 1.0
"""The lease outlasts many beats: a worker that is only slow keeps what it holds."""

_JSON = (".jsonl", ".ndjson")
_WORKBOOK = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


async def keep_upload(
    ctx: Context,
    *,
    tables: catalog.TableFiles,
    name: str,
    content: bytes,
    lang: str,
    by: str,
    now: datetime,
) -> catalog.Upload:
    """Find the columns of a file and keep it.

    Raises
    ------
    catalog.BadUpload
        Empty, too large, a workbook, no text, or without columns.
    """
    code = ""
    if content.startswith(_WORKBOOK):
        code = "catalog.upload_is_workbook"
    elif len(content) > catalog.MAX_UPLOAD_BYTES:
        code = "catalog.upload_too_large"
    elif not content.strip():
        code = "catalog.upload_empty"
    if code:
        raise catalog.BadUpload(fields=(FieldProblem(pointer="/file", code=code),))
    with tempfile.TemporaryDirectory() as folder:
        path = await asyncio.to_thread(_lay, folder, name, content)
        try:
            looked = await asyncio.to_thread(tables.look, path)
        except catalog.UnreadableFile as unreadable:
            problem = FieldProblem(pointer="/file", code=unreadable.code)
            raise catalog.BadUpload(fields=(problem,)) from None
    async with ctx.db.transaction() as tx:
        return await catalog.keep_upload(
            tx,
            name=name,
            content=content,
            columns=looked.columns,
            rows=looked.rows,
            lang=lang,
            by=by,
            now=now,
        )


async def work_uploads(ctx: Context, *, tables: catalog.TableFiles, now: datetime) -> int:
    """Rehearse or import what waits, one after the other; how many were worked on.

    A worker that dies leaves a lease that ends; whoever takes the file then goes on behind the last batch that was
    committed, and takes no row twice.
    """
    worked = 0
    while True:
        async with ctx.db.transaction() as tx:
            upload = await catalog.claim_upload(tx, seconds=LEASE_SECONDS)
        if upload is None:
            return worked
        await _work(ctx, tables, upload, now)
        worked += 1


async def _work(ctx: Context, tables: catalog.TableFiles, upload: catalog.Upload, now: datetime) -> None:
    done = 0

    def heard(rows: int) -> None:
        nonlocal done
        done = rows

    async with ctx.db.read() as session:
        content = await catalog.get_upload_content(session, upload_id=upload.id)
    beating = asyncio.create_task(_beat(ctx.db, upload, lambda: done))
    report: ImportReport | None = None
    trouble = ""
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = await asyncio.to_thread(_lay, folder, upload.name, content)
            report = await import_catalogue(
                ctx,
                source=_source(tables, path, upload),
                dry_run=upload.status == "checking",
                by=upload.by,
                now=now,
                progress=heard,
                batch=BATCH,
                price_list_id=upload.list_id,
                site_id=upload.site_id,
            )
    except catalog.JobMoved:
        # Another worker took it over while this one stood still; what comes of it is told there.
        return
    except Problem as problem:
        trouble = problem.code
    except asyncio.CancelledError:
        # This worker is leaving: the next one need not wait for the lease to end.
        await asyncio.shield(_release(ctx.db, upload))
        raise
    finally:
        beating.cancel()
        with suppress(asyncio.CancelledError):
            await beating
    async with ctx.db.transaction() as tx:
        await catalog.finish_upload(
            tx,
            upload_id=upload.id,
            ok=report.ok if report else 0,
            failed=report.failed if report else 0,
            errors=report.errors if report else (),
            job_id=report.job_id if report else None,
            trouble=trouble,
            now=now,
        )


def _source(tables: catalog.TableFiles, path: Path, upload: catalog.Upload) -> catalog.CatalogueSource:
    """Read this upload: its digest names it, so that the job of a broken run is found again and no other's."""
    return tables.open(
        path,
        mapping=upload.mapping,
        lang=upload.lang,
        currency=upload.currency,
        name=upload.name,
        digest=f"upload {upload.id} {msgspec.json.encode(upload.mapping, order='deterministic').decode()}",
    )


async def _beat(db: Database, upload: catalog.Upload, done: Callable[[], int]) -> None:
    """Tell now and then how far the work is, which also keeps the lease."""
    while True:
        await asyncio.sleep(BEAT_SECONDS)
        async with db.transaction() as tx:
            await catalog.note_upload(tx, upload_id=upload.id, done=done(), seconds=LEASE_SECONDS)


async def _release(db: Database, upload: catalog.Upload) -> None:
    async with db.transaction() as tx:
        await catalog.release_upload(tx, upload_id=upload.id)


def _lay(folder: str, name: str, content: bytes) -> Path:
    """Lay the content into a file whose name says only whether it is JSON Lines."""
    suffix = Path(name).suffix.lower()
    path = Path(folder, f"goods{suffix if suffix in _JSON else '.csv'}")
    path.write_bytes(content)
    return path
