"""The example city for tests: its own rules and queues, always open, with the patience that a test has."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from router.config import example_city
from router.demo.fast_city import FILES, copy_places, emit
from rules.calendars import DAYS

Table = dict[str, object]
PATIENT: Mapping[str, int] = {"voice": 20, "messaging": 20, "written": 60, "in_person": 20}
"""Seconds to answer an offer where a test is not about answering too late."""
HASTY = "miljo"
IMPATIENT: Table = {"offer_timeout_s": {"voice": 1, "messaging": 1, "written": 1}, "wrap_up_s": 1}


def write_city(
    target: Path,
    *,
    offer_timeout_s: Mapping[str, int] = PATIENT,
    wrap_up_s: int = 60,
    decline_cool_down_s: int = 60,
    reserve: int = 0,
) -> Path:
    """Write the example city's files with open doors and these times; its cases speak of real hours and stay behind.

    Its floor rules stay behind too: calls that one test lets wait would hold the next test's mails back for minutes.
    The queue `miljo` has no patience: a second to answer, a second of wrap-up.
    """
    target.mkdir(parents=True, exist_ok=True)
    copy_places(example_city(), target)
    ours: Table = {
        "offer_timeout_s": dict(offer_timeout_s),
        "wrap_up_s": wrap_up_s,
        "decline_cool_down_s": decline_cool_down_s,
        "reserve": reserve,
    }
    always: Table = {"weekly": {day: ["00:00-24:00"] for day in DAYS}, "holidays": "weekday", "exceptions": []}
    changes = {"queues": ("queue", ours), "calendars": ("calendar", always)}
    for name in FILES:
        document = cast("Table", tomllib.loads((example_city() / f"{name}.toml").read_text(encoding="utf-8")))
        for left in ("case", "floor_rule"):
            document.pop(left, None)
        if name in changes:
            key, change = changes[name]
            document[key] = [
                table | change | (IMPATIENT if table["id"] == HASTY else {})
                for table in cast("list[Table]", document[key])
            ]
        (target / f"{name}.toml").write_text(emit(document), encoding="utf-8")
    return target
