"""The turnstile of a web process: the gates of all sales that run, their rounds with the database, their tokens.

A round is made when somebody asks and the last one is half a second old; those who ask meanwhile are answered from what
is known. So a sale that nobody looks at costs nothing, and a million who look cost two rounds a second and process.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
import structlog

from daji.grow.flash import rules
from daji.grow.flash.commands.admit import admit
from daji.grow.flash.commands.settle import settle
from daji.grow.flash.errors import (
    NotRunning,
    NotYourTurn,
    PassInvalid,
    SaleUnknown,
    SoldOut,
    TicketInvalid,
)
from daji.grow.flash.facts import Pass, Sale, Settled, Standing, Ticket
from daji.grow.flash.gate import Gate
from daji.grow.flash.queries import get_shown_sale
from daji.grow.flash.tokens import Signer
from daji.kit import ids
from daji.kit.db import DOWN, Database, Tx
from daji.kit.problems import Unauthenticated

log = structlog.get_logger(__name__)

FRESH = timedelta(seconds=0.5)
OLDEST = timedelta(seconds=1)
WAIT_SECONDS = 0.25
"""Where nobody asked for a second, those who ask now wait for the round that they began, but never long: a database that
is slow or gone keeps nobody from hearing what is known."""
_READ_FRESH = timedelta(seconds=1)
_MAX_READ = 1_000


class InLine(msgspec.Struct, frozen=True, kw_only=True):
    """A place in line as its holder gets it."""

    ticket: str
    standing: Standing


class AtTill(msgspec.Struct, frozen=True, kw_only=True):
    """A pass as its holder gets it."""

    token: str
    expires_at: datetime


class Turnstile:
    """One for each process."""

    def __init__(self, db: Database, secret: bytes, *, worker: str | None = None) -> None:
        self._db = db
        self._signer = Signer(secret)
        self.worker = worker or str(ids.new_id())
        self._gates: dict[UUID, Gate] = {}
        self._rounds: dict[UUID, asyncio.Task[None]] = {}
        self._read: dict[UUID, tuple[datetime, Sale | None]] = {}

    async def look(self, sale_id: UUID, *, now: datetime) -> Sale:
        """The sale as it stood within the last second. Raises SaleUnknown."""
        gate = self._gates.get(sale_id)
        if gate is None:
            sale = await self._reread(sale_id, now=now)
            if not rules.may_join(sale, now):
                return sale
            gate = self._gates.setdefault(sale_id, Gate(sale_id, worker=self.worker))
        await self._fresh(gate, now=now)
        if gate.sale is None:
            raise SaleUnknown
        if rules.phase(gate.sale, now) in {"closed", "draft"}:
            self._gates.pop(sale_id, None)
            return await self._reread(sale_id, now=now)
        return gate.sale

    async def join(
        self,
        sale_id: UUID,
        *,
        buyer: str,
        now: datetime,
        network: str | None,
        hasty: bool = False,
        ticket: str | None = None,
    ) -> InLine:
        """Get in line, once: with the ticket of before, or from the same process, the place stays the same.

        `network` is where a guest comes from, None for a member; `hasty` is who behaves like a program.

        Raises
        ------
        SaleUnknown, NotRunning
        kit.problems.Unauthenticated
            A guest, where only members may queue.
        """
        sale = await self.look(sale_id, now=now)
        if not rules.may_join(sale, now):
            raise NotRunning(status=rules.phase(sale, now))
        if sale.audience == "members" and network is not None:
            raise Unauthenticated
        gate = self._gates[sale_id]
        mine = self._signer.read(Ticket, ticket) if ticket else None
        if mine is None or (mine.sale_id, mine.buyer) != (sale_id, buyer):
            mine = gate.join(buyer, now, network=network, hasty=hasty)
        return InLine(ticket=self._signer.write(mine), standing=gate.standing(mine, sale, now))

    async def standing(self, sale_id: UUID, *, ticket: str, now: datetime) -> Standing:
        """How the holder of a ticket stands. Raises SaleUnknown, TicketInvalid."""
        sale = await self.look(sale_id, now=now)
        mine = self._ticket(sale_id, ticket)
        gate = self._gates.get(sale_id)
        if gate is None:
            return Standing(state="over", ahead=0, waiting=0, left=0, again_in=0)
        return gate.standing(mine, sale, now)

    async def admit(self, sale_id: UUID, *, ticket: str, buyer: str, now: datetime) -> AtTill:
        """Change a called ticket into a pass; asked again, into the same one.

        Raises
        ------
        SaleUnknown, TicketInvalid, NotYourTurn, NotRunning, SoldOut, BuyerLimit, PassInvalid, PassSpent
        """
        await self.look(sale_id, now=now)
        mine = self._ticket(sale_id, ticket)
        if mine.buyer != buyer:
            raise TicketInvalid
        how = await self.standing(sale_id, ticket=ticket, now=now)
        if how.state == "over":
            raise NotRunning(status="closed")
        if how.state != "called":
            if how.state == "waiting" and how.left == 0:
                raise SoldOut
            raise NotYourTurn(retry_after=how.again_in)
        issued = await self._db.run(lambda tx: admit(tx, ticket=mine, now=now))
        token = Pass(
            sale_id=sale_id, pass_id=issued.id, buyer=buyer, expires=int(issued.expires_at.timestamp())
        )
        return AtTill(token=self._signer.write(token), expires_at=issued.expires_at)

    def read_pass(self, sale_id: UUID, *, token: str, buyer: str, now: datetime) -> Pass:
        """The pass, if it is ours, of this sale, this buyer's and not over; costs no statement. Raises PassInvalid."""
        found = self._signer.read(Pass, token)
        if (
            found is None
            or (found.sale_id, found.buyer) != (sale_id, buyer)
            or found.expires <= now.timestamp()
        ):
            raise PassInvalid
        return found

    async def settled(self) -> None:
        """Wait for the rounds that are under way."""
        await asyncio.gather(*self._rounds.values(), return_exceptions=True)

    def _ticket(self, sale_id: UUID, text: str) -> Ticket:
        found = self._signer.read(Ticket, text)
        if found is None or found.sale_id != sale_id:
            raise TicketInvalid
        return found

    async def _fresh(self, gate: Gate, *, now: datetime) -> None:
        age = None if gate.settled_at is None else abs(now - gate.settled_at)
        if age is not None and age < FRESH:
            return
        running = self._rounds.get(gate.sale_id)
        if running is None:
            running = asyncio.create_task(self._round(gate, now))
            self._rounds[gate.sale_id] = running
            running.add_done_callback(lambda _: self._rounds.pop(gate.sale_id, None))
        if age is None:
            await asyncio.shield(running)
        elif age > OLDEST:
            await asyncio.wait((running,), timeout=WAIT_SECONDS)

    async def _round(self, gate: Gate, now: datetime) -> None:
        reports, seen = gate.reports(now), gate.seen

        async def work(tx: Tx) -> Settled:
            return await settle(
                tx, sale_id=gate.sale_id, worker=self.worker, reports=reports, seen=seen, now=now
            )

        try:
            gate.learn(await self._db.run(work))
        except SaleUnknown:
            gate.sale = None
        except DOWN:
            # What is known is shown on; nobody is called beyond what this process may.
            log.warning("flash_round_failed", sale=str(gate.sale_id), exc_info=True)

    async def _reread(self, sale_id: UUID, *, now: datetime) -> Sale:
        known = self._read.get(sale_id)
        if known is None or abs(now - known[0]) >= _READ_FRESH:
            if len(self._read) >= _MAX_READ:
                self._read.clear()
            try:
                async with self._db.read() as session:
                    sale: Sale | None = await get_shown_sale(session, sale_id=sale_id)
            except SaleUnknown:
                sale = None
            known = self._read[sale_id] = (now, sale)
        if known[1] is None:
            raise SaleUnknown
        return known[1]
