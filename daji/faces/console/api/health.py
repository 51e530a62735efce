"""How the machinery is doing, and mending what stands still."""

from __future__ import annotations

import re
import shutil
from datetime import datetime

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from daji import migrations
from daji.base.audit import api as audit
from daji.faces.console.api.docs import answers
from daji.faces.console.asking import Acting, HouseGiven, Now, P, can
from daji.faces.console.audited import Deed, write
from daji.faces.console.wire import answer
from daji.faces.http import outer
from daji.flows import examine_house
from daji.kit import ids, mending
from daji.kit.db import Tx
from daji.kit.problems import NotFound
from daji.views import console_health

TAG = ["System"]
_JOB = re.compile("[1-9][0-9]{0,17}")


class RouteTraffic(msgspec.Struct, frozen=True, kw_only=True):
    """Requests to one route that this process answered with an error of its own (5xx)."""

    method: str
    route: str
    broken: int


class Traffic(msgspec.Struct, frozen=True, kw_only=True):
    """What this web process answered since it started; `broken` are 5xx, `refused` 4xx answers."""

    requests: int
    refused: int
    broken: int
    mean_ms: float
    worst: tuple[RouteTraffic, ...]


class Disk(msgspec.Struct, frozen=True, kw_only=True):
    """The disk that holds pictures and, with the built-in database, everything; bytes."""

    total: int
    free: int


class HealthScreen(msgspec.Struct, frozen=True, kw_only=True):
    at: datetime
    health: console_health.Health
    traffic: Traffic
    disk: Disk


class Examining(msgspec.Struct, frozen=True, kw_only=True):
    """The report that a worker is about to write."""

    report_id: str


@get(
    "/health",
    opt=can(P.SETTINGS_MANAGE),
    summary="How the machinery is doing",
    operation_id="console_health",
    responses=answers(HealthScreen, "Database, workers, queue, timers, journeys, traffic, disk."),
    tags=TAG,
)
async def get_health(house: HouseGiven, now: Now) -> Response[bytes]:
    """Tell how everything behind the shop is doing."""
    async with house.db.read() as session:
        found = await console_health.get_health(session, at=now, expected=migrations.head())
    usage = shutil.disk_usage(house.settings.home)
    return answer(
        HealthScreen(at=now, health=found, traffic=measured(), disk=Disk(total=usage.total, free=usage.free))
    )


def measured() -> Traffic:
    """Read this process's own histogram of requests."""
    by_class = {"4": 0, "5": 0}
    total, seconds = 0, 0.0
    broken: dict[tuple[str, str], int] = {}
    for family in outer.DURATION.collect():
        for sample in family.samples:
            status = sample.labels.get("status", "")
            if sample.name.endswith("_count"):
                count = int(sample.value)
                total += count
                if status[:1] in by_class:
                    by_class[status[:1]] += count
                if status[:1] == "5" and count:
                    where = (sample.labels["method"], sample.labels["route"])
                    broken[where] = broken.get(where, 0) + count
            elif sample.name.endswith("_sum"):
                seconds += sample.value
    worst = sorted(broken.items(), key=lambda item: -item[1])[:10]
    return Traffic(
        requests=total,
        refused=by_class["4"],
        broken=by_class["5"],
        mean_ms=round(seconds / total * 1000, 1) if total else 0.0,
        worst=tuple(RouteTraffic(method=method, route=route, broken=n) for (method, route), n in worst),
    )


def _number(job: str) -> int:
    """A queue counts its jobs; what is no count names none."""
    if not _JOB.fullmatch(job):
        raise NotFound
    return int(job)


@post(
    "/health/jobs/{job:str}/retry",
    opt=can(P.SETTINGS_MANAGE),
    status_code=200,
    summary="Deliver a parked event again",
    operation_id="console_retry_job",
    responses=answers(mending.Mended, "It waits for a worker.", 404),
    tags=TAG,
)
async def retry_job(job: FromPath[str], actor: Acting, house: HouseGiven, now: Now) -> Response[bytes]:
    """Give a parked delivery all its tries again."""
    deed = Deed(action="house.retry_job", kind="job", subject=job)
    return answer(
        await write(house, actor, deed, lambda tx: mending.retry_job(tx, job_id=_number(job)), now=now)
    )


