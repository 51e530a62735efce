"""The door of the cart room."""

from __future__ import annotations

from daji.trade.cart.commands.change_line import change_line, put_lines
from daji.trade.cart.commands.clear_lines import clear_lines
from daji.trade.cart.commands.forget_quotes import forget_quotes
from daji.trade.cart.commands.merge import merge
from daji.trade.cart.commands.save_quote import save_quote, save_quotes
from daji.trade.cart.commands.select_lines import select_lines
from daji.trade.cart.commands.take_quote import take_quote, take_quotes
from daji.trade.cart.facts import (
    Cart,
    CartFull,
    CartLine,
    CartNotFound,
    Change,
    Contact,
    LineChange,
    Owner,
    QuantityOutOfRange,
    Quote,
    QuoteLine,
    QuoteNotFound,
    QuoteParcel,
    SaleRef,
    UnreadableText,
    Wish,
)
from daji.trade.cart.queries import find_cart, find_carts, get_quote
from daji.trade.cart.rules import MAX_LINES, MAX_QTY, differences, stored_json

__all__ = [
    "MAX_LINES",
    "MAX_QTY",
    "Cart",
    "CartFull",
    "CartLine",
    "CartNotFound",
    "Change",
    "Contact",
    "LineChange",
    "Owner",
    "QuantityOutOfRange",
    "Quote",
    "QuoteLine",
    "QuoteNotFound",
    "QuoteParcel",
    "SaleRef",
    "UnreadableText",
    "Wish",
    "change_line",
    "clear_lines",
    "differences",
    "find_cart",
    "find_carts",
    "forget_quotes",
    "get_quote",
    "merge",
    "put_lines",
    "save_quote",
    "save_quotes",
    "select_lines",
    "stored_json",
    "take_quote",
    "take_quotes",
]
