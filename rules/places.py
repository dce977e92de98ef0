"""Places: which district, maintenance area, owner and road authority a point has, from a city's `places.geojson`.

Owns the shapes and the look-up. Knows nothing of contacts; a point outside every shape has nothing known about it.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Literal

import msgspec
import shapely
from shapely.geometry.base import BaseGeometry

from rules.tables import Place as Where
from rules.tables import Table, as_struct

PLACES = "places.geojson"
Kind = Literal["district", "maintenance_area", "ownership", "road"]
KINDS: tuple[Kind, ...] = ("road", "ownership", "maintenance_area", "district")
"""The most telling first: a road crosses what others own, and a named owner stands before a maintenance area."""
AREAS = ("Polygon", "MultiPolygon")
LINES = ("LineString", "MultiLineString")
METRES_PER_DEGREE = 111_195.0
LEAST_RING = 4
LATITUDES, LONGITUDES = 90.0, 180.0
MOST_FEATURES = 100_000

Position = Annotated[list[float], msgspec.Meta(min_length=2, max_length=3)]
Line = Annotated[list[Position], msgspec.Meta(min_length=2)]
Polygon = Annotated[list[Line], msgspec.Meta(min_length=1)]
_SHAPES: Mapping[str, object] = {
    "Polygon": Polygon,
    "MultiPolygon": Annotated[list[Polygon], msgspec.Meta(min_length=1)],
    "LineString": Line,
    "MultiLineString": Annotated[list[Line], msgspec.Meta(min_length=1)],
}


class Place(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is known of a point; an empty word is not known."""

    district: str = ""
    maintenance_area: str = ""
    owner: str = ""
    """Who owns it: a unit or somebody a resident is referred to."""
    road_authority: str = ""
    unit: str = ""
    """The unit that looks after it; empty when nobody of the city does."""

    def facts(self) -> dict[str, str | None]:
        """What rules may ask about the place, by the names of facts; what is not known is unknown."""
        return {
            "district": self.district or None,
            "maintenance_area": self.maintenance_area or None,
            "owner": self.owner or None,
            "road_authority": self.road_authority or None,
            "place_unit": self.unit or None,
        }


NOWHERE = Place()


class Feature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The properties of one shape."""

    kind: Kind
    id: str
    name_sv: str
    unit: str = ""
    """The unit that looks after it."""
    owner: str = ""
    """A unit or a referral; left out, the unit owns it."""
    road_authority: str = ""
    """A unit or a referral: who decides about the road."""
    buffer_m: Annotated[float, msgspec.Meta(gt=0, le=200)] = 10.0
    """A road reaches so far from its line, on both sides."""

    @property
    def says_whose(self) -> bool:
        """Whether it says who owns or looks after it."""
        return bool(self.owner or self.unit)


class Places:
    """All shapes of a city, indexed; the same file always gives the same answers."""

    def __init__(self, shapes: Iterable[tuple[Feature, BaseGeometry]] = (), units: Iterable[str] = ()) -> None:
        """Shapes as they are in the file, in degrees; `units` are the city's own."""
        given = list(shapes)
        self._units = frozenset(units)
        self._plane = _Plane.about([shape for _, shape in given])
        drawn = [(feature, self._plane.flat(shape)) for feature, shape in given]
        drawn.sort(key=lambda pair: (KINDS.index(pair[0].kind), pair[1].area, pair[0].id))
        self.features = tuple(feature for feature, _ in drawn)
        self._lines = [shape for _, shape in drawn]
        reach = [shape.buffer(f.buffer_m) if f.kind == "road" else shape for f, shape in drawn]
        self._tree = shapely.STRtree(reach)
        shapely.prepare(reach)

    def at(self, lat: float, lon: float) -> Place:
        """What is known of a point (WGS 84). Of several roads the nearest counts, of several areas the smallest."""
        if not self.features:
            return NOWHERE
        point = shapely.Point(self._plane.x(lon), self._plane.y(lat))
        found: dict[Kind, int] = {}
        roads: list[int] = []
        near: list[int] = self._tree.query(point, predicate="intersects").tolist()
        for index in sorted(near):
            kind = self.features[index].kind
            if kind == "road":
                roads.append(index)
            found.setdefault(kind, index)
        if len(roads) > 1:
            found["road"] = min(roads, key=lambda index: (self._lines[index].distance(point), index))
        return self._place({kind: self.features[index] for kind, index in found.items()})

    def _place(self, found: Mapping[Kind, Feature]) -> Place:
        """Whoever owns or looks after it by the most telling shape; another's ground has no unit of ours by chance."""
        whose = next((found[kind] for kind in KINDS if kind in found and found[kind].says_whose), None)
        district, area, road = (found.get(kind) for kind in ("district", "maintenance_area", "road"))
        owner = (whose.owner or whose.unit) if whose else ""
        return Place(
            district=district.id if district else "",
            maintenance_area=area.id if area else "",
            owner=owner,
            road_authority=road.road_authority if road else "",
            unit=(whose.unit or (owner if owner in self._units else "")) if whose else "",
        )

    def ids(self, kind: Kind) -> frozenset[str]:
        """The ids of all shapes of a kind."""
        return frozenset(feature.id for feature in self.features if feature.kind == kind)


class _Plane(msgspec.Struct, frozen=True):
    """Degrees as metres on a plane about the city: right to a few centimetres in a hundred metres."""

    lat: float = 0.0
    lon: float = 0.0

    @classmethod
    def about(cls, shapes: Sequence[BaseGeometry]) -> "_Plane":
        if not shapes:
            return cls()
        west, south, east, north = shapely.GeometryCollection(list(shapes)).bounds
        return cls((south + north) / 2, (west + east) / 2)

    def x(self, lon: float) -> float:
        return (lon - self.lon) * METRES_PER_DEGREE * math.cos(math.radians(self.lat))

    def y(self, lat: float) -> float:
        return (lat - self.lat) * METRES_PER_DEGREE

    def flat(self, shape: BaseGeometry) -> BaseGeometry:
        east, north = METRES_PER_DEGREE * math.cos(math.radians(self.lat)), METRES_PER_DEGREE
        return shapely.transform(shape, lambda points: (points - [self.lon, self.lat]) * [east, north])


