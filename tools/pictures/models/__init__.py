"""Products by name: each is a function of a colour's name that gives parts, a mesh and what it is made of."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Sequence
from typing import Any

from stuff import Stuff

Parts = Sequence[tuple[Any, Stuff]]
Model = Callable[[str], Parts]

ALL: dict[str, Model] = {}
VIEWS: dict[str, dict[str, float]] = {}


def product(name: str, **view: float) -> Callable[[Model], Model]:
    """Register a model, with how it wants to be looked at where the usual view does not suit it."""

    def note(model: Model) -> Model:
        ALL[name] = model
        VIEWS[name] = view
        return model

    return note


def load() -> None:
    for found in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{found.name}")
