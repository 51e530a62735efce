"""What the house says about one channel's whole history, figure by figure, to be held against where it came from."""

from __future__ import annotations

from uuid import UUID

import msgspec

from daji.fulfil.inventory import api as inventory
from daji.kit.db import Session
from daji.trade.payments import api as payments

# A trade's status in the words of a marketplace that has one status only: the farthest that every parcel came.
# What came back as a whole after delivery counts as cancelled, as it does there.
SQL_ORDERS = """
WITH child AS (
    SELECT o.trade_id, count(*) AS n, min(array_position($2::text[], o.delivery)) AS least
      FROM orders."order" o GROUP BY o.trade_id
), unit AS (
    SELECT o.trade_id, bool_and(u.status = 'returned') AS back
      FROM orders.unit u JOIN orders."order" o ON o.id = u.order_id GROUP BY o.trade_id
), reason AS (
    SELECT e.trade_id, bool_or(e.params->>'reason' = 'missing') AS missing
      FROM orders.timeline e WHERE e.code IN ('cancelled', 'order_cancelled') GROUP BY e.trade_id
)
SELECT CASE
         WHEN t.status = 'cancelled' AND coalesce(r.missing, false) THEN 'unavailable'
         WHEN t.status = 'cancelled' OR coalesce(u.back, false) THEN 'canceled'
         WHEN t.status = 'placed' THEN 'created'
         WHEN t.status NOT IN ('confirmed', 'completed') THEN 'other'
         WHEN c.n IS NULL THEN 'approved'
         ELSE coalesce(($3::text[])[c.least], 'other') END AS status,
       coalesce(c.n, 0)::int AS sellers, count(*)::int AS n
  FROM orders.trade t
  LEFT JOIN child c ON c.trade_id = t.id
  LEFT JOIN unit u ON u.trade_id = t.id
  LEFT JOIN reason r ON r.trade_id = t.id
 WHERE t.channel = $1
 GROUP BY 1, 2
"""
_DELIVERIES = ("released", "picking", "packed", "shipped", "delivered")
_STATUSES = ("approved", "processing", "invoiced", "shipped", "delivered")

SQL_UNITS = """
SELECT count(*)::int AS units, count(DISTINCT u.line_id)::int AS lines,
       coalesce(sum(u.price), 0)::bigint AS prices, coalesce(sum(u.freight), 0)::bigint AS freight
  FROM orders.unit u JOIN orders."order" o ON o.id = u.order_id JOIN orders.trade t ON t.id = o.trade_id
 WHERE t.channel = $1
"""
SQL_DELIVERIES = """
SELECT count(*) FILTER (WHERE d.late)::int AS late, count(*) FILTER (WHERE NOT d.late)::int AS in_time
  FROM (SELECT bool_or(o.delivered_at > o.promised_by) AS late
          FROM orders."order" o JOIN orders.trade t ON t.id = o.trade_id
         WHERE t.channel = $1 AND o.delivered_at IS NOT NULL GROUP BY t.id) AS d
"""
SQL_TENDERS = """
SELECT n.method, count(*)::int AS count, sum(n.instalments)::bigint AS instalments, sum(n.amount)::bigint AS asked,
       sum(n.captured)::bigint AS captured, sum(n.refunded)::bigint AS refunded
  FROM payments.tender n JOIN orders.trade t ON t.id = n.trade_id WHERE t.channel = $1 GROUP BY n.method
"""
SQL_DIFFERENCES = """
SELECT d.reason, count(*)::int AS count, sum(d.amount)::bigint AS amount
  FROM orders.difference d JOIN orders.trade t ON t.id = d.trade_id WHERE t.channel = $1 GROUP BY d.reason
"""
SQL_REVIEWS = """
SELECT score::int AS score, count(*)::int AS n FROM reviews.review
 WHERE starts_with(source_ref, $1::text || ':') GROUP BY score
"""
SQL_STOCK = """
SELECT coalesce(-sum(m.delta_on_hand) FILTER (WHERE m.kind = 'ship'), 0)::bigint AS shipped,
       coalesce(sum(m.delta_on_hand) FILTER (WHERE m.kind = 'take_back'), 0)::bigint AS came_back,
       coalesce(-sum(m.delta_on_hand) FILTER (WHERE m.kind = 'adjust' AND m.reason = 'lost'), 0)::bigint AS lost,
       coalesce(sum(m.delta_on_hand), 0)::bigint AS ledger
  FROM inventory.movement m JOIN inventory.site s ON s.id = m.site_id
 WHERE starts_with(s.code, $1::text || '-')
"""
SQL_BALANCES = """
SELECT coalesce(sum(b.on_hand), 0)::bigint AS on_hand, coalesce(sum(b.held), 0)::bigint AS held
  FROM inventory.balance b JOIN inventory.site s ON s.id = b.site_id WHERE starts_with(s.code, $1::text || '-')
"""
SQL_UNFINISHED = "SELECT count(*) FROM kit.runs WHERE status = 'running'"
SQL_FAILING = "SELECT count(*) FROM kit.timers WHERE last_error IS NOT NULL AND attempts > 0"

