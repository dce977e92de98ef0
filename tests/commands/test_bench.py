import asyncio
import itertools
import json
import os
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.bench.desktop import most_sockets
from router.bench.figures import Figure, against, as_flat, at_least, at_most, percentile, told
from router.bench.idle import TEXT, next_frame
from router.bench.intake import steadily
from router.bench.planning import Floor
from router.bench.processes import children, cpu_s, rss_bytes
from router.bench.replay import write_draft, write_requests
from router.bench.wake_ups import wake_ups
from router.cli import build_parser, run_command
from router.commands.bench import PARTS, table
from router.config import Config
from router.strategy_replay.history_files import read_history
from router.strategy_replay.noting import Noted
from rules.city import load_city
from rules.replay.passing import Passed
from tests.journeys.waiting import eventually


def test_deciding_is_measured_as_a_list_of_figures(capsys: pytest.CaptureFixture[str]) -> None:
    """The JSON has the keys that scripts read, and a budget that can be judged."""
    assert run_command(["bench", "decide", "--quick", "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert all({"name", "value", "unit", "budget", "ok"} <= set(figure) for figure in figures)
    assert figures[0]["name"] == "decide, 300 rules, 6 facts"
    assert figures[0]["budget"] == "<= 10"
    assert figures[0]["value"] > 0
    peers = [figure for figure in figures if "ZEN" in figure["name"]]
    assert peers[0]["value"] > 0 or peers[0]["peer"] == "peer not installed"


def test_every_part_can_be_asked_for() -> None:
    """The command takes each part, and all of them."""
    for part in (*PARTS, "all"):
        assert build_parser().parse_args(["bench", part, "--quick", "--strict"]).part == part


def test_a_missed_budget_is_a_failure_only_when_asked_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Measuring succeeds when it ran; --strict judges."""

    async def slow(*, is_quick: bool) -> list[Figure]:
        del is_quick
        return [at_most("slow", 2, "s", 1)]

    monkeypatch.setitem(PARTS, "decide", slow)
    assert run_command(["bench", "decide"]) == 0
    assert "missed" in capsys.readouterr().out
    assert run_command(["bench", "decide", "--strict"]) == 1


async def test_what_the_machine_adds_is_measured_beside() -> None:
    """A process that only sleeps tells how late it was woken, in milliseconds, for as long as the block lasts."""
    questions = itertools.count()

    async def is_asked_often() -> bool:
        return next(questions) > 10

    async with wake_ups() as late:
        await eventually(is_asked_often)
        assert late == []
    assert late
    assert all(0 <= each < 60_000 for each in late)


def test_figures_are_judged_by_their_budgets() -> None:
    """At most, at least, so many times the peer, flat."""
    assert [at_most("a", 1, "s", 1).ok, at_most("a", 1.1, "s", 1).ok] == [True, False]
    assert [at_least("a", 1, "s", 1).ok, at_least("a", 0.9, "s", 1).ok] == [True, False]
    assert [against("a", 9, "s", peer="b", ratio=r, limit=0.4).ok for r in (0.4, 0.39)] == [True, False]
    assert [as_flat("a", 9, "s", peer="b", ratio=r).ok for r in (0.5, 1.2, 1.3)] == [True, True, False]
    assert told("a", 1, "s").ok is None
    assert table([told("a", 1, "s"), at_most("b", 2, "s", 1)]).row_count == 2


def test_percentiles_are_values_that_were_measured() -> None:
    """No interpolation; the last one for a share of 1."""
    assert percentile([3, 1, 2], 0.5) == 2
    assert percentile([1, 2, 3], 1) == 3
    assert str(percentile([], 0.5)) == "nan"


@given(st.lists(st.binary(max_size=70_000), max_size=3), st.integers(0, 5))
def test_frames_are_cut_where_they_end(bodies: list[bytes], cut: int) -> None:
    """However long a frame is, it is read whole, and half a frame is none."""

    def framed(body: bytes) -> bytes:
        size = len(body)
        head = (
            bytes([size])
            if size < 126
            else struct.pack("!BH", 126, size)
            if size < 65_536
            else struct.pack("!BQ", 127, size)
        )
        return bytes([0x80 | TEXT]) + head + body

    buffer = b"".join(map(framed, bodies))
    for body in bodies:
        found = next_frame(buffer)
        assert found is not None
        assert found[:2] == (TEXT, body)
        buffer = found[2]
    assert next_frame(buffer) is None
    whole = framed(b"x" * 200)
    assert next_frame(whole[: len(whole) - 1 - cut]) is None


@pytest.mark.parametrize(("agents", "waiting", "is_busy"), [(10, 0, False), (20, 200, True), (3, 0, True)])
def test_lives_on_the_measured_floor_end(agents: int, waiting: int, is_busy: bool) -> None:
    """What is timed is what happens: every life finds an agent, and the queue behind stays as long as it was."""
    floor = Floor(agents, waiting, is_busy=is_busy)
    assert floor.live(50) > 0
    assert len(floor._state.places) == waiting
    assert len(floor._held) >= 1


def test_processes_are_read_where_there_is_proc() -> None:
    """Our own process has used time and memory; one that is gone has not."""
    if not os.path.isdir("/proc/self"):  # noqa: PTH112 - the check is for the whole test
        pytest.skip("needs /proc")
    assert cpu_s(os.getpid()) > 0
    assert rss_bytes(os.getpid()) > 1_000_000
    assert os.getpid() in children(os.getppid())
    assert (cpu_s(2**30), rss_bytes(2**30), children(2**30)) == (0.0, 0, {})


def test_the_limit_on_files_bounds_the_sockets() -> None:
    """A small wish is granted, an absurd one is cut to what the system allows."""
    assert most_sockets(10) == 10
    assert most_sockets(2**40) <= 2**40


async def test_steady_work_starts_all_and_waits_for_all() -> None:
    """The number asked for is started, each with the moment it was due."""
    ended: list[int] = []
    dues: list[float] = []

    async def work(number: int, due: float) -> None:
        await asyncio.to_thread(int)
        ended.append(number)
        dues.append(due)

    await steadily(work, 1_000, 0.02)
    assert sorted(ended) == list(range(20))
    assert max(dues) - min(dues) == pytest.approx(0.019, abs=1e-6)


def test_the_year_that_a_replay_is_measured_on_is_replayed(tmp_path: Path) -> None:
    """Every made-up request is read, most of them are decided about, and the draft treats some otherwise."""
    city, draft = load_city(Config().city_path), load_city(write_draft(tmp_path))
    write_requests(tmp_path / "requests.csv", city, 300)
    noted = Noted()
    passed = Passed(city, draft, 1).run(read_history(tmp_path / "requests.csv", city, noted))
    assert (noted.unreadable, passed.cells.total() + passed.observed.total()) == (0, 300)
    assert passed.cells.total() > 200
    assert any(compared.differs for compared in passed.compared)
