"""A parcel's way as a drawing of our own: cities as dots, the way as a line. No tiles, no other host."""

from __future__ import annotations

import itertools
from math import cos, radians

import msgspec

from daji.kit import divisions
from daji.views.store_route import Route

WIDTH, HEIGHT = 640, 320
_PAD = 56
_LEAST_SPAN = 4.0
_NEAR = 6.0


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """A stop in drawing units; `anchor` is where its name is set so that it stays inside."""

    x: int
    y: int
    place: str
    state: str
    anchor: str


class Drawing(msgspec.Struct, frozen=True, kw_only=True):
    width: int
    height: int
    dots: tuple[tuple[int, int], ...]
    gone: str
    ahead: str
    marks: tuple[Mark, ...]


def draw(route: Route) -> Drawing:
    """Fit the way into WIDTH by HEIGHT, equirectangular about its middle, with the country's cities as ground."""
    lats = [stop.lat for stop in route.stops]
    lons = [stop.lon for stop in route.stops]
    middle_lat, middle_lon = (min(lats) + max(lats)) / 2, (min(lons) + max(lons)) / 2
    squeeze = cos(radians(middle_lat))
    span_x = max((max(lons) - min(lons)) * squeeze, _LEAST_SPAN)
    span_y = max(max(lats) - min(lats), _LEAST_SPAN / 2)
    scale = min((WIDTH - 2 * _PAD) / span_x, (HEIGHT - 2 * _PAD) / span_y)

    def at(lat: float, lon: float) -> tuple[int, int]:
        return (
            round(WIDTH / 2 + (lon - middle_lon) * squeeze * scale),
            round(HEIGHT / 2 - (lat - middle_lat) * scale),
        )

    points = [at(stop.lat, stop.lon) for stop in route.stops]
    marks = tuple(
        Mark(
            x=x,
            y=y,
            place=stop.place,
            state="here" if n == route.here else ("gone" if n < route.here else "ahead"),
            anchor="end" if x > WIDTH - 2 * _PAD else ("start" if x < 2 * _PAD else "middle"),
        )
        for n, (stop, (x, y)) in enumerate(zip(route.stops, points, strict=True))
    )
    return Drawing(
        width=WIDTH,
        height=HEIGHT,
        dots=tuple(
            point
            for point in (at(lat, lon) for lat, lon in _ground())
            if 0 <= point[0] <= WIDTH and 0 <= point[1] <= HEIGHT
        ),
        gone=_line(points[: route.here + 1]),
        ahead=_line(points[route.here :]),
        marks=_apart(marks),
    )


def _ground() -> list[tuple[float, float]]:
    """Every city's place."""
    return [
        (one.lat, one.lon)
        for province in divisions.children()
        for one in divisions.children(province.code)
        if one.lat is not None and one.lon is not None
    ]


def _line(points: list[tuple[int, int]]) -> str:
    """A path that bends a little, as journeys do."""
    if len(points) < 2:  # noqa: PLR2004 - a line has two ends
        return ""
    path = f"M{points[0][0]} {points[0][1]}"
    for (x1, y1), (x2, y2) in itertools.pairwise(points):
        path += f"Q{(x1 + x2) // 2} {(y1 + y2) // 2 - abs(x2 - x1) // 6} {x2} {y2}"
    return path


def _apart(marks: tuple[Mark, ...]) -> tuple[Mark, ...]:
    """Of marks that lie on each other only the last keeps its name."""
    return tuple(
        msgspec.structs.replace(mark, place="")
        if any(abs(mark.x - other.x) + abs(mark.y - other.y) < _NEAR * 4 for other in marks[n + 1 :])
        else mark
        for n, mark in enumerate(marks)
    )
