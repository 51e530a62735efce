"""Pictures as buyers take them: a studio shot seen closer, held askew, in the light of somebody's window."""

from __future__ import annotations

import io
from importlib import resources
from random import Random

from PIL import Image, ImageEnhance, ImageFilter

from daji.flows.post_review import Picture

_SIDE = 560
_LEAST, _MOST = 0.72, 0.84
_ASKEW = 5.0
_FROM = (35, 65, 300)
_MIDDLE = (_SIDE // 2, _SIDE // 2, _SIDE * 3 // 2, _SIDE * 3 // 2)
_WARM = (255, 214, 160)
_SHADE = (38, 30, 40)


def snap(shot: str) -> Picture:
    """The same picture of a shot every time."""
    file = resources.files(__package__).joinpath("shots", f"{shot}-640.webp")
    # It decides how somebody held a phone.
    dice = Random(shot)  # noqa: S311
    with Image.open(io.BytesIO(file.read_bytes())) as studio:
        seen = studio.convert("RGB")
    side = round(seen.width * dice.uniform(_LEAST, _MOST))
    left, top = (round((seen.width - side) * dice.uniform(0.3, 0.7)) for _ in range(2))
    seen = seen.rotate(dice.uniform(-_ASKEW, _ASKEW), Image.Resampling.BICUBIC)
    seen = seen.crop((left, top, left + side, top + side)).resize((_SIDE, _SIDE), Image.Resampling.LANCZOS)
    light = Image.linear_gradient("L").resize((2 * _SIDE, 2 * _SIDE)).rotate(dice.choice(_FROM)).crop(_MIDDLE)
    seen = Image.blend(seen, Image.new("RGB", seen.size, _WARM), 0.1)
    seen = Image.composite(Image.blend(seen, Image.new("RGB", seen.size, _SHADE), 0.4), seen, light)
    seen = ImageEnhance.Contrast(seen.filter(ImageFilter.GaussianBlur(0.5))).enhance(1.12)
    out = io.BytesIO()
    seen.save(out, "JPEG", quality=84)
    return Picture(content=out.getvalue(), declared_type="image/jpeg")
