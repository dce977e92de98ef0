"""Where open reports of faults are: a grid of cells about 55 metres wide, read to find reports of the same.

A hint, like the index of persons: what it names is looked up before it is believed. A contact leaves it when the
store forgets the contact.
"""

import math
from typing import cast

from router.disturbances import Point, metres_between
from router.lifecycle import OVER
from router.store.runner import Runner

ROWS_PER_DEGREE, COLUMNS_PER_DEGREE = 2_000, 1_000
COLUMNS = 400_000
METRES_PER_DEGREE = 111_195
MOST = 50
"""Reports of one row of cells that are looked at, the first ones."""
MOST_SPAN = 10


def cell_of(point: Point) -> int:
    """The number of the point's cell: row by row from the south-west."""
    return _row(point.lat) * COLUMNS + _column(point.lon)


def point_text(point: Point) -> str:
    """The point as the contact's hash keeps it, to a metre."""
    return f"{point.lat:.5f} {point.lon:.5f}"


def _row(lat: float) -> int:
    return math.floor((lat + 90) * ROWS_PER_DEGREE)


def _column(lon: float) -> int:
    return math.floor((lon + 180) * COLUMNS_PER_DEGREE)


def _spans(point: Point, radius_m: int) -> list[tuple[int, int]]:
    """First and last cell of each row of cells that the circle touches."""
    up = math.ceil(radius_m * ROWS_PER_DEGREE / METRES_PER_DEGREE)
    width_m = METRES_PER_DEGREE * max(math.cos(math.radians(point.lat)), 0.01) / COLUMNS_PER_DEGREE
    aside = min(math.ceil(radius_m / width_m), MOST_SPAN)
    row, column = _row(point.lat), _column(point.lon)
    return [
        (each * COLUMNS + max(column - aside, 0), each * COLUMNS + min(column + aside, COLUMNS - 1))
        for each in range(row - up, row + up + 1)
    ]


NO_WORK = OVER | {"answered"}
"""States of a report that nobody mends anything for: one that follows another is followed by none."""


class FaultIndex:
    """Finds open reports by where they are."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._keys = runner.keys

    async def near(self, point: Point, topic: str, *, radius_m: int, since_ms: int, but: str = "") -> list[str]:
        """Open contacts about this topic within so many metres, received since, nearest first; without `but` itself."""
        ids = [each for each in await self._candidates(point, radius_m) if each != but]
        read = [
            self._runner.reads.call("HMGET", self._keys.contact(each), "state", "topic", "received_at", "point")
            for each in ids
        ]
        found: list[tuple[float, str]] = []
        for contact, reply in zip(ids, [await each for each in read], strict=True):
            state, about, received_at, where = (
                part.decode() if part else "" for part in cast("list[bytes | None]", reply)
            )
            if state and state not in NO_WORK and about == topic and where and int(received_at or 0) >= since_ms:
                away_m = metres_between(point, _read_point(where))
                if away_m <= radius_m:
                    found.append((away_m, contact))
        return [contact for _, contact in sorted(found)]

    async def put(self, contact: str, point: Point) -> None:
        """A contact has turned out to report a fault: the index is a hint, and may come after the contact."""
        await self._runner.write("ZADD", self._keys.faults, cell_of(point), contact)

    async def _candidates(self, point: Point, radius_m: int) -> list[str]:
        asked = [
            self._runner.reads.call("ZRANGE", self._keys.faults, first, last, "BYSCORE", "LIMIT", 0, MOST)
            for first, last in _spans(point, radius_m)
        ]
        rows = [cast("list[bytes]", await each) for each in asked]
        return [contact.decode() for row in rows for contact in row]


def _read_point(text: str) -> Point:
    lat, _, lon = text.partition(" ")
    return Point(float(lat), float(lon))
