"""Distance on the globe."""

from __future__ import annotations

from math import asin, cos, isfinite, radians, sin, sqrt

EARTH_RADIUS_KM = 6371.0088
"""Mean radius R1 of the GRS 80 ellipsoid (H. Moritz, Geodetic Reference System 1980, J. Geodesy 74, 2000)."""

_MAX_LATITUDE = 90.0
_MAX_LONGITUDE = 180.0

Point = tuple[float, float]
"""Latitude and longitude in degrees, north and east positive."""


def check_point(point: Point) -> None:
    """Raise ValueError when the point is not on the globe."""
    latitude, longitude = point
    if not (isfinite(latitude) and abs(latitude) <= _MAX_LATITUDE):
        raise ValueError(f"no latitude: {latitude}")
    if not (isfinite(longitude) and abs(longitude) <= _MAX_LONGITUDE):
        raise ValueError(f"no longitude: {longitude}")


def haversine_km(a: Point, b: Point) -> float:
    """Great-circle distance in kilometres; within 0.5 % of the ellipsoid's geodesic.

    R. W. Sinnott, "Virtues of the Haversine", Sky and Telescope 68 (1984), p. 159: unlike the law of cosines
    it keeps its digits for points close together. ValueError for a point that is not on the globe.
    """
    check_point(a)
    check_point(b)
    phi_a, phi_b = radians(a[0]), radians(b[0])
    half_phi, half_lambda = (phi_b - phi_a) / 2, radians(b[1] - a[1]) / 2
    h = sin(half_phi) ** 2 + cos(phi_a) * cos(phi_b) * sin(half_lambda) ** 2
    # Rounding can lift h above 1 for antipodes, where asin has no value.
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(h)))
