"""State machines as data: one table per axis, read by rules, SQL conditions, tests and documents alike."""

from __future__ import annotations

from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter
from types import MappingProxyType

from daji.kit.problems import Problem


class IllegalTransition(Problem):
    """The verb is not allowed in this status; parameters `status` and `verb`."""

    code = "illegal_transition"
    status = 409


class Transitions:
    """A transition table {(status, verb): next status} with the status in which life begins.

    ValueError when the initial status does not occur in the table.
    """

    def __init__(self, table: Mapping[tuple[str, str], str], *, initial: str) -> None:
        self.table: Mapping[tuple[str, str], str] = MappingProxyType(dict(table))
        self.initial = initial
        named = [name for (source, _), target in self.table.items() for name in (source, target)]
        if initial not in named:
            raise ValueError(f"initial status {initial!r} is not in the table")
        self.statuses: tuple[str, ...] = tuple(dict.fromkeys([initial, *named]))
        sources = {source for source, _ in self.table}
        self.finals: tuple[str, ...] = tuple(status for status in self.statuses if status not in sources)

    def after(self, status: str, verb: str) -> str:
        """Return the status that follows; raises IllegalTransition."""
        try:
            return self.table[status, verb]
        except KeyError:
            raise IllegalTransition(status=status, verb=verb) from None

    def allows(self, status: str, verb: str) -> bool:
        return (status, verb) in self.table

    def verbs(self, status: str) -> tuple[str, ...]:
        """List the verbs that are open in `status`, in table order; ValueError for a status nobody declared."""
        if status not in self.statuses:
            raise ValueError(f"unknown status {status!r}")
        return tuple(verb for source, verb in self.table if source == status)

    def sources(self, verb: str) -> tuple[str, ...]:
        """List the statuses `verb` starts from, for `WHERE status = ANY(...)`.

        ValueError for a verb nobody declared: an empty list would make an update that silently never claims.
        """
        found = tuple(source for source, name in self.table if name == verb)
        if not found:
            raise ValueError(f"unknown verb {verb!r}")
        return found

    def unreachable(self) -> tuple[str, ...]:
        """List the statuses that no sequence of verbs leads to from the initial one."""
        seen, frontier = {self.initial}, [self.initial]
        while frontier:
            status = frontier.pop()
            for (source, _), target in self.table.items():
                if source == status and target not in seen:
                    seen.add(target)
                    frontier.append(target)
        return tuple(status for status in self.statuses if status not in seen)

    def is_acyclic(self) -> bool:
        """Tell whether no status, once left, can come back. A verb that keeps the status does not leave it."""
        graph: dict[str, set[str]] = {status: set() for status in self.statuses}
        for (source, _), target in self.table.items():
            if source != target:
                graph[target].add(source)
        try:
            TopologicalSorter(graph).prepare()
        except CycleError:
            return False
        return True
