"""What a transaction writes last: the mark of its run, its timers and its events, in one statement.

All three belong to kit, and each is true exactly when the change is; together they cost one round trip.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from daji.kit import ids, outbox, telemetry, timers

if TYPE_CHECKING:
    from daji.kit.db.session import RunMark, Tx

SQL_CLOSE = """
WITH marked AS (
  UPDATE kit.runs
     SET phase = $2, status = CASE WHEN $4 THEN 'done' ELSE status END,
         result = CASE WHEN $4 THEN $3::text::jsonb END,
         phases = CASE WHEN $4 THEN phases ELSE phases || jsonb_build_object($2::text, $3::text::jsonb) END,
         leased_until = CASE WHEN $4 THEN leased_until ELSE clock_timestamp() + make_interval(secs => $5) END,
         updated_at = clock_timestamp()
   WHERE id = $1 AND status = 'running'
  RETURNING id
), cleared AS (
  DELETE FROM kit.timers t USING unnest($6::text[], $7::uuid[]) AS gone(kind, subject)
   WHERE t.kind = gone.kind AND t.subject = gone.subject
), waking AS (
  INSERT INTO kit.timers (id, kind, subject, due_at)
  SELECT * FROM unnest($8::uuid[], $9::text[], $10::uuid[], $11::timestamptz[])
  ON CONFLICT (kind, subject) DO UPDATE
     SET due_at = excluded.due_at, leased_until = NULL, attempts = 0, last_error = NULL
), told AS (
  INSERT INTO kit.outbox (id, topic, version, subject, payload, occurred_at, request_id, trace)
  SELECT i, t, v, s, p::jsonb, o, $18, $19
    FROM unnest($12::uuid[], $13::text[], $14::int[], $15::uuid[], $16::text[], $17::timestamptz[])
         AS e(i, t, v, s, p, o)
)
SELECT count(*) FROM marked
"""


class RunLost(Exception):
    """Another process took this run over while it was working; its own work is rolled back."""


async def flush(tx: Tx, listeners: outbox.Listeners) -> None:
    """Write what the transaction gathered; nothing is sent when that is nothing.

    Raises
    ------
    RunLost
        When the run that the transaction marks is not at work any more.
    """
    mark = tx.run_mark
    if mark is None and not (tx.timer_changes and tx.events):
        await timers.flush(tx)
        await outbox.flush(tx, listeners)
        return
    gone, keep = timers.last_words(tx)
    added = outbox.gathered(tx)
    marked = await tx.value(
        SQL_CLOSE,
        *_of_run(mark),
        [change.kind for change in gone],
        [change.subject for change in gone],
        [ids.new_id() for _ in keep],
        [change.kind for change in keep],
        [change.subject for change in keep],
        [change.due_at for change in keep],
        *outbox.columns(added),
        telemetry.request_id() if added else None,
        telemetry.trace_parent() if added else None,
    )
    if mark is not None and not marked:
        raise RunLost(f"{mark.flow} {mark.run_id}")
    await outbox.enqueue(tx, listeners, added)


def _of_run(mark: RunMark | None) -> tuple[object, ...]:
    if mark is None:
        return None, None, None, False, 0
    return mark.run_id, mark.phase, mark.value, mark.final, mark.lease_seconds


def mark_run(tx: Tx, mark: RunMark) -> None:
    """Say how far the run is when `tx` commits; one run a transaction."""
    if tx.run_mark is not None:
        raise RuntimeError("a transaction belongs to one run")
    tx.run_mark = mark
