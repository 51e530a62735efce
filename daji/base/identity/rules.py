"""Decisions: what a contact and a password must be like, how long a session lives, how fast one may guess."""

from __future__ import annotations

import hashlib
import ipaddress
import math
import re
import unicodedata
from datetime import datetime, timedelta

import msgspec
import phonenumbers

from daji.base.identity.facts import Realm, SessionKind
from daji.base.identity.passwords import MAX_CHARS
from daji.kit.problems import FieldProblem, Invalid

DEFAULT_REGION = "CN"
MAX_NAME = 80
MAX_LABEL = 80
_MAX_EMAIL = 254
# The grammar browsers use for <input type=email>: HTML Living Standard, 4.10.5.1.5.
_LOCAL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}")
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})+")

# NIST SP 800-63B asks for a list of what everybody tries first; shorter ones fail by length already.
_COMMON_TEXT = """12345678 123456789 1234567890 11111111 00000000 88888888 66666666 87654321 password password1 password123
    passw0rd p@ssw0rd qwertyui qwertyuiop qwerty123 qwer1234 asdfghjkl 1qaz2wsx 1q2w3e4r 1q2w3e4r5t abcd1234 a1234567
    a12345678 a123456789 aa123456 abc12345 abc123456 iloveyou 5201314520 woaini1314 woaini520 1314520520 147258369
    123123123 admin123 admin1234 administrator letmein123 welcome1 welcome123 sunshine football princess baseball
    superman trustno1 changeme changeme123 secret123 test1234 daji1234 qazwsxedc zxcvbnm123 asdf1234"""
_COMMON = frozenset(_COMMON_TEXT.split())
_SHORTEST = {"shopper": 8, "staff": 12}


class Lifetime(msgspec.Struct, frozen=True, kw_only=True):
    """How long a session lives: `idle` after its last use, `total` whatever happens."""

    idle: timedelta
    total: timedelta


_LIFETIMES: dict[tuple[Realm, SessionKind], Lifetime] = {
    ("shopper", "web"): Lifetime(idle=timedelta(days=30), total=timedelta(days=180)),
    ("staff", "web"): Lifetime(idle=timedelta(hours=12), total=timedelta(days=7)),
    ("shopper", "bearer"): Lifetime(idle=timedelta(days=30), total=timedelta(days=30)),
    ("staff", "bearer"): Lifetime(idle=timedelta(hours=12), total=timedelta(hours=12)),
}
MAX_KEY_LIFE = timedelta(days=366)
_RENEW_SHARE = 24


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """`burst` attempts at once, then one per `step`; a quiet time fills it up again."""

    kind: str
    burst: int
    step: timedelta

    @property
    def slack(self) -> timedelta:
        """How far ahead of now the theoretical arrival time may lie (GCRA, ITU-T I.371)."""
        return self.step * (self.burst - 1)


PER_ACCOUNT = Pace(kind="account", burst=10, step=timedelta(seconds=60))
# Many shoppers share one address behind a carrier's NAT, and only failures count.
PER_ADDRESS = Pace(kind="address", burst=60, step=timedelta(seconds=5))
SIGN_UPS = Pace(kind="sign_up", burst=20, step=timedelta(minutes=2))


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """How an account is reached and found; in the one form that is stored."""

    phone: str | None
    email: str | None


def lifetime(realm: Realm, kind: SessionKind) -> Lifetime:
    return _LIFETIMES[realm, kind]


def due_for_renewal(life: Lifetime, *, seen_at: datetime, now: datetime) -> bool:
    """Tell whether a sliding session should be pushed on: seldom, so that reading stays reading."""
    return life.idle < life.total and now - seen_at >= life.idle / _RENEW_SHARE


def phone(text: str) -> str | None:
    """Write a phone number as E.164, taking it as Chinese when it names no country; None when it is none."""
    try:
        number = phonenumbers.parse(unicodedata.normalize("NFKC", text)[:64], DEFAULT_REGION)
    except phonenumbers.NumberParseException:
        return None
    if number.extension or not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def email(text: str) -> str | None:
    """Write an e-mail address in lower case with an ASCII domain; None when it is none."""
    local, at, domain = unicodedata.normalize("NFKC", text).strip().rpartition("@")
    if not at or len(domain) > _MAX_EMAIL:
        return None
    try:
        ascii_domain = domain.encode("idna").decode()
    except UnicodeError:
        return None
    whole = f"{local}@{ascii_domain}".lower()
    if len(whole) > _MAX_EMAIL or not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(ascii_domain):
        return None
    return whole


