"""Textures made of noise: wood grain, woven cloth, pile, hide, glaze speckles. Values around 1 that scale a colour."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

SIZE = 512
Image = NDArray[np.float32]


def _noise(rows: int, columns: int, seed: int) -> Image:
    """Tileable smooth noise between -1 and 1 with so many waves down and across."""
    small = np.random.default_rng(seed).uniform(-1, 1, (rows, columns)).astype(np.float32)
    wide = np.tile(small, (3, 3))
    big = cv2.resize(wide, (SIZE * 3, SIZE * 3), interpolation=cv2.INTER_CUBIC)
    return big[SIZE : 2 * SIZE, SIZE : 2 * SIZE]


def _wood() -> Image:
    drift = _noise(6, 2, 1) * 0.5 + _noise(14, 3, 2) * 0.25
    y = np.linspace(0, 1, SIZE, dtype=np.float32)[:, None]
    rings = 0.5 + 0.5 * np.sin(2 * np.pi * (y * 9 + drift * 2.2))
    pores = np.clip(_noise(256, 10, 3) + _noise(400, 24, 4) * 0.6, -1, 1)
    return 0.86 + 0.26 * rings**1.6 + 0.07 * pores + 0.06 * _noise(3, 2, 5)


def _weave() -> Image:
    n = 32
    y, x = np.mgrid[0:SIZE, 0:SIZE].astype(np.float32) / SIZE * n
    over = (np.floor(x) + np.floor(y)) % 2
    warp, weft = np.sin(np.pi * (x % 1)), np.sin(np.pi * (y % 1))
    height = np.where(over > 0, warp * (0.55 + 0.45 * weft), weft * (0.55 + 0.45 * warp))
    return (0.72 + 0.36 * height + 0.10 * _noise(64, 8, 6) + 0.06 * _noise(5, 5, 7)).astype(np.float32)


def _plush() -> Image:
    return 1.02 + 0.16 * _noise(180, 180, 8) + 0.12 * _noise(90, 90, 9) + 0.05 * _noise(12, 12, 10)


def _knit() -> Image:
    n = 24
    y, x = np.mgrid[0:SIZE, 0:SIZE].astype(np.float32) / SIZE * n
    lean = np.abs((x % 1) - 0.5) * 0.9
    loop = np.sin(np.pi * ((y + lean) % 1)) * np.sin(np.pi * ((x * 2) % 1)) ** 0.5
    return (0.66 + 0.44 * loop + 0.05 * _noise(40, 40, 11)).astype(np.float32)


def _hide() -> Image:
    cells = _noise(110, 110, 12) + 0.7 * _noise(200, 200, 13)
    return 0.97 + 0.07 * np.clip(cells, -1, 1) + 0.03 * _noise(6, 6, 14)


def _speckle() -> Image:
    grains = np.maximum(_noise(230, 230, 15) + 0.35 * _noise(110, 110, 16) - 0.92, 0) * 3
    return np.clip(1.0 - grains, 0.35, 1) + 0.03 * _noise(7, 7, 17)


def _rattan() -> Image:
    n = 14
    y, x = np.mgrid[0:SIZE, 0:SIZE].astype(np.float32) / SIZE * n
    strand = np.sin(np.pi * (y * 2 % 1)) * (0.7 + 0.3 * np.cos(2 * np.pi * (x / 2 + np.floor(y * 2) / 2)))
    return (0.5 + 0.62 * strand + 0.08 * _noise(200, 30, 18)).astype(np.float32)


_MAKERS = {
    "wood": _wood,
    "weave": _weave,
    "plush": _plush,
    "knit": _knit,
    "hide": _hide,
    "speckle": _speckle,
    "rattan": _rattan,
}


@lru_cache(maxsize=8)
def texture(name: str) -> Image:
    return np.ascontiguousarray(_MAKERS[name](), dtype=np.float32)
