"""Histories from files: read whole, bad rows named, nothing of their content repeated."""

import gzip
from pathlib import Path

import msgspec
import pytest

from router.demo.recorded import BadRow, LeftOut, Row, read_rows
from router.errors import ConfigurationError
from router.strategy_replay.history_files import read_history
from router.strategy_replay.noting import Noted
from rules.calendars import local_ms
from tests.replay.replay_samples import example

HEADER = "CASE_ENQUIRY_ID,OPEN_DT,CASE_TITLE,REASON,TYPE,LATITUDE,LONGITUDE,Source,neighborhood"
REQUESTS = f"""{HEADER}
1,03/29/2015 10:05:09 AM,Graffiti,Graffiti,Graffiti Removal,42.3,-71.0,Citizens Connect App,Norr
2,03/29/2015 12:00:00 AM,Light,Street Lights,Street Light Outages,,,Constituent Call,Norr
3,13/29/2015 10:05:09 AM,Secret,Secret,Secret,42.3,-71.0,Constituent Call,Norr
4,3/9/2015 1:05:09 PM,Pothole,Highway,Request for Pothole Repair,42.3,-71.0,Self Service,
5,03/29/2015 10:65:09 AM,Secret,Secret,Secret,42.3,-71.0,Constituent Call,Norr
6,03/29/2015 10:05:09 AM,Secret,Secret,Secret,99.9,-71.0,Constituent Call,Norr
7,03/29/2015 10:05:09 AM,Secret,Secret,Secret,42.3,-71.0,Carrier Pigeon,Norr
,03/29/2015 10:05:09 AM,Secret,Secret,Secret,42.3,-71.0,Constituent Call,Norr
9,03/29/2015 10:05:09 AM,too,short
10,03/29/2015 11:05:09 PM,Bins,Sanitation,Missed Trash,42.3,-71.0,Employee Generated,Söder
"""


def test_requests_are_read_as_the_plain_reader_reads_them(tmp_path: Path) -> None:
    """The same rows are contacts, the same are observed, and the same are bad for the same reason."""
    path = tmp_path / "requests.csv.gz"
    _ = path.write_bytes(gzip.compress(REQUESTS.encode()))
    noted = Noted()
    found = list(read_history(path, example(), noted))
    plain = list(read_rows(path))
    rows = [row for row in plain if isinstance(row, Row)]
    assert [(each.id, each.is_observed) for each in found] == [(row.event_id, row.is_observed) for row in rows]
    bad = [f"line {row.line}: {row.reason}" for row in plain if isinstance(row, BadRow)]
    assert list(noted.gaps().first_unreadable) == bad
    assert noted.unreadable == len(bad) == 6
    assert not [row for row in plain if isinstance(row, LeftOut)]
    assert "Secret" not in str(noted.gaps())


def test_recorded_wall_clocks_are_the_citys(tmp_path: Path) -> None:
    """Ten in the morning there is ten in the morning here, whatever the zones; place and district are known."""
    path = tmp_path / "requests.csv"
    _ = path.write_text(REQUESTS, encoding="utf-8")
    first, second, third, _ = read_history(path, example(), Noted())
    assert first.received_at == local_ms("2015-03-29 10:05") + 9_000
    assert second.received_at == local_ms("2015-03-29 00:00")
    assert third.received_at == local_ms("2015-03-09 13:05") + 9_000
    assert (first.facts["has_location"], second.facts["has_location"]) == (True, False)
    assert (first.facts["district"], third.facts["district"]) == ("Norr", None)
    assert (first.facts["topic"], first.facts["medium"], second.facts["medium"]) == ("PRK.KLO", "written", "voice")


LINES = """{"id": "a", "received_at": "2026-09-07T10:00:00Z", "facts": {"channel": "phone", "topic": "GAT.BEL"}}
{"id": "b", "received_at": 1788775200000, "facts": {"channel": "pigeon"}, "person": "p1", "observed": false}
{"id": "c", "received_at": "2026-09-07T10:00:00", "facts": {}}
{"id": "d", "received_at": 1, "facts": {"topic": 1.5}}
not json at all

{"id": "", "received_at": 1, "facts": {}}
{"id": "e", "received_at": -1, "facts": {}}
{"id": "f", "received_at": 5, "facts": {}, "matters": [{"topic": "X", "resolution": "answered"}], "secret": 1}
"""


def test_json_lines_are_read_and_bad_ones_named(tmp_path: Path) -> None:
    """Good lines are contacts, with the channel's medium; bad ones are named by line and what was expected."""
    path = tmp_path / "history.jsonl"
    _ = path.write_text(LINES, encoding="utf-8")
    noted = Noted()
    found = list(read_history(path, example(), noted))
    assert [(each.id, each.facts.get("medium"), each.person) for each in found] == [
        ("a", "voice", ""),
        ("b", None, "p1"),
    ]
    assert found[0].received_at == local_ms("2026-09-07 12:00")
    assert noted.gaps().unknown_channels == {"pigeon": 1}
    assert [text.partition(":")[0] for text in noted.gaps().first_unreadable] == [
        f"line {n}" for n in (3, 4, 5, 7, 8, 9)
    ]


def test_a_list_of_contacts_is_a_history_too(tmp_path: Path) -> None:
    """One JSON list is read like lines."""
    path = tmp_path / "history.json"
    lines = [msgspec.json.decode(line) for line in LINES.splitlines()[:2]]
    _ = path.write_bytes(msgspec.json.format(msgspec.json.encode(lines)))
    assert [each.id for each in read_history(path, example(), Noted())] == ["a", "b"]


@pytest.mark.parametrize(
    ("content", "says"), [(b"", "expected 311"), (b"a,b\n1,2\n", "expected 311"), (b"[1, 2", "expected a JSON list")]
)
def test_other_files_are_refused(tmp_path: Path, content: bytes, says: str) -> None:
    """What is none of the formats is refused by what was expected."""
    path = tmp_path / "history"
    _ = path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=says):
        list(read_history(path, example(), Noted()))


def test_a_damaged_file_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    """Rows before the damage count, the damage is named."""
    whole = gzip.compress((REQUESTS + "\n".join(REQUESTS.splitlines()[1:3] * 4000)).encode())
    path = tmp_path / "requests.csv.gz"
    _ = path.write_bytes(whole[: len(whole) // 2])
    noted = Noted()
    assert list(read_history(path, example(), noted))
    assert noted.gaps().first_unreadable[-1].endswith("the file is damaged from here on")
