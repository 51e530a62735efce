"""The console's work behind the counter: stock, station, returns in two hands, people, roles, settings, health."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import msgspec
import pytest

from daji.base.identity import api as identity
from daji.boot import House
from daji.flows import return_goods
from daji.kit import heartbeats, ids, outbox
from daji.trade.cart.api import Owner
from tests.faces.console.conftest import PASSWORD, QUICK, Hire
from tests.faces.console.returning import ask_back
from tests.makers.world import HANGZHOU, World


async def test_the_ledger_tells_the_balance_after_each_line(world: World, hire: Hire) -> None:
    sku_id = await world.sku(stock=10)
    here, there = await world.site(), await world.site("SH")
    desk = await hire("warehouse")
    code = (await desk.get("/console/v1/stock")).json()["items"][0]["sku_code"]
    body = {
        "from_site_id": ids.show("sit", here),
        "to_site_id": ids.show("sit", there),
        "lines": [{"sku_id": ids.show("sku", sku_id), "qty": 4}],
        "ref": "T-1",
    }
    assert (await desk.post("/console/v1/stock/transfer", body, key="t")).json()["pieces"] == 4
    assert (await desk.post("/console/v1/stock/transfer", body, key="t")).status_code == 200
    assert sorted(await world.stock(sku_id)) == [(4, 0, 0), (6, 0, 0)]
    lines = (await desk.get("/console/v1/stock/movements", params={"sku_code": code})).json()["items"]
    assert [(line["kind"], line["delta_on_hand"], line["on_hand_after"]) for line in lines] == [
        ("move_in", 4, 4),
        ("move_out", -4, 6),
        ("receive", 10, 10),
    ]
    by_ref = (await desk.get("/console/v1/stock/movements", params={"ref": "T-1"})).json()["items"]
    assert len(by_ref) == 2
    later = {"since": (world.clock.now() + timedelta(days=1)).isoformat()}
    assert (await desk.get("/console/v1/stock/movements", params=later)).json()["items"] == []
    low = await desk.get("/console/v1/stock", params={"below": 5})
    assert [row["available"] for row in low.json()["items"]] == [4]
    for wrong, status, said in (
        (body | {"to_site_id": body["from_site_id"]}, 422, "invalid"),
        (body | {"to_site_id": ids.show("sit", ids.new_id())}, 404, "inventory.unknown_site"),
        (body | {"lines": [{"sku_id": ids.show("sku", sku_id), "qty": 7}]}, 409, "inventory.below_held"),
    ):
        refused = await desk.post("/console/v1/stock/transfer", wrong)
        assert (refused.status_code, refused.json()["code"]) == (status, said)
    assert sorted(await world.stock(sku_id)) == [(4, 0, 0), (6, 0, 0)]


async def test_an_unpaid_hold_is_freed_and_a_paid_one_is_not(world: World, hire: Hire) -> None:
    sku_id = await world.sku(stock=10)
    waiting = await world.place({sku_id: 2})
    paid = await world.paid_order({sku_id: 3})
    desk = await hire("service")
    rows = {row["trade_id"]: row for row in (await desk.get("/console/v1/stock/promises")).json()["items"]}
    unpaid, bought = rows[ids.show("trd", waiting.trade_id)], rows[ids.show("trd", paid.id)]
    assert (unpaid["pending"], bought["confirmed"]) == (2, 3)
    assert unpaid["buyer"] == "王**"
    assert unpaid["expires_at"] is not None
    found = await desk.get("/console/v1/stock/promises", params={"text": paid.number})
    assert [row["id"] for row in found.json()["items"]] == [bought["id"]]
    why = {"reason": "缺货，已致电顾客"}
    no = await desk.post(f"/console/v1/stock/holds/{bought['id']}/release", why)
    assert (no.status_code, no.json()["code"]) == (409, "flows.not_unpaid")
    url = f"/console/v1/stock/holds/{unpaid['id']}/release"
    assert (await (await hire("warehouse")).post(url, why)).status_code == 403
    for key in ("once", "once"):
        yes = await desk.post(url, why, key=key)
        assert (yes.status_code, yes.json()["status"]) == (200, "cancelled"), yes.text
    assert (await desk.post(url, why)).json()["code"] == "flows.not_unpaid"
    assert await world.stock(sku_id) == [(10, 3, 0)]
    (entry,) = await desk.trail()
    assert (entry.action, (entry.after or {})["asked"]) == ("inventory.release", why)


async def test_a_station_knows_what_was_scanned(world: World, hire: Hire) -> None:
    sku_id = await world.sku(stock=5)
    order = (await world.paid_order({sku_id: 2})).orders[0]
    desk = await hire("warehouse")
    queue = (await desk.get("/console/v1/station/work")).json()["items"]
    assert [(row["number"], row["pieces"], row["picked"]) for row in queue] == [(order.number, 2, 0)]
    shown = ids.show("ord", order.id)
    work = (await desk.get(f"/console/v1/station/work/{shown}")).json()
    line = work["work"]["lines"][0]
    scanned = (await desk.get("/console/v1/station/scan", params={"code": line["code"]})).json()
    assert (scanned["found"], scanned["sku_id"]) == ("sku", line["sku_id"])
    number = (await desk.get("/console/v1/station/scan", params={"code": order.number.lower()})).json()
    assert (number["found"], number["order_id"]) == ("order", shown)
    assert (await desk.get("/console/v1/station/scan", params={"code": "no such"})).json()["found"] is None
    one = {"picked": [{"line_id": line["line_id"], "qty": 1}]}
    pick = f"/console/v1/pick-lists/{shown}/pick"
    # A scanner that sends one shot twice picks one piece; one too many is refused.
    two = {"picked": [{"line_id": line["line_id"], "qty": 2}]}
    for key in ("a", "a"):
        assert (await desk.post(pick, one, key=key)).status_code == 200
    over = await desk.post(pick, two, key="c")
    assert (over.status_code, over.json()["code"]) == (409, "warehouse.over_picked")
    assert (await desk.post(pick, one, key="b")).json()["status"] == "picked"
    assert (await desk.post(pick, one, key="d")).json()["code"] == "illegal_transition"


async def test_a_return_in_two_hands(world: World, hire: Hire) -> None:
    sku_id = await world.sku(stock=5)
    case_id, trade = await ask_back(world, sku_id)
    shown = ids.show("cas", case_id)
    boss, desk, reader = await hire("admin"), await hire("service"), await hire("analyst")
    board = (await desk.get("/console/v1/returns", params={"status": "requested"})).json()["items"]
    assert [(row["id"], row["pieces"]) for row in board] == [(shown, 1)]
    counts = (await desk.get("/console/v1/returns/counts")).json()
    assert counts == [{"status": "requested", "cases": 1, "late": 0}]
    early = await desk.post(f"/console/v1/cases/{shown}/refund")
    assert early.status_code == 409
    assert (await desk.post(f"/console/v1/cases/{shown}/approve", {})).status_code == 200
    unit, site = trade.orders[0].lines[0].units[0], trade.orders[0].site_id
    graded = {
        "grades": [{"unit_id": ids.show("unt", unit.id), "grade": "restock"}],
        "site_id": ids.show("sit", site),
    }
    assert (await reader.post(f"/console/v1/cases/{shown}/take-in", graded)).status_code == 403
    here = await desk.post(f"/console/v1/cases/{shown}/take-in", graded)
    assert (here.status_code, here.json()["status"]) == (200, "received")
    assert await world.stock(sku_id) == [(4, 0, 0)]
    for nobody in (reader, await hire("warehouse")):
        assert (await nobody.post(f"/console/v1/cases/{shown}/refund")).status_code == 403
    # What a role holds is decided here: without the permission the same desk may not refund, with it it may.
    role = next(r for r in (await boss.get("/console/v1/roles")).json()["roles"] if r["role"] == "service")
    fewer = [one for one in role["permissions"] if one != "orders:refund"]
    changed = await boss.http.put("/console/v1/roles/service", json={"permissions": fewer, "version": 0})
    assert (changed.status_code, changed.json()["version"]) == (200, 1), changed.text
    assert (await desk.post(f"/console/v1/cases/{shown}/refund")).status_code == 403
    assert (await desk.post(f"/console/v1/cases/{shown}/receive", {})).status_code == 403
    whole = {"permissions": role["permissions"], "version": 1}
    assert (await boss.http.put("/console/v1/roles/service", json=whole)).status_code == 200
    first = await desk.post(f"/console/v1/cases/{shown}/refund", key="r")
    again = await desk.post(f"/console/v1/cases/{shown}/refund", key="r")
    assert first.json() == again.json() == {"done": unit.paid, "pending": 0, "failed": 0}
    screen = (await desk.get(f"/console/v1/returns/{shown}")).json()
    assert screen["screen"]["case"]["status"] == "refunded"
    assert [one["amount"] for one in screen["refunds"]] == [unit.paid]
    assert screen["shares"][0]["refunded"] == unit.paid
    assert (await world.payable(trade.id)).refunded == unit.paid


async def test_money_alone_goes_back_without_goods(world: World, hire: Hire) -> None:
    sku_id = await world.sku(stock=5)
    case_id, trade = await ask_back(world, sku_id, kind="refund_only")
    desk, shown = await hire("service"), ids.show("cas", case_id)
    await desk.post(f"/console/v1/cases/{shown}/approve", {})
    done = await desk.post(f"/console/v1/cases/{shown}/refund")
    assert done.json()["done"] == trade.orders[0].lines[0].units[0].paid
    assert (await desk.post(f"/console/v1/cases/{shown}/refund")).status_code == 409


async def test_customers_are_masked_until_somebody_says_why(world: World, house: House, hire: Hire) -> None:
    from daji.care.customers import api as customers  # noqa: PLC0415 - the one test that keeps an address

    now = world.clock.now()
    async with house.db.transaction() as tx:
        who = await identity.register_shopper(
            tx,
            phone="13800001234",
            email="lin@example.com",
            password=PASSWORD,
            name="林晓",
            lang="zh",
            now=now,
        )
        await customers.add_address(tx, shopper_id=who.id, address=HANGZHOU, make_default=True, now=now)
    sku_id = await world.sku(stock=5)
    placed = await world.place({sku_id: 1}, owner=Owner(shopper_id=who.id))
    await world.pay(placed.trade_id)
    desk, reader = await hire("service"), await hire("analyst")
    assert (await reader.get("/console/v1/customers")).status_code == 403
    for text in ("林", "LIN@example.com", "138 0000 1234"):
        rows = (await desk.get("/console/v1/customers", params={"text": text})).json()["items"]
        assert [row["orders"] for row in rows] == [1], text
    shown = ids.show("acc", who.id)
    masked = (await desk.get(f"/console/v1/customers/{shown}")).json()
    assert (masked["phone"], masked["email"]) == ("+86138****1234", "l***@example.com")
    assert masked["addresses"][0]["line"] == "***"
    assert masked["orders"][0]["captured"] == masked["payments"][0]["amount"] == 1299
    whole = (await desk.post(f"/console/v1/customers/{shown}/reveal", {"why": "来电核对地址"})).json()
    assert (whole["phone"], whole["addresses"][0]["line"]) == ("+8613800001234", HANGZHOU.line)
    (entry,) = await desk.trail()
    assert entry.action == "customers.reveal"
    assert entry.after == {"asked": {"why": "来电核对地址"}}
    await (await hire("admin")).http.put(
        "/console/v1/roles/service", json={"permissions": ["customers:read"], "version": 0}
    )
    assert (await desk.post(f"/console/v1/customers/{shown}/reveal", {"why": "x"})).status_code == 403


async def test_roles_are_edited_within_one_s_own_reach(house: House, hire: Hire) -> None:
    boss = await hire("admin")
    url = "/console/v1/roles/analyst"
    stale = await boss.http.put(url, json={"permissions": ["stock:read"], "version": 3})
    assert (stale.status_code, stale.json()["code"]) == (409, "stale_version")
    assert (await boss.http.put(url, json={"permissions": ["stock:reed"], "version": 0})).status_code == 422
    assert (
        await boss.http.put("/console/v1/roles/boss", json={"permissions": [], "version": 0})
    ).status_code == 404
    fixed = await boss.http.put("/console/v1/roles/admin", json={"permissions": [], "version": 0})
    assert (fixed.status_code, fixed.json()["code"]) == (409, "identity.admin_fixed")
    # Somebody who manages people but does not see the audit log cannot give it to anybody.
    lead = ["identity:manage", "stock:read"]
    assert (
        await boss.http.put("/console/v1/roles/operator", json={"permissions": lead, "version": 0})
    ).is_success
    chief = await hire("operator")
    beyond = await chief.http.put(url, json={"permissions": ["audit:read"], "version": 0})
    assert (beyond.status_code, beyond.json()["code"]) == (403, "identity.beyond_giver")
    whom = (await boss.get("/console/v1/me")).json()["staff"]["id"]
    for path, body in (("password", {"password": "quiet harbour 77"}), ("sessions/end", None)):
        refused = await chief.post(f"/console/v1/staff/{whom}/{path}", body)
        assert (refused.status_code, refused.json()["code"]) == (403, "identity.beyond_giver")
    async with house.db.read() as session:
        assert [role.version for role in await identity.list_roles(session) if role.role == "operator"] == [1]


async def test_somebody_is_let_in_and_shut_out(house: House, hire: Hire) -> None:
    boss, other = await hire("admin"), await hire("warehouse")
    whom = (await other.get("/console/v1/me")).json()["staff"]["id"]
    (live,) = (await boss.get(f"/console/v1/staff/{whom}/sessions")).json()
    gone = await boss.http.delete(f"/console/v1/staff/{whom}/sessions/{live['id']}")
    assert gone.status_code == 204
    assert (await other.get("/console/v1/me")).status_code == 401
    assert (await boss.http.delete(f"/console/v1/staff/{whom}/sessions/{live['id']}")).status_code == 404
    weak = await boss.post(f"/console/v1/staff/{whom}/password", {"password": "12345678"})
    assert weak.status_code == 422
    fresh = await boss.post(f"/console/v1/staff/{whom}/password", {"password": "quiet harbour 77"})
    assert fresh.status_code == 200
    signed = await identity.login(
        house.db,
        realm="staff",
        account="warehouse2@shop.test",
        password="quiet harbour 77",
        ip="::1",
        now=house.clock.now(),
        kind="bearer",
        passwords=QUICK,
    )
    assert signed.principal.id == ids.read("stf", whom)
    assert (await boss.post(f"/console/v1/staff/{whom}/sessions/end")).json() == {"ended": 1}
    assert all("harbour" not in str(entry) for entry in await boss.trail())


async def test_a_setting_takes_effect_and_stale_or_wild_ones_do_not(
    world: World, house: House, hire: Hire
) -> None:
    boss = await hire("admin")
    shown = {row["setting"]["key"]: row for row in (await boss.get("/console/v1/settings")).json()}
    assert (shown["returns.window_days"]["value"], shown["returns.window_days"]["version"]) == (7, 0)
    url = "/console/v1/settings/returns.window_days"
    for value in (6, 366, "many", True, 7.5):
        assert (await boss.http.put(url, json={"value": value, "version": 0})).status_code == 422, value
    assert (await boss.http.put(url, json={"value": 30, "version": 4})).json()["code"] == "stale_version"
    sku_id = await world.sku(stock=5)
    trade = await world.paid_order({sku_id: 2})
    await world.deliver(trade.orders[0].id)
    world.clock.advance(timedelta(days=12))
    boss = await hire("admin")

    async def ask(unit: int) -> None:
        await return_goods.ask_return(
            world.ctx,
            return_goods.AskReturn(
                order_id=trade.orders[0].id,
                owner=trade.owner,
                unit_ids=(trade.orders[0].lines[0].units[unit].id,),
                kind="return",
                reason="damaged",
                note="",
                by="guest",
            ),
            scope="test",
            key=str(ids.new_id()),
            now=world.clock.now(),
        )

    with pytest.raises(Exception, match="window_closed"):
        await ask(0)
    done = await boss.http.put(url, json={"value": 30, "version": 0})
    assert (done.status_code, done.json()["version"]) == (200, 1), done.text
    await ask(0)
    entry = (await boss.trail())[0]
    assert (entry.action, entry.subject_id) == ("settings.change", "returns.window_days")
    assert entry.before is not None
    assert (entry.before["value"], (entry.after or {})["value"]) == (7, 30)
    assert (
        await boss.http.put("/console/v1/settings/no.such", json={"value": 1, "version": 0})
    ).status_code == 404
    assert house.ctx.policies.returns.days == 30


async def test_health_tells_and_mends(world: World, house: House, hire: Hire) -> None:
    boss = await hire("admin")
    assert (await (await hire("operator")).get("/console/v1/health")).status_code == 403
    await heartbeats.beat(house.db, "worker")
    await world.sku(stock=1)
    async with house.db.transaction() as tx:
        event_id = await tx.value("SELECT id FROM kit.outbox ORDER BY seq DESC LIMIT 1")
        payload = msgspec.json.encode(outbox.Delivery(event_id=event_id, listener="cart.deselect_gone"))
        await tx.execute(
            "INSERT INTO pgqueuer (priority, status, entrypoint, payload, attempts) VALUES (0, 'failed', $1, $2, 8)",
            outbox.ENTRYPOINT,
            payload,
        )
    seen = (await boss.get("/console/v1/health")).json()
    assert seen["health"]["database"]["revision"] == seen["health"]["database"]["expected"]
    assert [(one["kind"], one["silent_s"] < 5) for one in seen["health"]["processes"]] == [("worker", True)]
    assert seen["health"]["machine"]["parked_count"] == 1
    assert seen["disk"]["free"] > 0
    assert seen["traffic"]["requests"] > 0
    (parked,) = seen["health"]["machine"]["parked"]
    assert parked["listener"] == "cart.deselect_gone"
    job = f"/console/v1/health/jobs/{parked['job_id']}"
    assert (await boss.post(f"{job}/retry")).status_code == 200
    for again in ("retry", "discard"):
        assert (await boss.post(f"{job}/{again}")).status_code == 404
    waiting = (await boss.get("/console/v1/health")).json()["health"]
    assert (waiting["machine"]["waiting"], waiting["machine"]["parked_count"]) == (1, 0)
    async with house.db.transaction() as tx:
        await tx.execute("UPDATE pgqueuer SET status = 'failed'")
    assert (await boss.post(f"{job}/discard")).status_code == 200
    assert (await boss.get("/console/v1/health")).json()["health"]["jobs"] == []
    for path in (
        f"runs/{ids.show('run', ids.new_id())}/resume",
        f"timers/{ids.show('tmr', ids.new_id())}/wake",
    ):
        assert (await boss.post(f"/console/v1/health/{path}")).status_code == 404


async def test_the_books_are_examined_by_a_worker(world: World, house: House, hire: Hire) -> None:
    desk = await hire("warehouse")
    sku_id = await world.sku(stock=3)
    asked = await desk.post("/console/v1/health/examinations")
    assert asked.status_code == 202
    assert (await desk.get("/console/v1/health/examinations")).json() == []
    await house.fire_timers()
    (report,) = (await desk.get("/console/v1/health/examinations")).json()
    assert (report["report_id"], report["ok"]) == (asked.json()["report_id"], True)
    await _lie(house, sku_id, 5)
    await desk.post("/console/v1/health/examinations")
    await house.fire_timers()
    reports = (await desk.get("/console/v1/health/examinations")).json()
    assert [one["ok"] for one in reports] == [False, True]
    wrong = next(one for one in reports[0]["findings"] if one["code"] == "stock")["wrong"]
    assert ids.show("sku", sku_id) in wrong[0]
    await _lie(house, sku_id, 3)


async def _lie(house: House, sku_id: UUID, on_hand: int) -> None:
    async with house.db.transaction() as tx:
        await tx.execute("UPDATE inventory.balance SET on_hand = $2 WHERE sku_id = $1", sku_id, on_hand)
