from __future__ import annotations

import base64
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from daji.adapters.payment.sandbox.keys import KeyFilesBroken, Keys, ensure_keys
from daji.adapters.payment.sandbox.signing import (
    HEADER_NONCE,
    HEADER_SERIAL,
    HEADER_SIGNATURE,
    HEADER_TIMESTAMP,
    BadSignature,
    MissingHeader,
    SignatureProblem,
    Signer,
    StaleTimestamp,
    UnknownSerial,
)

NOW = datetime(2026, 11, 22, 9, 0, 0, 500_000, tzinfo=UTC)
BODY = '{"subject":"脐橙\\n"}'.encode()
Headers = dict[str, str]


def test_request_round_trip_with_lower_case_headers(keys: Keys) -> None:
    headers = keys.merchant.sign_request("post", "/v1/payments?a=1", BODY, NOW)
    lower = {name.lower(): value for name, value in headers.items()}
    stamp = keys.of_merchant.verify_request("POST", "/v1/payments?a=1", lower, BODY, NOW)
    assert stamp.serial == keys.merchant.serial
    assert stamp.nonce == headers[HEADER_NONCE]


def test_message_round_trip_of_an_empty_body(keys: Keys) -> None:
    headers = keys.gateway.sign_message(b"", NOW)
    assert keys.of_gateway.verify_message(headers, b"", NOW).serial == keys.gateway.serial


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/v1/payments", BODY),
        ("POST", "/v1/refunds", BODY),
        ("POST", "/v1/payments?x=1", BODY),
        ("POST", "/v1/payments", BODY + b" "),
        ("POST", "/v1/payments", b""),
    ],
)
def test_what_is_signed_cannot_be_changed(keys: Keys, method: str, path: str, body: bytes) -> None:
    headers = keys.merchant.sign_request("POST", "/v1/payments", BODY, NOW)
    with pytest.raises(BadSignature):
        keys.of_merchant.verify_request(method, path, headers, body, NOW)


def _flip(headers: Headers) -> Headers:
    raw = bytearray(base64.b64decode(headers[HEADER_SIGNATURE]))
    raw[7] ^= 1
    return headers | {HEADER_SIGNATURE: base64.b64encode(bytes(raw)).decode()}


@pytest.mark.parametrize(
    ("tamper", "problem"),
    [
        (_flip, BadSignature),
        (lambda h: h | {HEADER_SIGNATURE: "no base64!"}, BadSignature),
        (lambda h: h | {HEADER_SIGNATURE: "签名"}, BadSignature),
        (lambda h: h | {HEADER_SIGNATURE: "AAAA"}, BadSignature),
        (lambda h: h | {HEADER_NONCE: "0" * 32}, BadSignature),
        (lambda h: h | {HEADER_NONCE: "short"}, BadSignature),
        (lambda h: h | {HEADER_NONCE: "a\n" * 16}, BadSignature),
        (lambda h: h | {HEADER_TIMESTAMP: str(int(NOW.timestamp()) + 1)}, BadSignature),
        (lambda h: h | {HEADER_TIMESTAMP: "yesterday"}, BadSignature),
        (lambda h: h | {HEADER_TIMESTAMP: "-1"}, BadSignature),
        (lambda h: h | {HEADER_TIMESTAMP: "9" * 400}, BadSignature),
        (lambda h: h | {HEADER_TIMESTAMP: "0"}, StaleTimestamp),
        (lambda h: h | {HEADER_SERIAL: "0" * 16}, UnknownSerial),
        (lambda h: {k: v for k, v in h.items() if k != HEADER_SIGNATURE}, MissingHeader),
        (lambda h: h | {HEADER_NONCE: ""}, MissingHeader),
    ],
)
def test_each_tampered_header_is_refused(
    keys: Keys, tamper: Callable[[Headers], Headers], problem: type[SignatureProblem]
) -> None:
    headers = tamper(keys.gateway.sign_message(BODY, NOW))
    with pytest.raises(problem) as caught:
        keys.of_gateway.verify_message(headers, BODY, NOW)
    assert type(caught.value) is problem
    assert caught.value.code == problem.code


@pytest.mark.parametrize(("fresh", "stale"), [(-300, -301), (299, 301)])
def test_a_message_is_stale_after_five_minutes_either_way(keys: Keys, fresh: int, stale: int) -> None:
    headers = keys.gateway.sign_message(BODY, NOW)
    keys.of_gateway.verify_message(headers, BODY, NOW + timedelta(seconds=fresh))
    with pytest.raises(StaleTimestamp):
        keys.of_gateway.verify_message(headers, BODY, NOW + timedelta(seconds=stale))


def test_a_stranger_under_a_known_serial_is_refused(keys: Keys) -> None:
    stranger = Signer(rsa.generate_private_key(public_exponent=65537, key_size=2048))
    headers = stranger.sign_message(BODY, NOW) | {HEADER_SERIAL: keys.gateway.serial}
    with pytest.raises(BadSignature):
        keys.of_gateway.verify_message(headers, BODY, NOW)


def test_a_request_of_the_gateway_is_no_request_of_the_merchant(keys: Keys) -> None:
    headers = keys.gateway.sign_request("POST", "/v1/refunds", BODY, NOW)
    with pytest.raises(UnknownSerial):
        keys.of_merchant.verify_request("POST", "/v1/refunds", headers, BODY, NOW)


def test_keys_are_made_once_and_privately(tmp_path: Path) -> None:
    first, second = ensure_keys(tmp_path), ensure_keys(tmp_path)
    assert first.merchant.serial == second.merchant.serial != first.gateway.serial
    assert [path.name for path in tmp_path.iterdir()] == ["keys"]
    assert (tmp_path / "keys").stat().st_mode & 0o077 == 0
    assert (tmp_path / "keys" / "gateway_private.pem").stat().st_mode & 0o077 == 0


def test_processes_that_start_together_share_one_set_of_keys(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from daji.adapters.payment.sandbox.keys import ensure_keys;"
        "k = ensure_keys(Path(sys.argv[1])); print(k.merchant.serial, k.gateway.serial)"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    answers = {process.communicate(timeout=60)[0] for process in running}
    assert all(process.returncode == 0 for process in running)
    assert len(answers) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["keys"]


def test_broken_key_files_are_reported_and_never_replaced(tmp_path: Path) -> None:
    ensure_keys(tmp_path)
    broken = tmp_path / "keys" / "merchant_private.pem"
    broken.write_bytes(b"")
    with pytest.raises(KeyFilesBroken, match="merchant_private"):
        ensure_keys(tmp_path)
    assert broken.read_bytes() == b""
