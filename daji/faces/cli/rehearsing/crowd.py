"""The crowd: people and programs who come within a second, and what each of them does next.

People look as often as they are told to, take a while to read and to type, lose patience, and sometimes do not pay.
Programs come from forty networks with a fresh identity for each try, all in the first twentieth of the second; half of
them dress as browsers, half say nothing of themselves. They ask every second and are quick at the till. Time is the rehearsal's: a minute of waiting takes no minute.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from daji.faces.cli.rehearsing.door import BROWSER, PROGRAM, Answer, Door, guest_cookie
from daji.faces.cli.rehearsing.stage import Stage
from daji.kit import ids

PATIENCE = 600.0
STAYS = 40
"""With no more than so many before them people stay even when nothing is left."""
BOT_NETWORKS = 40
EARLY_SECONDS, ONE_IN = 5, 1050
"""In each of so many seconds before the opening comes one in `ONE_IN`; all others come within one: a thousand times as many."""
_OK, _GONE, _MANY = 200, 409, 429

Step = Callable[[], Awaitable[None]]


@dataclass(kw_only=True)
class Actor:
    """One who comes: what they are, what they hold, and what became of them."""

    number: int
    bot: bool
    double: bool
    address: str
    arrives: float
    headers: tuple[tuple[bytes, bytes], ...]
    door: Door
    rng: random.Random
    ticket: str = ""
    token: str = ""
    quote: str = ""
    trade: str = ""
    joined_at: float | None = None
    admitted_at: float | None = None
    outcome: str = "waiting"
    asked: int = 0


@dataclass(kw_only=True)
class Tally:
    """What was counted on the way."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    doubles: int = 0
    doubles_differ: int = 0

    def note(self, what: str, answer: Answer) -> None:
        self.seconds.setdefault(what, []).append(answer.seconds)
        name = f"{what} {answer.status}"
        self.statuses[name] = self.statuses.get(name, 0) + 1


