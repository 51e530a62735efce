"""Events: frozen facts in the past tense, known by topic and version.

An event says who, what, when and how much, with ids and amounts; never a row. A new meaning is a new version:
`V2` stands beside `V1` until no outbox row of the old one is undelivered.
"""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all events; a subclass names `topic` (`orders.order_placed`) and, from 2 on, `version`."""

    topic: ClassVar[str] = ""
    version: ClassVar[int] = 1

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not cls.topic:
            raise TypeError(f"event {cls.__qualname__} has no topic")
        known = _catalogue.setdefault((cls.topic, cls.version), cls)
        if known.__qualname__ != cls.__qualname__ or known.__module__ != cls.__module__:
            raise TypeError(f"{cls.topic} v{cls.version} is declared twice")


_catalogue: dict[tuple[str, int], type[Event]] = {}


def catalogue() -> dict[tuple[str, int], type[Event]]:
    """Every declared event by (topic, version)."""
    return dict(_catalogue)


def decode(topic: str, version: int, payload: bytes | str) -> Event:
    """Rebuild an event from its stored JSON.

    Raises
    ------
    KeyError
        When no such topic and version is declared.
    """
    return msgspec.json.decode(payload, type=_catalogue[(topic, version)])
