import gzip
import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.errors import ConfigurationError
from router.simulation.bank import Call, read_bank
from router.simulation.patience import EDGES_S, Patience, fit_patience, kaplan_meier, mean_patience_s, quantile_s
from router.simulation.roster import ALWAYS, MARGIN_S, TURN_S, read_habits, read_roster

HEADER = (
    "vru+line\tcall_id\tcustomer_id\tpriority\ttype\tdate\tvru_entry\tvru_exit\tvru_time\tq_start\tq_exit\tq_time\t"
    "outcome\tser_start\tser_exit\tser_time\tserver"
)
NEVER = "0:00:00"


def row(
    *, at: str = "9:00:00", joined: str = NEVER, waited: int = 0, outcome: str = "AGENT", began: str = NEVER,
    talked: int = 0, server: str = "NO_SERVER", priority: str = "0", vru: str = "10", kind: str = "PS",
) -> str:  # fmt: skip
    """One line of the file, as the bank wrote them."""
    cells = ["AA0101", "1", "0", priority, kind, "990103", at, at, vru, joined, NEVER, str(waited), outcome]
    return "\t".join([*cells, began, NEVER, str(talked), server])


def written(folder: Path, *rows: str, is_gzip: bool = False) -> Path:
    """A file with these rows."""
    path = folder / ("calls.tsv.gz" if is_gzip else "calls.tsv")
    text = "\n".join([HEADER, *rows]) + "\n"
    path.write_bytes(gzip.compress(text.encode()) if is_gzip else text.encode())
    return path


@pytest.mark.parametrize("is_gzip", [False, True])
def test_calls_of_the_queue_are_read(tmp_path: Path, is_gzip: bool) -> None:
    """Answered at once, answered after waiting with priority, hung up while waiting: in the order of arrival."""
    path = written(
        tmp_path,
        row(at="9:05:00", joined="9:05:02", waited=40, began="9:05:42", talked=60, server="ANNA", priority="2"),
        row(at="9:00:00", began="9:00:01", talked=30, server="ANNA"),
        row(at="9:06:00", joined="9:06:05", waited=70, outcome="HANG", priority="1"),
        is_gzip=is_gzip,
    )
    assert read_bank([path]).days["990103"] == (
        Call(32_400, "PS", None, has_queued=False, is_served=True, wait_s=0, begins_s=32_401, service_s=30,
             server="ANNA"),
        Call(32_702, "PS", is_priority=True, has_queued=True, is_served=True, wait_s=40, begins_s=32_742, service_s=60,
             server="ANNA"),
        Call(32_765, "PS", is_priority=False, has_queued=True, is_served=False, wait_s=70),
    )  # fmt: skip


def test_dirt_is_counted_by_its_reason(tmp_path: Path) -> None:
    """Nothing is dropped in silence, and what can be used is used."""
    found = read_bank(
        [
            written(
                tmp_path,
                row(outcome="PHANTOM", waited=25_245),
                row(outcome="HANG"),
                row(joined="9:00:00", waited=-5),
                row(joined="22:49:52", waited=25_245, outcome="HANG"),
                row(joined="9:00:00", waited=5, began="9:00:05", talked=61_437),
                row(joined="9:61", waited=5),
                row(joined="9:00:00", waited="many"),  # pyright: ignore[reportArgumentType] # dirt
                row(outcome="0:00:00"),
                "AA\tBB",
                row(at="23:59:00", joined="23:59:50", waited=20, began="0:00:10", talked=50, server="ANNA"),
                row(at="9:00:00", vru="-53", began="9:00:01", talked=4),
                row(server="ANNA"),
                row(outcome="HANG", joined="16:00:15", waited=9, kind="IN").replace("0\tIN", "0       IN"),
            )
        ]
    )
    assert found.rows == 13
    assert found.left_out == {
        "unreadable": 3, "absurd_wait": 2, "phantom": 1, "left_before_the_queue": 1, "absurd_service": 1,
        "wrong_number_of_columns": 1,
    }  # fmt: skip
    assert found.mended == {
        "past_midnight": 1, "negative_time_before_the_queue": 1, "nobody_named": 1, "no_start_of_service": 1,
        "shifted_columns": 1,
    }  # fmt: skip
    assert sum(map(len, found.days.values())) == 4
    late = found.days["990103"][-1]
    assert (late.begins_s, late.ends_s) == (86_410, 86_460)


def test_files_that_hold_no_calls_are_named(tmp_path: Path) -> None:
    """Missing, cut off, another table, nothing below the header."""
    cut = tmp_path / "cut.tsv.gz"
    cut.write_bytes(gzip.compress(HEADER.encode() * 100)[:40])
    other = tmp_path / "other.tsv"
    other.write_text("a\tb\n1\t2\n", encoding="utf-8")
    for path in (tmp_path / "none.tsv", cut, other, written(tmp_path)):
        with pytest.raises(ConfigurationError) as caught:
            read_bank([path])
        assert caught.value.field == "FILE"


