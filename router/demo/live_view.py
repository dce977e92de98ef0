"""The show in a terminal: draws what the watch and the scoreboard know. Pure drawing, no calls."""

from collections import Counter
from collections.abc import Mapping

import msgspec
from rich.box import HORIZONTALS
from rich.console import Group, RenderableType
from rich.layout import Layout
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from router.demo.city_time import moment
from router.demo.scoreboard import Scoreboard
from router.demo.watch import DECISIONS_KEPT, QueueLine, Ratio, Watch, Why, age_s

BAR = 24
LOW_ROWS, LOW_HINTS, LOW_DECISIONS = 40, 2, 3
GOAL = 0.8
BANDS = ((120, "< 2 min"), (300, "2-5 min"), (600, "5-10 min"))
RULE_CHARACTERS = 58


class Setting(msgspec.Struct, frozen=True):
    """What the show is set to, as it is told on screen."""

    city: str
    url: str
    speed: float
    per_s: float
    agents: int
    rule_titles: Mapping[str, str]
    deciding_rules: frozenset[str]
    """Rules that name where a contact goes."""
    next_steps: str
    notes: tuple[str, ...] = ()


def picture(
    setting: Setting, board: Scoreboard, watch: Watch, city_s: float, now_ms: int, running_s: float, rows: int
) -> RenderableType:
    """The whole screen; on a low one the decisions and the hints give way."""
    is_low = rows < LOW_ROWS
    hints = setting.next_steps.splitlines()
    shown = hints[: LOW_HINTS if is_low else len(hints)]
    screen = Layout()
    screen.split_column(
        Layout(_head(setting, watch, city_s, running_s), size=4),
        Layout(name="middle", ratio=1),
        Layout(
            _decisions(setting, watch, LOW_DECISIONS if is_low else DECISIONS_KEPT),
            size=(LOW_DECISIONS if is_low else DECISIONS_KEPT) + 2,
        ),
        Layout(_next_steps(shown), size=len(shown) + 2),
    )
    screen["middle"].split_row(
        Layout(Group(_contacts(board, watch), _agents(board, watch)), ratio=3),
        Layout(_queues(watch, now_ms, setting.speed), ratio=4),
        Layout(Group(_goal(watch), _handovers(watch)), ratio=4),
    )
    return screen


def _head(setting: Setting, watch: Watch, city_s: float, running_s: float) -> Panel:
    text = Text()
    text.append(f"{setting.city}  ", style="bold")
    text.append(moment(city_s).name, style="bold cyan")
    text.append(f"   {setting.speed:g} x time: 5 minutes take {300 / setting.speed:.0f} s here; nights are left out\n")
    text.append(
        f"{setting.url}   {setting.per_s:.1f} contacts/s, {setting.agents} agents, running {running_s:.0f} s   "
    )
    text.append("Ctrl-C ends it", style="dim")
    for note in setting.notes:
        text.append(f"   {note}", style="yellow")
    if watch.problem:
        text.append(f"   last look: {watch.problem}", style="red")
    return Panel(text, style="white")


def _contacts(board: Scoreboard, watch: Watch) -> Panel:
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column()
    table.add_column(justify="right")
    for channel, count in board.by_channel.most_common():
        table.add_row(channel, str(count))
    handed = sum(watch.handovers.values())
    for name, count in (
        ("contacts in", board.accepted),
        ("met by an agent", board.answered),
        ("handed over", max(handed, board.handed_over)),
        ("left before", board.abandoned),
        ("refused", sum(board.refused.values())),
    ):
        table.add_row(Text(name, style="bold"), Text(str(count), style="bold"))
    return Panel(table, title="Contacts")


def _agents(board: Scoreboard, watch: Watch) -> Panel:
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column()
    table.add_column(justify="right")
    for state, count in sorted(Counter(agent.presence for agent in watch.agents).items()):
        table.add_row(state, str(count))
    table.add_row("connected", str(sum(agent.is_connected for agent in watch.agents)))
    times = board.offer_times()
    if times.p50 is not None:
        table.add_row("to first offer", f"p50 {times.p50} ms")
    return Panel(table, title="Agents")


def _queues(watch: Watch, now_ms: int, speed: float) -> Panel:
    table = Table(expand=True, box=None, padding=(0, 1))
    for name in ("queue", "live", "written", "oldest", "wait"):
        table.add_column(name, justify="left" if name in {"queue", "wait"} else "right", no_wrap=True)
    for line in watch.queues:
        table.add_row(*_queue_row(line, now_ms, speed))
    return Panel(table, title="Waiting (city time)")


