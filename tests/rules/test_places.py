import json
import random
from collections.abc import Mapping
from pathlib import Path

import pytest
import shapely
from shapely.geometry.base import BaseGeometry

from router.clock import elapsed_s
from router.errors import StrategyError
from rules.city import City, load_city
from rules.compile import compile_strategy
from rules.decide import decide, interpret
from rules.places import NOWHERE, Feature, Place, Places, parse_geojson, read_places
from rules.strategy import HandOver, Outcome, Rule
from rules.tables import Table
from tests.rules.rules_samples import BOOK, RECEIVERS, strategy_of
from tests.rules.spoiled_city import EXAMPLE, copy_city, spoil

FILE = "places.geojson"
PARK, STREET, COURTYARD = (59.3025, 17.996), (59.3080, 18.00215), (59.3112, 18.036)
STATE_ROAD, PRIVATE_ROAD, SEA = (59.281, 17.93), (59.266, 17.913), (59.30, 19.5)


@pytest.fixture(scope="module")
def city() -> City:
    """The example city."""
    return load_city(EXAMPLE)


@pytest.mark.parametrize(
    ("point", "place"),
    [
        (PARK, Place("centrum", "stadsparken", "park", "", "park")),
        (STREET, Place("centrum", "drift_norr", "gata", "gata", "gata")),
        (COURTYARD, Place("oster", "drift_norr", "bostadsbolaget", "", "bostadsbolaget")),
        (STATE_ROAD, Place("vaster", "drift_soder", "trafikverket", "trafikverket", "")),
        (PRIVATE_ROAD, Place("vaster", "drift_soder", "samfallighet", "", "")),
    ],
)
def test_a_point_has_what_the_shapes_about_it_say(city: City, point: tuple[float, float], place: Place) -> None:
    """Park in a larger area, road, tenants' yard; what others own has no unit of the city by chance."""
    assert city.places.at(*point) == place


def test_out_of_town_nothing_is_known(city: City) -> None:
    """A point outside every shape has no fact at all, and neither has any point of a city without places."""
    assert city.places.at(*SEA) == NOWHERE
    assert set(NOWHERE.facts().values()) == {None}
    assert Places().at(*PARK) == NOWHERE


def test_every_point_in_town_has_one_district_and_one_area(city: City) -> None:
    """The districts and areas cover the town without a hole: no report falls between two of them."""
    rng = random.Random(4)  # noqa: S311 (repeatable points, no secret)
    for _ in range(2_000):
        place = city.places.at(rng.uniform(59.25, 59.352), rng.uniform(17.89, 18.10))

        assert place.district
        assert place.maintenance_area
        assert place.owner


def test_the_nearest_of_two_roads_counts() -> None:
    """Where the reaches of two roads meet, the road whose line is nearer has the point; their order is no matter."""
    shapes = [_road("north", 59.3010), _road("south", 59.3000)]
    for features in (shapes, shapes[::-1]):
        places = read_places({"type": "FeatureCollection", "features": list(features)}, {"north", "south"})

        assert places.at(59.3008, 18.0).owner == "north"
        assert places.at(59.3002, 18.0).owner == "south"


def _road(name: str, lat: float) -> Mapping[str, object]:
    line = {"type": "LineString", "coordinates": [[17.9, lat], [18.1, lat]]}
    properties = {"kind": "road", "id": name, "name_sv": name, "unit": name, "buffer_m": 80}
    return {"type": "Feature", "properties": properties, "geometry": line}


@pytest.mark.parametrize("is_eastward", [True, False])
def test_a_road_reaches_as_far_in_every_direction(is_eastward: bool) -> None:
    """The buffer is in metres, in the north too, where a degree of longitude is half as long as one of latitude."""
    ends = [[17.9, 59.3], [18.1, 59.3]] if is_eastward else [[18.0, 59.2], [18.0, 59.4]]
    metre = 1 / 111_195 if is_eastward else 1 / (111_195 * 0.5105)
    properties = {"kind": "road", "id": "r", "name_sv": "r", "unit": "gata", "buffer_m": 10}
    feature = {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": "LineString", "coordinates": ends},
    }
    places = read_places({"type": "FeatureCollection", "features": [feature]}, {"gata"})

    for metres, unit in ((9, "gata"), (11, ""), (-9, "gata"), (-11, "")):
        beside = (59.3 + metres * metre, 18.0) if is_eastward else (59.3, 18.0 + metres * metre)
        assert places.at(*beside).unit == unit, metres


SPOILED = [
    ('"kind": "district"', '"kind": "distrikt"', ("feature 1 centrum", "kind", '"district"')),
    ('"unit": "park"', '"unit": "parken"', ("stadsparken", "unit", '"park"')),
    ('"owner": "trafikverket"', '"owner": "trafikverk"', ("riksvag_57", "owner", '"trafikverket"')),
    ('"road_authority": "gata"', '"road_authority": "gatan"', ("storgatan", "road_authority", '"gata"')),
    ('"name_sv": "Centrum"', '"namn": "Centrum"', ("feature 1 centrum", "namn", '"name_sv"')),
    ('"id": "norr"', '"id": "centrum"', ("feature 2 centrum", "id", "of its own")),
    ('"id": "norr"', '"id": ""', ("feature 2", "id", "empty")),
    ('"buffer_m": 20', '"buffer_m": 0', ("riksvag_57", "buffer_m", "> 0")),
    ('"type": "Polygon"', '"type": "Polygone"', ("feature 1 centrum", "geometry.type", '"Polygon"')),
    ('"type": "LineString"', '"type": "Polygon"', ("riksvag_57", "geometry.type", "LineString")),
    ("[17.975, 59.292]", '["17.975", 59.292]', ("feature 1 centrum", "geometry.coordinates", "[lon, lat]")),
    ("[17.975, 59.292]", "[17.975]", ("feature 1 centrum", "geometry.coordinates", "[lon, lat]")),
    ("[17.975, 59.292]", "[17.975, 159.292]", ("feature 1 centrum", "geometry.coordinates", "[lon, lat]")),
    ("[17.975, 59.292]", "[17.976, 59.292]", ("feature 1 centrum", "geometry.coordinates", "ends where it begins")),
    ("[17.988, 59.288]", "[17.988, 59.330]", ("feature 1 centrum", "geometry.coordinates", "cross itself")),
    ('"FeatureCollection"', '"Features"', ("type", '"FeatureCollection"')),
    ('"type": "Feature",', '"type": "Shape",', ("feature 1", "type", '"Feature"')),
    ('"features": [', '"features": [[],', ("feature 1", "an object")),
    ('"features": [', '"features": [,', ("expected JSON",)),
]


