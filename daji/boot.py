"""The one place that wires ports to adapters, events to listeners, timers to journeys, settings to rooms."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, cached_property, partial
from pathlib import Path
from typing import Any

import msgspec

from daji.adapters import catalogue
from daji.adapters.carrier.replayed import ReplayedRates
from daji.adapters.carrier.simulated import SimulatedCarrier
from daji.adapters.payment.replayed import RecordedPayments
from daji.adapters.payment.sandbox.client import SandboxGateway
from daji.adapters.payment.sandbox.keys import ensure_keys
from daji.adapters.payment.sandbox.port import SandboxPort
from daji.adapters.payment.till import Till
from daji.adapters.storage import LocalFolder
from daji.base.settings import api as stored
from daji.base.settings.api import Setting
from daji.flows import (
    cancel_order,
    check_out,
    import_upload,
    place_order,
    place_orders,
    refund_money,
    refund_return,
    return_goods,
    settle_payment,
    ship_order,
    shop_settings,
    start_payment,
    start_payments,
    track_parcel,
    work_order,
)
from daji.flows.context import Context, Policies
from daji.flows.wake import make_timers, make_timers_together
from daji.fulfil.delivery.api import PatientCarrier
from daji.fulfil.delivery.ports import Carrier
from daji.grow.flash import api as flash
from daji.installation import HouseSettings, make_secret, read_carriage, read_settings
from daji.kit import outbox, runs, tracing
from daji.kit import timers as clockwork
from daji.kit.carriage import CarriageSettings, Line
from daji.kit.clock import Clock, SimClock, SystemClock
from daji.kit.db import Database, LockOrder, embedded, open_database
from daji.kit.db.waiting import wait_for
from daji.kit.i18n import Catalogue
from daji.kit.outbound import Outbound, Question, Wire, Within, application, taken_by
from daji.shop.catalog.events import ProductChanged
from daji.shop.catalog.ports import CatalogueSource, TableFiles
from daji.shop.search import api as search
from daji.trade.cart import reactions as cart_reactions
from daji.trade.payments.api import PatientGateway
from daji.trade.payments.ports import Gateway

__all__ = [
    "CATALOGUES",
    "FLOWS",
    "LOCK_ORDER",
    "MESSAGES",
    "House",
    "HouseSettings",
    "Rehearsal",
    "make_line",
    "make_listeners",
    "make_secret",
    "make_timers",
    "make_timers_together",
    "open_house",
    "read_carriage",
    "read_settings",
    "rehearse",
]

LOCK_ORDER = (
    "kit.runs",
    "identity.account",
    "cart.cart",
    "payments.payable",
    "payments.tender",
    "payments.refund",
    "orders.trade",
    "orders.order",
    "aftersales.case",
    "flash.sale",
    "supply.notice",
    "inventory.balance",
    "inventory.hold",
    "warehouse.pick_list",
    "delivery.shipment",
    "catalog.product",
    "pricing.price",
    "reviews.summary",
    "customers.address",
    "marketplace.seller",
    "settings.entry",
    "audit.head",
)
"""Row locks are taken from the top down; `payments.payable` comes first because money decides everything after."""

FLOWS: tuple[runs.Flow[Context, Any, Any], ...] = (
    place_order.FLOW,
    check_out.FLOW,
    place_orders.FLOW,
    start_payment.FLOW,
    start_payments.FLOW,
    settle_payment.FLOW,
    settle_payment.QUERY,
    settle_payment.MANY,
    settle_payment.QUERIES,
    refund_money.FLOW,
    cancel_order.FLOW,
    work_order.PICK,
    work_order.PACK,
    work_order.PICK_MANY,
    work_order.PACK_MANY,
    ship_order.FLOW,
    ship_order.MANY,
    track_parcel.MANY,
    return_goods.ASK,
    return_goods.SETTLE,
    refund_return.TAKE_IN,
    refund_return.PAY_BACK,
)

_READ_TABLES = catalogue.MappedTables
PATIENCE_SECONDS = 300.0
"""How long a process that serves or works waits for its database when it starts."""
MESSAGES = Path(__file__).parent / "faces" / "messages"


@cache
def words() -> Catalogue:
    """Messages of this process, the shop's own words among them once a house has read its settings."""
    return Catalogue(MESSAGES)


