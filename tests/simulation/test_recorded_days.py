import json
from pathlib import Path

import pytest

from router.cli import run_command
from router.commands.bench import PARTS
from router.errors import ConfigurationError
from router.simulation.bands import band, calibrate, estimate_s
from router.simulation.bank import Call, Recorded, read_bank
from router.simulation.bank_run import Figures, Half, compare, jobs_of, judge, run_job
from router.simulation.fitting import learn
from router.simulation.municipal import make_day, needed_agents, run_day
from router.simulation.roster import ALWAYS, Shift, read_habits, read_roster
from rules.city import load_city

ROOT = Path(__file__).parent.parent.parent
DATA = ROOT.parent / "shared/data/call_centre"
FILES = {month: DATA / f"anonymous_bank_1999-{month}.tsv.gz" for month in ("01", "10")}
HELD_BACK = {"01": ["990106", "990114"], "10": ["991003", "991007"]}
"""Busy days of those that the roster's figures were not chosen on."""


@pytest.fixture(scope="module", params=["01", "10"])
def recorded(request: pytest.FixtureRequest) -> tuple[str, Recorded]:
    """One month of the bank."""
    month = str(request.param)
    if not FILES[month].exists():
        pytest.skip(f"the recorded calls are not here: {FILES[month].name}")
    return month, read_bank([FILES[month]])


def test_a_month_is_read_whole(recorded: tuple[str, Recorded]) -> None:
    """Every row is a call or counted as something else."""
    _, found = recorded
    assert found.rows == sum(found.left_out.values()) + sum(map(len, found.days.values()))
    assert sum(map(len, found.days.values())) / found.rows > 0.94
    assert set(found.left_out) <= {
        "left_before_the_queue", "phantom", "absurd_wait", "absurd_service", "unreadable", "wrong_number_of_columns"
    }  # fmt: skip


def test_held_back_days_come_out_as_they_were(recorded: tuple[str, Recorded]) -> None:
    """Patience and services learnt from other days, several seeds: waits, abandonment and bands of half days."""
    month, found = recorded
    compared = compare(found, HELD_BACK[month], [1, 2, 3], is_known=True, processes=1)
    verdict = compared.verdict
    assert verdict.judged == 4
    assert verdict.both_hold >= 3
    assert verdict.wait_bias == pytest.approx(0, abs=0.12)
    assert verdict.abandonment_bias == pytest.approx(0, abs=0.015)
    assert verdict.bands_hold
    for half in compared.halves:
        assert half.simulated.occupancy == pytest.approx(half.recorded.occupancy, abs=0.05)
        assert half.simulated.service_level == pytest.approx(half.recorded.service_level, abs=0.12)


def test_a_day_alone_is_learnt_from_itself() -> None:
    """One day in a file can be simulated too; the same seed gives the same figures."""
    calls = tuple(
        Call(at, "PS", None, has_queued=False, is_served=True, wait_s=0, begins_s=at, service_s=60, server="ANNA")
        for at in range(30_000, 40_000, 200)
    )
    found = Recorded({"990103": calls}, len(calls), {}, {})
    (job,) = jobs_of(found, ["990103"], [1, 2], is_known=False)
    done = run_job(job)
    assert done.runs == run_job(job).runs
    assert done.recorded["forenoon"].mean_wait_s == 0
    assert done.runs[0].halves["forenoon"].abandonment == 0
    assert set(done.recorded) == {"forenoon"}


def half(recorded_s: float, simulated_s: float, left: float, *, is_judged: bool = True) -> Half:
    """A half day of 100 calls."""
    was, made = Figures(recorded_s, 0.1, 0.5, 0.5), Figures(simulated_s, 0.1 + left, 0.5, 0.5)
    holds = abs(simulated_s / recorded_s - 1) <= 0.15
    return Half("990103", "forenoon", 100, was, made, 0, 0, holds, abs(left) <= 0.02, is_judged)


def test_the_verdict_counts_what_holds() -> None:
    """Few calls are not judged; biases are over all judged calls."""
    calls = [Call(0, "PS", None, has_queued=False, is_served=True, wait_s=0)]
    bands = calibrate(calls, [], learn([calls]))
    found = judge([half(10, 11, 0), half(10, 13, 0.03), half(10, 99, 0.5, is_judged=False)], bands)
    assert (found.judged, found.wait_holds, found.abandonment_holds, found.both_hold) == (2, 1, 1, 1)
    assert found.wait_bias == pytest.approx(0.2)
    assert found.abandonment_bias == pytest.approx(0.015)
    assert found.bands_hold


