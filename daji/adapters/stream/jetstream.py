"""A line on NATS JetStream.

One stream; an event's subject is `<stream>.<room>.<event>.<aggregate>`, so that a satellite may hear one room
(`daji.catalog.>`) or one aggregate (`daji.*.*.<id>`). The body is a CloudEvent 1.0 in JSON (https://cloudevents.io),
with the extensions `sequence` (the place in the outbox), `after`, `lsn` and `traceparent`. `Nats-Msg-Id` is the event's
id; `Nats-Expected-Last-Sequence` makes the server refuse whoever does not know where the stream stands.

Loaded only where `DAJI_NATS_URL` is set.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import msgspec
import nats
import structlog
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js import JetStreamContext, api
from nats.js.errors import APIError, BadRequestError, NotFoundError

from daji.kit.carriage import CarriageSettings, Carried, End, LineAway, LineMoved
from daji.kit.db import forbid_transaction

log = structlog.get_logger(__name__)

T = TypeVar("T")

CONNECT_SECONDS = 3
ANSWER_SECONDS = 5.0
HEARTBEAT_SECONDS = 2.0
SILENT_SECONDS = 5.0
"""A stream that says nothing for so long, not even that it lives, is gone."""
AT_ONCE = 100
_WRONG_LAST = 10071
_NAME_IN_USE = 10058
_MEDIA_TYPE = "application/cloudevents+json"
_SEQ, _EVENT_ID, _TYPE = "Daji-Seq", "Nats-Msg-Id", "Content-Type"


class _CloudEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's shape; places are text, since an integer attribute of CloudEvents has 32 bits."""

    specversion: str
    id: UUID
    source: str
    type: str
    subject: UUID
    time: datetime
    eventversion: int
    sequence: str
    after: str
    lsn: str
    datacontenttype: str
    data: msgspec.Raw
    traceparent: str | None = None


