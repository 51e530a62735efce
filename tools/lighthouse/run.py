"""Measure the storefront with Lighthouse, as on a phone: `make lighthouse`.

Usage: ``python tools/lighthouse/run.py [--url URL] [--runs 5] [--desktop] [--first] [--json FILE]``

Without ``--url`` a shop with demo data is opened for it. Prints the median of the runs per page beside the target of
each figure; exit code 1 when a page misses one. Lighthouse slows down what the browser took by the clock, so that other
work on the machine counts fourfold: the load and the machine's own mark are printed, and ``--first`` lets the shop and
the browser go before everything else (Linux, as root). What is emulated stays Lighthouse's default.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

import psutil

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from shop import open_shop, open_up  # noqa: E402 - a neighbour, not a package

CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
TARGETS = {"performance": 98, "accessibility": 100, "best-practices": 100, "seo": 100}
LCP_MS = 1500
CLS = 0.02
PRODUCT_KB = 150
TRIES = 3
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
# Linux weighs sessions before it weighs the processes in one, and Chromium gets a session of its own: sched(7).
SESSION = Path("/proc/self/autogroup")
FIRST = "-18"
LAUNCHER = """#!/bin/sh
echo {first} > {session}
exec {chromium} "$@"
"""
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def pages(shop: str) -> dict[str, str]:
    """Addresses of the four pages; category and product are the first that the home page links to."""
    with urllib.request.urlopen(f"{shop}/zh/") as answer:  # noqa: S310 - our own address
        home = answer.read().decode()
    found = {"home": f"{shop}/zh/"}
    for name, pattern in {"category": r'href="(/zh/c/[^"?#]+)"', "product": r'href="(/zh/p/[^"?#]+)'}.items():
        link = re.search(pattern, home)
        if link is None:
            raise SystemExit(f"the home page links to no {name}")
        found[name] = shop + link[1]
    return found | {"cart": f"{shop}/zh/cart"}


def fill_cart(product: str) -> str:
    """Put the product into a visitor's cart; the Cookie header of that visitor."""
    jar = CookieJar()
    visitor = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    page = visitor.open(product).read().decode()
    form = re.search(r'<form[^>]*action="([^"]*/cart/add)".*?</form>', page, re.DOTALL)
    if form is None:
        raise SystemExit(f"nothing to buy on {product}")
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form[0]))
    said = urllib.parse.urlencode(hidden | {"qty": "2"}).encode()
    visitor.open(urllib.parse.urljoin(product, form[1]), said).close()
    return "; ".join(f"{one.name}={one.value}" for one in jar)


def browser(folder: Path, *, first: bool) -> str:
    """What starts Chromium; with `first`, ahead of everything else that runs."""
    chromium = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if chromium is None:
        raise SystemExit("no Chromium on PATH: apt-get install chromium")
    if not first:
        return chromium
    launcher = folder / "chromium"
    launcher.write_text(LAUNCHER.format(first=FIRST, session=SESSION, chromium=chromium))
    launcher.chmod(0o700)
    return str(launcher)


@contextmanager
def opened(url: str | None, *, first: bool) -> Iterator[str]:
    """Address of the shop to measure; one that is opened here goes first with all its processes, if so wished."""
    if url is not None or not first:
        with open_shop(url) as address:
            yield address
        return
    with open_up() as shop:
        for process in psutil.Process(shop.pid).children(recursive=True):
            session = Path("/proc", str(process.pid), SESSION.name)
            try:
                session.write_text(FIRST)
            except OSError as error:
                raise SystemExit(f"--first: {session} cannot be written here: {error}") from None
        yield shop.url