@post(
    "/health/jobs/{job:str}/discard",
    opt=can(P.SETTINGS_MANAGE),
    status_code=200,
    summary="Give a parked delivery up",
    operation_id="console_discard_job",
    responses=answers(mending.Mended, "The event itself stays on record.", 404),
    tags=TAG,
)
async def discard_job(job: FromPath[str], actor: Acting, house: HouseGiven, now: Now) -> Response[bytes]:
    """Let this listener go without this event."""
    deed = Deed(action="house.discard_job", kind="job", subject=job)
    return answer(
        await write(house, actor, deed, lambda tx: mending.discard_job(tx, job_id=_number(job)), now=now)
    )


@post(
    "/health/runs/{run:str}/resume",
    opt=can(P.SETTINGS_MANAGE),
    status_code=200,
    summary="Resume a stuck journey now",
    operation_id="console_resume_run",
    responses=answers(mending.Mended, "The janitor takes it on its next round.", 404),
    tags=TAG,
)
async def resume_run(run: FromPath[str], actor: Acting, house: HouseGiven, now: Now) -> Response[bytes]:
    """Let the janitor take a journey whose process died."""
    run_id = ids.read("run", run)
    deed = Deed(action="house.resume_run", kind="run", subject=run)
    return answer(await write(house, actor, deed, lambda tx: mending.resume_run(tx, run_id=run_id), now=now))


@post(
    "/health/timers/{timer:str}/wake",
    opt=can(P.SETTINGS_MANAGE),
    status_code=200,
    summary="Try a failing timer now",
    operation_id="console_wake_timer",
    responses=answers(mending.Mended, "A worker takes it on its next round.", 404),
    tags=TAG,
)
async def wake_timer(timer: FromPath[str], actor: Acting, house: HouseGiven, now: Now) -> Response[bytes]:
    """Do not wait for the pause between tries."""
    timer_id = ids.read("tmr", timer)
    deed = Deed(action="house.wake_timer", kind="timer", subject=timer)
    return answer(
        await write(house, actor, deed, lambda tx: mending.wake_timer(tx, timer_id=timer_id), now=now)
    )


@get(
    "/health/examinations",
    opt=can(P.STOCK_READ),
    summary="What the last examinations of the books found",
    operation_id="console_list_examinations",
    responses=answers(tuple[examine_house.Report, ...], "The last ten, newest first."),
    tags=TAG,
)
async def list_examinations(house: HouseGiven) -> Response[bytes]:
    """Show reports on stock, money, audit log and events."""
    async with house.db.read() as session:
        page = await audit.list_entries(session, subject_kind=examine_house.KIND, limit=10)
    return answer(tuple(msgspec.convert(entry.after, examine_house.Report) for entry in page.items))


@post(
    "/health/examinations",
    opt=can(P.STOCK_READ),
    status_code=202,
    summary="Let a worker examine the books",
    operation_id="console_examine_house",
    responses=answers(Examining, "The report will be in the list under this id.", status=202),
    tags=TAG,
)
async def examine(actor: Acting, house: HouseGiven, now: Now) -> Response[bytes]:
    """Recompute stock, money and audit log in the background, as `daji audit` does."""
    report_id = ids.new_id()
    shown = ids.show("rep", report_id)

    async def work(tx: Tx) -> Examining:
        examine_house.ask(tx, report_id=report_id, now=now)
        return Examining(report_id=shown)

    deed = Deed(action="house.examine", kind="report", subject=shown)
    return answer(await write(house, actor, deed, work, now=now), status=202)


ROUTES = [
    get_health,
    retry_job,
    discard_job,
    resume_run,
    wake_timer,
    list_examinations,
    examine,
]
