"""Histories from files: 311 requests, a call centre's calls, or contacts as JSON lines. Only reads.

A record from elsewhere has wall clock time: ten in the morning there is ten in the morning in the city. A row that
can't be read is named by its line and skipped; nothing of what stood in it is repeated.
"""

import csv
import gzip
import zlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from pathlib import Path
from zoneinfo import ZoneInfo

from channels.registry import CHANNELS
from router.demo.recorded import (
    CHANNELS_311,
    NEEDED_311,
    NEEDED_BANK,
    OBSERVED_311,
    TIME_311,
    ZONE_BANK,
    BadRow,
    LeftOut,
    Row,
    opened,
    parse_311,
    parsed,
    read_rows,
)
from router.errors import ConfigurationError
from router.strategy_replay.json_lines import read_contacts
from router.strategy_replay.noting import Noted
from rules.city import City
from rules.decide import FactValue
from rules.replay.history import DISTRICT, Recorded
from rules.topics import Suggestion

DISTRICT_311 = "neighborhood"
SOURCES_311 = OBSERVED_311.union(CHANNELS_311)
LONGEST_HEADER = 100_000
_PAST_MS = {f":{second // 60:02}:{second % 60:02}": second * 1000 for second in range(3600)}
"""Every minute and second as they stand in a stamp, and how long after the full hour that is."""

Facts = Mapping[str, FactValue]


def read_history(path: Path, city: City, noted: Noted) -> Iterator[Recorded]:
    """Every contact of a file whose kind its beginning tells, one at a time.

    Raises:
        ConfigurationError: the file can't be opened or is none of the known kinds.
    """
    try:
        with opened(path) as file:
            try:
                head = file.readline(LONGEST_HEADER).strip("\r\n\ufeff")
            except (EOFError, zlib.error):
                head = ""
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror or type(error).__name__}", field="FILE") from None
    if head.lstrip().startswith(("{", "[")):
        return read_contacts(path, noted)
    if set(NEEDED_311) <= set(head.split(",")):
        return _requests(path, head.split(","), city, noted)
    if set(NEEDED_BANK) <= set(head.split("\t")):
        return _calls(path, city, noted)
    raise ConfigurationError(
        f"{path}: expected 311 requests (CSV), a call centre's calls (TSV) or contacts (JSON lines)", field="FILE"
    )


class _Words:
    """Facts by words, channel and place; equal ones are one object, so that they are looked at once."""

    def __init__(self, city: City) -> None:
        self._topics = city.topics
        self._suggested: dict[str, Suggestion] = {}
        self._kept: dict[tuple[str, str, bool, str, str], Facts] = {}
        self._same: dict[tuple[FactValue, ...], Facts] = {}

    def facts(self, channel: str, text: str, has_location: bool, district: str, language: str = "") -> Facts:
        """What intake would know of such a contact when it comes from nobody it knows."""
        key = (channel, text, has_location, district, language)
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = self._made(*key)
        return found

    def _made(self, channel: str, text: str, has_location: bool, district: str, language: str) -> Facts:
        suggestion = self._suggested.get(text)
        if suggestion is None:
            suggestion = self._suggested[text] = self._topics.suggest(f"\n{text}")
        facts: dict[str, FactValue] = {
            "point": "received",
            "channel": channel,
            "medium": CHANNELS[channel].medium,
            "topic": suggestion.code,
            "topic_confidence": round(suggestion.confidence * 100),
            "severity": suggestion.severity,
            "identity": "none",
            "loa": 0,
            "protection": "none",
            "language": language or None,
            "attachments": 0,
            "sensitive_detected": suggestion.sensitive,
            "anonymous": False,
            "has_location": has_location,
            DISTRICT: district or None,
        }
        return self._same.setdefault(tuple(facts.values()), facts)


