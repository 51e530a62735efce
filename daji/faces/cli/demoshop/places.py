"""Where the demo shop's goods lie, and what sending them costs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from daji.faces.cli.demoshop.goods import choices, sold_here
from daji.fulfil.delivery import api as delivery
from daji.fulfil.inventory import api as inventory
from daji.kit.db import Tx
from daji.reach.marketplace import api as marketplace

CURRENCY = "CNY"
BY = "system"
_HOME = "HZ"
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
            code=_HOME,
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
            code="NANYAO",
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
    if await inventory.find_site(tx, code=_HOME) is not None:
        return
    sites = await inventory.open_sites(tx, sites=_sites(seller_id), now=now)
    goods = sold_here()
    lines: list[inventory.HoldLine] = []
    asked = [(product.seller, one.code) for product in goods.products for one in choices(product)]
    for n, (sellers, code) in enumerate(asked):
        few = goods.scarce.get(code)
        if few is not None:
            shares = {"NANYAO" if sellers else _HOME: few}
        elif sellers:
            shares = {"NANYAO": 18 + n % 7}
        else:
            # Uneven, as shelves are; the shop shows every second thing.
            shares = {_HOME: 36 + n * 7 % 41, "SZ": 24 + n * 5 % 31, "SH-STORE": (4 + n % 3) * (n % 2)}
        lines += [
            inventory.HoldLine(sku_id=skus[code], site_id=sites[site], qty=qty)
            for site, qty in shares.items()
            if qty
        ]
    await inventory.receive_many(tx, lines=lines, ref="opening", by=BY, now=now)


async def rate_ways(tx: Tx, seller_id: UUID, now: datetime) -> None:
    """Sent from ¥6 near the Yangtze delta, dearer the further it is; from ¥99 on the way is free in most places."""

    def zone(
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

    template = await delivery.save_template(
        tx,
        code="china",
        name="全国 · China",
        currency=CURRENCY,
        mode="table",
        rules=(
            zone(tuple(f"CN-{one}" for one in _NEAR), first=600, step=100, hours=24, free_from=9900),
            zone(tuple(f"CN-{one}" for one in _FAR), first=1800, step=1000, hours=120, free_from=29900),
            zone(("CN",), first=800, step=300, hours=72, free_from=9900),
            zone(("HK", "MO", "TW"), first=3600, step=1800, hours=144, free_from=None),
        ),
        now=now,
    )
    await delivery.assign_template(tx, seller_id=None, template_id=template.id)
    await delivery.assign_template(tx, seller_id=seller_id, template_id=template.id)
