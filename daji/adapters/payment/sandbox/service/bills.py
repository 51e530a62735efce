"""The bill of a day: what moved, for the merchant to compare with its own books."""

from __future__ import annotations

import csv
import io
import sqlite3
from datetime import date, datetime, time, timedelta

from daji.adapters.payment.sandbox.service.core import CHINA
from daji.adapters.payment.sandbox.service.db import micros, moment
from daji.adapters.payment.sandbox.service.refusal import Refusal

COLUMNS = (
    "kind",
    "occurred_at",
    "gateway_no",
    "out_no",
    "gateway_refund_no",
    "out_refund_no",
    "method",
    "currency",
    "amount",
)
SQL_LINES = """
SELECT 'capture' AS kind, captured_at AS occurred_at, gateway_no, out_no, '' AS gateway_refund_no,
       '' AS out_refund_no, method, currency, captured_amount AS amount
FROM payment WHERE captured_at >= :since AND captured_at < :until
UNION ALL
SELECT 'refund', r.finished_at, r.gateway_no, p.out_no, r.gateway_refund_no, r.out_refund_no, p.method,
       p.currency, -r.amount
FROM refund r JOIN payment p USING (gateway_no)
WHERE r.status = 'succeeded' AND r.finished_at >= :since AND r.finished_at < :until
ORDER BY occurred_at, gateway_no, gateway_refund_no
"""


def bill(connection: sqlite3.Connection, day: date, now: datetime) -> str:
    """Write the day's captures (positive) and refunds (negative) as CSV, amounts in minor units.

    A day runs from midnight to midnight at UTC+8, as Chinese gateways close it. Raises 409
    `bill_not_ready` until it is over: half a bill would look like missing money.
    """
    if day >= now.astimezone(CHINA).date():
        raise Refusal(409, "bill_not_ready", "a bill is ready when its day is over at UTC+8")
    since = datetime.combine(day, time(), CHINA)
    until = since + timedelta(days=1)
    lines = connection.execute(SQL_LINES, {"since": micros(since), "until": micros(until)})
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for line in lines:
        values = {**dict(line), "occurred_at": moment(line["occurred_at"]).isoformat()}
        writer.writerow([values[column] for column in COLUMNS])
    return text.getvalue()
