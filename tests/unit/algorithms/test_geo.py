from __future__ import annotations

from math import pi

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daji.algorithms.allocation import EARTH_RADIUS_KM, Point, haversine_km

POINTS = st.tuples(st.floats(-90, 90), st.floats(-180, 180))
HALF_WAY_ROUND = pi * EARTH_RADIUS_KM


@pytest.mark.parametrize(
    ("a", "b", "km"),
    [
        ((0.0, 0.0), (0.0, 180.0), HALF_WAY_ROUND),
        ((90.0, 0.0), (-90.0, 77.0), HALF_WAY_ROUND),
        ((0.0, 0.0), (0.0, 90.0), HALF_WAY_ROUND / 2),
        ((0.0, 179.5), (0.0, -179.5), HALF_WAY_ROUND / 180),
        ((90.0, 0.0), (90.0, 120.0), 0.0),
        ((31.2304, 121.4737), (31.2304, 121.4737), 0.0),
    ],
)
def test_distances_that_geometry_gives(a: Point, b: Point, km: float) -> None:
    assert haversine_km(a, b) == pytest.approx(km, abs=1e-6)


def test_beijing_to_shanghai() -> None:
    # 1,067 km by the geodesic on WGS 84; the sphere is allowed half a per cent.
    assert haversine_km((39.9042, 116.4074), (31.2304, 121.4737)) == pytest.approx(1067, rel=0.005)


@given(POINTS, POINTS, POINTS)
def test_it_is_a_distance(a: Point, b: Point, c: Point) -> None:
    assert haversine_km(a, b) == pytest.approx(haversine_km(b, a), abs=1e-6)
    assert 0 <= haversine_km(a, b) <= HALF_WAY_ROUND + 1e-6
    assert haversine_km(a, c) <= haversine_km(a, b) + haversine_km(b, c) + 1e-3


@pytest.mark.parametrize(
    "bad", [(90.1, 0.0), (-91.0, 0.0), (0.0, 180.5), (float("nan"), 0.0), (0.0, float("inf"))]
)
def test_a_point_off_the_globe_is_refused(bad: Point) -> None:
    for pair in ((bad, (0.0, 0.0)), ((0.0, 0.0), bad)):
        with pytest.raises(ValueError, match="itude"):
            haversine_km(*pair)
