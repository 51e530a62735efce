"""Import in steps: a file goes up, its columns are named, it is checked, imported, told about; and the way back out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post, put
from litestar.datastructures import UploadFile
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.response import Stream

from daji.boot import House
from daji.faces.console import tables
from daji.faces.console.api.docs import answers
from daji.faces.console.api.inputs import PriceListId, SiteId
from daji.faces.console.asking import Acting, Asked, HouseGiven, Lang, Now, P, can
from daji.faces.console.audited import Deed, note, write
from daji.faces.console.wire import answer
from daji.flows import import_upload
from daji.kit import ids
from daji.kit.paging import Page
from daji.kit.problems import FieldProblem, Invalid
from daji.shop.catalog import api as catalog
from daji.views import console_export

TAG = ["Imports"]
_FIELD = "file"
_MAX_BODY = catalog.MAX_UPLOAD_BYTES + 16 * 1024


class PlanIn(msgspec.Struct, frozen=True, kw_only=True):
    """Which field each column is ("": none), and where prices and first stock go; null: nowhere."""

    mapping: dict[str, str]
    lang: str = "zh"
    currency: str = "CNY"
    price_list: PriceListId | None = None
    site: SiteId | None = None


class RowTrouble(msgspec.Struct, frozen=True, kw_only=True):
    """Why a row was not taken, in the reader's language; `column` as the file calls it, "" when it is the whole row."""

    line: int
    column: str
    field: str
    code: str
    reason: str


@post(
    "/uploads",
    opt=can(P.IMPORTS_RUN, accepts=("multipart/form-data",)),
    status_code=201,
    request_max_body_size=_MAX_BODY,
    summary="Upload a file of goods (form field `file`)",
    operation_id="console_upload_goods",
    responses=answers(catalog.Upload, "Its columns, and what they seem to be.", 413, 415, 422, status=201),
    tags=TAG,
)
async def upload(request: Asked, actor: Acting, house: HouseGiven, now: Now, lang: Lang) -> Response[bytes]:
    """Take a CSV or JSON Lines file; nothing is imported yet."""
    given = (await request.form()).get(_FIELD)
    if not isinstance(given, UploadFile):
        raise Invalid(fields=(FieldProblem(pointer=f"/{_FIELD}", code="required"),))
    kept = await import_upload.keep_upload(
        house.ctx,
        tables=house.tables,
        name=given.filename or "goods.csv",
        content=await given.read(),
        lang=lang,
        by=actor.by,
        now=now,
    )
    shown = ids.show("upl", kept.id)
    await note(house, actor, Deed(action="catalog.upload", kind="upload", subject=shown), now=now)
    return answer(kept, status=201)


@get(
    "/uploads",
    opt=can(P.IMPORTS_RUN),
    summary="List uploaded files",
    operation_id="console_list_uploads",
    responses=answers(Page[catalog.Upload], "The last first.", 422),
    tags=TAG,
)
async def list_uploads(
    house: HouseGiven, cursor: FromQuery[str | None] = None, limit: FromQuery[int | None] = None
) -> Response[bytes]:
    """List files and how far they are."""
    async with house.db.read() as session:
        return answer(await catalog.list_uploads(session, cursor=cursor, limit=limit))


@get(
    "/uploads/{upload:str}",
    opt=can(P.IMPORTS_RUN),
    summary="One uploaded file",
    operation_id="console_get_upload",
    responses=answers(catalog.Upload, "Where it stands; ask again to see it move.", 404),
    tags=TAG,
)
async def get_upload(upload: FromPath[str], house: HouseGiven) -> Response[bytes]:
    """Tell how far it is."""
    async with house.db.read() as session:
        return answer(await catalog.get_upload(session, upload_id=ids.read("upl", upload)))


@put(
    "/uploads/{upload:str}/plan",
    opt=can(P.IMPORTS_RUN),
    summary="Say what the columns are",
    operation_id="console_plan_upload",
    responses=answers(catalog.Upload, "As it is now.", 404, 409, 422),
    tags=TAG,
)
async def plan(
    upload: FromPath[str], data: JSONBody[PlanIn], actor: Acting, house: HouseGiven, now: Now
) -> Response[bytes]:
    """Name the columns; what was checked before must be checked again."""
    upload_id = ids.read("upl", upload)
    list_id = None if data.price_list is None else ids.read("prl", data.price_list)
    site_id = None if data.site is None else ids.read("sit", data.site)
    planned = await write(
        house,
        actor,
        Deed(action="catalog.plan_upload", kind="upload", subject=upload),
        lambda tx: catalog.plan_upload(
            tx,
            upload_id=upload_id,
            mapping=data.mapping,
            lang=data.lang,
            currency=data.currency,
            list_id=list_id,
            site_id=site_id,
            now=now,
        ),
        now=now,
    )
    return answer(planned)


