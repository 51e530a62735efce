"""What runs say of a phase that several of them take in one transaction: part of the words of `kit.runs`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Generic, TypeVar
from uuid import UUID

import msgspec

from daji.kit import together
from daji.kit.db.session import Tx
from daji.kit.problems import Problem

if TYPE_CHECKING:
    from daji.kit.runs import Run

I = TypeVar("I")  # noqa: E741 - the usual letter for an input type
C = TypeVar("C")
T = TypeVar("T")


class Joint(msgspec.Struct, Generic[C, I, T], frozen=True, kw_only=True):
    """A phase that several runs of `flow` take in one transaction.

    `work` is given each run with what is its own, and answers in that order; what it raises is taken apart until it is
    known which run it concerns, and `Refused` says that at once. `final` says whether a value is its run's answer;
    events about a run's `subject` bear the request that asked for it.
    """

    flow: str
    phase: str
    gives: type[T]
    work: Callable[[Tx, C, Sequence[tuple[Run, I]]], Awaitable[Sequence[T]]]
    final: Callable[[T], bool]
    subject: Callable[[Run, I], UUID]
    most: int = together.MOST


class Refused(Exception):
    """These runs of a joint phase are refused, by their ids; the others may be taken once more without them."""

    def __init__(self, refusals: Mapping[UUID, Problem]) -> None:
        super().__init__(f"{len(refusals)} runs")
        self.refusals = refusals


@contextmanager
def alone() -> Iterator[None]:
    """Raise what a run is refused with as itself, where it takes a joint phase's work by itself."""
    try:
        yield
    except Refused as refused:
        raise next(iter(refused.refusals.values())) from refused