SQL_MARKS = "SELECT key FROM kit.runs WHERE scope = $1 AND status = 'done' AND key NOT LIKE 'import:%'"
SQL_PLACED = "SELECT id, external_ref FROM orders.trade WHERE channel = $1 AND external_ref IS NOT NULL"
SQL_STANDING = """
SELECT t.id AS trade_id, o.id AS order_id
  FROM orders.trade t LEFT JOIN orders."order" o ON o.trade_id = t.id WHERE t.channel = $1
"""
SQL_STANDING_TENDERS = """
SELECT n.id, n.trade_id, n.gateway, n.amount, n.currency, n.status
  FROM payments.tender n JOIN orders.trade t ON t.id = n.trade_id WHERE t.channel = $1 ORDER BY n.id
"""
SQL_LEASED_RUNS = (
    "SELECT id FROM kit.runs WHERE status = 'running' AND leased_until > clock_timestamp() ORDER BY id"
)
SQL_LEASED_TIMERS = "SELECT id FROM kit.timers WHERE leased_until > clock_timestamp() ORDER BY id"
SQL_OTHER_PROCESSES = """
SELECT DISTINCT application_name FROM pg_stat_activity
 WHERE datname = current_database() AND application_name LIKE 'daji%' AND application_name <> $1
"""
SQL_OTHER_CHANNELS = "SELECT count(*) FROM orders.trade WHERE channel <> $1"


class Marks(msgspec.Struct, frozen=True, kw_only=True):
    """How far a scope's runs came: keys that are done, and the trade of each outside order that was placed."""

    done: frozenset[str]
    trades: dict[str, UUID]


class StandingTender(msgspec.Struct, frozen=True, kw_only=True):
    """A payment of a trade, as it stands."""

    id: UUID
    trade_id: UUID
    gateway: str
    amount: int
    currency: str
    status: payments.TenderStatus


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What there is in a channel: (trade, order) pairs and tenders."""

    orders: tuple[tuple[UUID, UUID | None], ...]
    tenders: tuple[StandingTender, ...]


class Leases(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody, perhaps a dead process, has claimed."""

    runs: tuple[UUID, ...]
    timers: tuple[UUID, ...]


async def figures(session: Session, *, channel: str) -> dict[str, int]:
    """Figures by name, amounts in minor units; give it a snapshot, for they belong together."""
    found: dict[str, int] = {"orders": 0}

    def add(name: str, value: int) -> None:
        found[name] = found.get(name, 0) + int(value)

    for row in await session.rows(SQL_ORDERS, channel, list(_DELIVERIES), list(_STATUSES)):
        add("orders", row["n"])
        add(f"orders.{row['status']}", row["n"])
        add(f"orders.of_{row['sellers']}_sellers", row["n"])
    for row in await session.rows(SQL_UNITS, channel):
        found.update(row)
    for row in await session.rows(SQL_DELIVERIES, channel):
        found.update({f"deliveries.{name}": value for name, value in row.items()})
    found["refunded"] = 0
    for row in await session.rows(SQL_TENDERS, channel):
        add("refunded", row["refunded"])
        for name in ("count", "instalments", "asked", "captured"):
            add(f"tenders.{row['method']}.{name}", row[name])
    for row in await session.rows(SQL_DIFFERENCES, channel):
        add(f"differences.{row['reason']}.count", row["count"])
        add(f"differences.{row['reason']}.amount", row["amount"])
    for row in await session.rows(SQL_REVIEWS, channel):
        add(f"reviews.{row['score']}", row["n"])
    found.update(await _stock(session, channel))
    balance = await payments.trial_balance(session)
    found["money.trial_balance"] = sum(balance.values())
    found["runs.unfinished"] = int(await session.value(SQL_UNFINISHED))
    found["timers.failing"] = int(await session.value(SQL_FAILING))
    return found


async def _stock(session: Session, channel: str) -> dict[str, int]:
    (moved,) = await session.rows(SQL_STOCK, channel)
    (stands,) = await session.rows(SQL_BALANCES, channel)
    audit = await inventory.audit(session)
    return {
        "stock.shipped": moved["shipped"],
        "stock.came_back": moved["came_back"],
        "stock.lost": moved["lost"],
        "stock.promised": stands["held"],
        # What came less what went is what is there.
        "stock.unbalanced": moved["ledger"] - stands["on_hand"],
        "stock.differences": len(audit.differences),
    }


async def marks(session: Session, *, scope: str, channel: str) -> Marks:
    """What was finished under `scope` and placed in `channel`, in two statements."""
    return Marks(
        done=frozenset(row["key"] for row in await session.rows(SQL_MARKS, scope)),
        trades={row["external_ref"]: row["id"] for row in await session.rows(SQL_PLACED, channel)},
    )


async def standing(session: Session, *, channel: str) -> Standing:
    """Ids of all that was placed and paid for in a channel, in two statements."""
    return Standing(
        orders=tuple((row["trade_id"], row["order_id"]) for row in await session.rows(SQL_STANDING, channel)),
        tenders=tuple(StandingTender(**row) for row in await session.rows(SQL_STANDING_TENDERS, channel)),
    )


async def leases(session: Session) -> Leases:
    """Runs and timers that are claimed now."""
    return Leases(
        runs=tuple(row["id"] for row in await session.rows(SQL_LEASED_RUNS)),
        timers=tuple(row["id"] for row in await session.rows(SQL_LEASED_TIMERS)),
    )


async def other_processes(session: Session, *, own: str) -> tuple[str, ...]:
    """Names under which other processes of the house hold connections to this database."""
    return tuple(row["application_name"] for row in await session.rows(SQL_OTHER_PROCESSES, own))


async def other_trades(session: Session, *, channel: str) -> int:
    """How many trades this database holds of other channels."""
    return int(await session.value(SQL_OTHER_CHANNELS, channel))