@dataclass(kw_only=True)
class House:
    """A wired house: what faces, workers and commands hold."""

    settings: HouseSettings
    db: Database
    clock: Clock
    ctx: Context
    catalogue: Catalogue
    secret: bytes
    timers: Mapping[str, clockwork.Handler]
    carrier: SimulatedCarrier
    storage: LocalFolder
    searches: dict[str, search.Index] = field(default_factory=dict)
    search: search.Index = field(default_factory=search.open_index)
    tables: TableFiles = field(default_factory=_READ_TABLES)
    closers: list[Any] = field(default_factory=list)
    # Texts of laid out pages, and what whoever runs the shop wrote instead, by key and language.
    laid_out: tuple[Setting, ...] = ()
    rewritten: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    # Called when the shop says something else of itself than before.
    when_said: list[Callable[[], None]] = field(default_factory=list)
    server: embedded.EmbeddedServer | None = None
    line: Line | None = None

    @cached_property
    def flash(self) -> flash.Turnstile:
        """The line before flash sales, as far as this process keeps it."""
        return flash.Turnstile(self.db, self.secret)

    @property
    def media_folder(self) -> Path:
        return self.storage.root

    async def resume_runs(self) -> int:
        """Janitor's round: take over journeys whose process died."""
        return await runs.resume_stale(self.db, FLOWS, self.ctx, now=self.clock.now())

    async def fire_timers(self, *, now: datetime | None = None, limit: int = 50) -> clockwork.FireReport:
        """One round of due timers, by this house's clock."""
        return await clockwork.fire_due(self.db, self.timers, now=now or self.clock.now(), limit=limit)

    @property
    def declared_settings(self) -> tuple[Setting, ...]:
        """What whoever runs the shop may change, given what is connected here."""
        return (*shop_settings.declared(self.ctx.carriers), *self.laid_out)

    async def refresh(self) -> None:
        """Take over what was changed in the settings since; a process does so every few seconds."""
        async with self.db.read() as session:
            values = await stored.values(session, declared=self.declared_settings)
        self.ctx.policies = shop_settings.applied(self.ctx.policies, values)
        rewritten = shop_settings.texts_of(self.laid_out, values)
        changed = rewritten != self.rewritten
        self.rewritten = rewritten
        if self.catalogue.say_instead(shop_settings.said(values)) or changed:
            for tell in self.when_said:
                tell()

    async def work_uploads(self) -> int:
        """Check or import the files of goods that wait; how many there were."""
        return await import_upload.work_uploads(self.ctx, tables=self.tables, now=self.clock.now())

    async def close(self) -> None:
        for closer in reversed(self.closers):
            await closer()
        await self.db.close()
        if self.server is not None:
            self.server.stop()


CATALOGUES: Mapping[str, Callable[[Path], CatalogueSource]] = {
    "table": catalogue.Table,
    "olist": catalogue.Olist,
    "litemall": catalogue.Litemall,
    "newbee": catalogue.Newbee,
    "leyou": catalogue.Leyou,
}
"""Files of goods that can be imported, by kind: a CSV or JSON Lines file, or the folder of another shop's data."""


def make_line(settings: CarriageSettings) -> Line | None:
    """The line that carries the outbox to satellites; its library is loaded only where there is one."""
    if not settings.url:
        return None
    from daji.adapters.stream.jetstream import JetStreamLine  # noqa: PLC0415 - a shop without it pays nothing

    return JetStreamLine(settings)


def make_listeners() -> outbox.Listeners:
    """Who reacts to which event."""
    listeners = outbox.Listeners()
    listeners.on(ProductChanged, "cart.deselect_gone", cart_reactions.deselect_gone)
    return listeners


async def open_house(
    *,
    env: Mapping[str, str] | None = None,
    clock: Clock | None = None,
    policies: Policies | None = None,
    sandbox_http: Outbound | None = None,
    extra_carriers: Mapping[str, Carrier] | None = None,
    application: str = "daji",
    patience: float = 0,
) -> House:
    """Open the database (embedded when no URL is given) and wire everything to it; see `lay_out` and `unlock`."""
    house = lay_out(
        env=env, clock=clock, policies=policies, sandbox_http=sandbox_http, extra_carriers=extra_carriers
    )
    await unlock(house, env=env, application=application, patience=patience)
    return house


async def unlock(
    house: House, *, env: Mapping[str, str] | None = None, application: str = "daji", patience: float = 0
) -> None:
    """Open what belongs to this process and its event loop; a database that is away is waited for, `patience` seconds at most."""
    _, database_settings = read_settings(env)
    if not database_settings.url:
        house.server = embedded.start(house.settings.home.resolve())
        database_settings = msgspec.structs.replace(database_settings, url=house.server.url)
    order, reacting = LockOrder(LOCK_ORDER), make_listeners()
    asking = partial(
        open_database, database_settings, lock_order=order, listeners=reacting, application=application
    )
    house.db.take_over(await wait_for(asking, patience=patience))
    house.line = make_line(read_carriage(env))
    house.closers += () if house.line is None else (house.line.close,)


