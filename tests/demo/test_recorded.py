"""Recorded files: both formats by their header, bad rows named and never repeated, nothing crashes."""

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from router.demo.recorded import BadRow, LeftOut, Row, read_rows
from router.errors import ConfigurationError

COLUMNS_311 = (
    "CASE_ENQUIRY_ID,OPEN_DT,TARGET_DT,CLOSED_DT,OnTime_Status,CASE_STATUS,CLOSURE_REASON,CASE_TITLE,SUBJECT,REASON,TYPE,"
    "QUEUE,Department,Location,LATITUDE,LONGITUDE,Source"
)
COLUMNS_BANK = (
    "vru+line\tcall_id\tcustomer_id\tpriority\ttype\tdate\tvru_entry\tvru_exit\tvru_time\tq_start\tq_exit\tq_time\toutcome\t"
    "ser_start\tser_exit\tser_time\tserver"
)


def request(
    number: str = "1",
    opened: str = "07/01/2015 12:20:09 PM",
    title: str = "Pothole",
    lat: str = "59.27",
    lon: str = "15.21",
    source: str = "Constituent Call",
) -> str:
    """A made-up 311 row."""
    address = '"1 Made-up St, Nowhere"'
    return f"{number},{opened},,,ONTIME,Open,,{title},Works,Highway,Repair,Q,D,{address},{lat},{lon},{source}"


def call(outcome: str = "AGENT", wait: str = "17", talk: str = "54", kind: str = "PS", day: str = "990103") -> str:
    """A made-up call."""
    return (
        f"AA0101\t1\t0\t0\t{kind}\t{day}\t9:15:20\t9:15:26\t6\t9:15:26\t9:15:43\t{wait}\t{outcome}\t9:15:43\t9:16:37\t"
        f"{talk}\tNOBODY"
    )


def write(path: Path, header: str, *rows: str) -> Path:
    """A file of these rows."""
    path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return path


def only(path: Path) -> Row:
    """The one row of a file, which must be good."""
    (row,) = read_rows(path)
    assert isinstance(row, Row)
    return row


def test_a_request_becomes_a_contact(tmp_path: Path) -> None:
    """Words are type, reason and title; the place is the point, the time is the city's own; no address comes along."""
    row = only(write(tmp_path / "a.csv", COLUMNS_311, request()))
    assert row.line == 2
    assert row.event_id == "1"
    assert row.inbound.channel == "phone"
    assert row.inbound.text == "Repair\nHighway\nPothole"
    assert row.inbound.received_at == datetime(2015, 7, 1, 16, 20, 9, tzinfo=UTC)
    assert row.received_ms == 1_435_767_609_000
    assert row.inbound.location is not None
    assert (row.inbound.location.lat, row.inbound.location.address) == (59.27, "")


@pytest.mark.parametrize(
    ("source", "channel", "is_observed"),
    [
        ("Constituent Call", "phone", False),
        ("Citizens Connect App", "app", False),
        ("Self Service", "web", False),
        ("Twitter", "web", False),
        ("Employee Generated", "app", True),
        ("City Worker App", "app", True),
        ("Maximo Integration", "app", True),
    ],
)
def test_sources_are_channels(tmp_path: Path, source: str, channel: str, *, is_observed: bool) -> None:
    """Each source is a channel; what never reached a desk is only observed."""
    row = only(write(tmp_path / "a.csv", COLUMNS_311, request(source=source)))
    assert (row.inbound.channel, row.is_observed) == (channel, is_observed)


def test_a_request_without_a_place_is_good(tmp_path: Path) -> None:
    """No point is no mistake."""
    assert only(write(tmp_path / "a.csv", COLUMNS_311, request(lat="", lon=""))).inbound.location is None


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (request(opened="2015-07-01"), "OPEN_DT: not a time"),
        (request(source="Pigeon"), "Source: not a known one"),
        (request(number=""), "CASE_ENQUIRY_ID: empty"),
        (request(lat="north"), "LATITUDE, LONGITUDE: not a place"),
        (request(lat="nan"), "LATITUDE, LONGITUDE: not a place"),
        (request(lat="91"), "LATITUDE, LONGITUDE: not a place"),
        ("1,2,3", "3 columns instead of 17"),
    ],
)
def test_bad_requests_are_named(tmp_path: Path, row: str, reason: str) -> None:
    """A bad row is named by its line and column, and the rows around it are read."""
    path = write(tmp_path / "a.csv", COLUMNS_311, request("1"), row, request("3"))
    first, bad, last = read_rows(path)
    assert bad == BadRow(3, reason)
    assert isinstance(first, Row)
    assert isinstance(last, Row)
    assert last.line == 4


