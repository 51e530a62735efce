"""Where the demo shop's goods lie, and what sending them costs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from daji.faces.cli.demoshop.abroad import HOME_CURRENCY, shops
from daji.faces.cli.demoshop.goods import choices, sold_here
from daji.fulfil.delivery import api as delivery
from daji.fulfil.inventory import api as inventory
from daji.kit.db import Tx
from daji.reach.marketplace import api as marketplace

CURRENCY = HOME_CURRENCY
BY = "system"
HOME = "HZ"
SELLER = "NANYAO"
_NEAR = ("上海", "上海市", "江苏", "江苏省", "浙江", "浙江省", "安徽", "安徽省")
_FAR = (
    *("新疆", "新疆维吾尔自治区", "西藏", "西藏自治区", "内蒙古", "内蒙古自治区", "青海", "青海省"),
    *("宁夏", "宁夏回族自治区", "甘肃", "甘肃省", "海南", "海南省"),
)


async def open_seller(tx: Tx, now: datetime) -> UUID:
    seller = marketplace.NewSeller(
        code="nanyao",
        name="南窑陶坊 Nanyao Pottery",
        city="佛山市",
        region="广东省",
        postcode="528000",
        lat=23.02,
        lon=113.12,
    )
    return (await marketplace.save_sellers(tx, sellers=[seller], now=now))[seller.code]


def _sites(seller_id: UUID) -> tuple[inventory.NewSite, ...]:
    return (
        inventory.NewSite(
            code=HOME,
            name="杭州仓",
            kind="warehouse",
            country="CN",
            region="浙江省",
            city="杭州市",
            postcode="311100",
            lat=30.41,
            lon=120.3,
            priority=2,
        ),
        inventory.NewSite(
            code="SZ",
            name="深圳仓",
            kind="warehouse",
            country="CN",
            region="广东省",
            city="深圳市",
            postcode="518100",
            lat=22.66,
            lon=114.03,
            priority=2,
        ),
        inventory.NewSite(
            code="CD",
            name="成都仓",
            kind="warehouse",
            country="CN",
            region="四川省",
            city="成都市",
            postcode="610500",
            lat=30.82,
            lon=104.16,
            priority=2,
        ),
        inventory.NewSite(
            code="SH-STORE",
            name="上海武康路店",
            kind="shop",
            country="CN",
            region="上海市",
            city="上海市",
            postcode="200031",
            lat=31.21,
            lon=121.44,
            priority=1,
        ),
        inventory.NewSite(
            code="BJ-STORE",
            name="北京五道营店",
            kind="shop",
            country="CN",
            region="北京市",
            city="北京市",
            postcode="100007",
            lat=39.95,
            lon=116.41,
            priority=1,
        ),
        inventory.NewSite(
            code=SELLER,
            name="南窑陶坊",
            kind="warehouse",
            seller_id=seller_id,
            country="CN",
            region="广东省",
            city="佛山市",
            postcode="528000",
            lat=23.02,
            lon=113.12,
        ),
    )


async def fill_sites(tx: Tx, skus: Mapping[str, UUID], seller_id: UUID, now: datetime) -> None:
    if await inventory.find_site(tx, code=HOME) is not None:
        return
    sites = await inventory.open_sites(tx, sites=_sites(seller_id), now=now)
    lines = [
        inventory.HoldLine(sku_id=skus[code], site_id=sites[site], qty=qty)
        for code, shares in opening_stock().items()
        for site, qty in shares.items()
        if qty
    ]
    await inventory.receive_many(tx, lines=lines, ref="opening", by=BY, now=now)


def opening_stock() -> dict[str, dict[str, int]]:
    """Pieces by SKU code and site code: uneven, as shelves are."""
    goods = sold_here()
    found: dict[str, dict[str, int]] = {}
    asked = [(product.seller, one.code) for product in goods.products for one in choices(product)]
    for n, (sellers, code) in enumerate(asked):
        few = goods.scarce.get(code)
        if few is not None:
            found[code] = {SELLER if sellers else HOME: few}
        elif sellers:
            found[code] = {SELLER: 18 + n % 7}
        else:
            # The shops show every second thing, and Chengdu keeps two of three.
            found[code] = {
                HOME: 36 + n * 7 % 41,
                "SZ": 24 + n * 5 % 31,
                "CD": (16 + n * 11 % 19) * (n % 3 > 0),
                "SH-STORE": (4 + n % 3) * (n % 2),
                "BJ-STORE": (3 + n % 4) * (n % 2 == 0),
            }
    return found


def _zone(
    regions: tuple[str, ...], *, first: int, step: int, hours: int, free_from: int | None
) -> delivery.FreightRule:
    return delivery.FreightRule(
        regions=regions,
        first_g=1000,
        first_fee=first,
        step_g=1000,
        step_fee=step,
        free_from=free_from,
        transit_hours=hours,
        max_g=30_000,
    )


async def rate_ways(tx: Tx, seller_id: UUID, now: datetime) -> None:
    """Sent from ¥6 near the Yangtze delta, dearer the further it is; from ¥99 on the way is free in most places.

    The potters send from Guangdong in padded boxes: dearer by the kilogram, free from ¥199. Further channels have ways
    of their own, in their currency (`abroad.toml`).
    """
    near, far = tuple(f"CN-{one}" for one in _NEAR), tuple(f"CN-{one}" for one in _FAR)
    abroad = ("HK", "MO", "TW")
    house = await delivery.save_template(
        tx,
        code="china",
        name="全国 · China",
        currency=CURRENCY,
        mode="table",
        rules=(
            _zone(near, first=600, step=100, hours=60, free_from=9900),
            _zone(far, first=1800, step=1000, hours=144, free_from=29900),
            _zone(("CN",), first=800, step=300, hours=96, free_from=9900),
            _zone(abroad, first=3600, step=1800, hours=168, free_from=None),
        ),
        now=now,
    )
    fragile = await delivery.save_template(
        tx,
        code="pottery",
        name="南窑易碎品 · Nanyao, fragile",
        currency=CURRENCY,
        mode="table",
        rules=(
            _zone(("CN-广东", "CN-广东省"), first=800, step=300, hours=60, free_from=19900),
            _zone(far, first=2600, step=1600, hours=168, free_from=59900),
            _zone(("CN",), first=1200, step=600, hours=108, free_from=19900),
            _zone(abroad, first=4800, step=2600, hours=192, free_from=None),
        ),
        now=now,
    )
    await delivery.assign_template(tx, seller_id=None, template_id=house.id)
    await delivery.assign_template(tx, seller_id=seller_id, template_id=fragile.id)
    regions = {
        "near": near,
        "far": far,
        "home": ("CN-广东", "CN-广东省"),
        "country": ("CN",),
        "islands": abroad,
        "world": ("*",),
    }
    for shop in shops():
        for ways in shop.ways:
            template = await delivery.save_template(
                tx,
                code=ways.code,
                name=ways.name,
                currency=shop.currency,
                mode="table",
                rules=tuple(
                    _zone(
                        regions[one.to],
                        first=one.first,
                        step=one.next,
                        hours=one.hours,
                        free_from=one.free_from,
                    )
                    for one in ways.zones
                ),
                now=now,
            )
            await delivery.assign_template(
                tx, seller_id=seller_id if ways.seller else None, template_id=template.id
            )
