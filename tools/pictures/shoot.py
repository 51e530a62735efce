"""Shoot pictures by name: `shoot.py mug-oat chair-brick-b`, written as PNG."""

from __future__ import annotations

import argparse
import time
import tomllib
from itertools import chain
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ANGLES = {"": (0.0, 0.0), "b": (66.0, -2.0), "c": (14.0, 26.0)}


def programme() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = tomllib.loads((HERE / "programme.toml").read_text())["models"]
    return found


def split(name: str) -> tuple[str, str, str]:
    """Model, colour and angle of a picture's name. Raises KeyError for a model that is not in the programme."""
    known = programme()
    for model, told in known.items():
        for colour in told["colours"]:
            for angle in ANGLES:
                if name == "-".join(part for part in (model, colour, angle) if part):
                    return model, colour, angle
    raise KeyError(name)


def wanted() -> list[str]:
    """Every picture: one colour of each model, a second, the heroes' other sides, then the other colours."""
    known = programme()
    most = max(len(told["colours"]) for told in known.values())
    rounds = [
        [f"{model}-{told['colours'][n]}" for model, told in known.items() if n < len(told["colours"])]
        for n in range(most)
    ]
    heroes = [f"{model}-{told['colours'][0]}" for model, told in known.items() if told.get("hero")]
    sides = [f"{name}-{angle}" for angle in ("b", "c") for name in heroes]
    return [*chain.from_iterable(rounds[:2]), *sides, *chain.from_iterable(rounds[2:])]


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("names", nargs="*", help="pictures; all that are missing when none is named")
    asked.add_argument("--out", type=Path, required=True, help="folder for the PNG files")
    asked.add_argument("--pixels", type=int, default=640)
    asked.add_argument("--samples", type=int, default=8)
    asked.add_argument("--most", type=int, default=1000, help="stop after so many")
    given = asked.parse_args()

    import cv2  # noqa: PLC0415 - the heavy libraries only when there is something to shoot
    import drjit  # noqa: PLC0415
    import models  # noqa: PLC0415
    import studio  # noqa: PLC0415

    drjit.set_thread_count(1)
    models.load()
    known = programme()
    given.out.mkdir(parents=True, exist_ok=True)
    missing = [one for one in wanted() if not (given.out / f"{one}.png").exists()]
    ready = [one for one in given.names or missing if split(one)[0] in models.ALL]
    for name in ready[: given.most]:
        model, colour, angle = split(name)
        began = time.monotonic()
        usual = {"azimuth": -28.0, "elevation": 20.0, "fill": 0.70} | models.VIEWS[model]
        turn, lift = ANGLES[angle]
        view = studio.View(usual["azimuth"] + turn, usual["elevation"] + lift, usual["fill"])
        image = studio.shoot(
            models.ALL[model](colour), view, known[model]["set"], pixels=given.pixels, samples=given.samples
        )
        cv2.imwrite(str(given.out / f"{name}.png"), image[:, :, ::-1])
        print(name, round(time.monotonic() - began, 1), "s", flush=True)


if __name__ == "__main__":
    main()
