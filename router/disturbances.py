"""Disturbances: what is out of order where, as a supervisor has declared it, and whether a report falls under it. Pure.

Knows no city: who asks brings the district of the point.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta

METRES_PER_DEGREE = 111_195.0
Lon = Annotated[float, Meta(ge=-180, le=180)]
Lat = Annotated[float, Meta(ge=-90, le=90)]


class Point(NamedTuple):
    """Where a report is about, in WGS 84."""

    lat: float
    lon: float


class Area(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Where: a district, a circle (lat, lon, radius_m) or a polygon; exactly one of them."""

    district: Annotated[str, Meta(max_length=60)] = ""
    """Its id in the city's places."""
    lat: Lat | None = None
    lon: Lon | None = None
    radius_m: Annotated[int, Meta(ge=0, le=50_000)] = 0
    polygon: Annotated[tuple[tuple[Lon, Lat], ...], Meta(max_length=500)] = ()
    """Corners [lon, lat], three or more; the last may repeat the first."""

    @property
    def ways(self) -> int:
        """In how many ways the area is said; anything but one is a mistake."""
        is_circle = self.lat is not None or self.lon is not None or self.radius_m > 0
        return sum((bool(self.district), is_circle, bool(self.polygon)))

    def covers(self, point: Point, district: str) -> bool:
        """Whether a point, with the district that it lies in, is inside."""
        if self.district:
            return self.district == district
        if self.polygon:
            return _is_inside(point, self.polygon)
        if self.lat is None or self.lon is None:
            return False
        return metres_between(Point(self.lat, self.lon), point) <= self.radius_m


class Disturbance(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is out of order, for whom it matters, and what residents are told."""

    id: str
    topics: tuple[str, ...]
    """Codes, or groups such as `VAT.*`."""
    area: Area
    message_sv: str
    message_en: str = ""
    expected_end_at: int = 0
    """When it is thought to be mended (epoch ms); 0 when nobody knows."""

    def message(self, language: str) -> str:
        """What residents are told, in English where they read that and there is some."""
        return self.message_en if language.startswith("en") and self.message_en else self.message_sv

    def is_about(self, topic: str) -> bool:
        """Whether reports about this topic fall under it."""
        return any(topic == each or (each.endswith(".*") and topic.startswith(each[:-1])) for each in self.topics)


class Match(NamedTuple):
    """Whether a report falls under a disturbance that stands."""

    is_known: bool | None
    """None when it can't be told: there is one, but not where the report is about, or about what."""
    disturbance: str = ""


def match(standing: Iterable[Disturbance], topic: str, point: Point | None, district: str) -> Match:
    """The first disturbance, in their order, that a report about this topic and point falls under."""
    fitting = [each for each in standing if not topic or each.is_about(topic)]
    if not fitting:
        return Match(False)
    if not topic or point is None:
        return Match(None)
    found = next((each.id for each in fitting if each.area.covers(point, district)), "")
    return Match(bool(found), found)


def metres_between(one: Point, other: Point) -> float:
    """How far two points of a city are from each other; on the plane, which is right to a thousandth there."""
    north = (other.lat - one.lat) * METRES_PER_DEGREE
    east = (other.lon - one.lon) * METRES_PER_DEGREE * math.cos(math.radians(one.lat))
    return math.hypot(north, east)


def _is_inside(point: Point, corners: Sequence[tuple[float, float]]) -> bool:
    """Whether a ray from the point crosses the outline an odd number of times."""
    is_inside = False
    before_lon, before_lat = corners[-1]
    for lon, lat in corners:
        if (lat > point.lat) != (before_lat > point.lat):
            crosses_at = lon + (point.lat - lat) * (before_lon - lon) / (before_lat - lat)
            is_inside ^= point.lon < crosses_at
        before_lon, before_lat = lon, lat
    return is_inside