class JetStreamLine:
    """See `kit.carriage.Line`."""

    def __init__(self, settings: CarriageSettings) -> None:
        self._settings = settings
        self._client: Client | None = None
        self._made = False

    @property
    def name(self) -> str:
        return self._settings.stream

    @property
    def keep(self) -> timedelta:
        return timedelta(days=self._settings.keep_days)

    async def end(self) -> End:
        forbid_transaction("the stream's end")
        with _telling():
            stream = await self._stream()
            info = await self._make(stream)
            last = None
            if info.state.messages:
                with suppress(NotFoundError):
                    last = _read((await stream.get_msg(self.name, info.state.last_seq)).data or b"")
        return End(born=str(info.created), position=info.state.last_seq, last=last)

    async def send(self, told: Sequence[Carried], *, position: int) -> int:
        forbid_transaction("sending over the stream")
        with _telling():
            stream = await self._stream()
            for start in range(0, len(told), AT_ONCE):
                some = told[start : start + AT_ONCE]
                sending = (
                    self._publish(stream, one, expected=position + number) for number, one in enumerate(some)
                )
                # The server takes what one connection says in its order.
                answers = await asyncio.gather(*sending, return_exceptions=True)
                for number, answer in enumerate(answers, start=1):
                    if isinstance(answer, BaseException):
                        raise answer
                    if answer.seq != position + number:
                        raise LineMoved(f"stands at {answer.seq}, not at {position + number}")
                position += len(some)
        return position

    async def _publish(self, stream: JetStreamContext, one: Carried, *, expected: int) -> api.PubAck:
        headers = {
            _EVENT_ID: str(one.event_id),
            _SEQ: str(one.seq),
            _TYPE: _MEDIA_TYPE,
            "Nats-Expected-Stream": self.name,
            "Nats-Expected-Last-Sequence": str(expected),
        }
        subject = f"{self.name}.{one.topic}.{one.subject}"
        try:
            return await stream.publish(
                subject, _write(one, self.name), timeout=ANSWER_SECONDS, headers=headers
            )
        except APIError as error:
            if error.err_code == _WRONG_LAST:
                raise LineMoved(str(error)) from error
            raise

    async def hear(self, after: int) -> AsyncGenerator[Carried, None]:
        with _telling():
            client = await self._connect()
        try:
            with _telling():
                incoming = await self._subscribe(client, after)
            while True:
                with _telling():
                    told = await self._next(client, incoming)
                if told is not None and told.seq > after:
                    yield told
        finally:
            with suppress(NatsError, OSError, TimeoutError):
                await client.close()

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            with suppress(NatsError, OSError, TimeoutError):
                await client.close()

    async def delete(self) -> None:
        """Lose all that is kept; the carrier fills it anew."""
        with _telling():
            await (await self._stream()).delete_stream(self.name)

    async def _subscribe(self, client: Client, after: int) -> Any:
        stream = client.jetstream(timeout=ANSWER_SECONDS)
        inbox = client.new_inbox()
        incoming = await client.subscribe(inbox)
        await stream.add_consumer(
            self.name,
            api.ConsumerConfig(
                deliver_subject=inbox,
                deliver_policy=api.DeliverPolicy.BY_START_SEQUENCE,
                opt_start_seq=await self._position_behind(stream, after),
                ack_policy=api.AckPolicy.NONE,
                idle_heartbeat=HEARTBEAT_SECONDS,
                flow_control=True,
                mem_storage=True,
                num_replicas=1,
                inactive_threshold=SILENT_SECONDS,
            ),
        )
        return incoming

    async def _next(self, client: Client, incoming: Any) -> Carried | None:
        message = await incoming.next_msg(timeout=SILENT_SECONDS)
        headers = message.headers or {}
        status = headers.get("Status")
        if status is None:
            return _read(message.data)
        if status != "100":
            raise LineAway(f"the server ended the hearing: {status} {headers.get('Description', '')}")
        # A heartbeat, or the server asks whether we keep up (ADR-15 of NATS, flow control).
        reply = message.reply or headers.get("Nats-Consumer-Stalled", "")
        if reply:
            await client.publish(reply)
        return None

    async def _position_behind(self, stream: JetStreamContext, after: int) -> int:
        """Position of the first event whose place is beyond `after`: events stand in the order of their places."""
        state = (await stream.stream_info(self.name)).state
        low, high = max(state.first_seq, 1), state.last_seq + 1
        while low < high:
            middle = (low + high) // 2
            try:
                found = await stream.get_msg(self.name, middle)
            except NotFoundError:
                low = middle + 1
                continue
            if int((found.headers or {})[_SEQ]) <= after:
                low = middle + 1
            else:
                high = middle
        return low

    async def _stream(self) -> JetStreamContext:
        if self._client is None or not self._client.is_connected:
            await self.close()
            self._client = await self._connect()
        return self._client.jetstream(timeout=ANSWER_SECONDS)

    async def _connect(self) -> Client:
        # Whoever uses the line asks again by itself, in its own time.
        connecting = nats.connect(
            servers=[one.strip() for one in self._settings.url.split(",")],
            name="daji",
            allow_reconnect=False,
            connect_timeout=CONNECT_SECONDS,
            max_reconnect_attempts=1,
            reconnect_time_wait=0,
            ping_interval=int(SILENT_SECONDS),
            error_cb=_hush,
        )
        return await _in_time(connecting, 2 * CONNECT_SECONDS)

    async def _make(self, stream: JetStreamContext) -> api.StreamInfo:
        name = self.name
        with suppress(NotFoundError):
            return await stream.stream_info(name)
        wanted = api.StreamConfig(
            name=name,
            subjects=[f"{name}.>"],
            storage=api.StorageType.FILE,
            max_age=self.keep.total_seconds(),
            num_replicas=self._settings.copies,
            duplicate_window=120,
        )
        try:
            return await stream.add_stream(wanted)
        except BadRequestError as error:
            if error.err_code != _NAME_IN_USE:
                raise
            return await stream.stream_info(name)


async def _hush(error: Exception) -> None:
    log.debug("nats", error=repr(error))


async def _in_time(work: Awaitable[T], seconds: float) -> T:
    async with asyncio.timeout(seconds):
        return await work


@contextmanager
def _telling() -> Iterator[None]:
    """Whatever is wrong with the server: the line is away."""
    try:
        yield
    except (NatsError, OSError, TimeoutError, msgspec.DecodeError, KeyError) as error:
        raise LineAway(repr(error)) from error


def _write(one: Carried, source: str) -> bytes:
    return msgspec.json.encode(
        _CloudEvent(
            specversion="1.0",
            id=one.event_id,
            source=f"/{source}",
            type=one.topic,
            subject=one.subject,
            time=one.occurred_at,
            eventversion=one.version,
            sequence=str(one.seq),
            after=str(one.after),
            lsn=str(one.lsn),
            datacontenttype="application/json",
            data=one.payload,
            traceparent=one.trace,
        )
    )


def _read(body: bytes) -> Carried:
    found = msgspec.json.decode(body, type=_CloudEvent)
    return Carried(
        seq=int(found.sequence),
        after=int(found.after),
        lsn=int(found.lsn),
        event_id=found.id,
        topic=found.type,
        version=found.eventversion,
        subject=found.subject,
        occurred_at=found.time,
        payload=found.data,
        trace=found.traceparent,
    )