def measure(url: str, *, desktop: bool, first: bool, cookie: str = "") -> dict[str, float]:
    """One run: scores of 0 to 100, milliseconds, shift, kilobytes transferred."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        env = {**os.environ, "CHROME_PATH": browser(Path(folder), first=first)}
        command = [
            str(HERE / "node_modules" / ".bin" / "lighthouse"),
            url,
            "--quiet",
            "--output=json",
            f"--output-path={report}",
            f"--only-categories={','.join(CATEGORIES)}",
            f"--chrome-flags={' '.join(FLAGS)}",
            *(["--preset=desktop"] if desktop else []),
            *([f"--extra-headers={json.dumps({'Cookie': cookie})}"] if cookie else []),
        ]
        for left in reversed(range(TRIES)):
            # Chromium now and then loses the beginning of a trace (NO_NAVSTART): that run measured nothing.
            ended = subprocess.run(command, check=left == 0, capture_output=True, text=True, env=env)
            if ended.returncode == 0:
                break
            print(f"    once more: {ended.stderr.strip()[-160:]}", file=sys.stderr)
        found: dict[str, Any] = json.loads(report.read_text())
    figures = {name: round(100 * (found["categories"][name]["score"] or 0)) for name in CATEGORIES}
    audits = found["audits"]
    for audit in audits.values():
        if audit.get("score") == 0 and audit["scoreDisplayMode"] == "binary":
            print(f"    {audit['id']}: {audit['title']}", file=sys.stderr)
    return {
        **figures,
        "lcp_ms": audits["largest-contentful-paint"]["numericValue"],
        "cls": audits["cumulative-layout-shift"]["numericValue"],
        "tbt_ms": audits["total-blocking-time"]["numericValue"],
        "kb": audits["total-byte-weight"]["numericValue"] / 1000,
        "mark": found["environment"]["benchmarkIndex"],
    }


def misses(page: str, figures: dict[str, float]) -> list[str]:
    found = [
        f"{page}: {name} {figures[name]:.0f} < {low}" for name, low in TARGETS.items() if figures[name] < low
    ]
    found += [f"{page}: LCP {figures['lcp_ms']:.0f} ms"] if figures["lcp_ms"] >= LCP_MS else []
    found += [f"{page}: CLS {figures['cls']:.3f}"] if figures["cls"] >= CLS else []
    found += [f"{page}: {figures['kb']:.0f} kB"] if page == "product" and figures["kb"] >= PRODUCT_KB else []
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Measure the storefront with Lighthouse.")
    parser.add_argument("--url", help="a running shop; without it one is opened")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--desktop", action="store_true")
    parser.add_argument("--first", action="store_true", help="go before everything else on this machine")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("Node is not on PATH: install Node 20 or newer")
    if not (HERE / "node_modules" / ".bin" / "lighthouse").exists():
        subprocess.run([npm, "ci", "--loglevel", "error"], cwd=HERE, check=True)
    result: dict[str, dict[str, float]] = {}
    missed: list[str] = []
    with opened(options.url, first=options.first) as shop:
        print(f"load before {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        print(
            f"{'page':10}{'perf':>6}{'a11y':>6}{'best':>6}{'seo':>6}{'LCP ms':>9}{'CLS':>8}{'TBT ms':>8}{'kB':>7}{'mark':>7}"
        )
        addresses = pages(shop)
        cookies = {"cart": fill_cart(addresses["product"])}
        for page, url in addresses.items():
            cookie = cookies.get(page, "")
            runs = [
                measure(url, desktop=options.desktop, first=options.first, cookie=cookie)
                for _ in range(options.runs)
            ]
            figures = {name: statistics.median(run[name] for run in runs) for name in runs[0]}
            result[page] = figures
            missed += misses(page, figures)
            scores = "".join(f"{figures[name]:6.0f}" for name in CATEGORIES)
            print(
                f"{page:10}{scores}{figures['lcp_ms']:9.0f}{figures['cls']:8.3f}"
                f"{figures['tbt_ms']:8.0f}{figures['kb']:7.0f}{figures['mark']:7.0f}",
                flush=True,
            )
    print(f"load after {os.getloadavg()[0]:.1f}")
    print(
        f"median of {options.runs}; wanted: 98 100 100 100, LCP < {LCP_MS} ms, CLS < {CLS}, product < {PRODUCT_KB} kB"
    )
    print("\n".join(missed) or "every target is met")
    if options.json:
        options.json.write_text(json.dumps({"pages": result, "missed": missed}, indent=2))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