def read_places(content: Table, units: Iterable[str], referrals: Iterable[str] = ()) -> Places:
    """The places of a `places.geojson` already read; every mistake names feature and cell."""
    top = Where(PLACES)
    if content.get("type") != "FeatureCollection":
        raise top.mistake("type", f'expected "FeatureCollection", got {content.get("type")!r}')
    raw = content.get("features")
    parts: list[object] = list(raw) if isinstance(raw, list) else []  # pyright: ignore[reportUnknownArgumentType] (any JSON value)
    if not isinstance(raw, list) or len(parts) > MOST_FEATURES:
        raise top.mistake("features", f"expected a list of at most {MOST_FEATURES} features")
    owned, names = frozenset(units), frozenset(referrals)
    shapes: dict[tuple[Kind, str], tuple[Feature, BaseGeometry]] = {}
    for number, part in enumerate(parts, 1):
        feature, shape = _read_feature(number, part, owned, names)
        if (feature.kind, feature.id) in shapes:
            raise Where(PLACES, f"feature {number} {feature.id}").mistake(
                "id", f"expected an id of its own among those of kind {feature.kind}, this one is taken"
            )
        shapes[feature.kind, feature.id] = feature, shape
    return Places(shapes.values(), owned)


def _read_feature(
    number: int, part: object, units: frozenset[str], referrals: frozenset[str]
) -> tuple[Feature, BaseGeometry]:
    where = Where(PLACES, f"feature {number}")
    table = _table(where, "", part)
    if table.get("type") != "Feature":
        raise where.mistake("type", f'expected "Feature", got {table.get("type")!r}')
    properties = _table(where, "properties", table.get("properties"))
    where = Where(PLACES, f"feature {number} {properties.get('id', '')}".rstrip())
    feature = as_struct(where, properties, Feature)
    if not feature.id:
        raise where.mistake("id", "expected a word, got an empty one")
    if feature.unit:
        where.check("unit", "a unit", feature.unit, units)
    for cell, word in (("owner", feature.owner), ("road_authority", feature.road_authority)):
        if word:
            where.check(cell, "a unit or a referral", word, units | referrals)
    if feature.road_authority and feature.kind != "road":
        raise where.mistake("road_authority", f"expected only with kind road, this is a {feature.kind}")
    if feature.kind == "district" and feature.says_whose:
        raise where.mistake("owner", "expected no owner or unit: a district owns nothing, use an ownership area")
    return feature, _read_shape(where, feature.kind, table.get("geometry"))


def _table(where: Where, cell: str, value: object) -> Table:
    if not isinstance(value, dict):
        raise where.mistake(cell, "expected an object")
    return {str(key): part for key, part in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] (any JSON value)


def _read_shape(where: Where, kind: Kind, value: object) -> BaseGeometry:
    geometry = _table(where, "geometry", value)
    wanted = LINES if kind == "road" else AREAS
    shape_type = str(geometry.get("type"))
    where.check("geometry.type", f"{' or '.join(wanted)} for a {kind}", shape_type, wanted)
    try:
        coordinates = msgspec.convert(geometry.get("coordinates"), _SHAPES[shape_type])
    except msgspec.ValidationError as error:
        raise where.mistake("geometry.coordinates", f"expected points [lon, lat]: {error}") from error
    lines = _lines_of(coordinates)
    for line in lines:
        _check_line(where, line, is_ring=kind != "road")
    shape = _drawn(where, shape_type, coordinates)
    if not shape.is_valid:
        why = shapely.is_valid_reason(shape)
        raise where.mistake("geometry.coordinates", f"expected an area that does not cross itself: {why}")
    return shape


def _lines_of(coordinates: object) -> list[list[list[float]]]:
    """Every line or ring inside, however deep it lies."""
    parts: list[object] = list(coordinates) if isinstance(coordinates, list) else []  # pyright: ignore[reportUnknownArgumentType] (checked before)
    if parts and isinstance(parts[0], list) and parts[0] and isinstance(parts[0][0], float):
        return [msgspec.convert(parts, Line)]
    return [line for part in parts for line in _lines_of(part)]


def _check_line(where: Where, line: Sequence[Sequence[float]], *, is_ring: bool) -> None:
    for lon, lat, *_ in line:
        if not (abs(lat) <= LATITUDES and abs(lon) <= LONGITUDES):
            raise where.mistake("geometry.coordinates", f"expected a point [lon, lat], got [{lon}, {lat}]")
    if is_ring and (len(line) < LEAST_RING or line[0] != line[-1]):
        raise where.mistake("geometry.coordinates", "expected a ring of at least 4 points that ends where it begins")


def _drawn(where: Where, shape_type: str, coordinates: object) -> BaseGeometry:
    try:
        text = msgspec.json.encode({"type": shape_type, "coordinates": coordinates}).decode()
        return shapely.transform(shapely.from_geojson(text), lambda points: points)
    except shapely.errors.ShapelyError as error:
        raise where.mistake("geometry.coordinates", f"expected a {shape_type}: {error}") from error


def parse_geojson(text: bytes) -> Table:
    """The JSON of a `places.geojson`."""
    try:
        return _table(Where(PLACES), "", msgspec.json.decode(text))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Where(PLACES).mistake("", f"expected JSON: {error}") from error
