"""A copy of a city's folder in fast motion: every duration divided by the speed, and its calendars standing still.

The rules, queues, skills, units and topics are the city's own. It is always a working day's forenoon, so that the show
is the same at night; what is closed then stays closed. Cases are left out: they speak of real time. So are the floor
rules of a copy whose waits are nobody's: they would stop work for minutes that its people spend in milliseconds.
"""

import json
import re
import shutil
import tomllib
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import cast

from rules.calendars import DAYS
from rules.city import load_city
from rules.duty import DUTY_CHAINS
from rules.organisation import OFFER_TIMEOUT_S, Queue
from rules.places import PLACES

FILES = ("city", "queues", "skills", "units", "agreements", "calendars", "topics", "strategy", "duty_chains")
"""The last need not be there."""
SHORTEST_OFFER_S, SHORTEST_WRAP_UP_S = 2, 3
"""Below this the clicks of the simulated agents, which take real time, would often come too late."""
FORENOON = datetime(2026, 2, 3, 9, 0, tzinfo=UTC)
"""An ordinary Tuesday, 10:00 in Stockholm."""
_QUEUE_DEFAULTS = {"target_s": 32_400, "wrap_up_s": 90, "decline_cool_down_s": 300, "max_wait_s": 1_800}

Document = dict[str, object]


_THRESHOLD = re.compile(r"([<>]=?)([0-9]+)")


def write_fast_city(source: Path, target: Path, speed: float, now_ms: int, *, has_floor_rules: bool = True) -> None:
    """Write the copy."""
    city = load_city(source)
    is_open = city.calendar_states(int(FORENOON.timestamp() * 1000))
    target.mkdir(parents=True, exist_ok=True)
    copy_places(source, target)
    for name in FILES:
        if name == "duty_chains" and not (source / DUTY_CHAINS).exists():
            continue
        document = cast("Document", tomllib.loads((source / f"{name}.toml").read_text(encoding="utf-8")))
        document.pop("case", None)
        if not has_floor_rules:
            document.pop("floor_rule", None)
        if name == "calendars":
            document["calendar"] = [_standing(each, is_open, now_ms) for each in _tables(document, "calendar")]
        elif name == "queues":
            tables = _tables(document, "queue")
            document["queue"] = [_fast_queue(each, city.queues[str(each["id"])], speed) for each in tables]
        else:
            document = cast("Document", _faster(document, speed))
        (target / f"{name}.toml").write_text(emit(document), encoding="utf-8")


def copy_places(source: Path, target: Path) -> None:
    """A city's places are the same at any speed; it need not have any."""
    if (source / PLACES).exists():
        shutil.copy(source / PLACES, target / PLACES)


def _tables(document: Document, key: str) -> list[Document]:
    return cast("list[Document]", document[key])


def _standing(calendar: Document, is_open: Mapping[str, str], now_ms: int) -> Document:
    """Open round the clock, or not before three days from now."""
    today = datetime.fromtimestamp(now_ms / 1000, UTC).weekday()
    if is_open[str(calendar["id"])] == "open":
        return {**calendar, "weekly": {day: ["00:00-24:00"] for day in DAYS}, "holidays": "weekday", "exceptions": []}
    return {**calendar, "weekly": {DAYS[(today + 3) % 7]: ["12:00-13:00"]}, "holidays": "weekday", "exceptions": []}


def _fast_queue(table: Document, queue: Queue, speed: float) -> Document:
    media = queue.media
    timeouts = {medium: queue.offer_timeout_s.get(medium, OFFER_TIMEOUT_S[medium]) for medium in media}
    whole: Document = {
        **_QUEUE_DEFAULTS, **table,
        "targets_s": {medium: queue.target_for(medium) for medium in media},
        "offer_timeout_s": timeouts,
    }  # fmt: skip
    fast = cast("Document", _faster(whole, speed))
    shortest = {medium: max(SHORTEST_OFFER_S, round(seconds / speed)) for medium, seconds in timeouts.items()}
    wrap_up_s = max(SHORTEST_WRAP_UP_S, cast("int", fast["wrap_up_s"]))
    return {**fast, "offer_timeout_s": shortest, "wrap_up_s": wrap_up_s}


def _faster(value: object, speed: float, key: str = "") -> object:
    """Whole numbers under keys that end in `_s` are seconds, alone or after a sign: `">600"`."""
    if isinstance(value, dict):
        table = cast("Document", value)
        return {name: _faster(part, speed, key if key.endswith("_s") else name) for name, part in table.items()}
    if isinstance(value, list):
        return [_faster(part, speed, key) for part in cast("list[object]", value)]
    if key.endswith("_s") and isinstance(value, int) and value > 0:
        return max(1, round(value / speed))
    if key.endswith("_s") and isinstance(value, str) and (threshold := _THRESHOLD.fullmatch(value)):
        sign, seconds = threshold.groups()
        return f"{sign}{_faster(int(seconds), speed, key)}"
    return value


def emit(document: Document) -> str:
    """TOML for a document whose top level holds tables and lists of tables."""
    lines: list[str] = []
    for key, value in document.items():
        if isinstance(value, dict):
            lines += [f"[{key}]", *_rows(cast("Document", value))]
        else:
            for table in cast("list[Document]", value):
                lines += [f"[[{key}]]", *_rows(table)]
    return "\n".join(lines) + "\n"


def _rows(table: Document) -> list[str]:
    return [f"{_quoted(key)} = {_inline(value)}" for key, value in table.items()]


def _inline(value: object) -> str:
    if isinstance(value, dict):
        inner = cast("Document", value)
        return "{" + ", ".join(f"{_quoted(key)} = {_inline(part)}" for key, part in inner.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_inline(part) for part in cast("list[object]", value)) + "]"
    return value.isoformat() if isinstance(value, date) else _quoted(value)


def _quoted(value: object) -> str:
    """Strings, numbers and booleans are written in TOML as in JSON."""
    return json.dumps(value, ensure_ascii=False)