def contact(*, phone_text: str | None, email_text: str | None) -> Contact:
    """Read what somebody registers with; at least one of both. Raises Invalid."""
    wrong: list[FieldProblem] = []
    found_phone = phone(phone_text) if phone_text else None
    found_email = email(email_text) if email_text else None
    if phone_text and found_phone is None:
        wrong.append(FieldProblem(pointer="/phone", code="identity.bad_phone"))
    if email_text and found_email is None:
        wrong.append(FieldProblem(pointer="/email", code="identity.bad_email"))
    if not phone_text and not email_text:
        wrong.append(FieldProblem(pointer="/phone", code="identity.contact_needed"))
    if wrong:
        raise Invalid(fields=wrong)
    return Contact(phone=found_phone, email=found_email)


def handle(text: str) -> Contact:
    """Read what somebody signs in with; both None when it can belong to no account."""
    return Contact(phone=None, email=email(text)) if "@" in text else Contact(phone=phone(text), email=None)


def check_password(password: str, *, realm: Realm, known: Contact, pointer: str = "/password") -> None:
    """Refuse what is easily guessed, after NIST SP 800-63B: length and a list, no rules on kinds of characters.

    Raises
    ------
    Invalid
        With one field problem at `pointer`.
    """
    canonical = unicodedata.normalize("NFKC", password)
    shortest = _SHORTEST[realm]
    own = {known.phone, (known.phone or "")[-11:], known.email, (known.email or "").partition("@")[0]} - {
        None,
        "",
    }
    code, params = "", {}
    if "\0" in password:
        code = "wrong_type"
    elif len(canonical) < shortest:
        code, params = "too_short", {"minimum": shortest}
    elif len(password) > MAX_CHARS or len(canonical) > MAX_CHARS:
        code, params = "too_long", {"maximum": MAX_CHARS}
    elif canonical.lower() in _COMMON or len(set(canonical)) == 1:
        code = "identity.password_common"
    elif canonical.lower() in own:
        code = "identity.password_is_contact"
    if code:
        raise Invalid(fields=(FieldProblem(pointer=pointer, code=code, params=params),))


def text_field(value: str, *, pointer: str, maximum: int, required: bool = True) -> str:
    """Trim a line of text; Invalid when it is empty, too long or holds control characters."""
    trimmed = value.strip()
    if not trimmed and required:
        raise Invalid(fields=(FieldProblem(pointer=pointer, code="required"),))
    if len(trimmed) > maximum:
        raise Invalid(fields=(FieldProblem(pointer=pointer, code="too_long", params={"maximum": maximum}),))
    if any(unicodedata.category(char) in {"Cc", "Cs"} for char in trimmed):
        raise Invalid(fields=(FieldProblem(pointer=pointer, code="wrong_type"),))
    return trimmed


def language(value: str) -> str:
    """Raise Invalid for what is no two-letter language."""
    if not re.fullmatch("[a-z]{2}", value):
        raise Invalid(fields=(FieldProblem(pointer="/lang", code="unknown_value"),))
    return value


def account_key(realm: Realm, text: str) -> bytes:
    """Throttle by what was typed, known or not: the rows tell nothing of who has an account."""
    known = handle(text)
    return _key(f"{realm}:{known.phone or known.email or text[:_MAX_EMAIL].strip().lower()}")


def address_key(ip: str) -> bytes:
    """Throttle by IPv4 address, or by /64 in IPv6, where one customer owns that many."""
    try:
        parsed = ipaddress.ip_address(ip)
    except ValueError:
        return _key(ip[:64])
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return _key(str(parsed.ipv4_mapped))
        return _key(str(ipaddress.ip_network((parsed, 64), strict=False)))
    return _key(str(parsed))


def wait_seconds(pace: Pace, *, tat: datetime, now: datetime) -> int:
    """Whole seconds until the next attempt is taken."""
    return max(1, math.ceil((tat - pace.slack - now).total_seconds()))


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode(errors="surrogatepass")).digest()
