"""Reads recorded days of a call centre (the "Anonymous Bank", TSV, also gzipped): calls that reached the queue.

Every row that is not such a call is counted by its reason; nothing is mended that isn't counted too. Customer numbers
are never read.
"""

import csv
import gzip
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from router.errors import ConfigurationError

NEEDED = (
    "priority", "type", "date", "vru_exit", "q_start", "q_time", "outcome", "ser_start", "ser_time", "server"
)  # fmt: skip
DAY_S, HOUR_S = 86_400, 3_600
LONGEST_WAIT_S = HOUR_S
LONGEST_SERVICE_S = 4 * HOUR_S
NO_SERVER = "NO_SERVER"
PRIORITY = "2"
HEAD_START_S = 90
"""Priority customers are placed as if they had waited so long."""
NOON_S = 14 * HOUR_S
"""Where a day is cut into its two halves: the bank's forenoon shift ends then."""


class Call(msgspec.Struct, frozen=True):
    """One call that reached the queue, or an agent at once; seconds of the day, past midnight they go on."""

    at_s: int
    kind: str
    is_priority: bool | None
    """None: not recorded, as for everybody who did not have to wait."""
    has_queued: bool
    is_served: bool
    wait_s: int
    begins_s: int = 0
    service_s: int = 0
    server: str = ""
    """Empty when nobody's name was recorded."""

    @property
    def ends_s(self) -> int:
        """When the service was over."""
        return self.begins_s + self.service_s

    @property
    def is_late(self) -> bool:
        """Whether it came in the day's second half."""
        return self.at_s >= NOON_S


class Recorded(msgspec.Struct, frozen=True):
    """What files hold."""

    days: dict[str, tuple[Call, ...]]
    """`yymmdd` -> calls in the order of their arrival."""
    rows: int
    left_out: dict[str, int]
    """Rows that are no call of the queue, by reason."""
    mended: dict[str, int]
    """Rows that are used although something in them was wrong, by what it was."""


class _LeftOut(Exception):
    """Why a row is no call of the queue."""


class _Reader:
    def __init__(self, names: list[str]) -> None:
        self._at = {name: place for place, name in enumerate(names)}
        self._width = len(names)
        self.left_out: Counter[str] = Counter()
        self.mended: Counter[str] = Counter()

    def read(self, cells: list[str]) -> tuple[str, Call] | None:
        """A row's day and call; None when it was left out."""
        try:
            return self._call(self._in_columns(cells))
        except _LeftOut as why:
            self.left_out[str(why)] += 1
            return None

    def _in_columns(self, cells: list[str]) -> dict[str, str]:
        if len(cells) == self._width - 1:
            split = [part for cell in cells for part in (cell.split() or [""])]
            if len(split) == self._width:
                self.mended["shifted_columns"] += 1
                cells = split
        if len(cells) != self._width:
            raise _LeftOut("wrong_number_of_columns")
        return {name: cells[place].strip() for name, place in self._at.items()}

    def _call(self, row: dict[str, str]) -> tuple[str, Call]:
        outcome, day = row["outcome"], row["date"]
        if outcome == "PHANTOM":
            raise _LeftOut("phantom")
        if outcome not in {"AGENT", "HANG"} or not (len(day) == len("yymmdd") and day.isdigit()):
            raise _LeftOut("unreadable")
        joined, wait_s = _time_s(row["q_start"]), _number(row["q_time"])
        if outcome == "HANG" and not joined:
            raise _LeftOut("left_before_the_queue")
        if not 0 <= wait_s <= LONGEST_WAIT_S:
            raise _LeftOut("absurd_wait")
        if row.get("vru_time", "").startswith("-"):
            self.mended["negative_time_before_the_queue"] += 1
        at_s = joined or _time_s(row["vru_exit"])
        call = Call(
            at_s=at_s,
            kind=row["type"],
            is_priority=row["priority"] == PRIORITY if joined else None,
            has_queued=joined > 0,
            is_served=outcome == "AGENT",
            wait_s=wait_s,
        )
        return day, self._served(call, row) if call.is_served else call

    def _served(self, call: Call, row: dict[str, str]) -> Call:
        service_s, began = _number(row["ser_time"]), _time_s(row["ser_start"])
        if not 0 <= service_s <= LONGEST_SERVICE_S:
            raise _LeftOut("absurd_service")
        if not began:
            self.mended["no_start_of_service"] += 1
            began = call.at_s + call.wait_s
        elif began < call.at_s - HOUR_S:
            self.mended["past_midnight"] += 1
            began += DAY_S
        if row["server"] == NO_SERVER:
            self.mended["nobody_named"] += 1
        server = "" if row["server"] == NO_SERVER else row["server"]
        return msgspec.structs.replace(call, begins_s=began, service_s=service_s, server=server)


def _time_s(text: str) -> int:
    try:
        hours, minutes, seconds = map(int, text.split(":"))
    except ValueError:
        raise _LeftOut("unreadable") from None
    found = hours * HOUR_S + minutes * 60 + seconds
    if not 0 <= found < DAY_S:
        raise _LeftOut("unreadable")
    return found


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise _LeftOut("unreadable") from None


def read_bank(paths: Iterable[Path]) -> Recorded:
    """Every day of the files.

    Raises:
        ConfigurationError: a file can't be opened, its header is not known, or it holds no call.
    """
    days: dict[str, list[Call]] = defaultdict(list)
    left_out: Counter[str] = Counter()
    mended: Counter[str] = Counter()
    rows = 0
    for path in paths:
        before = rows
        lines = _lines(path)
        names = next(lines, list[str]())
        if missing := [name for name in NEEDED if name not in names]:
            raise ConfigurationError(f"{path}: no column {missing[0]}; expected the bank's calls as TSV", field="FILE")
        reader = _Reader(names)
        for cells in lines:
            rows += 1
            found = reader.read(cells)
            if found is not None:
                days[found[0]].append(found[1])
        left_out += reader.left_out
        mended += reader.mended
        if rows == before:
            raise ConfigurationError(f"{path}: no calls", field="FILE")
    ordered = {day: tuple(sorted(days[day], key=lambda call: call.at_s)) for day in sorted(days)}
    return Recorded(ordered, rows, dict(left_out.most_common()), dict(mended.most_common()))


def _lines(path: Path) -> Iterator[list[str]]:
    try:
        with path.open("rb") as raw:
            is_gzip = raw.read(2) == b"\x1f\x8b"
        with (gzip.open if is_gzip else open)(path, "rt", encoding="utf-8", errors="replace", newline="") as file:
            yield from csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
    except (OSError, EOFError, zlib.error, csv.Error) as error:
        raise ConfigurationError(
            f"{path}: {getattr(error, 'strerror', None) or type(error).__name__}", field="FILE"
        ) from None
