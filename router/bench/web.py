"""The web: reports a second by Open311 and by posted JSON, durable, each about a place of its own."""

import asyncio
from collections.abc import Callable
from itertools import count
from typing import NamedTuple
from urllib.parse import urlencode

import msgspec

from router.bench.figures import Figure, at_least, percentile, told
from router.bench.load import Poster
from router.bench.processes import cpu_by_part
from router.bench.service import Service, quiet, service
from router.clock import elapsed_s
from router.errors import Unavailable

BUDGET = 100
LANES = 32
KEY = "a-key-for-measuring-alone"
CONFIG = f"""
[channels.open311]
keys = {{ bench = "{KEY}" }}

[channels.posted.forms.bench]
channel = "app"
key = "{KEY}"
id = "id"
map = {{ topic = "topic", text = "text", "location.lat" = "lat", "location.lon" = "lon" }}
"""
TEXT = "Djupt hål i cykelbanan, barnen cyklar omkull."
FORM = "application/x-www-form-urlencoded"
_encode = msgspec.json.Encoder().encode


class Way(NamedTuple):
    """One door that reports come by."""

    name: str
    path: str
    media_type: str
    taken: int
    report: Callable[[int], bytes]


def place_of(number: int) -> tuple[float, float]:
    """A place that no other report is near."""
    return 59.24 + number // 100 * 0.001, 17.9 + number % 100 * 0.002


def by_open311(number: int) -> bytes:
    """A request as FixMyStreet posts it."""
    lat, lon = place_of(number)
    said = {"api_key": KEY, "service_code": "GAT.HAL", "lat": lat, "long": lon, "description": f"{TEXT} ({number})"}
    return urlencode(said).encode()


def by_form(number: int) -> bytes:
    """A report as an app posts it."""
    lat, lon = place_of(number)
    return _encode({"id": f"b{number}", "topic": "GAT.HÅL", "text": TEXT, "lat": lat, "lon": lon})


WAYS = (
    Way("Open311", "/open311/v2/requests.xml", FORM, 200, by_open311),
    Way("posted JSON", "/v1/forms/bench", "application/json", 202, by_form),
)


async def bench_web(*, is_quick: bool = False) -> list[Figure]:
    """A second's reports by each door; how long one takes; what it costs where."""
    seconds = 1.0 if is_quick else 6.0
    figures: list[Figure] = []
    async with service(config=CONFIG) as target:
        numbers = count()
        for way in WAYS:
            figures += await _measured(target, way, seconds, numbers)
    return figures


async def _measured(target: Service, way: Way, seconds: float, numbers: "count[int]") -> list[Figure]:
    await _load(target.url, way, 0.5, numbers)
    await quiet(target)
    before = cpu_by_part(target.pids)
    took, elapsed = await _load(target.url, way, seconds, numbers)
    after = cpu_by_part(target.pids)
    return [
        at_least(f"web, {way.name} to a durable contact", len(took) / elapsed, "reports/s", BUDGET),
        told(f"web, {way.name}, p50 of a post, {LANES} connections", percentile(took, 0.5) * 1000, "ms"),
        told(f"web, {way.name}, p99 of a post, {LANES} connections", percentile(took, 0.99) * 1000, "ms"),
        *(
            told(
                f"web, {way.name}, CPU of the {part} for one report",
                (after[part] - before[part]) / len(took) * 1e3,
                "ms",
            )
            for part in after
        ),
    ]


async def _load(url: str, way: Way, seconds: float, numbers: "count[int]") -> tuple[list[float], float]:
    """Every connection posts again as soon as it is answered: the times that it took, and the whole time."""
    started = elapsed_s()
    lanes = await asyncio.gather(*(_lane(url, way, started + seconds, numbers) for _ in range(LANES)))
    return [each for lane in lanes for each in lane], elapsed_s() - started


async def _lane(url: str, way: Way, until: float, numbers: "count[int]") -> list[float]:
    poster = Poster(url, KEY, way.path, way.media_type)
    took: list[float] = []
    while elapsed_s() < until:
        began = elapsed_s()
        status, answer = await poster.post(way.report(next(numbers)))
        if status != way.taken:
            raise Unavailable(f"{status}: {answer.decode(errors='replace')}")
        took.append(elapsed_s() - began)
    poster.close()
    return took
