"""Tables that people open in a spreadsheet: UTF-8 with a byte order mark, no cell that computes."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Iterable, Sequence

from litestar.response import Stream

from daji.kit import cells

CSV = "text/csv; charset=utf-8"
BOM = "\ufeff"
"""Spreadsheets read UTF-8 only when a byte order mark says so."""


def written(rows: Iterable[Sequence[str]]) -> str:
    """Lines of a table."""
    text = io.StringIO()
    csv.writer(text).writerows([cells.guard(cell) for cell in row] for row in rows)
    return text.getvalue()


def download(lines: AsyncIterator[str], name: str) -> Stream:
    """A table as a file, sent while it is being read."""
    return Stream(
        lines, media_type=CSV, headers={"Content-Disposition": f'attachment; filename="{name}.csv"'}
    )
