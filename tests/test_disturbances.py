"""Which reports a disturbance explains: topic and place must be known, and unknown is not false."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.disturbances import Area, Disturbance, Match, Point, match, metres_between

HERE = Point(59.2968, 18.0012)
FAR = Point(59.33, 18.06)
CIRCLE = Area(lat=HERE.lat, lon=HERE.lon, radius_m=600)
SQUARE = Area(polygon=((17.99, 59.29), (18.01, 59.29), (18.01, 59.30), (17.99, 59.30)))
CENTRE = Area(district="centrum")


def water(area: Area = CIRCLE, name: str = "leak") -> Disturbance:
    """A burst main."""
    return Disturbance(name, ("VAT.*", "KRI.STÖ"), area, "Vattnet är avstängt")


@pytest.mark.parametrize("area", [CIRCLE, SQUARE, CENTRE])
def test_a_report_of_its_topic_in_its_area_is_explained(area: Area) -> None:
    """A circle, a polygon or a district; another topic and another place are not."""
    assert match([water(area)], "VAT.LÄC", HERE, "centrum") == Match(True, "leak")
    assert match([water(area)], "KRI.STÖ", HERE, "centrum") == Match(True, "leak")
    assert match([water(area)], "VATTEN", HERE, "centrum") == Match(False)
    assert match([water(area)], "GAT.HÅL", HERE, "centrum") == Match(False)
    assert match([water(area)], "VAT.LÄC", FAR, "norr") == Match(False)


def test_what_is_not_known_of_the_report_leaves_it_open() -> None:
    """Without place or topic it may be explained or not; where nothing could explain it, it is not."""
    assert match([water()], "VAT.LÄC", None, "") == Match(None)
    assert match([water()], "", HERE, "centrum") == Match(None)
    assert match([water()], "GAT.HÅL", None, "") == Match(False)
    assert match([], "", None, "") == Match(False)


def test_the_first_declared_that_fits_is_named() -> None:
    """Two over one place: the report is linked to one of them, always the same."""
    both = [water(SQUARE, "first"), water(CIRCLE, "second")]

    assert match(both, "VAT.LÄC", HERE, "") == Match(True, "first")
    assert match([water(Area(district="norr"), "other"), *both], "VAT.LÄC", HERE, "centrum").disturbance == "first"


@given(st.floats(0, 2 * math.pi), st.floats(0.0, 3.0))
def test_a_circle_reaches_its_radius_in_every_direction(direction: float, part: float) -> None:
    """Inside up to the radius and outside beyond it, to a metre, in the north as well."""
    north, east = (part * 600 * turn(direction) for turn in (math.cos, math.sin))
    degree = 111_195
    point = Point(HERE.lat + north / degree, HERE.lon + east / degree / math.cos(math.radians(HERE.lat)))

    assert abs(metres_between(HERE, point) - part * 600) < 1
    if abs(part - 1) > 0.01:
        assert CIRCLE.covers(point, "") == (part < 1)


@given(st.integers(0, 3), st.floats(17.95, 18.05), st.floats(59.25, 59.35))
def test_a_polygon_s_first_corner_is_no_matter(turn: int, lon: float, lat: float) -> None:
    """The same ring begun anywhere, closed or not, turned either way, covers the same points."""
    corners = SQUARE.polygon
    ring = corners[turn:] + corners[:turn]
    wanted = 17.99 < lon < 18.01 and 59.29 < lat < 59.30

    for polygon in (ring, (*ring, ring[0]), ring[::-1]):
        if min(abs(lon - 17.99), abs(lon - 18.01), abs(lat - 59.29), abs(lat - 59.30)) > 1e-9:
            assert Area(polygon=polygon).covers(Point(lat, lon), "") == wanted


@pytest.mark.parametrize(
    ("area", "ways"),
    [
        (Area(), 0),
        (CIRCLE, 1),
        (SQUARE, 1),
        (CENTRE, 1),
        (Area(lat=59.0), 1),
        (Area(district="centrum", radius_m=5), 2),
        (Area(district="centrum", lat=1.0, lon=1.0, radius_m=5, polygon=SQUARE.polygon), 3),
    ],
)
def test_an_area_knows_in_how_many_ways_it_is_said(area: Area, ways: int) -> None:
    """Whoever checks it refuses all but one."""
    assert area.ways == ways
