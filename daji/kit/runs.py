"""Runs: a journey is a row (scope, key, phase, input, result) that answers once and resumes after a crash.

A body is plain Python made of phases:

    async def place_order(run: Run, ctx: Context, order: PlaceOrder) -> Placed:
        held = await run.local("hold", Held, lambda tx: ...)
        charge = await run.outside("charge", lambda: ctx.gateway.charge(key=str(run.id), ...))
        return await run.local("finish", Placed, lambda tx: ..., final=True)

- `local` is one transaction that also stores the phase's value in the run's row; when the body runs again after a
  crash, a phase that committed gives its stored value back instead of working twice.
- `outside` runs with no transaction open and is not stored: it is repeated after a crash, so it carries an
  idempotency key made from the run's id.
- The row is inserted by the first local phase, inside its transaction. A first phase that refuses leaves nothing
  behind, and the same key may try again; two requests with one key queue up behind the row and get one answer.
- A `Problem` raised after the first phase committed is the run's final answer and is given again (same key, same
  answer); any other exception leaves the run to the janitor, `resume_stale`.

Idempotency keys follow the IETF draft "The Idempotency-Key HTTP Header Field": same key and other input is refused
(422), a run in progress answers 409.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

import msgspec
import structlog

from daji.kit import agree, closing, faults, ids, tracing
from daji.kit.closing import RunLost as RunLost  # noqa: PLC0414 - part of this module's words
from daji.kit.db.pool import Database
from daji.kit.db.session import RunMark, Tx, forbid_transaction
from daji.kit.problems import FieldProblem, InProgress, KeyReused, Problem

I = TypeVar("I")  # noqa: E741 - the usual letter for an input type
R = TypeVar("R")
C = TypeVar("C")
T = TypeVar("T")

log = structlog.get_logger(__name__)

LEASE_SECONDS = 60
MAX_KEY = 255

SQL_CLAIM = """
INSERT INTO kit.runs (id, scope, key, flow, fingerprint, input, leased_until)
VALUES ($1, $2, $3, $4, $5, $6::text::jsonb, clock_timestamp() + make_interval(secs => $7))
ON CONFLICT (scope, key) DO NOTHING RETURNING id
"""
SQL_LOAD = """
SELECT id, flow, fingerprint, status, phases::text AS phases, result::text AS result, problem::text AS problem,
       leased_until > clock_timestamp() AS leased
  FROM kit.runs WHERE scope = $1 AND key = $2
"""
SQL_TAKE_OVER = """
UPDATE kit.runs SET leased_until = clock_timestamp() + make_interval(secs => $2), attempts = attempts + 1
 WHERE id = $1 AND status = 'running' AND leased_until <= clock_timestamp() RETURNING id
"""
SQL_FINISH = """
UPDATE kit.runs SET phase = $2, status = 'done', result = $3::text::jsonb, updated_at = clock_timestamp()
 WHERE id = $1 AND status = 'running'
"""
SQL_REFUSE = """
UPDATE kit.runs SET status = 'refused', problem = $2::text::jsonb, updated_at = clock_timestamp()
 WHERE id = $1 AND status = 'running'
"""
SQL_RELEASE = "UPDATE kit.runs SET leased_until = clock_timestamp(), last_error = $2 WHERE id = $1 AND status = 'running'"
SQL_LIST_STALE = """
SELECT id, scope, key, flow, input::text AS input, fingerprint FROM kit.runs
 WHERE status = 'running' AND leased_until <= clock_timestamp() AND flow = ANY($1::text[])
 ORDER BY leased_until LIMIT $2
