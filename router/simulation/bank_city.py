"""The recorded call centre as a city: one queue, one skill for each kind of call, priority as the strategy says it.

Written as the files that every city has and loaded as any other, so that the same strategy language decides.
"""

import tempfile
from collections.abc import Iterable
from pathlib import Path

from router.demo.fast_city import emit
from router.simulation.bank import HEAD_START_S
from rules.city import City, load_city

QUEUE, UNIT, ALWAYS = "calls", "bank", "always"
ALL_DAY = "00:00-24:00"
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def skill_of(kind: str) -> str:
    """The skill that a kind of call asks for."""
    return f"kind_{kind.lower()}"


def topic_of(kind: str) -> str:
    """The topic code of a kind of call."""
    return f"BANK.{kind}"


def bank_city(kinds: Iterable[str], *, reserve: int = 0) -> City:
    """The city; `reserve` others stay idle before its queue's written work is offered."""
    codes = sorted(kinds)
    queue = {
        "id": QUEUE,
        "name_sv": QUEUE,
        "media": ["voice", "in_person", "written"],
        "calendar": ALWAYS,
        "reserve": reserve,
        "max_wait_s": 86_400,
    }
    files: dict[str, dict[str, object]] = {
        "city": {"city": {"name": "Recorded call centre", "tz": "UTC"}},
        "topics": {"topic": [{"code": topic_of(kind), "sv": kind, "en": kind, "unit": UNIT} for kind in codes]},
        "skills": {"skill": [{"id": skill_of(kind), "name_sv": kind} for kind in codes]},
        "calendars": {"calendar": [_always()]},
        "units": {"unit": [{"id": UNIT, "name_sv": UNIT, "kind": "department", "calendar": ALWAYS}]},
        "queues": {"queue": [queue]},
        "agreements": {"agreement": list[object]()},
        "strategy": {
            "meta": {"version": "recorded", "default_queue": QUEUE},
            "rule": [_priority(), *(_rule(kind) for kind in codes)],
        },
    }
    with tempfile.TemporaryDirectory(prefix="bank-city-") as folder:
        for name, document in files.items():
            (Path(folder) / f"{name}.toml").write_text(emit(document), encoding="utf-8")
        return load_city(folder)


def _always() -> dict[str, object]:
    return {"id": ALWAYS, "name_sv": ALWAYS, "holidays": "weekday", "weekly": {day: [ALL_DAY] for day in WEEK}}


def _priority() -> dict[str, object]:
    return {"id": "PRIORITY", "tier": "D", "when": [{"severity": "P2"}], "then": {"head_start_s": HEAD_START_S}}


def _rule(kind: str) -> dict[str, object]:
    then = {"queue": QUEUE, "require": {skill_of(kind): 1}, "keep": [skill_of(kind)]}
    return {"id": f"KIND-{kind}", "tier": "E", "when": [{"topic": topic_of(kind)}], "then": then}
