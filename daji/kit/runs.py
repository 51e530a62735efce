"""Runs: a journey is a row (scope, key, phase, input, result) that answers once and resumes after a crash.

A body is plain Python made of phases:

    async def place_order(run: Run, ctx: Context, order: PlaceOrder) -> Placed:
        held = await run.local("hold", Held, lambda tx: ...)
        charge = await run.outside("charge", lambda: ctx.gateway.charge(key=str(run.id), ...))
        return await run.local("finish", Placed, lambda tx: ..., final=True)

- `local` is one transaction that also stores the phase's value in the run's row; when the body runs again after a
  crash, a phase that committed gives its stored value back instead of working twice.
- `share` is a local phase that runs of one flow take in one transaction (`kit.together`), each with its own row and answer.
- `outside` runs with no transaction open and is not stored: it is repeated after a crash, so it carries an
  idempotency key made from the run's id.
- The row is inserted by the first phase, inside its transaction. A first phase that refuses leaves nothing behind, and
  the same key may try again; two requests with one key queue up behind the row and get one answer.
- A `Problem` raised after the first phase committed is the run's final answer and is given again (same key, same
  answer); any other exception leaves the run to the janitor, `resume_stale`.

Idempotency keys follow the IETF draft "The Idempotency-Key HTTP Header Field": other input is 422, a run at work 409.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextvars import Context, copy_context
from datetime import datetime
from functools import partial
from typing import Any, Generic, TypeVar
from uuid import UUID

import msgspec
import structlog

from daji.kit import closing, faults, ids, tracing
from daji.kit.closing import RunLost as RunLost  # noqa: PLC0414 - part of this module's words
from daji.kit.db.pool import Database
from daji.kit.db.session import RunMark, Tx, forbid_transaction
from daji.kit.joint import Joint as Joint  # noqa: PLC0414 - these three, too
from daji.kit.joint import Refused as Refused  # noqa: PLC0414
from daji.kit.joint import alone as alone  # noqa: PLC0414
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
SELECT n.id, n.scope, n.key, $4, n.fingerprint, n.input::jsonb, clock_timestamp() + make_interval(secs => $7)
  FROM unnest($1::uuid[], $2::text[], $3::text[], $5::bytea[], $6::text[]) AS n(id, scope, key, fingerprint, input)
 ORDER BY n.scope, n.key
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


class _Rider(msgspec.Struct, Generic[I], frozen=True, kw_only=True, gc=False):
    """A run on its way through a joint phase; `context` is that of its request."""

    run: Run
    item: I
    context: Context


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
        self.scope = scope
        self.key = key
        self.stored = stored
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

        A function given as `final` is asked whether this value is the answer.
        """
        stored = self.stored.phases.get(phase)
        if stored is not None:
            return msgspec.json.decode(stored, type=gives)
        ends = False

        async def transact(tx: Tx) -> T:
            nonlocal ends
            if not self.began and not await _claim(tx, self._flow, [self]):
                raise _Rival
            value = await work(tx)
            ends = final(value) if callable(final) else final
            closing.mark_runs(tx, [self.mark(phase, value, final=ends)])
            faults.reach(f"{self._flow}.{phase}.before_commit")
            return value

        value = await self._db.run(transact)
        self._passed(phase, ends=ends)
        return value

    async def share(self, joint: Joint[C, I, T], ctx: C, item: I) -> T:
        """Do a phase together with whatever runs are there for it, once over all attempts."""
        stored = self.stored.phases.get(joint.phase)
        if stored is not None:
            return msgspec.json.decode(stored, type=joint.gives)
        work = partial(_take_together, self._db, ctx, joint)
        rider = _Rider(run=self, item=item, context=copy_context())
        value: T = await self._db.together((joint, ctx), work, rider, most=joint.most)
        self._passed(joint.phase, ends=joint.final(value))
        return value

    def mark(self, phase: str, value: object, *, final: bool) -> RunMark:
        """What its row says once this phase has committed."""
        return RunMark(
            run_id=self.id,
            flow=self._flow,
            phase=phase,
            value=msgspec.json.encode(value).decode(),
            final=final,
            lease_seconds=LEASE_SECONDS,
        )

    def _passed(self, phase: str, *, ends: bool) -> None:
        self.began = True
        self.finished = self.finished or ends
        faults.reach(f"{self._flow}.{phase}.after_commit")

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


async def _claim(tx: Tx, flow: str, claiming: Sequence[Run]) -> set[UUID]:
    """Write the rows of runs that begin; the ids of those whose key nobody had."""
    rows = await tx.rows(
        SQL_CLAIM,
        [run.id for run in claiming],
        [run.scope for run in claiming],
        [run.key for run in claiming],
        flow,
        [run.stored.fingerprint for run in claiming],
        [run.stored.input for run in claiming],
        LEASE_SECONDS,
    )
    return {row["id"] for row in rows}


async def _take_together(
    db: Database, ctx: C, joint: Joint[C, I, T], riders: Sequence[_Rider[I]]
) -> Sequence[T | Exception]:
    """A batch of a joint phase; what is refused by name falls out, and the rest is taken once more."""
    answers: dict[UUID, T | Exception] = {}
    left = list(riders)
    while left:
        try:
            answers |= await db.run(partial(_transact, ctx=ctx, joint=joint, riders=left))
            break
        except Refused as refused:
            answers |= refused.refusals
            left = [rider for rider in left if rider.run.id not in refused.refusals]
    return [answers[rider.run.id] for rider in riders]


async def _transact(
    tx: Tx, *, ctx: C, joint: Joint[C, I, T], riders: Sequence[_Rider[I]]
) -> dict[UUID, T | Exception]:
    young = [rider.run for rider in riders if not rider.run.began]
    claimed = await _claim(tx, joint.flow, young) if young else set()
    rivals: dict[UUID, T | Exception] = {run.id: _Rival() for run in young if run.id not in claimed}
    riding = [rider for rider in riders if rider.run.id not in rivals]
    if not riding:
        return rivals
    tx.contexts.update((joint.subject(rider.run, rider.item), rider.context) for rider in riding)
    values = await joint.work(tx, ctx, [(rider.run, rider.item) for rider in riding])
    closing.mark_runs(
        tx,
        [
            rider.run.mark(joint.phase, value, final=joint.final(value))
            for rider, value in zip(riding, values, strict=True)
        ],
    )
    faults.reach(f"{joint.flow}.{joint.phase}.before_commit")
    return rivals | {rider.run.id: value for rider, value in zip(riding, values, strict=True)}


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
        What the body refuses with; the same again for the same key once work had begun.
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
