"""A replay equals an independent count: plain loops over the file with the interpreted strategy, nothing shared."""

import csv
import gzip
import json
from datetime import datetime
from pathlib import Path

import pytest

from router.strategy_replay.history_files import read_history
from router.strategy_replay.noting import Noted
from rules.city import City
from rules.decide import FactValue
from tests.replay.plain_count import STOCKHOLM, Plain, same
from tests.replay.replay_samples import SHARED, draft_city, example, graffiti, made_up_file, replayed

CHANNELS = {"Constituent Call": "phone", "Citizens Connect App": "app", "Self Service": "web", "Twitter": "web"}
OBSERVED = {"Employee Generated", "City Worker App", "Maximo Integration"}
DAYS_APART = 12
"""The 5th, 17th and 29th of each month are counted, so that the slow way ends in seconds."""


def test_a_made_up_month_is_counted_alike(tmp_path: Path) -> None:
    """Decisions, changes by rule, eligibility, hand-overs, days and groups of a JSON history equal a count by hand."""
    path = made_up_file(tmp_path / "history.jsonl")
    baseline, draft = example(), graffiti(tmp_path)
    plain = Plain(baseline, draft)
    for line in path.read_text(encoding="utf-8").splitlines():
        read = json.loads(line)
        if read.get("observed"):
            plain.observed += 1
        else:
            endings = [matter["resolution"] for matter in read.get("matters", [])]
            plain.add(read["received_at"], read["facts"], endings)
    found = replayed(baseline, draft, read_history(path, baseline, Noted()))
    assert plain.changed > 10
    same(plain, found)