def lay_out(
    *,
    env: Mapping[str, str] | None = None,
    clock: Clock | None = None,
    policies: Policies | None = None,
    sandbox_http: Outbound | None = None,
    extra_carriers: Mapping[str, Carrier] | None = None,
) -> House:
    """Wire everything to a database that `unlock` opens, maybe in a process that is forked from this one.

    `sandbox_http` lets a test or replay reach a sandbox inside its own process.
    """
    house_settings, _ = read_settings(env)
    used_clock, db = clock or SystemClock(), Database.unopened()
    secret = make_secret(house_settings.home, house_settings.secret)
    http, keys = sandbox_http or Wire(also=tracing.carried), ensure_keys(house_settings.home / "sandbox")
    speaking = SandboxGateway(http=http, base_url=house_settings.sandbox_url, keys=keys, clock=used_clock.now)
    gateways: tuple[Gateway, ...] = (PatientGateway(SandboxPort(speaking)), Till())
    carrier = SimulatedCarrier(
        folder=house_settings.home / "carrier",
        secret=secret,
        clock=used_clock.now,
        http=None,
        notify_url=f"{house_settings.base_url}/notify/carriers/simulated",
    )
    carriers: dict[str, Carrier] = {carrier.code: PatientCarrier(carrier), **(extra_carriers or {})}
    told = policies or Policies(gateway=house_settings.payments)
    ctx = Context(
        db=db,
        gateways={gateway.code: gateway for gateway in gateways},
        carriers=carriers,
        policies=msgspec.structs.replace(told, public_url=house_settings.base_url),
    )
    return House(
        settings=house_settings,
        db=db,
        clock=used_clock,
        ctx=ctx,
        catalogue=words(),
        secret=secret,
        timers=make_timers(ctx),
        carrier=carrier,
        storage=LocalFolder(house_settings.home / "media"),
        closers=[http.aclose, carrier.aclose],
    )


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """The house on a clock that is moved by hand, with its gateway and carriers inside this process.

    For replays and demo data. The gateway keeps its file in `DAJI_HOME` all the same, and is spoken to over its real
    wire; `pages` is a browser that stands at the gateway's pages. `recorded` is a carrier that asks what it is told,
    `payments` a gateway that is told when a payment was made; both are there for what is replayed.
    """

    ctx: Context
    clock: SimClock
    timers: Mapping[str, clockwork.Handler]
    carrier: SimulatedCarrier
    together: Mapping[str, clockwork.Together]
    recorded: ReplayedRates
    payments: RecordedPayments
    pages: Outbound
    sandbox: Any
    deliver_notices: Callable[[], Awaitable[int]]
    """Let the gateway send what is due by the clock; the number of its attempts."""

    async def close(self) -> None:
        await self.carrier.aclose()
        self.sandbox.state.sandbox.db.close()


def rehearse(house: House, *, clock: SimClock, policies: Policies | None = None) -> Rehearsal:
    """Wire the open house's database a second time, to `clock` and to an outside within this process."""
    from daji.adapters.payment.sandbox.service import app  # noqa: PLC0415 - a web stack that workers do not need

    settings_, folder = house.settings, house.settings.home / "sandbox"

    async def take_notice(told: Question) -> None:
        notice = gateway.parse_notification(told.headers, told.body, clock.now())
        given = settle_payment.Settle(gateway=gateway.code, notice=notice)
        await settle_payment.settle_payment(ctx, given, now=clock.now())

    async def take_scans(told: Question) -> None:
        for event in carrier.parse_event(told.headers, told.body, clock.now()):
            await track_parcel.track_parcel(ctx, carrier=carrier.code, event=event, now=clock.now())

    sandbox = app.create_app(
        folder=folder,
        clock=clock.now,
        base_url=settings_.sandbox_url,
        http=taken_by(take_notice),
    )
    pages = Within(application(sandbox))
    gateway = SandboxPort(
        SandboxGateway(http=pages, base_url=settings_.sandbox_url, keys=ensure_keys(folder), clock=clock.now)
    )
    carrier = SimulatedCarrier(
        folder=settings_.home / "carrier",
        secret=house.secret,
        clock=clock.now,
        http=taken_by(take_scans),
        notify_url=f"{settings_.base_url}/notify/carriers/simulated",
    )
    recorded, payments = ReplayedRates(), RecordedPayments()
    ctx = Context(
        db=house.db,
        gateways={gateway.code: gateway, payments.code: payments},
        carriers={carrier.code: carrier, recorded.code: recorded},
        policies=msgspec.structs.replace(policies or Policies(), public_url=settings_.base_url),
    )
    return Rehearsal(
        ctx=ctx,
        clock=clock,
        timers=make_timers(ctx),
        together=make_timers_together(ctx),
        carrier=carrier,
        recorded=recorded,
        payments=payments,
        pages=pages,
        sandbox=sandbox,
        deliver_notices=lambda: app.deliver_due(sandbox, clock.now()),
    )
