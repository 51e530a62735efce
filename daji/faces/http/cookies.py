"""Cookies: names, attributes, and the signature that keeps a guest from being made up.

RFC 6265bis, 4.1.3: the `__Host-` prefix makes a browser refuse the cookie unless it is Secure, has Path=/ and no
Domain, so that no other host of the same site can set it.
"""

from __future__ import annotations

import hmac
import re
import secrets
from hashlib import sha256

from daji.base.identity.api import Realm
from daji.faces.http.settings import HttpSettings

_SESSION: dict[Realm, str] = {"shopper": "daji_session", "staff": "daji_staff"}
_GUEST = "daji_guest"
_SEEN = "daji_seen"
WHO = tuple(name.encode() for name in (*_SESSION.values(), _GUEST))
"""Parts of the names of the cookies that say who asks."""
LANG = "daji_lang"
_GUEST_SHAPE = re.compile(r"([A-Za-z0-9_-]{43})\.([0-9a-f]{64})")
_GUEST_SECONDS = 90 * 24 * 3600
_LANG_SECONDS = 365 * 24 * 3600

Jar = dict[str, str]
"""Set-Cookie lines by name: the last word on a cookie holds."""


def session_name(settings: HttpSettings, realm: Realm) -> str:
    return _name(settings, _SESSION[realm])


def guest_name(settings: HttpSettings) -> str:
    return _name(settings, _GUEST)


def set_session(jar: Jar, settings: HttpSettings, realm: Realm, token: str, seconds: int) -> None:
    _set(jar, settings, session_name(settings, realm), token, seconds)


def drop_session(jar: Jar, settings: HttpSettings, realm: Realm) -> None:
    _set(jar, settings, session_name(settings, realm), "", 0)


def new_guest() -> str:
    return secrets.token_urlsafe(32)


def set_guest(jar: Jar, settings: HttpSettings, token: str) -> None:
    _set(jar, settings, guest_name(settings), f"{token}.{_signature(settings.secret, token)}", _GUEST_SECONDS)


def drop_guest(jar: Jar, settings: HttpSettings) -> None:
    _set(jar, settings, guest_name(settings), "", 0)


def read_guest(settings: HttpSettings, value: str | None) -> str | None:
    """Read the guest's token from its cookie; None when it was not made here."""
    match = _GUEST_SHAPE.fullmatch(value or "")
    if match is None or not hmac.compare_digest(_signature(settings.secret, match[1]), match[2]):
        return None
    return match[1]


def seen_name(settings: HttpSettings) -> str:
    return _name(settings, _SEEN)


def set_seen(jar: Jar, settings: HttpSettings, value: str, seconds: int) -> None:
    _set(jar, settings, seen_name(settings), value, seconds)


def set_lang(jar: Jar, settings: HttpSettings, lang: str) -> None:
    """Not HttpOnly: it is no secret, and a page may want to read it."""
    secure = "; Secure" if settings.secure else ""
    jar[LANG] = f"{LANG}={lang}; Path=/; Max-Age={_LANG_SECONDS}; SameSite=Lax{secure}"


def _signature(secret: bytes, token: str) -> str:
    return hmac.new(secret, b"guest\0" + token.encode(), sha256).hexdigest()


def _name(settings: HttpSettings, name: str) -> str:
    return f"__Host-{name}" if settings.secure else name


def _set(jar: Jar, settings: HttpSettings, name: str, value: str, seconds: int) -> None:
    secure = "; Secure" if settings.secure else ""
    jar[name] = f"{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"
