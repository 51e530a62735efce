"""What a transaction writes last: the marks of its runs, its timers and its events, in one statement.

All three belong to kit, and each is true exactly when the change is; together they cost one round trip.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from daji.kit import ids, outbox, timers

if TYPE_CHECKING:
    from daji.kit.db.session import RunMark, Tx

SQL_CLOSE = """
WITH marked AS (
  UPDATE kit.runs r
     SET phase = m.phase, status = CASE WHEN m.final THEN 'done' ELSE r.status END,
         result = CASE WHEN m.final THEN m.value::jsonb END,
         phases = CASE WHEN m.final THEN r.phases ELSE r.phases || jsonb_build_object(m.phase, m.value::jsonb) END,
         leased_until = CASE WHEN m.final THEN r.leased_until
                             ELSE clock_timestamp() + make_interval(secs => m.lease) END,
         updated_at = clock_timestamp()
    FROM unnest($1::uuid[], $2::text[], $3::text[], $4::boolean[], $5::int[]) AS m(id, phase, value, final, lease)
   WHERE r.id = m.id AND r.status = 'running'
  RETURNING r.id
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
  SELECT i, t, v, s, p::jsonb, o, q, w
    FROM unnest($12::uuid[], $13::text[], $14::int[], $15::uuid[], $16::text[], $17::timestamptz[], $18::text[],
                $19::text[]) AS e(i, t, v, s, p, o, q, w)
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
        When a run that the transaction marks is not at work any more.
    """
    marks = tx.run_marks
    if not marks and not (tx.timer_changes and tx.events):
        await timers.flush(tx)
        await outbox.flush(tx, listeners)
        return
    gone, keep = timers.last_words(tx)
    added = outbox.gathered(tx)
    marked = await tx.value(
        SQL_CLOSE,
        [mark.run_id for mark in marks],
        [mark.phase for mark in marks],
        [mark.value for mark in marks],
        [mark.final for mark in marks],
        [mark.lease_seconds for mark in marks],
        [change.kind for change in gone],
        [change.subject for change in gone],
        [ids.new_id() for _ in keep],
        [change.kind for change in keep],
        [change.subject for change in keep],
        [change.due_at for change in keep],
        *outbox.columns(added),
        *outbox.requests(tx, added),
    )
    if marked != len(marks):
        raise RunLost(", ".join(f"{mark.flow} {mark.run_id}" for mark in marks))
    await outbox.enqueue(tx, listeners, added)


def mark_runs(tx: Tx, marks: Sequence[RunMark]) -> None:
    """Say how far runs are when `tx` commits, once a transaction."""
    if tx.run_marks:
        raise RuntimeError("a transaction belongs to its runs")
    tx.run_marks += marks