@given(st.lists(st.binary(max_size=60).map(lambda raw: raw.decode("utf-8", "replace")), max_size=5))
def test_no_row_stops_the_reader(rows: list[str]) -> None:
    """Whatever a line holds, the others are read and every line is accounted for."""
    clean = [each.replace("\n", " ").replace("\r", " ").replace("\0", "") or "x" for each in rows]
    with tempfile.TemporaryDirectory() as folder:
        found = read_bank([written(Path(folder), row(began="9:00:01", talked=5, server="ANNA"), *clean)])
    assert len(found.days["990103"]) >= 1
    assert found.rows == sum(found.left_out.values()) + sum(map(len, found.days.values()))


def test_who_was_answered_is_censored() -> None:
    """Kaplan-Meier by hand: 1 of 4 leaves at 10 s, 1 of the remaining 2 at 30 s; theta is leavers by waiting."""
    records = [(10.0, True), (20.0, False), (30.0, True), (40.0, False)]
    assert kaplan_meier(records) == [(10.0, 0.75), (30.0, 0.375)]
    assert quantile_s(kaplan_meier(records), 0.25) == 10
    assert quantile_s(kaplan_meier(records), 0.9) is None
    assert mean_patience_s(records) == 50
    assert mean_patience_s([(5.0, False)]) == float("inf")


def test_patience_is_found_again_under_censoring() -> None:
    """Exponential patience of 300 s, most answered before: the fit and its draws come back to it."""
    dice = random.Random(5)  # noqa: S311 # repeatable, no secret
    records: list[tuple[float, bool]] = []
    for _ in range(20_000):
        patience, answer = dice.expovariate(1 / 300), dice.expovariate(1 / 80)
        records.append((min(patience, answer), patience < answer))
    assert mean_patience_s(records) == pytest.approx(300, rel=0.05)
    fitted = fit_patience(records)
    draws = [fitted.draw_s(dice) for _ in range(20_000)]
    assert sum(draw < 60 for draw in draws) / len(draws) == pytest.approx(0.1813, abs=0.015)
    assert all(fitted.draw_s(dice, 100.0) > 100 for _ in range(200))


def test_nobody_waits_for_ever() -> None:
    """A record in which nobody leaves still gives a patience that ends."""
    dice = random.Random(1)  # noqa: S311 # repeatable, no secret
    assert fit_patience([]).draw_s(dice) < 1e6
    assert fit_patience([(5.0, False)] * 10).draw_s(dice) < 1e6
    assert Patience((0.1,) * len(EDGES_S)).draw_s(dice) < 1_000


def call(at_s: int, begins_s: int, service_s: int, server: str = "ANNA", kind: str = "PS") -> Call:
    """An answered call; it has queued when it did not begin at once."""
    waited = begins_s - at_s
    return Call(
        at_s, kind, is_priority=False, has_queued=waited > 0, is_served=True, wait_s=waited, begins_s=begins_s,
        service_s=service_s, server=server,
    )  # fmt: skip


def test_a_gap_in_which_somebody_waited_was_a_pause() -> None:
    """Idle with nobody waiting is work; idle beside a waiting caller is a pause until that caller is gone."""
    calls = (
        call(1_000, 1_000, 100),
        call(1_300, 1_300, 100),
        call(1_450, 1_600, 50, server="BODIL"),
        call(1_650, 1_700, 100),
        call(9_000, 9_000, 100),
    )
    shifts = {shift.server: shift for shift in read_roster(calls, read_habits([calls]))}
    anna = shifts["ANNA"]
    assert (anna.begins_s, anna.ends_s) == (1_000, 9_100)
    assert anna.pauses == ((1_400 + TURN_S, 1_700), (1_800 + TURN_S, 9_000))
    assert anna.is_able("PS", 1_250)
    assert not anna.is_able("PS", 1_500)
    assert not anna.is_able("PS", 999)
    assert not anna.is_able("NE", 1_250)
    assert anna.at_work_s(1_000, 1_700) == 700 - (1_700 - 1_404)


def test_a_kind_is_taken_for_a_part_of_the_day_only() -> None:
    """Somebody who stood in for an hour at another desk is not there all day."""
    own = [call(t, t, 60) for t in range(10_000, 60_000, 1_000)]
    other = [call(t, t, 60, kind="IN") for t in range(30_050, 33_000, 500)]
    calls = tuple(sorted([*own, *other], key=lambda each: each.at_s))
    (anna,) = read_roster(calls, read_habits([calls]))
    assert anna.kinds["PS"] == ALWAYS
    assert anna.kinds["IN"] == (30_050 - MARGIN_S, 32_550 + 60 + MARGIN_S)
