"""What a line is, whoever runs it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Protocol
from uuid import UUID

import msgspec

from daji.kit import events


class CarriageSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`DAJI_NATS_URL` (empty: nothing is carried), `DAJI_NATS_STREAM`, `DAJI_NATS_KEEP_DAYS`, `DAJI_NATS_COPIES`.

    `url` may name several servers, separated by commas. Installations that share a server give their streams different
    names. `keep_days` is how far back a satellite can hear; `copies` on how many servers of a cluster each event is.
    """

    url: str = ""
    stream: Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9_-]{1,32}$")] = "daji"
    keep_days: Annotated[int, msgspec.Meta(ge=1, le=366)] = 7
    copies: Annotated[int, msgspec.Meta(ge=1, le=5)] = 1


class Carried(msgspec.Struct, frozen=True, kw_only=True):
    """An event on the line.

    `seq` is its place in the outbox, `after` the place of the one before it: whoever knows everything up to `after` knows
    everything up to `seq` when they have taken this. `lsn` is where the log of the writing server stood when the event
    could be read there: a replica that has replayed so far shows what the event tells of.
    """

    seq: int
    after: int
    lsn: int
    event_id: UUID
    topic: str
    version: int
    subject: UUID
    occurred_at: datetime
    payload: msgspec.Raw
    trace: str | None = None

    def event(self) -> events.Event:
        """The fact itself.

        Raises
        ------
        KeyError
            When this code does not know its topic and version.
        """
        return events.decode(self.topic, self.version, bytes(self.payload))


class End(msgspec.Struct, frozen=True, kw_only=True):
    """Where a line stands: `position` counts its events as the line does, `last` is the last of them, if it is still kept.

    `born` tells one life of the line from the next: it changes when everything on it was lost.
    """

    born: str
    position: int
    last: Carried | None


class LineAway(Exception):
    """The line does not answer, or breaks off; it is asked again later."""


class LineMoved(Exception):
    """Somebody else has sent meanwhile: the line stands elsewhere than the sender believes."""


class Line(Protocol):
    """A lasting line of events in the order of the outbox. Every method may raise `LineAway`.

    It has a name, and keeps what it was given for a while.
    """

    @property
    def name(self) -> str: ...

    @property
    def keep(self) -> timedelta: ...

    async def end(self) -> End:
        """Where it stands; made when it does not exist."""

    async def send(self, told: Sequence[Carried], *, position: int) -> int:
        """Add these behind `position`, all kept when this returns; the new position.

        Raises
        ------
        LineMoved
            When the line does not stand at `position`; some of them may be on it.
        """

    def hear(self, after: int) -> AsyncGenerator[Carried, None]:
        """Everything after this place of the outbox that is still kept, then what comes, without end."""

    async def close(self) -> None:
        """Let go of the connection."""
