"""The how-to is true: its own commands take one order from the first look to the refund."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from daji.faces.cli.demo import ACCOUNTS
from tests.browser.walks import drive
from tests.live import ROOT, LiveShop

PAGE = ROOT / "docs" / "how-to" / "first-order.md"
BLOCK = re.compile(r"```sh\n(.*?)```", flags=re.DOTALL)


def shell(script: str, folder: Path) -> str:
    """Run a part of the page; what it set is there for the next part."""
    before = "set -euo pipefail\n[ -f state.sh ] && . ./state.sh\n"
    after = "\n{ declare -p SHOP TRADE ORDER UNIT TOKEN CASE 2>/dev/null || true; declare -f; } > state.sh\n"
    done = subprocess.run(
        ["bash", "-c", before + script + after],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )
    assert done.returncode == 0, f"{done.stdout[-1500:]}\n{done.stderr[-1500:]}"
    return done.stdout


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_the_whole_chain_by_curl(live_shop: LiveShop, tmp_path: Path) -> None:
    admin = next(account for account in ACCOUNTS if account.role == "admin")
    page = (
        PAGE.read_text()
        .replace("SHOP=http://127.0.0.1:8000", f"SHOP={live_shop.url}")
        .replace("STAFF_EMAIL=admin@example.com", f"STAFF_EMAIL={admin.login}")
        .replace("STAFF_PASSWORD=what-daji-up-printed", f"STAFF_PASSWORD={admin.password}")
    )
    sold, back = page.split("## Give one piece back")
    shell("\n".join(BLOCK.findall(sold)), tmp_path)
    order = json.loads(shell('buyer "$SHOP/store/v1/orders/$TRADE"', tmp_path))
    drive(live_shop, order["orders"][0]["shipments"][0]["tracking_no"])
    shell("\n".join(BLOCK.findall(back)), tmp_path)
    order = json.loads(shell('buyer "$SHOP/store/v1/orders/$TRADE"', tmp_path))
    assert order["payment"] == "part_refunded"
    case = json.loads(shell('buyer "$SHOP/store/v1/cases/$CASE"', tmp_path))
    assert case["status"] == "refunded"
