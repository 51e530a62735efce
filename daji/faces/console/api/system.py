"""The audit log, imports, and how the machinery is doing."""

from __future__ import annotations

from datetime import datetime

from litestar import Response, get
from litestar.params import FromPath, FromQuery

from daji.base.audit import api as audit
from daji.faces.console.api.docs import answers
from daji.faces.console.asking import HouseGiven, Now, P, can
from daji.faces.console.wire import answer
from daji.kit import ids
from daji.kit.paging import Page
from daji.shop.catalog import api as catalog
from daji.views import console_audit, console_home, console_machine

TAG = ["System"]


@get(
    "/audit",
    opt=can(P.AUDIT_READ),
    summary="What staff did",
    operation_id="console_list_audit",
    responses=answers(Page[console_audit.AuditRow], "Newest first.", 404, 422),
    tags=TAG,
)
async def list_audit(
    house: HouseGiven,
    *,
    staff: FromQuery[str | None] = None,
    action: FromQuery[str | None] = None,
    subject: FromQuery[str | None] = None,
    kind: FromQuery[str | None] = None,
    since: FromQuery[datetime | None] = None,
    until: FromQuery[datetime | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int | None] = None,
) -> Response[bytes]:
    """List deeds of a person, of a kind, or on one thing (`subject`: its id as shown, or its code)."""
    async with house.db.read() as session:
        found = await console_audit.list_entries(
            session,
            staff_id=None if staff is None else ids.read("stf", staff),
            action=action,
            subject=subject,
            kind=kind,
            since=since,
            until=until,
            cursor=cursor,
            limit=limit,
        )
    return answer(found)


@get(
    "/audit/verify",
    opt=can(P.AUDIT_READ),
    summary="Walk the chain of the audit log",
    operation_id="console_verify_audit",
    responses=answers(audit.ChainReport, "`broken_at` null is well."),
    tags=TAG,
)
async def verify_audit(house: HouseGiven) -> Response[bytes]:
    """Recompute every hash on one moment of the database."""
    async with house.db.snapshot() as session:
        return answer(await audit.verify(session))


@get(
    "/imports",
    opt=can(P.IMPORTS_RUN),
    summary="List imports",
    operation_id="console_list_imports",
    responses=answers(Page[catalog.ImportJob], "The last started first.", 422),
    tags=TAG,
)
async def list_imports(
    house: HouseGiven, cursor: FromQuery[str | None] = None, limit: FromQuery[int | None] = None
) -> Response[bytes]:
    """List catalogue imports and how far they are."""
    async with house.db.read() as session:
        return answer(await catalog.list_jobs(session, cursor=cursor, limit=limit))


@get(
    "/imports/{job:str}/errors",
    opt=can(P.IMPORTS_RUN),
    summary="Rows an import could not take",
    operation_id="console_list_import_errors",
    responses=answers(Page[catalog.RowError], "By line.", 404, 422),
    tags=TAG,
)
async def list_import_errors(
    job: FromPath[str],
    house: HouseGiven,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int | None] = None,
) -> Response[bytes]:
    """List refused rows with line, field and reason."""
    async with house.db.read() as session:
        found = await catalog.list_job_errors(
            session, job_id=ids.read("job", job), cursor=cursor, limit=limit
        )
    return answer(found)


@get(
    "/machine",
    opt=can(P.ORDERS_READ),
    summary="Events, timers and journeys that wait",
    operation_id="console_machine",
    responses=answers(console_machine.Machine, "Lag in seconds, and what is parked."),
    tags=TAG,
)
async def machine(house: HouseGiven, now: Now) -> Response[bytes]:
    """Tell how the machinery behind the shop is doing."""
    async with house.db.read() as session:
        return answer(await console_machine.get_machine(session, at=now))


@get(
    "/home",
    opt=can(P.ORDERS_READ),
    summary="What waits for whom",
    operation_id="console_home",
    responses=answers(console_home.Home, "Counts."),
    tags=TAG,
)
async def home(house: HouseGiven, now: Now) -> Response[bytes]:
    """Count what waits; the day began at midnight where the shop is."""
    async with house.db.read() as session:
        return answer(await console_home.get_home(session, since=console_home.day_start(now), at=now))


ROUTES = [list_audit, verify_audit, list_imports, list_import_errors, machine, home]
