"""A shopper's own corner: who they are, and what their purchases wait for."""

from __future__ import annotations

from uuid import UUID

import msgspec

from daji.base.identity import api as identity
from daji.kit.db import Session
from daji.trade.cart.api import Owner
from daji.views.store_tabs import Waiting, count_waiting


class Home(msgspec.Struct, frozen=True, kw_only=True):
    shopper: identity.Shopper
    waiting: Waiting

    @property
    def initial(self) -> str:
        """What stands for a picture of the shopper."""
        return (self.shopper.name or self.shopper.email or self.shopper.phone or "·").lstrip("+")[:1].upper()


async def get_home(session: Session, *, shopper_id: UUID) -> Home:
    """Two statements."""
    return Home(
        shopper=await identity.get_shopper(session, shopper_id=shopper_id),
        waiting=await count_waiting(session, owner=Owner(shopper_id=shopper_id)),
    )
