"""The recorded files themselves, where they are at hand: every row is read or named."""

from collections import Counter
from pathlib import Path

import pytest

from router.demo.recorded import BadRow, LeftOut, Row, read_rows


def test_a_year_of_requests_is_read(shared_data: Path) -> None:
    """Every one of the recorded requests is read, under an id of its own, and channels come in the recorded numbers."""
    rows = list(read_rows(shared_data / "municipal_311" / "boston_311_2015.csv.gz"))
    good = [row for row in rows if isinstance(row, Row)]
    assert len(good) == len(rows) == 80_161
    assert len({row.event_id for row in good}) == len(good)
    counts = Counter("observed" if row.is_observed else row.inbound.channel for row in good)
    assert counts == {"phone": 41_154, "observed": 18_485, "app": 12_426, "web": 8_096}


@pytest.mark.parametrize(
    ("month", "good", "bad", "phantoms"), [("01", 20_847, [19_359], 153), ("10", 20_266, [8_240], 92)]
)
def test_months_of_calls_are_read(shared_data: Path, month: str, good: int, bad: list[int], phantoms: int) -> None:
    """Every call is read but one that is damaged, which is named by its line; phantoms are left out."""
    rows = list(read_rows(shared_data / "call_centre" / f"anonymous_bank_1999-{month}.tsv.gz"))
    assert [row.line for row in rows if isinstance(row, BadRow)] == bad
    assert sum(isinstance(row, LeftOut) for row in rows) == phantoms
    assert sum(isinstance(row, Row) for row in rows) == good
