"""The one catalogue of what staff, and their API keys, may do; and which role holds what (ADR 0012)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType


class Permission(StrEnum):
    """What a route can ask for; a new member needs its line in both languages."""

    ORDERS_READ = "orders:read"
    ORDERS_CANCEL = "orders:cancel"
    ORDERS_REFUND = "orders:refund"
    STOCK_READ = "stock:read"
    STOCK_ADJUST = "stock:adjust"
    CATALOG_READ = "catalog:read"
    CATALOG_WRITE = "catalog:write"
    PRICING_WRITE = "pricing:write"
    WAREHOUSE_WORK = "warehouse:work"
    DELIVERY_WRITE = "delivery:write"
    AFTERSALES_READ = "aftersales:read"
    AFTERSALES_DECIDE = "aftersales:decide"
    PAYMENTS_READ = "payments:read"
    CUSTOMERS_READ = "customers:read"
    CUSTOMERS_REVEAL = "customers:reveal"
    REVIEWS_MODERATE = "reviews:moderate"
    FLASH_MANAGE = "flash:manage"
    IMPORTS_RUN = "imports:run"
    AUDIT_READ = "audit:read"
    IDENTITY_MANAGE = "identity:manage"
    SETTINGS_MANAGE = "settings:manage"


class Role(StrEnum):
    """A bundle of permissions that a member of staff holds."""

    ADMIN = "admin"
    OPERATOR = "operator"
    WAREHOUSE = "warehouse"
    SERVICE = "service"
    ANALYST = "analyst"


_P = Permission

ROLE_PERMISSIONS: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {
        Role.ADMIN: frozenset(Permission),
        Role.OPERATOR: frozenset(Permission) - {_P.AUDIT_READ, _P.IDENTITY_MANAGE, _P.SETTINGS_MANAGE},
        Role.WAREHOUSE: frozenset(
            {
                _P.ORDERS_READ,
                _P.CATALOG_READ,
                _P.STOCK_READ,
                _P.STOCK_ADJUST,
                _P.WAREHOUSE_WORK,
                _P.DELIVERY_WRITE,
            }
        ),
        Role.SERVICE: frozenset(
            {
                _P.ORDERS_READ,
                _P.ORDERS_CANCEL,
                _P.ORDERS_REFUND,
                _P.CATALOG_READ,
                _P.STOCK_READ,
                _P.AFTERSALES_READ,
                _P.AFTERSALES_DECIDE,
                _P.PAYMENTS_READ,
                _P.CUSTOMERS_READ,
                _P.CUSTOMERS_REVEAL,
                _P.REVIEWS_MODERATE,
            }
        ),
        # Reads figures, not people: names and addresses of customers stay out of reach.
        Role.ANALYST: frozenset(
            {_P.ORDERS_READ, _P.CATALOG_READ, _P.STOCK_READ, _P.AFTERSALES_READ, _P.PAYMENTS_READ}
        ),
    }
)


def permissions_of(
    roles: Iterable[str], custom: Mapping[str, Iterable[str]] | None = None
) -> frozenset[Permission]:
    """Everything the roles hold together; ValueError for a role that is not in the catalogue.

    `custom` is what the shop itself gave to some roles instead. Of it counts what the catalogue still knows, and an
    administrator holds everything whatever it says.
    """
    return frozenset().union(*(_held(Role(role), custom or {}) for role in roles))


def _held(role: Role, custom: Mapping[str, Iterable[str]]) -> frozenset[Permission]:
    if role is Role.ADMIN or role not in custom:
        return ROLE_PERMISSIONS[role]
    return frozenset(Permission(name) for name in custom[role] if name in _KNOWN)


_KNOWN = frozenset(str(permission) for permission in Permission)
