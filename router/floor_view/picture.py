"""The floor in a terminal: city, alarms, queues by trouble, agents by what they do. Pure drawing, no calls.

Every colour has a word beside it: nothing is told by colour alone.
"""

from collections.abc import Iterator

import msgspec
from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from router.floor_figures import Alarm
from router.floor_view.agent_table import agent_table
from router.floor_view.headline import View, flowing, headlines, order_lines
from router.floor_view.moments import lasted, moment
from router.floor_view.queue_table import queue_table, wanted_width

GAP, AGENTS_WIDTH = 2, 56
"""Beside the queues stand the agents, where there are so many columns for them."""
STALE_S = 10
MOST_ALARMS, FEWEST_ROWS = 6, 3
WORST = frozenset({"duty_exhausted", "no_one_possible"})
GRAVEST = ("duty_exhausted", "no_one_possible", "not_responding", "overdue", "handover_rule", "floor_rule")


def picture(view: View) -> RenderableType:
    """The whole screen."""
    head = [*([view.warning] if view.warning else []), *headlines(view), *_disturbances(view)]
    alarms = [*_alarms(view), *order_lines(view)]
    foot = list(_foot(view))
    left = view.height - len(head) - len(alarms) - len(foot) if view.height else 1_000
    queues_width = wanted_width(view.floor, view.now_ms, view.words, view.width)
    if view.width >= queues_width + GAP + AGENTS_WIDTH:
        body: list[RenderableType] = [_side_by_side(view, queues_width, left)]
    else:
        agents_rows = min(len(view.floor.agents or ()), max(FEWEST_ROWS, left * 2 // 5 - 2))
        queues, drawn = queue_table(view.floor, view.now_ms, view.words, view.width, left - agents_rows - 2)
        agents = agent_table(view.floor, view.now_ms, view.words, view.width, left - drawn)
        body = [queues, agents]
    return Group(*head, *alarms, *body, *foot)


def _side_by_side(view: View, queues_width: int, lines: int) -> Table:
    both = Table.grid(expand=True, padding=(0, GAP, 0, 0))
    both.add_column(width=queues_width)
    both.add_column(ratio=1)
    queues, _ = queue_table(view.floor, view.now_ms, view.words, queues_width, lines)
    agents_width = view.width - queues_width - GAP
    both.add_row(queues, agent_table(view.floor, view.now_ms, view.words, agents_width, lines))
    return both


def _disturbances(view: View) -> Iterator[Text]:
    """One line for each thing that is out of order: until when it is thought to last, else until when it stands."""
    floor = view.floor
    for each in floor.disturbances[:MOST_ALARMS]:
        until = moment(each.expected_end_at or each.until, view.now_ms, floor.tz)
        told = view.words.say("disturbance", message=each.message_sv, topics=", ".join(each.topics), until=until)
        yield Text(f"~ {told}", style="bold magenta", no_wrap=True, overflow="ellipsis")


def _alarms(view: View) -> Iterator[Text]:
    alarms = view.floor.alarms
    if not alarms:
        yield Text(f"✓ {view.words.say('no_alarms')}", style="green")
        return
    room = min(MOST_ALARMS, max(2, view.height // 6)) if view.height else len(alarms)
    shown = sorted(alarms, key=lambda alarm: (GRAVEST.index(alarm.kind), alarm.since))
    for alarm in shown[:room]:
        style = "bold white on red" if alarm.kind in WORST else "bold red"
        yield Text(f"! {_alarm_words(view, alarm)}", style=style, no_wrap=True, overflow="ellipsis")
    if len(shown) > room:
        yield Text(view.words.say("more", count=len(shown) - room), style="red")


def _alarm_words(view: View, alarm: Alarm) -> str:
    floor, words = view.floor, view.words
    queues = {row.queue: row.name_sv for row in floor.queues}
    agents = {agent.id: agent.name for agent in floor.agents or ()}
    told = words.say(
        f"alarm_{alarm.kind}",
        queue=queues.get(alarm.queue) or alarm.queue,
        medium=words.code("medium", alarm.medium),
        contacts=alarm.contacts,
        agent=agents.get(alarm.agent, alarm.agent),
        code=words.code("rule", alarm.code),
        unit=alarm.unit,
    )
    age = lasted((view.now_ms - alarm.since) / 1000)
    since = f", {words.say('since', at=moment(alarm.since, view.now_ms, floor.tz))}"
    short = f"{age} {told}"
    return short + since if cell_len(short + since) + 2 <= view.width else short


def _foot(view: View) -> Iterator[Text]:
    floor, words = view.floor, view.words
    parts: list[tuple[str, str, int]] = []
    if floor.duties:
        first = floor.duties[0]
        told = words.say("duty_counts", count=len(floor.duties), duty=first.duty, to=first.to, rings=first.rings)
        parts.append((words.say("duties"), told, sum(each.exhausted_at > 0 for each in floor.duties)))
    if floor.callbacks is not None:
        counts = msgspec.structs.asdict(floor.callbacks)
        told = words.say("callback_counts", **counts)
        parts.append((words.say("callbacks"), told, floor.callbacks.late + floor.callbacks.missed))
    if floor.handovers is not None:
        counts = msgspec.structs.asdict(floor.handovers)
        parts.append((words.say("handovers"), words.say("handover_counts", **counts), floor.handovers.overdue))
    if floor.notices_late is not None:
        parts.append((words.say("notices"), words.say("notice_counts", count=floor.notices_late), floor.notices_late))
    texts = [
        Text(f"{name}: ", style="bold").append(f"{'! ' if is_late else ''}{told}", style="yellow" if is_late else "")
        for name, told, is_late in parts
    ]
    yield from flowing(texts, view.width, len(texts))