def _queue_row(line: QueueLine, now_ms: int, speed: float) -> tuple[Text, str, str, str, str]:
    live = [each for each in line.media if each.medium != "written"]
    written = sum(each.waiting for each in line.media if each.medium == "written")
    oldest = max((age_s(each.oldest_at, now_ms) for each in live), default=0)
    calls = next((each for each in live if each.medium == "voice"), None)
    nobody = any(each.no_one_possible for each in line.media)
    name = Text(line.name_sv, style="red" if nobody else "")
    waits = band(calls.wait_estimate_s) if calls else ""
    return (
        name,
        _count(sum(each.waiting for each in live)),
        _count(written),
        clock(oldest * speed) if oldest > 0 else "",
        waits,
    )


def _count(count: int) -> str:
    return str(count) if count else ""


def band(wait_s: int | None) -> str:
    """A wait as it is announced."""
    if wait_s is None:
        return "nobody"
    return next((name for limit, name in BANDS if wait_s < limit), "> 10 min")


def clock(seconds: float) -> str:
    """`4:05`."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def bar(share: float | None, width: int = BAR) -> Text:
    """A share as a bar, with a mark at 80 %."""
    filled = round((share or 0) * width)
    mark = round(GOAL * width)
    text = Text()
    for place in range(width):
        text.append(
            "│" if place == mark else "█" if place < filled else "░", style="green" if place < filled else "dim"
        )
    text.append(f" {share:4.0%}" if share is not None else "   -", style="bold")
    return text


def _goal(watch: Watch) -> Panel:
    goal = watch.goal
    if goal is None:
        return Panel(Text("no figure yet"), title="80 %")
    table = Table.grid(padding=(0, 1))
    rows: list[tuple[str, Ratio]] = [("all", goal.ratio), *((each.channel, each.ratio) for each in goal.by_channel)]
    table.add_row("reach", bar(goal.reach.ratio))
    table.add_row("strictly", bar(goal.ratio.resolved_strict))
    for name, ratio in rows:
        table.add_row(Text(name, style="bold" if name == "all" else ""), bar(ratio.resolved))
    matters = goal.matters
    table.add_row("", Text(f"{matters.resolved} of {matters.eligible} matters, {matters.uncoded} uncoded", style="dim"))
    return Panel(table, title="80 %: resolved by the servicecenter")


def _handovers(watch: Watch) -> Panel:
    text = Text()
    for state in ("offered", "accepted", "returned", "done"):
        text.append(f"{state} {watch.handovers.get(state, 0)}   ")
    text.append(f"overdue {watch.overdue}", style="red" if watch.overdue else "")
    return Panel(text, title="Handovers")


def _decisions(setting: Setting, watch: Watch, most: int) -> Panel:
    table = Table.grid(padding=(0, 1), expand=True)
    for why in list(reversed(watch.decisions))[:most]:
        table.add_row(*_decision_row(setting, why))
    return Panel(table, title="Last decisions: what came, where it went, by which rule")


def _decision_row(setting: Setting, why: Why) -> tuple[str, str, Text, str, str]:
    if not why.decisions:
        return "", "", Text(""), "", ""
    record = why.decisions[-1].decision
    decision, trace = record.decision, record.decision.trace
    hits = [hit for hit in trace.hits if hit in setting.deciding_rules] or trace.hits
    rule = trace.stopped_by or next(iter(hits), "")
    goes = Text(
        {"queue": f"queue {decision.queue}", "hand_over": f"unit {decision.unit}"}.get(decision.kind, decision.kind),
        style={"queue": "cyan", "hand_over": "magenta"}.get(decision.kind, "green"),
    )
    return (
        record.facts.channel,
        record.facts.topic or "(no topic)",
        goes,
        rule,
        setting.rule_titles.get(rule, "")[:RULE_CHARACTERS],
    )


def _next_steps(lines: list[str]) -> Panel:
    """Without side walls, so that lines can be copied."""
    return Panel(
        Text("\n".join(lines), overflow="fold"),
        box=HORIZONTALS,
        padding=0,
        title="What to try next, in another terminal",
    )


def plain_line(board: Scoreboard, watch: Watch, city_s: float) -> str:
    """One line for pipes and logs."""
    working = sum(agent.presence in {"available", "draining"} for agent in watch.agents)
    share = watch.goal.ratio.resolved if watch.goal else None
    shown = f"{share:.0%}" if share is not None else "-"
    return (
        f"{moment(city_s).name}  in {board.accepted}  met {board.answered}  waiting {watch.waiting()}  "
        f"left {board.abandoned}  handed over {sum(watch.handovers.values())}  agents {working}  resolved {shown}"
    )
