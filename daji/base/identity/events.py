"""What others may want to hear."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from daji.kit.events import Event


class ShopperRegistered(Event, frozen=True, kw_only=True):
    topic: ClassVar[str] = "identity.shopper_registered"

    shopper_id: UUID


class RegistrationRepeated(Event, frozen=True, kw_only=True):
    """Somebody tried to register a contact that has an account: its owner should hear of it, nobody else."""

    topic: ClassVar[str] = "identity.registration_repeated"

    shopper_id: UUID


class PasswordChanged(Event, frozen=True, kw_only=True):
    topic: ClassVar[str] = "identity.password_changed"

    account_id: UUID
