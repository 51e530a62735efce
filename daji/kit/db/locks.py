"""The written order in which row locks are taken, and the checker that raises when code breaks it.

A deadlock needs two transactions that lock the same things in different orders. The order is one list, given by
`boot`; a store names the lock just before the statement that takes it, and a transaction that goes back up the
list is refused, in tests and in production alike: a refused request is cheaper than a deadlock on 11.11.
"""

from __future__ import annotations

from collections.abc import Sequence


class LockOrderBroken(Exception):
    """Code took locks against the written order: a defect, never a user's fault."""


class LockOrder:
    """Ranks of lock names; lower ranks are taken first. An empty order checks nothing."""

    def __init__(self, names: Sequence[str] = ()) -> None:
        self._rank = {name: rank for rank, name in enumerate(names)}
        if len(self._rank) != len(names):
            raise ValueError("a lock is named twice in the order")

    def rank(self, name: str) -> int:
        """Rank of `name`; -1 when nothing is checked.

        Raises
        ------
        LockOrderBroken
            When an order is in force and does not know the name.
        """
        if not self._rank:
            return -1
        try:
            return self._rank[name]
        except KeyError:
            raise LockOrderBroken(f"lock {name!r} is missing from the written order") from None
