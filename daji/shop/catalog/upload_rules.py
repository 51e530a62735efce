"""Where in the file that staff sent a field of a row stands."""

from __future__ import annotations

import re
from collections.abc import Mapping

_PATTERNS = (
    (re.compile(r"texts/([a-z]{2})/(title|subtitle|description)"), (r"\2.\1", r"\2")),
    (re.compile(r"titles"), ("title.zh", "title.en", "title")),
    (re.compile(r"category_path.*"), ("category",)),
    (re.compile(r"attributes/([^/]+).*"), (r"attribute.\1",)),
    (re.compile(r"option_values/([^/]+)"), (r"option.\1",)),
    (re.compile(r"size_mm"), ("length_mm",)),
    (re.compile(r"brand/.*"), ("brand",)),
    (re.compile(r"image_names"), ("images",)),
)


def column_of(mapping: Mapping[str, str], field: str) -> str:
    """Name the file's column that a refused field comes from; "" when no column of it is to blame.

    `field` is a column of the plain table (`price`) or a JSON pointer into a row (`texts/zh/title`).
    """
    field = field.lstrip("/")
    names = {target: name for name, target in mapping.items() if target}
    wanted = [field]
    for pattern, targets in _PATTERNS:
        found = pattern.fullmatch(field)
        if found:
            wanted += [found.expand(target) for target in targets]
    for target in wanted:
        if target in names:
            return names[target]
    if field == "option_values":
        return next((name for target, name in names.items() if target.startswith("option.")), "")
    return ""