def test_recorded_requests_are_counted_alike(tmp_path: Path) -> None:
    """Recorded 311 requests: reading, topics, calendars and decisions equal a slow count that shares no code."""
    if not SHARED.exists():
        pytest.skip(f"the recorded requests are not here: {SHARED.name}")
    with gzip.open(SHARED, "rt", encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        names = list(reader.fieldnames or [])
        held = [row for row in reader if int(row["OPEN_DT"][3:5]) % DAYS_APART == 5]
    path = tmp_path / "days.csv"
    _write(path, names, held)
    plain = _counted_alike(tmp_path, path)
    assert plain.contacts > 3_000
    assert plain.moved > 100
    assert len(plain.by_rule) > 1


HEADER = [
    *("CASE_ENQUIRY_ID", "OPEN_DT", "CASE_TITLE", "REASON", "TYPE", "neighborhood"),
    *("LATITUDE", "LONGITUDE", "Source"),
]
LAMP = ("Street Light Outages", "Street Lights", "Street Light Outages", "Norr")
ODD: list[tuple[str, ...]] = [
    ("1", "03/29/2015 02:30:00 AM", *LAMP, "42.3", "-71.1", "Constituent Call"),  # an hour that is not there in Sweden
    ("2", "10/25/2015 02:30:00 AM", *LAMP, "42.3", "-71.1", "Constituent Call"),  # an hour that is there twice
    ("3", "12/31/2015 11:59:59 PM", *LAMP, "", "", "Self Service"),  # no place; the last second of the year
    ("4", "01/01/2015 12:00:00 AM", 'Räksmörgås, \n"på" Åvägen', "", "", "Söder", "42.3", "-71.1", "Twitter"),
    ("5", "07/04/2015 12:00:00 PM", "", "", "", "", "42.3", "-71.1", "Citizens Connect App"),  # no words at all
    ("5", "07/04/2015 12:00:00 PM", "", "", "", "", "42.3", "-71.1", "Citizens Connect App"),  # and once again
    ("6", "07/04/2015 12:00:00 PM", *LAMP, "42.3", "-71.1", "City Worker App"),
    *((f"7{n}", f"06/0{n + 1}/2015 0{n + 1}:15:00 PM", *LAMP, "42.3", "-71.1", "Self Service") for n in range(6)),
]
BAD: list[tuple[str, ...]] = [
    ("", "07/04/2015 12:00:00 PM", *LAMP, "42.3", "-71.1", "Self Service"),
    ("8", "07/04/2015 25:00:00 PM", *LAMP, "42.3", "-71.1", "Self Service"),
    ("9", "02/29/2015 12:00:00 PM", *LAMP, "42.3", "-71.1", "Self Service"),
    ("10", "", *LAMP, "42.3", "-71.1", "Self Service"),
    ("11", "07/04/2015 12:00:00 PM", *LAMP, "north", "-71.1", "Self Service"),
    ("12", "07/04/2015 12:00:00 PM", *LAMP, "142.3", "-71.1", "Self Service"),
    ("13", "07/04/2015 12:00:00 PM", *LAMP, "42.3", "-71.1", "Telegraph"),
    ("14", "07/04/2015 12:00:00 PM"),
]


@pytest.mark.parametrize("is_packed", [False, True])
def test_odd_rows_are_counted_alike_and_bad_ones_named(tmp_path: Path, is_packed: bool) -> None:
    """Days the clock is changed, no place, no words, quoted lines: counted; what can't be read is counted apart."""
    path = tmp_path / ("odd.csv.gz" if is_packed else "odd.csv")
    _write(path, HEADER, [dict(zip(HEADER, cells, strict=False)) for cells in [*ODD, *BAD[:-1]]], BAD[-1])
    plain = _counted_alike(tmp_path, path, unreadable=len(BAD))
    assert (plain.contacts, plain.observed) == (len(ODD) - 1, 1)


def _write(path: Path, names: list[str], rows: list[dict[str, str]], short: tuple[str, ...] = ()) -> None:
    with (gzip.open if path.suffix == ".gz" else open)(path, "wt", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(rows)
        if short:
            csv.writer(file).writerow(short)


def _counted_alike(folder: Path, path: Path, *, unreadable: int = 0) -> Plain:
    """Both counts of a file of requests, held against each other."""
    baseline = example()
    draft = draft_city(folder, ("strategy.toml", '\n[[rule]]\nid = "K29"\n', _HANDED_AT_NIGHT))
    plain = Plain(baseline, draft)
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            try:
                at_ms, facts = _at_ms(row), _facts(row, baseline)
            except (ValueError, KeyError, TypeError):
                continue
            if row["Source"] in OBSERVED:
                plain.observed += 1
            else:
                plain.add(at_ms, facts, [])
    noted = Noted()
    same(plain, replayed(baseline, draft, read_history(path, baseline, noted)))
    assert noted.unreadable == unreadable
    return plain


_HANDED_AT_NIGHT = """
[[rule]]
id = "NIGHT"
tier = "E"
title = "Belysning när det är stängt: gatuenheten"
when = [{ topic = "GAT.*", calendar = { servicecenter = "closed" } }, { topic = "BYG.LOV", medium = "written" }]
then = { hand_over = { unit = "responsible" } }

[[rule]]
id = "NOTED"
tier = "E"
title = "Parken: ett förslag"
when = [{ topic = "PRK.*", medium = "voice" }]
then = { suggestions = ["check_the_map"] }

[[rule]]
id = "K29"
"""


def _at_ms(row: dict[str, str]) -> int:
    local = datetime.strptime(row["OPEN_DT"], "%m/%d/%Y %I:%M:%S %p").replace(tzinfo=STOCKHOLM)
    return round(local.timestamp() * 1000)


def _facts(row: dict[str, str], city: City) -> dict[str, FactValue]:
    words: list[str] = []
    for column in ("TYPE", "REASON", "CASE_TITLE"):
        if row[column] and row[column] not in words:
            words.append(row[column])
    suggestion = city.topics.suggest("\n" + "\n".join(words))
    channel = "app" if row["Source"] in OBSERVED else CHANNELS[row["Source"]]
    if not row["CASE_ENQUIRY_ID"] or (row["LATITUDE"] and not -90 <= float(row["LATITUDE"]) <= 90):
        raise ValueError
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
        "district": row["neighborhood"] or None,
    }