class Crowd:
    """Everybody, and the calendar of what they do next."""

    def __init__(self, stage: Stage, *, attempts: int, bots: float, duplicates: float, seed: int) -> None:
        self.stage = stage
        self.tally = Tally()
        self.rng = random.Random(seed)  # noqa: S311 - a simulation that can be repeated
        self.calendar: list[tuple[float, int, Step]] = []
        self._serial = 0
        self.base = f"/store/v1/flash-sales/{ids.show('fls', stage.sale.id)}"
        self.now = 0.0
        self._early = EARLY_SECONDS * (attempts // ONE_IN)
        self.actors = [self._actor(n, bots, duplicates) for n in range(attempts)]
        for actor in self.actors:
            self.later(actor.arrives, self._joining(actor))

    def later(self, at: float, step: Step) -> None:
        self._serial += 1
        heapq.heappush(self.calendar, (at, self._serial, step))

    def due(self, until: float) -> list[Step]:
        """Take what is to happen before `until`, in order."""
        found: list[Step] = []
        while self.calendar and self.calendar[0][0] < until:
            found.append(heapq.heappop(self.calendar)[2])
        return found

    def _actor(self, number: int, bots: float, duplicates: float) -> Actor:
        rng, bot = self.rng, self.rng.random() < bots
        opening = (self.stage.sale.opens_at - self.stage.clock.now()).total_seconds()
        if number < self._early:
            arrives = opening - EARLY_SECONDS * (number + rng.random()) / self._early
        else:
            arrives = opening + (0.05 if bot else 1.0) * rng.random()
        network = rng.randrange(BOT_NETWORKS) if bot else rng.randrange(60_000)
        address = f"{45 if bot else 36 + network // 30_000}.{network // 200 % 150}.{network % 200}.{rng.randrange(1, 255)}"
        return Actor(
            number=number,
            bot=bot,
            double=rng.random() < duplicates,
            address=address,
            arrives=arrives,
            headers=(*(PROGRAM if bot and network % 2 else BROWSER), guest_cookie(self.stage.settings)),
            door=rng.choice(self.stage.doors),
            rng=random.Random(rng.random()),  # noqa: S311 - as above
        )

    async def _knock(
        self, actor: Actor, what: str, method: str, path: str, *, same_door: bool = False, **more: Any
    ) -> Answer:
        """One request; who clicks twice sends two, and whoever answers, the answers must agree."""
        rng, doors = actor.rng, self.stage.doors
        door = actor.door if same_door else rng.choice(doors)
        common = {"headers": actor.headers, "address": actor.address, **more}
        answer = await door.knock(method, path, **common)
        self.tally.note(what, answer)
        if actor.double and method == "POST" and answer.status < _MANY:
            again = await (door if same_door else rng.choice(doors)).knock(method, path, **common)
            self.tally.note(what, again)
            if again.status != _MANY:
                self.tally.doubles += 1
                self.tally.doubles_differ += _differ(what, answer, again)
        return answer

    def _joining(self, actor: Actor) -> Step:
        async def step() -> None:
            answer = await self._knock(
                actor, "get in line", "POST", f"{self.base}/line", same_door=True, json={}
            )
            if answer.status == _OK:
                actor.ticket, actor.joined_at = answer.body["ticket"], self.now
                self._heed(actor, answer.body["standing"])
            elif answer.status == _MANY and self.now - actor.arrives < (3 if actor.bot else PATIENCE):
                wait = 1.0 if actor.bot else 2 + 6 * actor.rng.random()
                self.later(self.now + wait, self._joining(actor))
            else:
                actor.outcome = "throttled" if answer.status == _MANY else "refused"

        return step

    def _asking(self, actor: Actor) -> Step:
        async def step() -> None:
            actor.asked += 1
            answer = await self._knock(actor, "ask", "GET", f"{self.base}/line?ticket={actor.ticket}")
            if answer.status == _OK:
                self._heed(actor, answer.body)
            elif answer.status == _MANY:
                self.later(self.now + 2 + 3 * actor.rng.random(), self._asking(actor))
            else:
                actor.outcome = "refused"

        return step

    def _heed(self, actor: Actor, how: Any) -> None:
        if how["state"] == "over":
            actor.outcome = "sold out"
        elif how["state"] == "called":
            self.later(self.now + 0.2, self._coming(actor))
        elif self._leaves(actor, how):
            actor.outcome = "sold out" if how["left"] == 0 else "left"
        else:
            wait = 1.0 if actor.bot else how["again_in"] * (0.9 + 0.3 * actor.rng.random())
            self.later(self.now + wait, self._asking(actor))

    def _leaves(self, actor: Actor, how: Any) -> bool:
        if self.now - actor.arrives > PATIENCE:
            return True
        if how["state"] != "waiting" or how["ahead"] <= STAYS or actor.asked == 0:
            return False
        if how["left"] == 0:
            return actor.rng.random() < (0.5 if actor.bot else 0.9)
        return how["ahead"] > 3 * how["left"] and actor.rng.random() < (0.2 if actor.bot else 0.5)

    def _coming(self, actor: Actor) -> Step:
        async def step() -> None:
            answer = await self._knock(
                actor, "come to the till", "POST", f"{self.base}/pass", json={"ticket": actor.ticket}
            )
            if answer.status == _OK:
                actor.token = answer.body["token"]
                actor.admitted_at = actor.admitted_at or self.now
                if actor.rng.random() < (0.0 if actor.bot else 0.05):
                    actor.outcome = "left at the till"
                    return
                self.later(
                    self.now + (0.2 if actor.bot else 3 + 20 * actor.rng.random()), self._choosing(actor)
                )
            elif answer.status in {_GONE, _MANY}:
                self.later(self.now + 2 + actor.rng.random(), self._asking(actor))
            else:
                actor.outcome = "refused"

        return step

    def _choosing(self, actor: Actor) -> Step:
        async def step() -> None:
            phone = f"+8613{actor.number:09d}"
            person = {"name": "演练", "phone": phone}
            place = {
                "country": "CN",
                "region": "浙江省",
                "city": "杭州市",
                "line": f"文三路 {actor.number} 号",
            }
            answer = await self._knock(
                actor,
                "quote",
                "POST",
                f"{self.base}/quotes",
                json={
                    "token": actor.token,
                    "address": {**person, **place},
                    "contact": person,
                    "items": [{"sku": ids.show("sku", self.stage.sku_id), "qty": 1}],
                },
            )
            if answer.status < 300:  # noqa: PLR2004 - RFC 9110
                actor.quote = answer.body["id"]
                self.later(
                    self.now + (0.2 if actor.bot else 2 + 10 * actor.rng.random()), self._ordering(actor)
                )
            elif answer.status == _MANY:
                self.later(self.now + 3, self._choosing(actor))
            else:
                actor.outcome = "sold out at the till"

        return step

    def _ordering(self, actor: Actor) -> Step:
        async def step() -> None:
            answer = await self._knock(
                actor,
                "order",
                "POST",
                "/store/v1/orders",
                json={"quote_id": actor.quote},
                key=f"rehearsal-{actor.number}",
            )
            if answer.status < 300:  # noqa: PLR2004 - RFC 9110
                actor.trade, actor.outcome = answer.body["id"], "ordered"
                if actor.rng.random() >= (0.02 if actor.bot else 0.1):
                    self.later(
                        self.now + (0.5 if actor.bot else 5 + 30 * actor.rng.random()), self._paying(actor)
                    )
            elif answer.status == _MANY:
                self.later(self.now + 3, self._ordering(actor))
            else:
                actor.outcome = "sold out at the till"

        return step

    def _paying(self, actor: Actor) -> Step:
        async def step() -> None:
            answer = await self._knock(
                actor,
                "pay",
                "POST",
                f"/store/v1/orders/{actor.trade}/payments",
                json={"method": "wallet", "script": "approve"},
                key=f"pay-{actor.number}",
            )
            if answer.status == _MANY:
                self.later(self.now + 3, self._paying(actor))

        return step


def _differ(what: str, first: Answer, second: Answer) -> bool:
    """Whether two answers to one wish contradict each other.

    With a key they never may. Without one, a wish that was refused may be granted when it comes again, or the other
    way round; granted twice, it must be the same thing.
    """
    granted = max(first.status, second.status) < 300  # noqa: PLR2004 - RFC 9110
    return (granted or what in {"order", "pay"}) and _essence(what, first) != _essence(what, second)


def _essence(what: str, answer: Answer) -> object:
    """What of an answer must not differ when it is asked for twice: not how the line has moved meanwhile."""
    body = answer.body if isinstance(answer.body, dict) else {}
    if what == "get in line":
        return answer.status, body.get("ticket")
    if what == "quote":
        return answer.status, body.get("total")
    return answer.status, {
        name: value for name, value in body.items() if name not in {"request_id", "instance"}
    }
