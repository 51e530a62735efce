"""What axe says of the page that is open."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.async_api import Page

SCRIPT = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
# The levels that laws ask for (EN 301 549, GB/T 37668) and what axe's authors recommend.
LEVELS: dict[str, Any] = {
    "type": "tag",
    "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
COLOURS: dict[str, Any] = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
RUN = """async (only) => {
  const found = await axe.run(document, { runOnly: only, resultTypes: ['violations'] });
  return found.violations.map(v => `${v.id}: ${v.nodes.slice(0, 3).map(n => n.target.join(' ')).join(' | ')}`);
}"""


async def complaints(page: Page, only: dict[str, Any] = LEVELS) -> list[str]:
    """What axe finds twice: on a busy machine a colour may be on its way to another for longer than one waits."""
    if not await page.evaluate("typeof axe === 'object'"):
        await page.evaluate(SCRIPT.read_text())
    said = list(await page.evaluate(RUN, only))
    if said:
        await page.wait_for_timeout(2_000)
        said = list(await page.evaluate(RUN, only))
    return said
