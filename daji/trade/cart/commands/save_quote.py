"""Keep the offer that was shown, so that exactly it can be bought."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from daji.kit.db import Session
from daji.kit.problems import FieldProblem, Invalid
from daji.trade.cart import rules, store
from daji.trade.cart.facts import Quote


async def save_quote(session: Session, *, quote: Quote) -> None:
    """Keep one quote as `save_quotes` does."""
    await save_quotes(session, quotes=[quote])


async def save_quotes(session: Session, *, quotes: Sequence[Quote]) -> None:
    """Store quotes under their ids, once; one statement, which may stand alone.

    Raises
    ------
    UnreadableText
        A text in one holds U+0000, which an order could not keep.
    Invalid
        A text is too long or a code malformed, so that it could not be read back.
    """
    await store.save_quotes(session, [(quote, _body(quote)) for quote in quotes])


def _body(quote: Quote) -> str:
    body = rules.stored_json(quote)
    try:
        store.read_quote(body)
    except msgspec.ValidationError as error:
        # The message ends in "- at `$.address.country`".
        pointer = str(error).rpartition("`$")[2].rstrip("`").replace(".", "/")
        raise Invalid(fields=(FieldProblem(pointer=pointer, code="wrong_type"),)) from error
    return body