def test_an_estimate_is_made_from_what_the_floor_knows() -> None:
    """Agents who are able, callers ahead at the same or higher priority; nobody able, no estimate."""
    calls = [
        Call(
            at, "PS", is_priority=at == 30, has_queued=True, is_served=True, wait_s=300, begins_s=at + 300, service_s=96
        )
        for at in (0, 10, 20, 30)
    ]
    learnt = learn([calls])
    shifts = [Shift("ANNA", 0, 1_000, (), {"PS": ALWAYS}), Shift("BODIL", 0, 1_000, (), {"IN": ALWAYS})]
    assert estimate_s(calls[2], calls[:2], shifts, learnt) == 278  # 100 + 1/(1/100 + 1/1200) + 1/(1/100 + 2/1200)
    assert estimate_s(calls[3], calls[:3], shifts, learnt) == 100
    assert estimate_s(calls[0], [], shifts[1:], learnt) is None
    assert [band(each) for each in (0, 119, 120, 299, 300, 600)] == [0, 0, 1, 1, 2, 3]


def test_the_citys_monday_shows_every_queue() -> None:
    """The example city with the crew that Erlang asks for: calls are answered, the weekend's mail is taken up."""
    city = load_city(ROOT / "deploy/example-city")
    made = make_day(city, 1)
    agents = needed_agents(made)
    found = run_day(city, made, agents, 1)
    assert found.contacts == len(made.decisions) > 700
    assert found.handed_over > 0
    assert {"generalist", "gata", "barn"} <= {row.queue for row in found.queues}
    assert sum(row.live + row.written for row in found.queues) == len(made.comings)
    assert found.live.service_level is not None
    assert found.live.service_level > 0.7
    assert found.live.written_answered > 0.95 * found.live.written
    fewer = run_day(city, made, agents // 2, 1)
    assert (fewer.live.abandonment or 0) > (found.live.abandonment or 0)
    assert run_day(city, made, agents, 1) == found


def test_the_command_prints_one_document(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """JSON on stdout for the city's Monday; a wrong option names itself."""
    assert run_command(["simulate", "--json", "--agents", "14"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["agents"] == 14
    assert {"queues", "live", "erlang_a", "erlang_c", "occupancy"} <= set(found)
    assert run_command(["simulate"]) == 0
    assert "Erlang A" in capsys.readouterr().out
    assert run_command(["simulate", str(tmp_path / "none.tsv")]) == 2
    assert run_command(["simulate", "--agents", "-1"]) == 2
    assert run_command(["simulate", "--seeds", "0"]) == 2
    assert "--seeds" in capsys.readouterr().err


def test_the_command_compares_recorded_days(capsys: pytest.CaptureFixture[str]) -> None:
    """A table of half days and a verdict; a day that is not there is named."""
    if not FILES["01"].exists():
        pytest.skip("the recorded calls are not here")
    file = str(FILES["01"])
    assert run_command(["simulate", file, "--days", "990123", "--seeds", "1", "--json"]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out)["verdict"]["judged"] == 1
    assert "990123 done" in printed.err
    assert run_command(["simulate", file, "--days", "990123", "--seeds", "1"]) == 0
    assert "half days hold" in capsys.readouterr().out
    assert run_command(["simulate", file, "--days", "990199"]) == 2
    with pytest.raises(ConfigurationError):
        read_bank([ROOT / "README.md"])


def test_a_roster_stands_for_a_whole_month(recorded: tuple[str, Recorded]) -> None:
    """Every server of every day has a shift, inside which all their calls and pauses lie."""
    _, found = recorded
    habits = read_habits(found.days.values())
    for calls in found.days.values():
        shifts = {shift.server: shift for shift in read_roster(calls, habits)}
        assert set(shifts) == {call.server for call in calls if call.server}
        for call in calls:
            if call.server:
                shift = shifts[call.server]
                assert shift.begins_s <= call.begins_s <= call.ends_s <= shift.ends_s
                assert call.kind in shift.kinds
        for shift in shifts.values():
            assert all(shift.begins_s < begin < end <= shift.ends_s for begin, end in shift.pauses)


def test_simulating_is_measured() -> None:
    """The bench has a part of its own."""
    assert "simulate" in PARTS
