"""Pictures tell how to look before they have come; media keeps 3D models too."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_SIZE = "CASE kind WHEN 'image' THEN width > 0 AND height > 0 ELSE width = 0 AND height = 0 END"
_BLUR = "blur = '' OR (kind = 'image' AND length(blur) <= 300 AND blur LIKE 'data:image/webp;base64,%')"


def upgrade() -> None:
    op.add_column("media", sa.Column("blur", sa.Text(), server_default="", nullable=False), schema="media")
    for name in ("ck_media_kind", "ck_media_size"):
        op.drop_constraint(op.f(name), "media", schema="media", type_="check")
    for name, said in (
        ("ck_media_kind", "kind IN ('image', 'model3d')"),
        ("ck_media_bytes", "bytes > 0"),
        ("ck_media_size", _SIZE),
        ("ck_media_blur", _BLUR),
    ):
        op.create_check_constraint(op.f(name), "media", said, schema="media")


def downgrade() -> None:
    for name in ("ck_media_blur", "ck_media_size", "ck_media_bytes", "ck_media_kind"):
        op.drop_constraint(op.f(name), "media", schema="media", type_="check")
    op.execute("DELETE FROM media.media WHERE kind <> 'image'")
    op.create_check_constraint(op.f("ck_media_kind"), "media", "kind IN ('image')", schema="media")
    op.create_check_constraint(
        op.f("ck_media_size"), "media", "bytes > 0 AND width > 0 AND height > 0", schema="media"
    )
    op.drop_column("media", "blur", schema="media")
