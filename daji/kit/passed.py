"""Which runs have passed a phase, to be held against what the phase leaves behind elsewhere."""

from __future__ import annotations

from daji.kit import agree

# The value of a final phase is the run's result, and is not kept a second time among its phases.
SQL_PASSED = """
SELECT id::text FROM kit.runs WHERE flow = $1 AND (phases ? $2 OR (phase = $2 AND status = 'done'))
"""
SQL_PASSED_SUM = agree.in_sum(SQL_PASSED)
SQL_PASSED_EACH = """
SELECT one ->> $4 FROM kit.runs r CROSS JOIN LATERAL jsonb_array_elements(coalesce(r.phases -> $2, r.result) -> $3) AS one
 WHERE r.flow = $1 AND (r.phases ? $2 OR (r.phase = $2 AND r.status = 'done'))
"""
SQL_PASSED_EACH_SUM = agree.in_sum(SQL_PASSED_EACH)


def by_run(flow: str, phase: str) -> agree.Side:
    """The ids of all runs of a flow in which this phase committed, to be held against what it leaves behind."""
    return agree.Side(each=SQL_PASSED, summed=SQL_PASSED_SUM, args=(flow, phase))


def by_each(flow: str, phase: str, *, rows: str, name: str) -> agree.Side:
    """As `by_run` for a flow over many: field `name` of each of the `rows` in the phase's value."""
    return agree.Side(each=SQL_PASSED_EACH, summed=SQL_PASSED_EACH_SUM, args=(flow, phase, rows, name))
