"""A replay equals an independent count: plain loops over the file with the interpreted strategy, nothing shared."""

import csv
import gzip
import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from router.strategy_replay.history_files import read_history
from router.strategy_replay.noting import Noted
from rules.city import City
from rules.decide import Decision, FactValue, interpret
from rules.replay.report import Report
from rules.replay.tallying import Sides
from tests.replay.replay_samples import SHARED, draft_city, example, graffiti, made_up_file, replayed

STOCKHOLM = ZoneInfo("Europe/Stockholm")
CHANNELS = {"Constituent Call": "phone", "Citizens Connect App": "app", "Self Service": "web", "Twitter": "web"}
DAYS_APART = 12
"""The 5th, 17th and 29th of each month are counted, so that the slow way ends in seconds."""


class Plain:
    """Counts one contact after the other."""

    def __init__(self, baseline: City, draft: City) -> None:
        self.cities = (baseline, draft)
        self.contacts = self.eligible = self.changed = self.moved = 0
        self.strict = [0, 0]
        self.registered = [0, 0]
        self.units: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
        self.kinds: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
        self._known: dict[str, tuple[Decision, Decision]] = {}

    def add(self, at_ms: int, facts: dict[str, FactValue], endings: list[str]) -> None:
        """One contact."""
        both: list[Decision] = []
        for city in self.cities:
            all_facts = {**facts, **city.calendar_facts(at_ms)}
            key = city.hash + json.dumps(all_facts, sort_keys=True)
            if key not in self._known:
                decision = interpret(city.strategy.strategy, city.topics, all_facts, city.strategy.receivers)
                self._known[key] = (decision, decision)
            both.append(self._known[key][0])
        before, after = both
        self.contacts += 1
        for number, decision in enumerate(both):
            self.kinds[number][decision.kind] += 1
            if decision.kind == "hand_over":
                self.units[number][decision.unit] += 1
        names = [name for name in before.__struct_fields__ if name != "trace"]
        self.changed += any(getattr(before, name) != getattr(after, name) for name in names)
        self.moved += any(getattr(before, name) != getattr(after, name) for name in ("kind", "queue", "unit"))
        topic = str(facts["topic"] or "")
        if topic in {"KOM.SÖK", "INT.SUP"} or (endings and all(ending == "spam" for ending in endings)):
            return
        self.eligible += 1
        described = self.cities[0].topics.get(topic)
        is_registered = described is not None and described.criterion == "registered_complete"
        for number, decision in enumerate(both):
            is_here = decision.kind in {"queue", "answer"}
            self.strict[number] += is_here
            self.registered[number] += is_here or is_registered


def same(plain: Plain, found: Report) -> None:
    """Every figure that both have is the same."""
    assert found.history.contacts == plain.contacts
    assert (found.changed, found.moved) == (plain.changed, plain.moved)
    assert found.history.eligible == plain.eligible
    assert [found.can.strict.before, found.can.strict.after] == plain.strict
    assert [found.can.registered.before, found.can.registered.after] == plain.registered
    assert _sides(found.units) == tuple(map(dict, plain.units))
    assert _sides(found.kinds) == tuple(map(dict, plain.kinds))


def _sides(rows: list[Sides]) -> tuple[dict[str, int], dict[str, int]]:
    return {row.name: row.before for row in rows if row.before}, {row.name: row.after for row in rows if row.after}


def test_a_made_up_month_is_counted_alike(tmp_path: Path) -> None:
    """Decisions, changes, eligibility and hand-overs of a JSON history equal a count by hand."""
    path = made_up_file(tmp_path / "history.jsonl")
    baseline, draft = example(), graffiti(tmp_path)
    plain = Plain(baseline, draft)
    for line in path.read_text(encoding="utf-8").splitlines():
        read = json.loads(line)
        if not read.get("observed"):
            endings = [matter["resolution"] for matter in read.get("matters", [])]
            plain.add(read["received_at"], read["facts"], endings)
    found = replayed(baseline, draft, read_history(path, baseline, Noted()))
    assert plain.changed > 10
    same(plain, found)


def test_held_back_boston_days_are_counted_alike(tmp_path: Path) -> None:
    """Recorded 311 requests: reading, topics, calendars and decisions equal a slow count that shares no code."""
    if not SHARED.exists():
        pytest.skip(f"the recorded requests are not here: {SHARED.name}")
    baseline = example()
    draft = draft_city(tmp_path, ("strategy.toml", '\n[[rule]]\nid = "K29"\n', _HANDED_AT_NIGHT))
    held: list[dict[str, str]] = []
    with gzip.open(SHARED, "rt", encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        names = list(reader.fieldnames or [])
        held = [row for row in reader if int(row["OPEN_DT"][3:5]) % DAYS_APART == 5]
    plain = Plain(baseline, draft)
    for row in held:
        if row["Source"] in CHANNELS:
            local = datetime.strptime(row["OPEN_DT"], "%m/%d/%Y %I:%M:%S %p").replace(tzinfo=STOCKHOLM)
            plain.add(round(local.timestamp() * 1000), _facts(row, baseline), [])
    some_days = tmp_path / "days.csv"
    with some_days.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(held)
    found = replayed(baseline, draft, read_history(some_days, baseline, Noted()))
    assert plain.contacts > 3_000
    assert plain.moved > 100
    same(plain, found)


_HANDED_AT_NIGHT = """
[[rule]]
id = "NIGHT"
tier = "E"
title = "Belysning när det är stängt: gatuenheten"
when = [{ topic = "GAT.*", calendar = { servicecenter = "closed" } }, { topic = "BYG.LOV", medium = "written" }]
then = { hand_over = { unit = "responsible" } }

[[rule]]
id = "K29"
"""


def _facts(row: dict[str, str], city: City) -> dict[str, FactValue]:
    words: list[str] = []
    for column in ("TYPE", "REASON", "CASE_TITLE"):
        if row[column] and row[column] not in words:
            words.append(row[column])
    suggestion = city.topics.suggest("\n" + "\n".join(words))
    channel = CHANNELS[row["Source"]]
    return {
        "channel": channel,
        "medium": "voice" if channel == "phone" else "written",
        "topic": suggestion.code,
        "topic_confidence": round(100 * suggestion.confidence),
        "severity": suggestion.severity,
        "sensitive_detected": suggestion.sensitive,
        "point": "received",
        "identity": "none",
        "loa": 0,
        "protection": "none",
        "attachments": 0,
        "anonymous": False,
        "has_location": row["LATITUDE"] != "",
    }
