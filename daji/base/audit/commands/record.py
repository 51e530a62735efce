"""Write down what was done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from daji.base.audit import rules, store
from daji.base.audit.facts import Entry
from daji.kit import ids
from daji.kit.db import Tx


async def record(
    tx: Tx,
    *,
    staff_id: UUID | None,
    action: str,
    subject_kind: str,
    subject_id: UUID | str,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    request_id: str | None,
    ip: str | None,
    now: datetime,
) -> Entry:
    """Append a deed to the trail, in the transaction that does it and as its last step.

    `staff_id` is None when the house itself acted. Text that cannot be stored is replaced, not refused: a deed is
    not left out because of what it was done to.
    """
    return await store.append(
        tx,
        entry_id=ids.new_id(),
        staff_id=staff_id,
        action=rules.text(action),
        subject_kind=rules.text(subject_kind),
        subject_id=rules.text(str(subject_id)),
        before=rules.document(before),
        after=rules.document(after),
        request_id=None if request_id is None else rules.text(request_id),
        ip=None if ip is None else rules.text(ip),
        at=now,
    )