class _WallClock:
    """Recorded wall clock time as moments in the city's zone; each hour is worked out once."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._hours: dict[str, int] = {}

    def at_ms(self, stamp: str) -> int:
        """A moment such as `01/31/2015 12:20:09 AM`.

        Raises:
            ValueError: it is no such moment.
        """
        past_ms = _PAST_MS.get(stamp[13:19])
        if past_ms is None:
            return self._ms(datetime.strptime(stamp, TIME_311).replace(tzinfo=self._zone))
        hour = stamp[:13] + stamp[19:]
        begins = self._hours.get(hour)
        if begins is None:
            begins = self._ms(datetime.strptime(hour, "%m/%d/%Y %I %p").replace(tzinfo=self._zone))
            self._hours[hour] = begins
        return begins + past_ms

    @staticmethod
    def _ms(moment: datetime) -> int:
        return round(moment.timestamp() * 1000)


class _Columns:
    """Where the cells of a 311 request stand, and what is read of them; what alike requests say is worked out once."""

    def __init__(self, names: Sequence[str], city: City) -> None:
        at = {name: number for number, name in enumerate(names)}
        told = (at["TYPE"], at["REASON"], at["CASE_TITLE"])
        area = (at[DISTRICT_311],) if DISTRICT_311 in at else ()
        self._names = names
        self._id, self._opened, self._source = at["CASE_ENQUIRY_ID"], at["OPEN_DT"], at["Source"]
        self._lat, self._lon = at["LATITUDE"], at["LONGITUDE"]
        self._said = itemgetter(self._source, *told, *area)
        self._facts: dict[tuple[bool, tuple[str, ...]], Facts] = {}
        self._words, self._clock = _Words(city), _WallClock(ZoneInfo(city.info.tz))

    def recorded(self, cells: Sequence[str]) -> Recorded | None:
        """The contact; None for a row that can't be read."""
        if len(cells) != len(self._names) or not cells[self._id] or cells[self._source] not in SOURCES_311:
            return None
        try:
            received_at = self._clock.at_ms(cells[self._opened])
            has_location = _has_location(cells[self._lat], cells[self._lon])
        except ValueError:
            return None
        said = self._said(cells)
        facts = self._facts.get((has_location, said))
        if facts is None:
            facts = self._facts[has_location, said] = self._made(has_location, *said)
        return Recorded(cells[self._id], received_at, facts, is_observed=cells[self._source] in OBSERVED_311)

    def _made(self, has_location: bool, source: str, kind: str, reason: str, title: str, district: str = "") -> Facts:
        channel = "app" if source in OBSERVED_311 else CHANNELS_311[source]
        text = "\n".join(dict.fromkeys(part for part in (kind, reason, title) if part))
        return self._words.facts(channel, text, has_location, district)

    def reason(self, line: int, cells: Sequence[str]) -> str:
        """Why a row can't be read, as the plain reader says it."""
        read = parsed(line, self._names, cells, parse_311)
        return read.reason if isinstance(read, BadRow) else "not a row of the format"


def _requests(path: Path, names: Sequence[str], city: City, noted: Noted) -> Iterator[Recorded]:
    """311 requests, as `router.demo.recorded` reads them, without what a decision does not need."""
    columns = _Columns(names, city)
    for line, cells in _cells(path, noted):
        contact = columns.recorded(cells)
        if contact is None:
            noted.bad(line, columns.reason(line, cells))
        else:
            yield contact


def _has_location(lat: str, lon: str) -> bool:
    """Whether a point is told.

    Raises:
        ValueError: what is told is no point.
    """
    if not lat.strip() and not lon.strip():
        return False
    if not (-90 <= float(lat) <= 90 and -180 <= float(lon) <= 180):  # noqa: PLR2004 # degrees
        raise ValueError("no point on earth")
    return True


def _cells(path: Path, noted: Noted) -> Iterator[tuple[int, list[str]]]:
    with opened(path) as file:
        reader = csv.reader(file)
        next(reader, None)
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                noted.bad(line, "not a row of the format")
                continue
            except (EOFError, gzip.BadGzipFile, zlib.error):
                noted.bad(line, "the file is damaged from here on")
                return
            if cells:
                yield line, cells


def _calls(path: Path, city: City, noted: Noted) -> Iterator[Recorded]:
    """A call centre's calls."""
    words, zone = _Words(city), ZoneInfo(city.info.tz)
    for row in read_rows(path):
        match row:
            case BadRow():
                noted.bad(row.line, row.reason)
            case LeftOut():
                noted.no_contacts += 1
            case Row():
                wall = datetime.fromtimestamp(row.received_ms / 1000, ZONE_BANK).replace(tzinfo=zone)
                inbound = row.inbound
                facts = words.facts(inbound.channel, inbound.text, False, "", inbound.person.language)
                yield Recorded(row.event_id, round(wall.timestamp() * 1000), facts, is_observed=row.is_observed)
