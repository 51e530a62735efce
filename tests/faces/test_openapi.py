"""The OpenAPI file: whole enough to be worked from, and nothing that fits or misses it breaks the server.

`DAJI_FUZZ=long` asks ten times as much of the server, with another seed each time.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from daji.faces.cli.demoshop.people import ACCOUNTS
from daji.kit import ids
from tests.conftest import with_database
from tests.faces.real_app import RealShop
from tests.live import LiveShop, create_database, fresh_name, running_shop

LONG = os.environ.get("DAJI_FUZZ") == "long"
EXAMPLES = 80 if LONG else 8
SEED = secrets.randbelow(2**31) if LONG else 20260303
SECONDS = 1800 if LONG else 170
OWN_POWER = ("console_logout", "console_set_roles", "console_deactivate_staff", "console_end_session")
"""What can end the caller's own power: asked last, or the rest would only meet refusals."""
HOOKS = """
import itertools, json, os, uuid
import schemathesis

KNOWN = json.loads(os.environ["DAJI_FUZZ_IDS"])
turns = itertools.count()

def name_real_things(value):
    if isinstance(value, dict):
        return {k: KNOWN[k] if k in KNOWN and isinstance(v, str) else name_real_things(v) for k, v in value.items()}
    return [name_real_things(one) for one in value] if isinstance(value, list) else value

@schemathesis.hook
def before_call(context, case, kwargs):
    # Every request is an intent of its own; most keys that are made up would be the same few.
    if case.headers and case.headers.get("Idempotency-Key"):
        case.headers["Idempotency-Key"] = str(uuid.uuid4())
    # Every other request is about something that exists, or it would seldom get past "there is no such thing".
    if next(turns) % 2:
        if case.path_parameters:
            case.path_parameters.update({k: KNOWN[k] for k in case.path_parameters if k in KNOWN})
        if isinstance(case.body, (dict, list)):
            case.body = name_real_things(case.body)
"""


async def contract(shop: RealShop) -> Any:
    answer = await shop.client().get("/openapi.json")
    assert answer.status_code == 200
    return answer.json()


def operations(document: Any) -> Iterator[tuple[str, Any]]:
    for path, doors in document["paths"].items():
        for method, operation in doors.items():
            yield f"{method.upper()} {path}", operation


async def test_every_operation_is_documented(shop: RealShop) -> None:
    """A summary, an id of its own, what it refuses, an example of what it takes."""
    document = await contract(shop)
    assert document["openapi"].startswith("3.1")
    components = {"components": document["components"]}
    wrong, seen = [], set()
    for name, operation in operations(document):
        if not operation.get("summary") or not operation.get("tags"):
            wrong.append(f"{name}: no summary or no tag")
        if operation["operationId"] in seen:
            wrong.append(f"{name}: its id {operation['operationId']} is taken")
        seen.add(operation["operationId"])
        refusals = {code: one for code, one in operation["responses"].items() if int(code) >= 400}
        if not refusals and not name.startswith("GET /health"):
            wrong.append(f"{name}: refuses nothing")
        for code, refusal in refusals.items():
            if "application/problem+json" not in refusal.get("content", {}):
                wrong.append(f"{name}: {code} is no problem document")
        media = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if media is not None:
            found = Draft202012Validator({**media["schema"], **components}).iter_errors(media.get("example"))
            wrong += [f"{name}: the example's {error.json_path}: {error.message}" for error in found]
    assert wrong == [], "\n".join(wrong)
    assert len(seen) > 100


async def test_a_form_without_its_file_is_refused(shop: RealShop) -> None:
    _, token = await shop.shopper("lin@example.com")
    url = f"/store/v1/cases/{ids.show('cas', ids.new_id())}/photos"
    for files in (
        {"other": (None, "text")},
        {"data": (None, "text")},
        {"other": ("x.png", b"x", "image/png")},
    ):
        answer = await shop.client(token).post(url, files=files)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


async def test_the_contract_says_what_the_gate_asks(shop: RealShop) -> None:
    """U-116: a key against repeats, a token, a permission: told where they are needed."""
    found = dict(operations(await contract(shop)))
    place, adjust = found["POST /store/v1/orders"], found["POST /console/v1/stock/adjust"]
    names = [[one["name"] for one in operation["parameters"]] for operation in (place, adjust)]
    assert names == [["market", "Idempotency-Key"], ["Idempotency-Key"]]
    assert adjust["x-permission"] == "stock:adjust"
    assert (adjust["security"], place["security"]) == ([{"bearer": []}], [{}, {"bearer": []}])
    assert "security" not in found["GET /store/v1/products"]
    client = shop.client()
    assert (await client.get("/schema/openapi.json")).json() == await contract(shop)


