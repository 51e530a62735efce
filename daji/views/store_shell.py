"""What every page of the storefront shows around its content: the category tree and the cart's size."""

from __future__ import annotations

from uuid import UUID

import msgspec

from daji.kit.db import Session
from daji.trade.cart.api import Owner

SQL_SHELL = """
SELECT (SELECT jsonb_agg(jsonb_build_object('id', c.id, 'parent_id', c.parent_id, 'slug', c.slug, 'names', c.names,
                                            'path', c.path) ORDER BY c.position, c.slug)
          FROM catalog.category c WHERE cardinality(c.path) <= $5) AS categories,
       (SELECT sum(l.qty) FROM cart.cart k JOIN cart.line l ON l.cart_id = k.id
         WHERE (k.shopper_id = $1 OR k.guest_token = $2) AND k.channel = $3)::bigint AS in_cart,
       (SELECT n.currency FROM pricing.channel n WHERE n.code = $3) AS currency,
       (SELECT jsonb_build_object('id', c.id,
                 'trail', (SELECT jsonb_agg(jsonb_build_object('id', u.id, 'slug', u.slug, 'names', u.names)
                                            ORDER BY cardinality(u.path))
                             FROM catalog.category u WHERE u.id = ANY(c.path)),
                 'children', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', d.id, 'slug', d.slug, 'names', d.names)
                                                        ORDER BY d.position, d.slug), '[]')
                                FROM catalog.category d WHERE d.parent_id = c.id))
          FROM catalog.category c WHERE c.slug = $4) AS here
"""


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """A category of the first levels: the roots, and on a page of categories what lies two levels below them."""

    id: UUID
    parent_id: UUID | None
    slug: str
    names: dict[str, str]
    path: tuple[UUID, ...]


class TrailStep(msgspec.Struct, frozen=True, kw_only=True):
    """A category on the way from the root."""

    id: UUID
    slug: str
    names: dict[str, str]


class Here(msgspec.Struct, frozen=True, kw_only=True):
    """A category as a place to stand in: `trail` runs from the root to itself."""

    id: UUID
    trail: tuple[TrailStep, ...]
    children: tuple[TrailStep, ...]


class Shell(msgspec.Struct, frozen=True, kw_only=True):
    """`currency` is None while the shop has no channel yet, `here` outside of categories."""

    categories: tuple[Node, ...]
    in_cart: int
    currency: str | None
    here: Here | None = None

    @property
    def roots(self) -> tuple[Node, ...]:
        return tuple(node for node in self.categories if node.parent_id is None)

    def children(self, parent_id: UUID) -> tuple[Node, ...]:
        return tuple(node for node in self.categories if node.parent_id == parent_id)

    def find(self, slug: str) -> Node | None:
        return next((node for node in self.categories if node.slug == slug), None)

    def trail(self, node: Node) -> tuple[Node, ...]:
        """The way from the root to the node."""
        known = {one.id: one for one in self.categories}
        return tuple(known[step] for step in node.path if step in known)


async def get_shell(
    session: Session, *, owner: Owner | None, channel: str, category: str | None = None, deep: bool = False
) -> Shell:
    """One statement; with the slug of a category, where that one stands in the tree; `deep` for three levels of it."""
    row = await session.row(
        SQL_SHELL,
        owner.shopper_id if owner else None,
        owner.guest_token if owner else None,
        channel,
        category,
        3 if deep else 1,
    )
    if row is None:
        raise AssertionError("a select without FROM has a row")
    return Shell(
        categories=msgspec.convert(row["categories"] or [], tuple[Node, ...]),
        in_cart=row["in_cart"] or 0,
        currency=row["currency"],
        here=msgspec.convert(row["here"], Here | None),
    )
