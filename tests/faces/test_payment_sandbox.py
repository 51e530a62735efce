"""The hosted payment page of the sandbox gateway, as a browser without script meets it."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from daji.adapters.payment.sandbox.client import SandboxGateway
from daji.adapters.payment.sandbox.keys import Keys, ensure_keys
from daji.adapters.payment.sandbox.service.app import app_of, deliver_due, open_sandbox
from daji.adapters.payment.sandbox.service.page import ACTIONS, BUYER_PASSWORD
from daji.adapters.payment.sandbox.service.texts import CATALOGUE, language_of, money
from daji.adapters.payment.sandbox.wire import CreatePayment, FaultSettings, Payment
from daji.kit.outbound import Answer, Question, Within, application

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


class Desk:
    def __init__(self, folder: Path, keys: Keys) -> None:
        self.now = START
        self.told: list[Question] = []
        self.app = app_of(
            open_sandbox(
                folder=folder,
                clock=lambda: self.now,
                base_url="http://gateway.test",
                http=Within(self._told),
                keys=keys,
            )
        )
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://gateway.test")
        self.gateway = SandboxGateway(
            http=Within(application(self.app)),
            base_url="http://gateway.test",
            keys=keys,
            clock=lambda: self.now,
        )
        self.count = 0

    async def _told(self, told: Question) -> Answer:
        self.told.append(told)
        return Answer(status=204)

    async def payment(self, **changes: Any) -> Payment:
        self.count += 1
        values: dict[str, Any] = {
            "merchant_id": "daji",
            "out_no": f"tender-{self.count}",
            "amount": 12_880,
            "currency": "CNY",
            "method": "credit_card",
            "instalments": 3,
            "subject": "赣南脐橙 5 kg",
            "notify_url": "https://shop.test/notify",
            "return_url": "https://shop.test/return?from=pay",
            "expires_at": self.now + timedelta(minutes=30),
        }
        return await self.gateway.create_payment(CreatePayment(**(values | changes)))

    async def choose(self, payment: Payment, action: str, password: str = BUYER_PASSWORD) -> httpx.Response:
        assert payment.pay_url is not None
        url = httpx.URL(payment.pay_url)
        form = {"t": url.params["t"], "lang": "en", "password": password, "action": action}
        return await self.http.post(url.path, data=form)


@pytest.fixture(scope="session")
def sandbox_keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return ensure_keys(tmp_path_factory.mktemp("sandbox-keys"))


@pytest.fixture
async def desk(tmp_path: Path, sandbox_keys: Keys) -> AsyncGenerator[Desk]:
    made = Desk(tmp_path, sandbox_keys)
    yield made
    await made.http.aclose()
    made.app.state.sandbox.db.close()


@pytest.mark.parametrize(
    ("accept", "switch", "lang", "words"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "", "zh-CN", ("支付密码", "沙箱密码是 888888", "付款 ¥128.80", "3 期")),
        ("en-GB,en;q=0.9,zh;q=0.1", "", "en", ("Payment password", "password is 888888", "Pay ¥128.80")),
        ("fr", "", "zh-CN", ("支付密码",)),
        ("zh", "&lang=en", "en", ("Payment password",)),
    ],
)
async def test_the_page_speaks_the_readers_language(
    desk: Desk, accept: str, switch: str, lang: str, words: tuple[str, ...]
) -> None:
    payment = await desk.payment()
    page = await desk.http.get(f"{payment.pay_url}{switch}", headers={"Accept-Language": accept})
    assert page.status_code == 200
    assert f'<html lang="{lang}">' in page.text
    for word in ("赣南脐橙 5 kg", "daji", "tender-1", "<svg", *words):
        assert word in page.text


async def test_the_page_needs_no_script_and_its_policy_allows_none(desk: Desk) -> None:
    payment = await desk.payment()
    page = await desk.http.get(payment.pay_url or "")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self' https://shop.test" in policy
    assert "script" not in policy
    assert "unsafe" not in policy
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=", page.text)
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["cache-control"] == "no-store"
    style = await desk.http.get("/pay/static/pay.css")
    assert style.headers["content-type"].startswith("text/css")
    assert 'href="/pay/static/pay.css"' in page.text
    assert re.search(r'<label[^>]*for="password"', page.text)
    for action in ACTIONS:
        assert f'value="{action}"' in page.text


async def test_hostile_text_stays_text(desk: Desk) -> None:
    evil = '<script>alert(1)</script>"{{7*7}}'
    payment = await desk.payment(subject=evil, merchant_name=evil)
    page = await desk.http.get(payment.pay_url or "")
    assert "<script" not in page.text
    assert "{{7*7}}" in page.text


async def test_paying_goes_back_to_the_shop_with_303(desk: Desk) -> None:
    payment = await desk.payment()
    done = await desk.choose(payment, "approve")
    assert (done.status_code, done.headers["location"]) == (
        303,
        "https://shop.test/return?from=pay&out_no=tender-1",
    )
    assert (await desk.gateway.query("tender-1")).status == "captured"
    again = await desk.choose(payment, "approve")
    assert again.status_code == 303
    assert await deliver_due(desk.app, desk.now) == 1
    page = await desk.http.get(payment.pay_url or "", headers={"Accept-Language": "en"})
    assert "You paid ¥128.80." in page.text
    assert "<form" not in page.text


@pytest.mark.parametrize(
    ("action", "status", "told"),
    [
        ("approve", "captured", 1),
        ("decline", "declined", 1),
        ("slow", "captured", 1),
        ("never", "captured", 0),
        ("http500", "captured", 1),
        ("notify_twice", "captured", 2),
        ("notify_late", "captured", 0),
        ("notify_short", "captured", 1),
        ("drop_notification", "captured", 0),
        ("forged_notification", "pending", 1),
    ],
)
async def test_every_button(desk: Desk, action: str, status: str, told: int) -> None:
    await desk.gateway.set_faults(FaultSettings(slow_ms=1))
    payment = await desk.payment()
    assert (await desk.choose(payment, action)).status_code == 303
    assert (await desk.gateway.query(payment.out_no)).status == status
    await deliver_due(desk.app, desk.now)
    assert len(desk.told) == told


async def test_three_wrong_passwords_lock_the_payment_for_a_while(desk: Desk) -> None:
    payment = await desk.payment()
    for tries in ("2", "1"):
        wrong = await desk.choose(payment, "approve", "123456")
        assert wrong.status_code == 422
        assert f"Tries left: {tries}." in wrong.text
    assert (await desk.choose(payment, "approve", "")).status_code == 423
    locked = await desk.choose(payment, "approve")
    assert locked.status_code == 423
    assert "locked for 10 minutes" in locked.text
    assert (await desk.gateway.query(payment.out_no)).status == "created"
    other = await desk.payment()
    assert (await desk.choose(other, "approve")).status_code == 303
    desk.now += timedelta(minutes=10)
    assert (await desk.choose(payment, "approve")).status_code == 303
    assert (await desk.gateway.query(payment.out_no)).status == "captured"


async def test_without_its_token_the_page_does_not_exist(desk: Desk) -> None:
    mine, other = await desk.payment(), await desk.payment()
    path, foreign = httpx.URL(mine.pay_url or "").path, httpx.URL(other.pay_url or "").params["t"]
    for token in ("", "x", "令牌", foreign):
        assert (await desk.http.get(path, params={"t": token})).status_code == 404
        form = {"t": token, "password": "888888", "action": "approve"}
        assert (await desk.http.post(path, data=form)).status_code == 404
    assert (await desk.http.get("/pay/0?t=x")).status_code == 404
    assert (await desk.gateway.query(mine.out_no)).status == "created"


@pytest.mark.parametrize("body", [b"", b"\xff\xff", b"&".join([b"a=b"] * 100), b"t=%00&password=%F0"])
async def test_broken_forms_are_not_accidents(desk: Desk, body: bytes) -> None:
    payment = await desk.payment()
    answer = await desk.http.post(httpx.URL(payment.pay_url or "").path, content=body)
    assert answer.status_code == 404


async def test_an_unknown_button_pays_nothing(desk: Desk) -> None:
    payment = await desk.payment()
    assert (await desk.choose(payment, "")).status_code == 422
    assert (await desk.gateway.query(payment.out_no)).status == "created"


async def test_u15_paying_after_expiry_is_shown_as_expired(desk: Desk) -> None:
    payment = await desk.payment()
    desk.now += timedelta(minutes=30)
    assert (await desk.choose(payment, "approve")).status_code == 303
    page = await desk.http.get(payment.pay_url or "", headers={"Accept-Language": "en"})
    assert "Payment expired" in page.text
    assert (await desk.gateway.query(payment.out_no)).captured_amount == 0


def test_both_catalogues_say_the_same_things() -> None:
    assert CATALOGUE["zh"].keys() == CATALOGUE["en"].keys()
    for key, text in CATALOGUE["zh"].items():
        assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", CATALOGUE["en"][key])), key


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        (12_880, "CNY", "¥128.80"),
        (5, "CNY", "¥0.05"),
        (1_234_567, "JPY", "JP¥1,234,567"),
        (1_234_567, "KWD", "KWD 1,234.567"),
        (100, "THB", "THB 1.00"),
    ],
)
def test_u63_amounts_follow_the_exponent_of_their_currency(amount: int, currency: str, shown: str) -> None:
    assert money(amount, currency) == shown


@pytest.mark.parametrize(
    ("accept", "language"),
    [(None, "zh"), ("en;q=0", "zh"), ("en;q=x", "zh"), ("zh;q=0.2, en;q=0.3", "en"), (",;,=", "zh")],
)
def test_language_choice(accept: str | None, language: str) -> None:
    assert language_of(None, accept) == language
