"""Pages of text: help, delivery, returns, privacy, terms, about. Written in Markdown, one file a language."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import msgspec
from litestar import Response, get
from markdown_it import MarkdownIt

from daji.faces.store import keeping
from daji.faces.store.markets import LANGUAGES
from daji.faces.store.pages.forms import PAGE
from daji.faces.store.pages.scene import Here

FOLDER = Path(__file__).parents[1] / "content"
TOPICS = ("help", "shipping", "returns-policy", "privacy", "terms", "about")
# The commands of this syntax only: no HTML of a file is passed on as it is.
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")


class Text(msgspec.Struct, frozen=True, kw_only=True):
    """`title` is the file's first heading, `lead` the paragraph after it in plain words, `body` the rest as HTML."""

    title: str
    lead: str
    body: str


@lru_cache(maxsize=1)
def texts() -> dict[tuple[str, str], Text]:
    """Every page by language and topic, rendered once."""
    return {(lang, topic): _read(FOLDER / lang / f"{topic}.md") for lang in LANGUAGES for topic in TOPICS}


def _read(path: Path) -> Text:
    head, _, rest = path.read_text(encoding="utf-8").strip().partition("\n\n")
    lead, _, body = rest.partition("\n\n")
    base = f"/{path.parent.name}/"
    return Text(
        title=head.removeprefix("# ").strip(),
        lead=" ".join(lead.split()),
        # Links inside the shop are written without their language.
        body=_MARKDOWN.render(body).replace('href="/', f'href="{base}'),
    )


async def _show(scene: Here, topic: str) -> Response[str]:
    known = texts()
    return await scene.show(
        "content.html",
        topic=topic,
        text=known[scene.lang, topic],
        others=[(one, known[scene.lang, one].title) for one in TOPICS if one != topic],
    )


_TEXT = keeping.page(PAGE, ends_with="own")


@get("/help", opt=_TEXT, include_in_schema=False)
async def help_centre(scene: Here) -> Response[str]:
    """Answer what is asked most."""
    return await _show(scene, "help")


@get("/shipping", opt=_TEXT, include_in_schema=False)
async def shipping(scene: Here) -> Response[str]:
    """Say how goods travel, what that costs and how long it takes."""
    return await _show(scene, "shipping")


@get("/returns-policy", opt=_TEXT, include_in_schema=False)
async def returns_policy(scene: Here) -> Response[str]:
    """Say what can be given back, until when, and what comes back for it."""
    return await _show(scene, "returns-policy")


@get("/privacy", opt=_TEXT, include_in_schema=False)
async def privacy(scene: Here) -> Response[str]:
    """Say what is known of people here, what for and how long."""
    return await _show(scene, "privacy")


@get("/terms", opt=_TEXT, include_in_schema=False)
async def terms(scene: Here) -> Response[str]:
    """Say what both sides agree to."""
    return await _show(scene, "terms")


@get("/about", opt=_TEXT, include_in_schema=False)
async def about(scene: Here) -> Response[str]:
    """Say who is behind the shop."""
    return await _show(scene, "about")


ROUTES = [help_centre, shipping, returns_policy, privacy, terms, about]
