"""Looking around: home, categories, search."""

from __future__ import annotations

from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from daji.faces.http import state
from daji.faces.store import home as layout
from daji.faces.store import keeping, markets, seo
from daji.faces.store.buyer import Asked, find_owner
from daji.faces.store.display import Signals
from daji.faces.store.listing import read_filters
from daji.faces.store.pages.forms import PAGE
from daji.faces.store.pages.scene import PRIVATE, Here, Scene
from daji.faces.store.pages.shelf import SORTS, Shelf
from daji.kit.problems import Problem
from daji.views import store_find, store_home
from daji.views.store_shell import get_shell

_ANY = keeping.page(PAGE, ends_with="any")
_FOUND = keeping.page(PAGE, ends_with="index")


@get("/", opt=PAGE, include_in_schema=False)
async def root(request: Asked) -> Response[None]:
    """Send a reader to the shop in their language."""
    chosen = markets.of(request).get(state.lang(request), markets.MAIN)
    return Response(
        None,
        status_code=302,
        headers={**PRIVATE, "Location": f"{chosen.base}/", "Vary": "Accept-Language, Cookie"},
    )


@get("/", opt=_ANY, include_in_schema=False)
async def home(scene: Here) -> Response[str]:
    """Show the sections that belong to this hour."""
    house = scene.house
    laid_out = layout.reworded(layout.sections(house.settings.home), house.rewritten)
    sections = layout.shown(laid_out, Signals.read(scene.request.headers, scene.now))
    brands = tuple(story.brand for section in sections for story in section.stories)
    async with house.db.read() as session:
        goods = await store_home.get_home(session, channel=scene.channel, at=scene.now, brands=brands)
    t = scene.reader.t
    data = (
        seo.organization(scene.origin, name=t("shop"), about=t("front.about")),
        seo.website(scene.origin, name=t("shop"), market=scene.market),
    )
    return await scene.show("home.html", sections=sections, goods=goods, seo=scene.seo(data=data))


@get("/categories", opt=_ANY, include_in_schema=False)
async def categories(scene: Here) -> Response[str]:
    """Show the tree of categories."""
    async with scene.house.db.read() as session:
        goods = await store_home.get_home(session, channel=scene.channel, at=scene.now)
        shell = await get_shell(session, owner=find_owner(scene.principal), channel=scene.channel, deep=True)
    return await scene.show("categories.html", shell=shell, goods=goods)


@get("/c/{slug:str}", opt=_FOUND, include_in_schema=False)
async def category(scene: Here, slug: FromPath[str]) -> Response[str]:
    """Show a category with what lies below it."""
    given = scene.request.query_params
    async with scene.house.db.read() as session:
        found = await store_find.get_category_page(
            session,
            scene.index,
            slug=slug,
            owner=find_owner(scene.principal),
            channel=scene.channel,
            at=scene.now,
            filters=read_filters(given),
            sort=_sort(given.get("sort")),
            cursor=given.get("cursor"),
        )
    trail = [(scene.reader.text(step.names), f"/c/{step.slug}") for step in found.here.trail]
    goods = [f"{scene.origin}{scene.base}/p/{card.slug}" for card in found.listing.cards]
    return await scene.show(
        "category.html",
        seo=scene.seo(data=(crumbs(scene, trail), seo.item_list(goods))),
        shell=found.shell,
        page=found,
        shelf=Shelf(scene, found.listing),
        here=f"{scene.base}/c/{slug}",
    )


@get("/search", opt=_FOUND, include_in_schema=False)
async def search(scene: Here) -> Response[str]:
    """Find products by words, or by what they can be narrowed by alone."""
    given = scene.request.query_params
    text = given.get("q", "").strip()
    context: dict[str, Any] = {"q": text, "here": f"{scene.base}/search"}
    popular = store_find.suggest(scene.index, text="", lang=scene.lang).queries
    if not text and not set(given) - {"q", "lang"}:
        return await scene.show("search.html", shelf=None, popular=popular, **context)
    try:
        async with scene.house.db.read() as session:
            found = await store_find.get_search_page(
                session,
                scene.index,
                text=text,
                owner=find_owner(scene.principal),
                channel=scene.channel,
                at=scene.now,
                filters=read_filters(given),
                sort=_sort(given.get("sort")),
                cursor=given.get("cursor"),
            )
    except Problem as problem:
        return await scene.show("search.html", problem=problem, shelf=None, popular=popular, **context)
    return await scene.show(
        "search.html",
        shell=found.shell,
        shelf=Shelf(scene, found.listing, text=text),
        popular=popular,
        **context,
    )


@get("/suggest", opt=PAGE, include_in_schema=False, sync_to_thread=False)
def suggest(scene: Here) -> Response[str]:
    """Offer what somebody who is typing might mean, as the options of a list."""
    typed = scene.request.query_params.get("q", "")
    found = store_find.suggest(scene.index, text=typed, lang=scene.lang, limit=6)
    return scene.part("suggest.html", found=found, typed=typed)


def crumbs(scene: Scene, steps: list[tuple[str, str]]) -> seo.Data:
    """The way to a page, from home on; `steps` are (name, address in the shop)."""
    way = [(scene.reader.t("home.title"), "/"), *steps]
    return seo.breadcrumb([(name, f"{scene.origin}{scene.base}{path}") for name, path in way])


def _sort(asked: str | None) -> str:
    return asked if asked in SORTS else SORTS[0]


ROUTES = [home, categories, category, search, suggest]
