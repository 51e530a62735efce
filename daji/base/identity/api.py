"""The door of the room."""

from __future__ import annotations

from daji.base.identity.commands.create_api_key import create_api_key
from daji.base.identity.commands.login import login
from daji.base.identity.commands.passwords import change_password, set_password
from daji.base.identity.commands.register_shopper import register_shopper, sign_up
from daji.base.identity.commands.roles import set_role_permissions
from daji.base.identity.commands.sessions import (
    logout,
    purge,
    renew_session,
    revoke_session,
    revoke_sessions,
)
from daji.base.identity.commands.staff import (
    activate_staff,
    create_staff,
    deactivate_staff,
    ensure_first_admin,
    set_roles,
)
from daji.base.identity.commands.staff_access import end_staff_sessions, set_staff_password
from daji.base.identity.commands.update_profile import update_profile
from daji.base.identity.errors import (
    AdminFixed,
    AlreadyRegistered,
    BadCredentials,
    BeyondGiver,
    Busy,
    LastAdmin,
    TooManyAttempts,
)
from daji.base.identity.facts import (
    ANONYMOUS,
    ApiKey,
    Principal,
    Realm,
    RoleNow,
    SessionInfo,
    Shopper,
    SignedIn,
    Staff,
)
from daji.base.identity.passwords import Passwords
from daji.base.identity.permissions import ROLE_PERMISSIONS, Permission, Role, permissions_of
from daji.base.identity.queries import (
    authenticate_bearer,
    authenticate_session,
    find_shopper,
    get_shopper,
    get_staff,
    list_roles,
    list_sessions,
    list_shoppers,
    list_staff,
    shoppers,
)

__all__ = [
    "ANONYMOUS",
    "ROLE_PERMISSIONS",
    "AdminFixed",
    "AlreadyRegistered",
    "ApiKey",
    "BadCredentials",
    "BeyondGiver",
    "Busy",
    "LastAdmin",
    "Passwords",
    "Permission",
    "Principal",
    "Realm",
    "Role",
    "RoleNow",
    "SessionInfo",
    "Shopper",
    "SignedIn",
    "Staff",
    "TooManyAttempts",
    "activate_staff",
    "authenticate_bearer",
    "authenticate_session",
    "change_password",
    "create_api_key",
    "create_staff",
    "deactivate_staff",
    "end_staff_sessions",
    "ensure_first_admin",
    "find_shopper",
    "get_shopper",
    "get_staff",
    "list_roles",
    "list_sessions",
    "list_shoppers",
    "list_staff",
    "login",
    "logout",
    "permissions_of",
    "purge",
    "register_shopper",
    "renew_session",
    "revoke_session",
    "revoke_sessions",
    "set_password",
    "set_role_permissions",
    "set_roles",
    "set_staff_password",
    "shoppers",
    "sign_up",
    "update_profile",
]