@post(
    "/uploads/{upload:str}/check",
    opt=can(P.IMPORTS_RUN),
    status_code=202,
    summary="Let a worker check every row",
    operation_id="console_check_upload",
    responses=answers(
        catalog.Upload, "On its way; nothing is written to the catalogue.", 404, 409, status=202
    ),
    tags=TAG,
)
async def check(upload: FromPath[str], actor: Acting, house: HouseGiven, now: Now) -> Response[bytes]:
    """Rehearse the import."""
    return answer(await _send(house, actor, upload, "check", now), status=202)


@post(
    "/uploads/{upload:str}/run",
    opt=can(P.IMPORTS_RUN),
    status_code=202,
    summary="Let a worker import it",
    operation_id="console_run_upload",
    responses=answers(
        catalog.Upload, "On its way; asked again, nothing is done twice.", 404, 409, status=202
    ),
    tags=TAG,
)
async def run(upload: FromPath[str], actor: Acting, house: HouseGiven, now: Now) -> Response[bytes]:
    """Import it; bad rows are left out and told about."""
    return answer(await _send(house, actor, upload, "import", now), status=202)


async def _send(house: House, actor: Any, upload: str, verb: str, now: datetime) -> catalog.Upload:
    upload_id = ids.read("upl", upload)
    return await write(
        house,
        actor,
        Deed(action=f"catalog.{verb}_upload", kind="upload", subject=upload),
        lambda tx: catalog.send_upload(tx, upload_id=upload_id, verb=verb, now=now),
        now=now,
    )


@get(
    "/uploads/{upload:str}/errors",
    opt=can(P.IMPORTS_RUN),
    summary="Rows that were refused",
    operation_id="console_list_upload_errors",
    responses=answers(Page[RowTrouble], "By line, with the reason in your language.", 404, 422),
    tags=TAG,
)
async def list_errors(
    upload: FromPath[str],
    house: HouseGiven,
    lang: Lang,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int | None] = None,
) -> Response[bytes]:
    """List what the last check or import could not take."""
    upload_id = ids.read("upl", upload)
    async with house.db.read() as session:
        known = await catalog.get_upload(session, upload_id=upload_id)
        page = await catalog.list_upload_errors(session, upload_id=upload_id, cursor=cursor, limit=limit)
    items = tuple(_told(house, known, error, lang) for error in page.items)
    return answer(Page(items=items, next_cursor=page.next_cursor))


@get(
    "/uploads/{upload:str}/errors.csv",
    opt=can(P.IMPORTS_RUN),
    summary="Rows that were refused, as a table",
    operation_id="console_download_upload_errors",
    tags=TAG,
)
async def download_errors(upload: FromPath[str], house: HouseGiven, lang: Lang) -> Response[bytes]:
    """Give all of them as a file for a spreadsheet."""
    upload_id = ids.read("upl", upload)
    heads = [
        house.catalogue.text(lang, f"catalog.errors_file.{name}") for name in ("row", "column", "reason")
    ]
    lines: list[tuple[str, ...]] = [tuple(heads)]
    async with house.db.read() as session:
        known = await catalog.get_upload(session, upload_id=upload_id)
        cursor: str | None = None
        while True:
            page = await catalog.list_upload_errors(session, upload_id=upload_id, cursor=cursor, limit=100)
            told = (_told(house, known, error, lang) for error in page.items)
            lines += [(str(one.line), one.column, one.reason) for one in told]
            cursor = page.next_cursor
            if cursor is None:
                break
    return Response(
        content=(tables.BOM + tables.written(lines)).encode(),
        media_type=tables.CSV,
        headers={"Content-Disposition": f'attachment; filename="{upload}-errors.csv"'},
    )


def _told(house: House, known: catalog.Upload, error: catalog.RowError, lang: str) -> RowTrouble:
    return RowTrouble(
        line=error.line,
        column=catalog.column_of(known.mapping, error.field),
        field=error.field,
        code=error.code,
        reason=house.catalogue.text(lang, f"fields.{error.code}", **error.params),
    )


@get(
    "/goods/export.csv",
    opt=can(P.CATALOG_READ),
    summary="The catalogue as a table that can be imported again",
    operation_id="console_export_goods",
    tags=TAG,
)
async def export(house: HouseGiven, now: Now, price_list: FromQuery[str | None] = None) -> Stream:
    """Give every SKU that is active, with its prices in one list when one is named."""
    list_id = None if price_list is None else ids.read("prl", price_list)
    async with house.db.read() as session:
        begun = await console_export.begin(session, price_list=list_id, at=now)
    return tables.download(_lines(house, begun), f"goods-{now:%Y-%m-%d}")


async def _lines(house: House, begun: console_export.Export) -> AsyncIterator[str]:
    """Read a page at a time, so that neither memory nor a connection is held for a large catalogue."""
    yield tables.BOM + tables.written([begun.header])
    after: UUID | None = None
    while True:
        async with house.db.read() as session:
            page = await console_export.read_page(session, begun, after=after)
        yield tables.written(page.rows)
        after = page.after
        if after is None:
            return


ROUTES = [
    upload,
    list_uploads,
    get_upload,
    plan,
    check,
    run,
    list_errors,
    download_errors,
    export,
]
