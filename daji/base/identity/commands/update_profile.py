"""What a shopper may change of their own account."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from daji.base.identity import rules
from daji.base.identity.facts import Shopper
from daji.base.identity.store import accounts
from daji.kit.db import Tx
from daji.kit.problems import NotFound


async def update_profile(tx: Tx, *, shopper_id: UUID, name: str, lang: str, now: datetime) -> Shopper:
    """Set name and language. Raises Invalid, and NotFound for a closed or unknown account."""
    shown = rules.text_field(name, pointer="/name", maximum=rules.MAX_NAME, required=False)
    found = await accounts.update_profile(tx, shopper_id, name=shown, lang=rules.language(lang), now=now)
    if found is None:
        raise NotFound
    return found