def test_lines_are_those_of_the_file(tmp_path: Path) -> None:
    """A row over several lines does not shift the numbers of what follows."""
    path = write(tmp_path / "a.csv", COLUMNS_311, request(title='"two\nlines"'), request(source="?"))
    assert [row.line for row in read_rows(path)] == [2, 4]


def test_a_served_call_has_its_talk(tmp_path: Path) -> None:
    """A served call keeps its service time, and its caller does not hang up."""
    row = only(write(tmp_path / "a.tsv", COLUMNS_BANK, call()))
    assert (row.handling_s, row.patience_s) == (54.0, None)
    assert row.inbound.received_at == datetime(1999, 1, 3, 7, 15, 20, tzinfo=UTC)
    assert row.inbound.person.party_id == ""


def test_a_lost_call_has_its_patience(tmp_path: Path) -> None:
    """Who hung up waited as long as recorded; English calls say so."""
    row = only(write(tmp_path / "a.tsv", COLUMNS_BANK, call("HANG", wait="153", talk="0", kind="PE")))
    assert row.patience_s == 153.0
    assert row.inbound.person.language == "en"


def test_phantoms_are_left_out(tmp_path: Path) -> None:
    """A phantom is no contact and no mistake."""
    assert list(read_rows(write(tmp_path / "a.tsv", COLUMNS_BANK, call("PHANTOM")))) == [LeftOut(2)]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (call(wait="-5"), "q_time: out of range"),
        (call(wait="25245"), "q_time: out of range"),
        (call(talk="x"), "ser_time: not a number"),
        (call("LOST"), "outcome: neither AGENT, HANG nor PHANTOM"),
        (call(kind="AA"), "type: not a known one"),
        (call(day="991399"), "vru_entry: not a time"),
        ("a\tb", "2 columns instead of 17"),
    ],
)
def test_bad_calls_are_named(tmp_path: Path, row: str, reason: str) -> None:
    """A bad call is named by its line and column."""
    assert list(read_rows(write(tmp_path / "a.tsv", COLUMNS_BANK, row))) == [BadRow(2, reason)]


def test_gzip_is_read_as_it_comes(tmp_path: Path) -> None:
    """A packed file is known by its first bytes, not by its name."""
    path = tmp_path / "a.csv"
    path.write_bytes(gzip.compress(f"{COLUMNS_311}\n{request()}\n".encode()))
    assert only(path).event_id == "1"


def test_a_damaged_file_ends_with_a_mistake(tmp_path: Path) -> None:
    """A file that breaks off gives the rows before the damage and names where it begins."""
    whole = gzip.compress(
        "\n".join([COLUMNS_311, *(request(str(i), title=f"t{i * 7919}") for i in range(3000))]).encode()
    )
    path = tmp_path / "a.csv.gz"
    path.write_bytes(whole[: len(whole) // 2])
    *rows, last = read_rows(path)
    assert len(rows) > 100
    assert isinstance(last, BadRow)
    assert last.reason == "the file is damaged from here on"


@pytest.mark.parametrize("content", [b"", b"a,b,c\n1,2,3\n", b"\x1f\x8b", b"\x00\xff" * 50])
def test_an_unknown_file_is_refused(tmp_path: Path, content: bytes) -> None:
    """A file of another kind is refused at once, with what was expected."""
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError) as refused:
        list(read_rows(path))
    assert refused.value.field == "FILE"


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    """A file that is not there is a mistake of the caller, told as such."""
    with pytest.raises(ConfigurationError, match="No such file"):
        list(read_rows(tmp_path / "none.csv"))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.binary(max_size=200), max_size=8), is_bank=st.booleans())
def test_whatever_follows_the_header_is_read(tmp_path: Path, rows: list[bytes], *, is_bank: bool) -> None:
    """Any bytes after a known header give rows or named mistakes, never an error, and no mistake repeats them."""
    path = tmp_path / "a.csv"
    header = COLUMNS_BANK if is_bank else COLUMNS_311
    path.write_bytes(header.encode() + b"\n" + b"\n".join(rows))
    for read in read_rows(path):
        assert read.line >= 2
        if isinstance(read, BadRow):
            assert len(read.reason) < 60