@pytest.mark.parametrize(("old", "new", "said"), SPOILED, ids=[new for _, new, _ in SPOILED])
def test_a_mistake_names_feature_cell_and_the_nearest_word(
    tmp_path: Path, old: str, new: str, said: tuple[str, ...]
) -> None:
    """Who draws the map is told where it is wrong and what was expected, and the city does not load."""
    folder = copy_city(tmp_path)
    spoil(folder, FILE, old, new)

    with pytest.raises(StrategyError) as raised:
        _ = load_city(folder)
    for word in (FILE, *said):
        assert word in raised.value.detail


def test_any_json_is_refused_by_name_or_read(city: City) -> None:
    """Whatever stands in the file, nothing but the named mistake comes out."""
    oddities: list[Table] = [{}, {"type": "FeatureCollection"}, {"type": "FeatureCollection", "features": [None]}]
    for odd in oddities:
        with pytest.raises(StrategyError):
            _ = read_places(odd, city.units)
    for text in (b"[]", b'"x"', b"\xff", b""):
        with pytest.raises(StrategyError):
            _ = parse_geojson(text)


def test_the_places_are_part_of_what_the_city_s_hash_names(tmp_path: Path, city: City) -> None:
    """Another owner of a park is another city; no places at all is a city too."""
    folder = copy_city(tmp_path)
    spoil(folder, FILE, '"unit": "park"', '"unit": "gata"')
    changed = load_city(folder)
    (folder / FILE).unlink()

    assert len({city.hash, changed.hash, load_city(folder).hash}) == 3
    assert load_city(folder).places.at(*PARK) == NOWHERE


def test_owner_of_place_is_the_place_s_unit_its_owner_or_the_topic_s() -> None:
    """The unit that looks after the place, else the unit that owns it, and where neither is one, the responsible."""
    rule = Rule("R", "E", Outcome(hand_over=HandOver("owner_of_place", "fault")))
    strategy = strategy_of(rule)
    compiled = compile_strategy(strategy, BOOK, RECEIVERS)
    for facts, unit in (
        ({"topic": "GAT.HÅL", "place_unit": "park"}, "park"),
        ({"topic": "GAT.HÅL", "place_unit": "kultur", "owner": "park"}, "kultur"),
        ({"topic": "GAT.HÅL", "owner": "park"}, "park"),
        ({"topic": "GAT.HÅL", "place_unit": "trafikverket", "owner": "park"}, "park"),
        ({"topic": "GAT.HÅL", "owner": "trafikverket"}, "gata"),
        ({"topic": "GAT.HÅL"}, "gata"),
        ({"topic": "GAT.HÅL", "place_unit": 3}, "gata"),
        ({"topic": "GAT.HÅL", "place_unit": "park"}, "park"),
    ):
        assert decide(compiled, facts).unit == unit
        assert decide(compiled, facts) == interpret(strategy, BOOK, facts, RECEIVERS)


def test_a_look_up_takes_no_longer_than_a_decision_may(city: City) -> None:
    """Fifty microseconds a point in the example city, and in one with ten thousand plots."""
    plots = [
        (Feature("ownership", f"p{n}", "plot", unit="gata"), _square(18 + n % 100 * 0.001, 59 + n // 100 * 0.001))
        for n in range(10_000)
    ]
    rng = random.Random(5)  # noqa: S311 (repeatable points, no secret)
    for places, south, west, size in ((city.places, 59.25, 17.9, 0.1), (Places(plots, {"gata"}), 59.0, 18.0, 0.1)):
        crowds = [[(south + rng.random() * size, west + rng.random() * size) for _ in range(20)] for _ in range(200)]
        best = sorted(_seconds(places, points) for points in crowds)[20] / 20  # not the machine's other work

        assert best < 50e-6, f"{best * 1e6:.1f} microseconds"


def _square(lon: float, lat: float) -> BaseGeometry:
    return shapely.box(lon, lat, lon + 0.0009, lat + 0.0009)


def _seconds(places: Places, points: list[tuple[float, float]]) -> float:
    started = elapsed_s()
    for lat, lon in points:
        _ = places.at(lat, lon)
    return elapsed_s() - started


def test_the_file_is_geojson_that_map_programs_read() -> None:
    """Longitude before latitude, one feature a line, ids that a rule can name."""
    read = json.loads((EXAMPLE / FILE).read_text(encoding="utf-8"))

    assert read["type"] == "FeatureCollection"
    assert {feature["properties"]["kind"] for feature in read["features"]} == {
        "district",
        "maintenance_area",
        "ownership",
        "road",
    }
