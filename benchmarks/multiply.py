"""Set-based growth of a shop for benchmarks: finished orders and imported goods, copied under new ids into the past.

A shop of a million orders cannot be made through its own doors in minutes. What is copied here was: each row of a copy is
an original's row with ids of its own, of the time that it is moved to (UUIDv7), with codes and numbers of its own, and with
every instant moved back by the same span, so that copies spread evenly over three years.

- Orders: trade, orders, lines, units, differences, timeline; payable, tenders, refunds, notices and both sides of every
  posting; holds and the stock ledger; pick lists, their lines, packages and work; shipments and tracking; returns. Each
  copy has its own buyers, and its lines are of other imported goods. What the copies sold is received beside, so that
  balances and ledger agree. Not copied: outbox, runs and timers of flows, reviews, buyers' accounts.
- Goods: product, SKUs, prices, balances and ledger, history, among the same categories and brands; the words of titles
  are kept, so that each word is in the same share of titles, and a number is put behind.

Indexes other than those of keys are made anew around it, as anybody does who loads millions of rows; the tables are
vacuumed and analysed at the end. Foreign keys and the ledgers' triggers are off meanwhile, as in any restore.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import asyncpg

# The old id's time moved back, and the number of the copy in the midst of its chance.
_HELPERS = """
CREATE OR REPLACE FUNCTION pg_temp.made(old uuid, k bigint, ms bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
SELECT (lpad(to_hex(('x' || left(old::text, 8) || substr(old::text, 10, 4))::bit(48)::bigint - ms), 12, '0')
        || substr(old::text, 15, 4) || '8' || lpad(to_hex(k), 6, '0') || right(old::text, 9))::uuid
$$
"""


@dataclass(frozen=True, kw_only=True)
class Copied:
    """How a table is copied: `where` finds the originals' rows (alias r), `fresh` are columns with ids of the copy.

    `other` are columns and what stands there instead; `goods` says that SKU and product change with the copy.
    """

    name: str
    where: str
    fresh: Sequence[str]
    other: Mapping[str, str] = field(default_factory=dict)
    goods: bool = False


_SITE = "(SELECT id FROM inventory.site WHERE code = 'HZ')"
_TRADE = "{c} IN (SELECT id FROM bench_trade)"
_ORDER = '{c} IN (SELECT o.id FROM orders."order" o JOIN bench_trade g ON g.id = o.trade_id)'


def _of_trade(column: str) -> str:
    return _TRADE.replace("{c}", f"r.{column}")


def _of_order(column: str) -> str:
    return _ORDER.replace("{c}", f"r.{column}")


_CASE = f"r.case_id IN (SELECT r.id FROM aftersales.cases r WHERE {_of_trade('trade_id')})"  # noqa: S608 - of names written here
_PICK = f"r.pick_list_id IN (SELECT r.id FROM warehouse.pick_list r WHERE {_of_order('order_id')})"  # noqa: S608 - of names written here
_PRODUCT = "r.{c} IN (SELECT id FROM bench_product)"
_SKU = "r.{c} IN (SELECT s.id FROM catalog.sku s JOIN bench_product g ON g.id = s.product_id)"

ORDERS = (
    Copied(
        name="orders.trade",
        where=_of_trade("id"),
        fresh=("id", "shopper_id", "quote_id"),
        other={
            "number": "r.number || '-' || k",
            "guest_token": "md5(r.guest_token || k)",
            "contact_name": "r.contact_name || k",
            "contact_phone": "CASE WHEN r.contact_phone = '' THEN '' ELSE r.contact_phone || k END",
            "contact_email": "CASE WHEN r.contact_email = '' THEN '' ELSE k || r.contact_email END",
            "buyer_keys": "array(SELECT x || k FROM unnest(r.buyer_keys) x)",
            "external_ref": "r.external_ref || '-' || k",
        },
    ),
    Copied(
        name='orders."order"',
        where=_of_trade("trade_id"),
        fresh=("id", "trade_id"),
        other={"number": "regexp_replace(r.number, '(-[0-9]+)$', '-' || k || '\\1')", "site_id": _SITE},
    ),
    Copied(name="orders.line", where=_of_order("order_id"), fresh=("id", "order_id"), goods=True),
    Copied(name="orders.unit", where=_of_order("order_id"), fresh=("id", "line_id", "order_id")),
    Copied(name="orders.difference", where=_of_trade("trade_id"), fresh=("id", "trade_id")),
    Copied(name="orders.timeline", where=_of_trade("trade_id"), fresh=("id", "trade_id", "order_id")),
    Copied(name="payments.payable", where=_of_trade("trade_id"), fresh=("trade_id",)),
    Copied(
        name="payments.tender",
        where=_of_trade("trade_id"),
        fresh=("id", "trade_id"),
        other={"gateway_no": "r.gateway_no || '-' || k"},
    ),
    Copied(name="payments.refund", where=_of_trade("trade_id"), fresh=("id", "trade_id", "tender_id")),
    Copied(
        name="payments.notice",
        where=_of_trade("trade_id"),
        fresh=("id", "trade_id", "tender_id", "refund_id"),
        other={
            "notice_id": "r.notice_id || '-' || k",
            "key": "CASE r.key WHEN r.tender_id::text THEN pg_temp.made(r.tender_id, k, ms)::text ELSE r.key END",
        },
    ),
    Copied(
        name="payments.entry",
        where=_of_trade("trade_id"),
        fresh=("id", "posting_id", "trade_id", "tender_id", "refund_id"),
    ),
    Copied(
        name="inventory.hold",
        where=_of_trade("holder"),
        fresh=("id", "holder"),
        other={"site_id": _SITE},
        goods=True,
    ),
    Copied(
        name="inventory.movement",
        where="r.ref IN (SELECT id::text FROM bench_trade)",
        fresh=(),
        other={"ref": "pg_temp.made(r.ref::uuid, k, ms)::text", "site_id": _SITE},
        goods=True,
    ),
    Copied(
        name="warehouse.pick_list",
        where=_of_order("order_id"),
        fresh=("id", "order_id"),
        other={"number": "regexp_replace(r.number, '(-[0-9]+)$', '-' || k || '\\1')", "site_id": _SITE},
    ),
    Copied(name="warehouse.pick_line", where=_PICK, fresh=("pick_list_id", "line_id"), goods=True),
    Copied(name="warehouse.package", where=_PICK, fresh=("id", "pick_list_id")),
    Copied(name="warehouse.work", where=_PICK, fresh=("pick_list_id",)),
    Copied(
        name="delivery.shipment",
        where=_of_order("order_id"),
        fresh=("id", "order_id", "package_id"),
        other={"tracking_no": "r.tracking_no || '-' || k"},
    ),
    Copied(
        name="delivery.event",
        where=f"r.shipment_id IN (SELECT r.id FROM delivery.shipment r WHERE {_of_order('order_id')})",  # noqa: S608 - of names written here
        fresh=("shipment_id",),
        other={"event_id": "r.event_id || '-' || k"},
    ),
    Copied(
        name="aftersales.cases",
        where=_of_trade("trade_id"),
        fresh=("id", "trade_id", "order_id", "shopper_id"),
    ),
    Copied(name="aftersales.case_unit", where=_CASE, fresh=("case_id", "unit_id", "line_id"), goods=True),
    Copied(name="aftersales.step", where=_CASE, fresh=("id", "case_id")),
)
_TEXTS = """(SELECT jsonb_object_agg(t.lang, t.body || jsonb_build_object('title', (t.body ->> 'title') || ' ' || k))
               FROM jsonb_each(r.texts) AS t(lang, body))"""
GOODS = (
    Copied(
        name="catalog.product",
        where=_PRODUCT.format(c="id"),
        fresh=("id",),
        other={
            "code": "r.code || 'x' || k",
            "slug": "r.slug || '-x' || k",
            "texts": _TEXTS,
            "search_text": "r.search_text || ' ' || k",
            "sort_title": "r.sort_title || ' ' || k",
        },
    ),
    Copied(
        name="catalog.sku",
        where=_PRODUCT.format(c="product_id"),
        fresh=("id", "product_id"),
        other={"code": "r.code || 'x' || k", "barcode": "r.barcode || 'x' || k"},
    ),
    Copied(name="catalog.history", where=_PRODUCT.format(c="product_id"), fresh=("id", "product_id")),
    Copied(name="pricing.price", where=_SKU.format(c="sku_id"), fresh=("id", "sku_id")),
    Copied(name="inventory.balance", where=_SKU.format(c="sku_id"), fresh=("sku_id",)),
    Copied(
        name="inventory.movement",
        where=_SKU.format(c="sku_id") + " AND r.kind = 'receive' AND r.ref LIKE 'import:%'",
        fresh=("sku_id",),
    ),
)

SQL_RECEIVED = """
INSERT INTO inventory.movement (sku_id, site_id, kind, delta_on_hand, ref, by, at)
SELECT sku_id, site_id, 'receive', -sum(delta_on_hand), 'bench', 'system', min(at)
  FROM inventory.movement WHERE seq > $1 GROUP BY sku_id, site_id HAVING sum(delta_on_hand) < 0
"""
SQL_TRADES = """
CREATE TABLE bench_trade AS SELECT id FROM orders.trade t
 WHERE status IN ('completed', 'cancelled', 'expired') AND external_ref IS NULL
"""
SQL_PRODUCTS = "CREATE TABLE bench_product AS SELECT id FROM catalog.product WHERE code LIKE 'B%'"
SQL_COPIES = """
CREATE TEMP TABLE copy AS
SELECT k, back, (extract(epoch FROM back) * 1000)::bigint AS ms FROM (SELECT k, (1095 * (k * 0.6180339887498949 - floor(k * 0.6180339887498949))) * interval '1 day' + interval '1 day' AS back
  FROM generate_series($1::bigint, $2::bigint) AS k) one ORDER BY back DESC
"""
SQL_GOODS = """
CREATE TEMP TABLE good AS
SELECT row_number() OVER () - 1 AS n, s.id AS sku_id, s.product_id, s.code
  FROM catalog.sku s WHERE s.code LIKE 'B%' AND s.status = 'active'
"""
SQL_RANKS = """
CREATE TEMP TABLE rank AS
SELECT sku_id, row_number() OVER (ORDER BY sku_id) AS rank FROM (SELECT DISTINCT l.sku_id
  FROM orders.line l JOIN orders."order" o ON o.id = l.order_id JOIN bench_trade g ON g.id = o.trade_id) one
"""
SQL_COLUMNS = """
SELECT a.attname AS name, a.atttypid::regtype::text AS type
  FROM pg_attribute a WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attidentity = ''
 ORDER BY a.attnum
"""
SQL_INDEXES = """
SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS made
  FROM pg_index i WHERE i.indrelid = $1::regclass
   AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)
