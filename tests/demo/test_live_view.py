"""The picture in the terminal: drawn from any state, on any size of screen, and true to its figures."""

import io

import pytest
from rich.console import Console

from router.demo.api import Api
from router.demo.live_view import Setting, band, bar, clock, picture, plain_line
from router.demo.scoreboard import Scoreboard
from router.demo.watch import (
    AgentLine,
    ChannelLine,
    Facts,
    Figure,
    Generation,
    Goal,
    Matters,
    Outcome,
    QueueLine,
    Ratio,
    Record,
    Trace,
    Watch,
    Why,
)

MONDAY_MS = 1_760_335_200_000
"""Monday 13 October 2025, 08:00 in Stockholm."""
SETTING = Setting(
    city="Ekeby stad",
    url="http://127.0.0.1:1",
    speed=60,
    per_s=1.4,
    agents=3,
    rule_titles={"K25": "Felanmälan direkt till enheten"},
    deciding_rules=frozenset({"K25"}),
    next_steps="\n".join(f"curl step {i}" for i in range(5)),
)


def full_watch(board: Scoreboard) -> Watch:
    """A watch that has seen a little of everything."""
    watch = Watch(Api("http://127.0.0.1:1", None), "token", board)  # pyright: ignore[reportArgumentType] - nothing is called
    figure = Figure("voice", waiting=4, oldest_at="2025-10-13T05:59:56.000Z", wait_estimate_s=240)
    watch.queues = [QueueLine("gata", "Gata, trafik och park", [figure, Figure("written", waiting=7)])]
    watch.agents = [AgentLine("available", "both", is_connected=True), AgentLine("away")]
    watch.goal = Goal(
        matters=Matters(total=12, eligible=10, resolved=6),
        ratio=Ratio(0.6, 0.5),
        by_channel=[ChannelLine("phone", 9, 8, Ratio(0.75, 0.7))],
    )
    decision = Outcome("hand_over", unit="gata", trace=Trace(["K11", "K25"]))
    watch.decisions.append(Why("c1", [Generation(Record(decision, Facts("app", "GAT.HÅL")))]))
    watch.handovers = {"offered": 2, "accepted": 1, "returned": 0, "done": 5}
    return watch


def drawn(board: Scoreboard, watch: Watch, width: int, height: int) -> str:
    """The screen as text."""
    console = Console(file=io.StringIO(), width=width, height=height, force_terminal=True, color_system=None)
    console.print(picture(SETTING, board, watch, 60.0, MONDAY_MS, 1.0, height))
    file = console.file
    assert isinstance(file, io.StringIO)
    return file.getvalue()


def test_everything_is_on_the_screen() -> None:
    """City, clock, queues with oldest and band, decisions with their rule, shares, handovers and hints are shown."""
    board = Scoreboard()
    board.accepted = 321
    text = drawn(board, full_watch(board), 170, 50)
    for words in (
        "Ekeby stad", "Friday 08:41", "321", "Gata, trafik och park", "4:00", "2-5 min", "GAT.HÅL", "unit gata", "K25",
        "Felanmälan direkt", "60%", "75%", "offered 2", "curl step 4",
    ):  # fmt: skip
        assert words in text


@pytest.mark.parametrize(("width", "height"), [(80, 24), (40, 10), (250, 90)])
def test_every_size_of_screen_is_drawn(width: int, height: int) -> None:
    """A small screen shows less and never breaks."""
    board = Scoreboard()
    lines = drawn(board, full_watch(board), width, height).splitlines()
    assert len(lines) <= height
    assert max(len(line) for line in lines) <= width


def test_nothing_known_is_drawn_as_nothing() -> None:
    """Before the first answers there is a picture already."""
    board = Scoreboard()
    watch = Watch(Api("http://127.0.0.1:1", None), "token", board)  # pyright: ignore[reportArgumentType] - nothing is called
    assert "no figure yet" in drawn(board, watch, 120, 50)
    assert plain_line(board, watch, 0.0) == (
        "Friday 08:40  in 0  met 0  waiting 0  left 0  handed over 0  agents 0  resolved -"
    )


@pytest.mark.parametrize(
    ("wait_s", "words"), [(0, "< 2 min"), (119, "< 2 min"), (120, "2-5 min"), (600, "> 10 min"), (None, "nobody")]
)
def test_waits_are_told_as_bands(wait_s: int | None, words: str) -> None:
    """A wait is announced as a band, and no agent at all as such."""
    assert band(wait_s) == words


def test_bars_fill_with_the_share() -> None:
    """An empty share is no bar, a whole one is full but for the mark."""
    assert bar(None, 10).plain == "░░░░░░░░│░   -"
    assert bar(0.5, 10).plain == "█████░░░│░  50%"
    assert bar(1.0, 10).plain == "████████│█ 100%"


def test_the_clock_counts_minutes() -> None:
    """Seconds become minutes and seconds."""
    assert clock(245.9) == "4:05"
