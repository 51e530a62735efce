"""What this room refuses, as data."""

from __future__ import annotations

from daji.kit.problems import Problem


class NotPicked(Problem):
    """The box cannot be closed: `missing` pieces are not in it yet."""

    code = "warehouse.not_picked"
    status = 409


class OverPicked(Problem):
    """More pieces than the line still asks for: `wanted` were reported, `open` remain. `line_id` says where."""

    code = "warehouse.over_picked"
    status = 409


class UnknownLine(Problem):
    """The pick list has no such line; `line_id` is what was given."""

    code = "warehouse.unknown_line"
    status = 404


class NotPacked(Problem):
    """There is no closed box yet; `order` is the number a reader knows the order by."""

    code = "warehouse.not_packed"
    status = 409