"""
_SETTINGS = (
    "SET session_replication_role = replica",
    "SET synchronous_commit = off",
    "SET maintenance_work_mem = '512MB'",
    "SET work_mem = '128MB'",
)


class Multiplier:
    """Copies of one shop; knows how many it has made, so that the next differ from them."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._orders = self._goods = 0

    async def orders(self, total: int) -> int:
        """Copy finished orders until there are `total` or a few more; how many there are then."""
        async with self._alone() as connection:
            if not self._orders:
                await connection.execute(SQL_TRADES)
            count = int(await connection.fetchval("SELECT count(*) FROM orders.trade"))
            each = int(await connection.fetchval("SELECT count(*) FROM bench_trade"))
            copies = max(0, -(-(total - count) // each))
            if copies:
                await _copies(connection, self._orders + 1, self._orders + copies)
                await connection.execute(SQL_GOODS)
                await connection.execute(SQL_RANKS)
                last = await connection.fetchval("SELECT coalesce(max(seq), 0) FROM inventory.movement")
                await _copy_all(connection, ORDERS)
                # What the copies sold came in, so that what lies there is still the sum of its ledger.
                await connection.execute(SQL_RECEIVED, last)
                self._orders += copies
            await connection.execute("VACUUM ANALYZE")
            return count + copies * each

    async def goods(self, total: int) -> int:
        """Copy imported goods until there are `total` SKUs, or nearly; how many there are then."""
        async with self._alone() as connection:
            if not self._goods:
                await connection.execute(SQL_PRODUCTS)
            count = int(await connection.fetchval("SELECT count(*) FROM catalog.sku"))
            each = int(
                await connection.fetchval(
                    "SELECT count(*) FROM catalog.sku s JOIN bench_product b ON b.id = s.product_id"
                )
            )
            copies = max(0, (total - count) // each)
            if copies:
                await _copies(connection, self._goods + 1, self._goods + copies)
                await _copy_all(connection, GOODS)
                self._goods += copies
            await connection.execute("VACUUM ANALYZE")
            return count + copies * each

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[Any]:
        connection = await asyncpg.connect(self._url, command_timeout=3600)
        try:
            for one in (*_SETTINGS, _HELPERS):
                await connection.execute(one)
            yield connection
        finally:
            await connection.close()


async def _copies(connection: Any, first: int, last: int) -> None:
    await connection.execute("DROP TABLE IF EXISTS pg_temp.copy")
    await connection.execute(SQL_COPIES.replace("$1", str(first)).replace("$2", str(last)))


async def _copy_all(connection: Any, tables: Sequence[Copied]) -> None:
    indexes: dict[str, str] = {}
    names = tuple(dict.fromkeys(one.name for one in tables))
    for name in names:
        indexes |= {row["name"]: row["made"] for row in await connection.fetch(SQL_INDEXES, name)}
        # All of them are vacuumed at the end; until then that would take a core from what is copied.
        await connection.execute(f"ALTER TABLE {name} SET (autovacuum_enabled = false)")
    # The originals first: the way to them is by the very indexes.
    for number, one in enumerate(tables):
        await connection.execute(
            f"CREATE TEMP TABLE original_{number} AS SELECT r.* FROM {one.name} r WHERE {one.where}"  # noqa: S608 - of names written here
        )
        await connection.execute(f"ANALYZE original_{number}")
    for name in indexes:
        await connection.execute(f"DROP INDEX {name}")
    for number, one in enumerate(tables):
        columns = await connection.fetch(SQL_COLUMNS, one.name)
        await connection.execute(_statement(one, f"original_{number}", columns))
        await connection.execute(f"DROP TABLE original_{number}")
    for made in indexes.values():
        await connection.execute(made)
    for name in names:
        await connection.execute(f"ALTER TABLE {name} RESET (autovacuum_enabled)")


def _statement(one: Copied, originals: str, columns: Sequence[Any]) -> str:
    values = [_value(one, column["name"], column["type"]) for column in columns]
    names = ", ".join(f'"{column["name"]}"' for column in columns)
    goods = (
        "JOIN pg_temp.rank q ON q.sku_id = r.sku_id"
        " JOIN pg_temp.good a ON a.n = (q.rank + k * 7919) % (SELECT count(*) FROM pg_temp.good)"
    )
    return (
        f"INSERT INTO {one.name} ({names}) SELECT {', '.join(values)}"  # noqa: S608 - of names written here
        f" FROM pg_temp.copy CROSS JOIN {originals} r {goods if one.goods else ''}"
    )


def _value(one: Copied, name: str, kind: str) -> str:
    if name in one.other:
        return one.other[name]
    if name in one.fresh:
        return f"pg_temp.made(r.{name}, k, ms)"
    if one.goods and name in {"sku_id", "product_id", "code"}:
        return f"a.{name}"
    if kind == "timestamp with time zone":
        return f"r.{name} - back"
    return f'r."{name}"'
