"""What stands around goods on every page, as one word that changes with any of it: for whoever keeps pages.

None of these tables tells an event, and each is small, so that looking at all of it costs less than a table of changes
would. `xmin` is the transaction that wrote a row (PostgreSQL, System Columns): whatever is added, changed or taken away
changes its sum, in whichever order transactions commit.
"""

from __future__ import annotations

from daji.kit.db import Session

SQL_FRAME = """
SELECT concat_ws(' ',
       (SELECT concat_ws('/', count(*), sum(xmin::text::bigint)) FROM catalog.category),
       (SELECT concat_ws('/', count(*), sum(xmin::text::bigint)) FROM catalog.brand),
       (SELECT concat_ws('/', count(*), sum(xmin::text::bigint)) FROM pricing.channel),
       (SELECT concat_ws('/', count(*), sum(xmin::text::bigint)) FROM pricing.price_list),
       (SELECT concat_ws('/', count(*), sum(xmin::text::bigint)) FROM inventory.site),
       (SELECT concat_ws('/', count(*), sum(xmin::text::bigint)) FROM delivery.template),
       (SELECT concat_ws('/', count(*), sum(xmin::text::bigint)) FROM delivery.charge),
       (SELECT concat_ws('/', count(*), sum(xmin::text::bigint)) FROM marketplace.seller),
       (SELECT concat_ws('/', count(*), sum(xmin::text::bigint)) FROM settings.entry))
"""


async def fingerprint(session: Session) -> str:
    """One statement."""
    return str(await session.value(SQL_FRAME))
