"""Allocation of scarce things to wishes: so far, of order lines to the sites that ship them."""

from __future__ import annotations

from daji.algorithms.allocation.geo import EARTH_RADIUS_KM, Point, haversine_km
from daji.algorithms.allocation.sourcing import Line, Parcel, Plan, Reason, Site, plan

__all__ = ["EARTH_RADIUS_KM", "Line", "Parcel", "Plan", "Point", "Reason", "Site", "haversine_km", "plan"]
