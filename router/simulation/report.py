"""What a simulation found, for people: tables of recorded against simulated, of a city's queues, and a verdict."""

from collections.abc import Iterator, Mapping

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from router.measures.staffing import Expected
from router.simulation.bank_run import Compared, Half
from router.simulation.municipal import DayFigures, QueueFigures


def in_words(found: Compared) -> RenderableType:
    """Recorded and simulated half days, and what holds."""
    table = _table("day", "half", "calls", "mean wait s", "", "", "left", "", "in 20 s", "", "busy", "", "holds")
    for half in found.halves:
        table.add_row(*_half(half))
    return Group(
        Text(f"recorded -> simulated (mean of {found.seeds} seeds ± spread), patience: {found.patience}"),
        table,
        *map(Text, _verdict(found)),
    )


def _half(half: Half) -> Iterator[str]:
    was, made = half.recorded, half.simulated
    yield half.day
    yield half.half
    yield str(half.calls)
    yield f"{was.mean_wait_s:.1f}"
    yield f"{made.mean_wait_s:.1f} ± {half.wait_spread_s:.1f}"
    yield f"{made.mean_wait_s / was.mean_wait_s - 1:+.0%}" if was.mean_wait_s else ""
    yield f"{was.abandonment:.1%}"
    yield f"{made.abandonment:.1%} ± {half.abandonment_spread:.1%}"
    yield f"{was.service_level:.0%}"
    yield f"{made.service_level:.0%}"
    yield f"{was.occupancy:.0%}"
    yield f"{made.occupancy:.0%}"
    yield _holds(half)


def _holds(half: Half) -> str:
    if not half.is_judged:
        return "few"
    missed = [name for name, holds in (("wait", half.wait_holds), ("left", half.abandonment_holds)) if not holds]
    return "not " + ", ".join(missed) if missed else "yes"


def _verdict(found: Compared) -> Iterator[str]:
    verdict, bands = found.verdict, found.bands
    yield (
        f"of {verdict.judged} half days hold: mean wait within 15 % {verdict.wait_holds}, abandonment within 2 points "
        f"{verdict.abandonment_holds}, both {verdict.both_hold}"
    )
    yield (
        f"over all calls: waiting {verdict.wait_bias:+.1%}, abandonment {100 * verdict.abandonment_bias:+.2f} points"
    )
    yield (
        f"announced bands held for {bands.share_of_all:.1%} of the answered calls ({bands.at_once} at once); of "
        f"{bands.announced} who waited {bands.share:.1%}, within 30 s of the band's edge {bands.share_nearly:.1%}"
    )
    yield "  " + ", ".join(f"{name} told {told}, held {held}" for name, (told, held) in bands.by_band.items())
    yield f"rows {found.rows}; left out: {_counts(found.left_out)}; mended: {_counts(found.mended)}"
    yield f"{found.simulated_calls} calls simulated in {found.seconds:.1f} s, {found.per_s:,.0f} a second"


def day_in_words(found: DayFigures) -> RenderableType:
    """A city's day by queues, with Erlang beside."""
    table = _table("queue", "live", "mean wait s", "in 20 s", "left", "written", "taken up", "agents alone")
    for row in (*found.queues, found.live):
        table.add_row(*_queue(row))
    return Group(
        Text(
            f"{found.city}: a Monday with {found.agents} agents, seed {found.seed}; {found.contacts} contacts, "
            f"{found.handed_over} handed over, {found.answered_by_strategy} answered by the strategy; agents busy "
            f"{found.occupancy:.0%}"
        ),
        table,
        Text(_expected("Erlang A", found.erlang_a)),
        Text(_expected("Erlang C", found.erlang_c)),
        Text("agents alone: what the queue's calls would need in their busiest half hour if nobody shared (Erlang A)"),
    )


def _queue(row: QueueFigures) -> Iterator[str]:
    yield row.queue
    yield str(row.live)
    yield "" if row.mean_wait_s is None else f"{row.mean_wait_s:.0f}"
    yield "" if row.service_level is None else f"{row.service_level:.0%}"
    yield "" if row.abandonment is None else f"{row.abandonment:.1%}"
    yield str(row.written)
    yield str(row.written_answered)
    yield "" if row.alone is None else str(row.alone.agents)


def _expected(name: str, found: Expected) -> str:
    return (
        f"{name}, {found.agents} equal agents for live work: wait {found.mean_wait_s:.0f} s, in 20 s "
        f"{found.service_level:.0%}, left {found.abandonment:.1%}, busy {found.occupancy:.0%}"
    )


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, header_style="bold")
    table.add_column(first)
    for heading in others:
        table.add_column(heading, justify="right")
    return table


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items()) or "none"
