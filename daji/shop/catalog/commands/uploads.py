"""An uploaded file on its way: kept, mapped, sent to be rehearsed or imported, worked on, done."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from daji.kit import ids
from daji.kit.db import Tx
from daji.kit.problems import FieldProblem, NotFound
from daji.shop.catalog import rules
from daji.shop.catalog.facts import Upload, UploadColumn
from daji.shop.catalog.ports import RowError
from daji.shop.catalog.problems import BadUpload
from daji.shop.catalog.states import UPLOAD
from daji.shop.catalog.store import uploads

MAX_BYTES = 10 * 1024 * 1024
MAX_COLUMNS = 200
MAX_NAME = 200
_LANGS = ("zh", "en")
_CURRENCY_CHARS = 3


async def keep_upload(
    tx: Tx,
    *,
    name: str,
    content: bytes,
    columns: Sequence[UploadColumn],
    rows: int,
    lang: str,
    by: str,
    now: datetime,
) -> Upload:
    """Keep a file with the columns somebody found in it; each is taken for what it seems to be.

    Raises
    ------
    BadUpload
        Nothing in it, too large, or more columns than anybody means.
    """
    problem = None
    if not content or not columns:
        problem = FieldProblem(pointer="/file", code="catalog.upload_empty")
    elif len(content) > MAX_BYTES:
        problem = FieldProblem(pointer="/file", code="catalog.upload_too_large")
    elif len(columns) > MAX_COLUMNS or not rules.storable(tuple(columns)):
        problem = FieldProblem(pointer="/file", code="catalog.too_many", params={"maximum": MAX_COLUMNS})
    if problem is not None:
        raise BadUpload(fields=(problem,))
    kept = Upload(
        id=ids.new_id(),
        name=name[-MAX_NAME:],
        bytes=len(content),
        rows=rows,
        columns=tuple(columns),
        mapping={column.name: column.target for column in columns},
        lang=lang if lang in _LANGS else "zh",
        currency="CNY",
        list_id=None,
        site_id=None,
        status="uploaded",
        done=0,
        ok=0,
        failed=0,
        trouble="",
        job_id=None,
        by=by,
        made_at=now,
        updated_at=now,
    )
    await uploads.insert(tx, kept, zlib.compress(content))
    return kept


async def plan_upload(
    tx: Tx,
    *,
    upload_id: UUID,
    mapping: Mapping[str, str],
    lang: str,
    currency: str,
    list_id: UUID | None,
    site_id: UUID | None,
    now: datetime,
) -> Upload:
    """Say what each column is and where prices and stock go; what was rehearsed before counts no more.

    Raises
    ------
    BadUpload
        A column the file does not have, two columns for one field, no column for the product's code.
    kit.states.IllegalTransition
        It is being worked on, or has been imported.
    NotFound
    """
    found = await _locked(tx, upload_id)
    UPLOAD.after(found.status, "plan")
    known = {column.name for column in found.columns}
    targets = [target for target in mapping.values() if target]
    problems = [
        FieldProblem(pointer=f"/mapping/{_escaped(name)}", code="catalog.unknown_column")
        for name in mapping
        if name not in known
    ]
    problems += [
        FieldProblem(pointer=f"/mapping/{_escaped(name)}", code="catalog.column_twice")
        for name, target in mapping.items()
        if target and targets.count(target) > 1
    ]
    if "product_code" not in targets:
        problems.append(FieldProblem(pointer="/mapping", code="catalog.missing_column"))
    if lang not in _LANGS:
        problems.append(FieldProblem(pointer="/lang", code="unknown_value"))
    if len(currency) != _CURRENCY_CHARS:
        problems.append(FieldProblem(pointer="/currency", code="catalog.unknown_currency"))
    if problems:
        raise BadUpload(fields=problems)
    await uploads.plan(
        tx,
        upload_id,
        mapping=mapping,
        lang=lang,
        currency=currency,
        list_id=list_id,
        site_id=site_id,
        now=now,
    )
    return await _locked(tx, upload_id)


async def send_upload(tx: Tx, *, upload_id: UUID, verb: str, now: datetime) -> Upload:
    """Let a worker `check` or `import` it; asked again while it is at work, nothing happens.

    Raises
    ------
    kit.states.IllegalTransition
        It has been imported, or is being worked on otherwise.
    NotFound
    """
    found = await _locked(tx, upload_id)
    status = UPLOAD.after(found.status, verb)
    if status == found.status:
        return found
    await uploads.begin(tx, upload_id, status=status, now=now)
    return await _locked(tx, upload_id)


async def claim_upload(tx: Tx, *, seconds: int) -> Upload | None:
    """Take the oldest that waits, for so long; None when none does."""
    upload_id = await uploads.claim(tx, seconds=seconds)
    return await uploads.upload(tx, upload_id) if upload_id else None


async def note_upload(tx: Tx, *, upload_id: UUID, done: int, seconds: int) -> None:
    """Note how far the work is, and that it goes on."""
    await uploads.progress(tx, upload_id, done=done, seconds=seconds)


async def release_upload(tx: Tx, *, upload_id: UUID) -> None:
    """Give it back to be claimed again at once."""
    await uploads.release(tx, upload_id)


async def finish_upload(
    tx: Tx,
    *,
    upload_id: UUID,
    ok: int,
    failed: int,
    errors: Sequence[RowError],
    job_id: UUID | None,
    now: datetime,
    trouble: str = "",
) -> None:
    """Close the rehearsal or the import with what came of it; `trouble` is the code of what stopped it."""
    found = await _locked(tx, upload_id)
    if found.status not in {"checking", "importing"}:
        return
    status = UPLOAD.after(found.status, "fail" if trouble else "finish")
    await uploads.finish(
        tx,
        upload_id,
        status=status,
        done=ok + failed,
        ok=ok,
        failed=failed,
        errors=errors,
        job_id=job_id,
        trouble=trouble,
        now=now,
    )


async def _locked(tx: Tx, upload_id: UUID) -> Upload:
    found = await uploads.locked_upload(tx, upload_id)
    if found is None:
        raise NotFound(kind="upload")
    return found


def _escaped(name: str) -> str:
    """Write a name as a step of a JSON pointer (RFC 6901, section 3)."""
    return name.replace("~", "~0").replace("/", "~1")