"""
# The value of a final phase is the run's result, and is not kept a second time among its phases.
SQL_PASSED = """
SELECT id::text FROM kit.runs WHERE flow = $1 AND (phases ? $2 OR (phase = $2 AND status = 'done'))
"""
SQL_PASSED_SUM = agree.in_sum(SQL_PASSED)


class TryLater(Exception):
    """The outside did not say what became of our call: the run stays open and the janitor asks again.

    A face answers 503 with `Retry-After`; the same key then finds the answer or is told to wait once more.
    """


class Flow(msgspec.Struct, Generic[C, I, R], frozen=True, kw_only=True):
    """A journey's name, the types it stores, and its body."""

    name: str
    takes: type[I]
    gives: type[R]
    body: Callable[[Run, C, I], Awaitable[R]]


class _Refusal(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    params: dict[str, Any] = {}
    fields: tuple[FieldProblem, ...] = ()


class Run:
    """One run in progress, as its body sees it."""

    def __init__(
        self, *, db: Database, flow: str, scope: str, key: str, now: datetime, stored: _Stored
    ) -> None:
        self._db = db
        self._flow = flow
        self._scope = scope
        self._key = key
        self._stored = stored
        self.id = stored.id
        self.now = now
        self.began = stored.exists
        self.finished = False

    async def local(
        self,
        phase: str,
        gives: type[T],
        work: Callable[[Tx], Awaitable[T]],
        *,
        final: bool | Callable[[T], bool] = False,
    ) -> T:
        """Do `work` in one transaction, once over all attempts; `final` makes its value the run's answer.

        A function given as `final` is asked whether this value is the answer, or something is still to be done.
        """
        stored = self._stored.phases.get(phase)
        if stored is not None:
            return msgspec.json.decode(stored, type=gives)
        ends = False

        async def transact(tx: Tx) -> T:
            nonlocal ends
            if not self.began:
                await self._claim(tx)
            value = await work(tx)
            ends = final(value) if callable(final) else final
            mark = RunMark(
                run_id=self.id,
                flow=self._flow,
                phase=phase,
                value=msgspec.json.encode(value).decode(),
                final=ends,
                lease_seconds=LEASE_SECONDS,
            )
            closing.mark_run(tx, mark)
            faults.reach(f"{self._flow}.{phase}.before_commit")
            return value

        value = await self._db.run(transact)
        self.began = True
        self.finished = self.finished or ends
        faults.reach(f"{self._flow}.{phase}.after_commit")
        return value

    async def outside(self, what: str, call: Callable[[], Awaitable[T]]) -> T:
        """Make a call to the outside between phases; it must carry a key that makes it safe to repeat."""
        forbid_transaction(f"{self._flow}.{what}")
        if not self.began:
            raise RuntimeError(
                f"{self._flow} calls {what} before a phase has committed: a crash would forget it"
            )
        faults.reach(f"{self._flow}.{what}.before_call")
        with tracing.calling(f"{self._flow} {what}"):
            answer = await call()
        faults.reach(f"{self._flow}.{what}.after_call")
        return answer

    async def _claim(self, tx: Tx) -> None:
        row = self._stored
        claimed = await tx.value(
            SQL_CLAIM, row.id, self._scope, self._key, self._flow, row.fingerprint, row.input, LEASE_SECONDS
        )
        if claimed is None:
            raise _Rival


class _Rival(Exception):
    """The same key was claimed by a rival between our look and our insert."""


class _Stored(msgspec.Struct, kw_only=True):
    id: UUID
    fingerprint: bytes
    input: str
    exists: bool = False
    phases: dict[str, msgspec.Raw] = {}


async def start(
    db: Database, flow: Flow[C, I, R], ctx: C, given: I, *, scope: str, key: str, now: datetime
) -> R:
    """Run `flow` under (scope, key), or give the answer that this key already has.

    Raises
    ------
    KeyReused
        The key was used with another flow or input.
    InProgress
        The key's run is at work right now.
    Problem
        Whatever the body refuses with; the same one again for the same key once work had begun.
    """
    if not key or len(key) > MAX_KEY:
        raise KeyReused
    encoded = msgspec.json.encode(given)
    fingerprint = hashlib.sha256(flow.name.encode() + b"\0" + encoded).digest()
    # Nearly every key is new: look only when the insert says otherwise, which saves a round trip per request.
    stored = _Stored(id=ids.new_id(), fingerprint=fingerprint, input=encoded.decode())
    while True:
        run = Run(db=db, flow=flow.name, scope=scope, key=key, now=now, stored=stored)
        try:
            return await _work(db, flow, run, ctx, given)
        except _Rival:
            known = await _look(db, flow, scope=scope, key=key, fingerprint=fingerprint)
            if isinstance(known, _Answered):
                return _answer(known, flow)
            stored = known or stored


def passed(flow: str, phase: str) -> agree.Side:
    """The ids of all runs of a flow in which this phase committed, to be held against what it leaves behind."""
    return agree.Side(each=SQL_PASSED, summed=SQL_PASSED_SUM, args=(flow, phase))


async def resume_stale(
    db: Database, flows: Iterable[Flow[C, Any, Any]], ctx: C, *, now: datetime, limit: int = 20
) -> int:
    """Janitor: take over runs whose process died; the number that came to an end."""
    by_name = {flow.name: flow for flow in flows}
    async with db.read() as session:
        stale = await session.rows(SQL_LIST_STALE, list(by_name), limit)
    ended = 0
    for row in stale:
        flow = by_name[row["flow"]]
        given = msgspec.json.decode(row["input"], type=flow.takes)
        try:
            await start(db, flow, ctx, given, scope=row["scope"], key=row["key"], now=now)
            ended += 1
        except InProgress:
            continue
        except Problem:
            ended += 1
        except Exception:
            log.exception("run_failed_again", flow=flow.name, run=str(row["id"]))
    return ended


class _Answered(msgspec.Struct, frozen=True, kw_only=True):
    result: str | None
    problem: str | None


async def _look(
    db: Database, flow: Flow[C, I, R], *, scope: str, key: str, fingerprint: bytes
) -> _Stored | _Answered | None:
    """What is known of the key: nothing, an answer, or a dead process's run, which is taken over."""
    async with db.transaction() as tx:
        row = await tx.row(SQL_LOAD, scope, key)
        if row is None:
            return None
        if row["flow"] != flow.name or row["fingerprint"] != fingerprint:
            raise KeyReused
        if row["status"] != "running":
            return _Answered(result=row["result"], problem=row["problem"])
        if row["leased"] or await tx.value(SQL_TAKE_OVER, row["id"], LEASE_SECONDS) is None:
            raise InProgress
    return _Stored(
        id=row["id"],
        fingerprint=fingerprint,
        input="",
        exists=True,
        phases=msgspec.json.decode(row["phases"], type=dict[str, msgspec.Raw]),
    )


def _answer(stored: _Answered, flow: Flow[C, I, R]) -> R:
    if stored.problem is not None:
        refusal = msgspec.json.decode(stored.problem, type=_Refusal)
        raise Problem.rebuild(refusal.code, refusal.params, refusal.fields)
    return msgspec.json.decode(stored.result or "null", type=flow.gives)


async def _work(db: Database, flow: Flow[C, I, R], run: Run, ctx: C, given: I) -> R:
    try:
        result = await flow.body(run, ctx, given)
    except Problem as problem:
        if run.began:
            refusal = _Refusal(code=problem.code, params=dict(problem.params), fields=problem.fields)
            async with db.transaction() as tx:
                await tx.execute(SQL_REFUSE, run.id, msgspec.json.encode(refusal).decode())
        raise
    except (_Rival, RunLost):
        raise
    except Exception as error:
        if run.began and not run.finished:
            async with db.transaction() as tx:
                await tx.execute(SQL_RELEASE, run.id, repr(error)[:500])
        raise
    if run.began and not run.finished:
        async with db.transaction() as tx:
            await tx.execute(SQL_FINISH, run.id, "end", msgspec.json.encode(result).decode())
    return result
