"""Recorded contacts from files, row by row: a city's 311 requests, a call centre's calls. Only reads.

A row that can't be read is named by its line and its column and skipped; what stood in it is never repeated.
"""

import csv
import gzip
import zlib
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, cast
from zoneinfo import ZoneInfo

import msgspec

from channels.inbound import InboundContact, InboundPerson, Location
from router.errors import ConfigurationError

GZIP_MAGIC = b"\x1f\x8b"
LONGEST_HEADER = 100_000
CHANNELS_311 = {"Constituent Call": "phone", "Citizens Connect App": "app", "Self Service": "web", "Twitter": "web"}
OBSERVED_311 = frozenset({"Employee Generated", "City Worker App", "Maximo Integration"})
"""Never were at the desk: counted for reach, not routed."""
ZONE_311 = ZoneInfo("America/New_York")
TIME_311 = "%m/%d/%Y %I:%M:%S %p"
ZONE_BANK = ZoneInfo("Asia/Jerusalem")
KINDS_BANK = {
    "PS": "regular activity", "PE": "regular activity", "IN": "internet consulting", "NE": "stock exchange activity",
    "NW": "a new customer asks", "TT": "a call back that was asked for",
}  # fmt: skip
NEEDED_311 = ("CASE_ENQUIRY_ID", "OPEN_DT", "CASE_TITLE", "REASON", "TYPE", "LATITUDE", "LONGITUDE", "Source")
NEEDED_BANK = ("vru+line", "call_id", "type", "date", "vru_entry", "q_time", "outcome", "ser_time")
LONGEST_CALL_S = 4 * 3600


class Row(msgspec.Struct, frozen=True):
    """One recorded contact."""

    line: int
    event_id: str
    inbound: InboundContact
    received_ms: int
    is_observed: bool = False
    patience_s: float | None = None
    """After so long this caller hung up."""
    handling_s: float = 0.0


class BadRow(msgspec.Struct, frozen=True):
    """A row that can't be read."""

    line: int
    reason: str


class LeftOut(msgspec.Struct, frozen=True):
    """A row that is no contact."""

    line: int


class _Mistake(Exception):
    """Why a row can't be read."""


Read = Row | BadRow | LeftOut
Parser = Callable[[int, dict[str, str]], Read]


def read_rows(path: Path) -> Iterator[Read]:
    """Every row of a file whose header is known, one at a time.

    Raises:
        ConfigurationError: the file can't be opened, or its header is not known.
    """
    try:
        with opened(path) as file:
            yield from _rows(file, path)
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror or type(error).__name__}", field="FILE") from None


def opened(path: Path) -> IO[str]:
    """The file as text, unpacked when it is gzipped."""
    with path.open("rb") as file:
        is_gzip = file.read(2) == GZIP_MAGIC
    if is_gzip:
        return cast("IO[str]", gzip.open(path, "rt", encoding="utf-8", errors="replace", newline=""))
    return path.open(encoding="utf-8", errors="replace", newline="")


def _rows(file: IO[str], path: Path) -> Iterator[Read]:
    try:
        header = file.readline(LONGEST_HEADER).strip("\r\n\ufeff")
    except (EOFError, zlib.error):
        header = ""
    delimiter, parse = _kind(header, path)
    names = next(csv.reader([header], delimiter=delimiter))
    reader = csv.reader(file, delimiter=delimiter, quoting=csv.QUOTE_NONE if delimiter == "\t" else csv.QUOTE_MINIMAL)
    while True:
        line = reader.line_num + 2
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield BadRow(line, "not a row of the format")
            continue
        except (EOFError, gzip.BadGzipFile, zlib.error):
            yield BadRow(line, "the file is damaged from here on")
            return
        if cells:
            yield parsed(line, names, cells, parse)


def _kind(header: str, path: Path) -> tuple[str, Parser]:
    """The format by its header."""
    for delimiter, needed, parse in ((",", NEEDED_311, parse_311), ("\t", NEEDED_BANK, parse_call)):
        if set(needed) <= set(header.split(delimiter)):
            return delimiter, parse
    raise ConfigurationError(f"{path}: expected the header of 311 requests or of the call centre's calls", field="FILE")


def parsed(line: int, names: Sequence[str], cells: Sequence[str], parse: Parser) -> Read:
    """One row, or why it can't be read."""
    if len(cells) != len(names):
        return BadRow(line, f"{len(cells)} columns instead of {len(names)}")
    try:
        return parse(line, dict(zip(names, cells, strict=True)))
    except _Mistake as mistake:
        return BadRow(line, str(mistake))


def parse_311(line: int, row: dict[str, str]) -> Read:
    """A request to 311: type, reason and title are its words; place and people's names are left alone."""
    source = row["Source"]
    if source not in CHANNELS_311 and source not in OBSERVED_311:
        raise _Mistake("Source: not a known one")
    if not row["CASE_ENQUIRY_ID"]:
        raise _Mistake("CASE_ENQUIRY_ID: empty")
    received = _moment("OPEN_DT", row["OPEN_DT"], TIME_311, ZONE_311)
    words = list(dict.fromkeys(part for part in (row["TYPE"], row["REASON"], row["CASE_TITLE"]) if part))
    inbound = InboundContact(
        channel=CHANNELS_311.get(source, "app"),
        text="\n".join(words),
        location=_place(row["LATITUDE"], row["LONGITUDE"]),
        received_at=received,
    )
    return Row(line, row["CASE_ENQUIRY_ID"], inbound, _ms(received), is_observed=source in OBSERVED_311)


def parse_call(line: int, row: dict[str, str]) -> Read:
    """A call to the bank: arrival, patience of who hung up, service time of the others. Who rang is left alone."""
    if row["outcome"] == "PHANTOM":
        return LeftOut(line)
    if row["outcome"] not in {"AGENT", "HANG"}:
        raise _Mistake("outcome: neither AGENT, HANG nor PHANTOM")
    if row["type"] not in KINDS_BANK:
        raise _Mistake("type: not a known one")
    is_hang = row["outcome"] == "HANG"
    wait_s, service_s = _seconds("q_time", row["q_time"]), _seconds("ser_time", row["ser_time"])
    received = _moment("vru_entry", f"{row['date']} {row['vru_entry']}", "%y%m%d %H:%M:%S", ZONE_BANK)
    person = InboundPerson(language="en" if row["type"] == "PE" else "")
    inbound = InboundContact(channel="phone", text=KINDS_BANK[row["type"]], person=person, received_at=received)
    event_id = f"{row['vru+line']}-{row['call_id']}-{row['date']}-{row['vru_entry']}"
    return Row(line, event_id, inbound, _ms(received), patience_s=wait_s if is_hang else None, handling_s=service_s)


def _moment(column: str, text: str, pattern: str, zone: ZoneInfo) -> datetime:
    try:
        moment = datetime.strptime(text, pattern).replace(tzinfo=zone)
    except ValueError:
        raise _Mistake(f"{column}: not a time") from None
    return moment.astimezone(UTC)


def _ms(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def _seconds(column: str, text: str) -> float:
    try:
        seconds = int(text)
    except ValueError:
        raise _Mistake(f"{column}: not a number") from None
    if not 0 <= seconds <= LONGEST_CALL_S:
        raise _Mistake(f"{column}: out of range")
    return float(seconds)


def _place(lat: str, lon: str) -> Location | None:
    if not lat.strip() and not lon.strip():
        return None
    try:
        return msgspec.convert({"lat": float(lat), "lon": float(lon)}, Location)
    except (ValueError, msgspec.ValidationError):
        raise _Mistake("LATITUDE, LONGITUDE: not a place") from None