@dataclass(frozen=True, kw_only=True)
class Range:
    """A shop to be shot at, tokens of those who shoot, and ids of what they may know of, by parameter or field."""

    shop: LiveShop
    tokens: dict[str, str]
    known: dict[str, str]


@pytest.fixture(scope="module")
def shooting_range(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Range]:
    """A shop of its own: what is thrown at it would be in the way of others' tests."""
    name = fresh_name("fuzz")
    create_database(server_url, name)
    with (
        running_shop(with_database(server_url, name), tmp_path_factory.mktemp("fuzz")) as shop,
        httpx.Client(base_url=shop.url, timeout=20) as http,
    ):
        who = {one.role: one for one in ACCOUNTS}
        buyer = {"account": who["shopper"].login, "password": who["shopper"].password}
        admin = {"email": who["admin"].login, "password": who["admin"].password}
        tokens = {
            "anonymous": "",
            "shopper": http.post("/store/v1/tokens", json=buyer).json()["token"],
            "staff": http.post("/console/v1/login", json=admin).json()["token"],
        }
        yield Range(shop=shop, tokens=tokens, known=acquaintances(http, tokens))


def acquaintances(http: httpx.Client, tokens: dict[str, str]) -> dict[str, str]:
    """One of everything that the demo shop has; the orders are the shopper's own."""

    def items(path: str, who: str = "staff") -> Any:
        answer = http.get(path, headers={"Authorization": f"Bearer {tokens[who]}"}).json()
        return answer["items"] if isinstance(answer, dict) else answer

    trades = items("/store/v1/orders", "shopper")
    trade = next((one for one in trades if one["orders"][0]["delivery"] == "delivered"), trades[0])
    order = trade["orders"][0]
    line = order["lines"][0]
    found = {
        "trade": trade["id"],
        "order": order["id"],
        "line": line["id"],
        "unit_id": line["units"][0]["id"],
        "sku": line["sku"],
        "product": items("/console/v1/products")[0]["id"],
        "category": items("/console/v1/categories")[0]["id"],
        "entry": items("/store/v1/addresses", "shopper")[0]["id"],
        "case": items("/console/v1/cases")[0]["id"],
        "review": items("/console/v1/reviews")[0]["id"],
        "shipment": items("/console/v1/shipments")[0]["id"],
        "template": items("/console/v1/freight-templates")[0]["id"],
        "price_list": items("/console/v1/price-lists")[0]["id"],
        "site_id": items("/console/v1/sites")[0]["id"],
        "staff_id": next(one["id"] for one in items("/console/v1/staff") if "admin" not in one["roles"]),
    }
    fields = ("trade", "order", "line", "sku", "product", "category")
    return found | {f"{name}_id": found[name] for name in fields}


@pytest.mark.timeout(SECONDS * 2)
@pytest.mark.xdist_group("shooting_range")
@pytest.mark.parametrize(
    ("who", "where", "phases"),
    [
        ("anonymous", "^/", "fuzzing"),
        ("shopper", "^/(store|health)", "coverage,fuzzing"),
        ("staff", "^/console", "coverage,fuzzing"),
    ],
)
def test_nothing_breaks_the_server(
    shooting_range: Range, tmp_path: Path, who: str, where: str, phases: str
) -> None:
    """No operation answers with a 500, whatever it is sent, by whomever."""
    rest = [f"--exclude-operation-id={one}" for one in OWN_POWER]
    asked = shoot(shooting_range, tmp_path, who, phases, f"--include-path-regex={where}", *rest)
    assert asked > 500
    if who != "shopper":
        shoot(shooting_range, tmp_path, who, phases, *(f"--include-operation-id={one}" for one in OWN_POWER))
    assert httpx.get(f"{shooting_range.shop.url}/health/ready", timeout=20).is_success


def shoot(aim: Range, folder: Path, who: str, phases: str, *selection: str) -> int:
    """Let schemathesis run; how many requests it sent."""
    hooks = folder / "hooks.py"
    hooks.write_text(HOOKS)
    token = aim.tokens[who]
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("schemathesis")), "run", f"{aim.shop.url}/openapi.json",
            "--checks=not_a_server_error", f"--phases={phases}", f"--max-examples={EXAMPLES}", f"--seed={SEED}",
            "--generation-deterministic", "--continue-on-failure", "--no-shrink", "--no-color", "--warnings=off",
            "--request-timeout=30",
            *selection, *((f"--header=Authorization: Bearer {token}",) if token else ()),
        ],
        env={
            **os.environ,
            "SCHEMATHESIS_HOOKS": "hooks",
            "PYTHONPATH": str(folder),
            "DAJI_FUZZ_IDS": json.dumps(aim.known),
        },
        cwd=folder, capture_output=True, text=True, check=False, timeout=SECONDS,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    sent = re.search(r"(\d+) generated", done.stdout)
    assert sent, done.stdout[-3000:]
    return int(sent[1])
