"""Turn the studio's PNG files into what the demo shop keeps: WebP in three widths and `index.json`."""

from __future__ import annotations

import argparse
import base64
import io
import json
from pathlib import Path

from PIL import Image
from shoot import wanted

WIDTHS = (160, 320, 640)
QUALITIES = {160: 78, 320: 80, 640: 82}
BLUR_SIDE = 16
MOST_BYTES = 6_000_000


def webp(image: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "WEBP", quality=quality, method=6)
    return out.getvalue()


def develop(source: Path, folder: Path) -> tuple[dict[str, object], int]:
    """Write the renditions of one picture; its entry in the index, and the bytes written."""
    written = 0
    with Image.open(source) as shot:
        image = shot.convert("RGB")
    for width in WIDTHS:
        sized = image if image.width == width else image.resize((width, width), Image.Resampling.LANCZOS)
        content = webp(sized, QUALITIES[width])
        (folder / f"{source.stem}-{width}.webp").write_bytes(content)
        written += len(content)
    tiny = webp(image.resize((BLUR_SIDE, BLUR_SIDE), Image.Resampling.BOX), 50)
    blur = "data:image/webp;base64," + base64.b64encode(tiny).decode()
    return {"width": WIDTHS[-1], "height": WIDTHS[-1], "blur": blur}, written


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--shots", type=Path, required=True, help="folder of PNG files")
    asked.add_argument("--to", type=Path, required=True, help="folder of the demo shop")
    given = asked.parse_args()
    given.to.mkdir(parents=True, exist_ok=True)
    index = given.to / "index.json"
    known: dict[str, object] = json.loads(index.read_text()) if index.exists() else {}
    for name in wanted():
        source = given.shots / f"{name}.png"
        done = given.to / f"{name}-{WIDTHS[-1]}.webp"
        if source.exists() and not (done.exists() and done.stat().st_mtime > source.stat().st_mtime):
            known[name], _ = develop(source, given.to)
    index.write_text(json.dumps(dict(sorted(known.items())), indent=1) + "\n")
    total = sum(path.stat().st_size for path in given.to.glob("*.webp"))
    print(len(known), "pictures,", total, "bytes")
    if total > MOST_BYTES:
        raise SystemExit(f"more than {MOST_BYTES} bytes: lower QUALITIES")


if __name__ == "__main__":
    main()
