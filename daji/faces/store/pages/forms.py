"""Reading addresses and contacts out of forms, telling everything that is wrong at once."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from daji.faces.http.translate import field_problem
from daji.faces.store.pages.places import ADDRESS_FIELDS, settled
from daji.kit.places import Address
from daji.kit.problems import FieldProblem, Invalid
from daji.trade.cart.api import Contact

PAGE = {"permission": "public", "html": True}
_URL_ENCODED = ["application/x-www-form-urlencoded"]
FORM = {"permission": "guest", "html": True, "accepts": _URL_ENCODED}
FORM_ONCE = {**FORM, "idempotent": True}
OWN = {"permission": "shopper", "html": True}
OWN_FORM = {**FORM, "permission": "shopper"}
OPEN_FORM = {**FORM, "permission": "public"}

ADDRESS_NEEDS = ("name", "phone", "country", "city", "line")


def read_address(form: Mapping[str, str]) -> Address:
    """Read an address.

    Raises
    ------
    Invalid
        With every field that is empty or cannot be taken.
    """
    wrong = missing(form, ADDRESS_NEEDS)
    given = {name: form.get(name, "") for name in ADDRESS_FIELDS}
    given["country"] = given["country"].upper()
    if not wrong:
        try:
            return settled(msgspec.convert(given, Address))
        except msgspec.ValidationError as error:
            wrong = [field_problem(str(error))]
    raise Invalid(fields=wrong)


def read_contact(form: Mapping[str, str]) -> Contact:
    """Read whom to tell: the receiver, with an e-mail address when one is given. Raises Invalid."""
    try:
        return msgspec.convert(
            {"name": form.get("name", ""), "phone": form.get("phone", ""), "email": form.get("email", "")},
            Contact,
        )
    except msgspec.ValidationError as error:
        raise Invalid(fields=(field_problem(str(error)),)) from None


def missing(form: Mapping[str, str], names: tuple[str, ...]) -> list[FieldProblem]:
    """Which of these fields were left empty."""
    return [FieldProblem(pointer=f"/{name}", code="required") for name in names if not form.get(name)]


def whole(form: Mapping[str, str], name: str, *, default: int, least: int, most: int) -> int:
    """Read a whole number from a form.

    Raises
    ------
    Invalid
        When it is none, or out of bounds.
    """
    text = form.get(name) or str(default)
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= len(str(most)) + 1):
        raise Invalid(fields=(FieldProblem(pointer=f"/{name}", code="wrong_type"),))
    number = int(text)
    if number < least:
        raise Invalid(fields=(FieldProblem(pointer=f"/{name}", code="too_small", params={"minimum": least}),))
    if number > most:
        raise Invalid(fields=(FieldProblem(pointer=f"/{name}", code="too_large", params={"maximum": most}),))
    return number
