"""The floor in a terminal: city, alarms, queues by trouble, agents by what they do. Pure drawing, no calls.

Every colour has a word beside it: nothing is told by colour alone.
"""

from collections.abc import Iterable, Iterator

import msgspec
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from router.floor_figures import Alarm, FloorDocument, ServiceFigure
from router.floor_view.agent_table import agent_table
from router.floor_view.moments import clock, lasted, moment, share
from router.floor_view.queue_table import queue_table
from router.floor_view.trouble import GOAL
from router.floor_view.words import Words

WIDE = 128
"""From so many columns on queues and agents stand side by side."""
STALE_S = 10
MOST_ALARMS, FEWEST_ROWS = 6, 3
LEAST_FAIR = 0.8


class View(msgspec.Struct, frozen=True):
    """What is drawn, and where."""

    floor: FloorDocument
    now_ms: int
    """The service's time."""
    words: Words
    width: int
    height: int
    """Lines; 0 is as many as it takes."""
    link: Text
    """How the connection stands, while all is well."""
    warning: Text
    """Why the figures must not be trusted; empty while they may."""


def picture(view: View) -> RenderableType:
    """The whole screen."""
    head = [*([view.warning] if view.warning else []), _headline(view), _second_line(view), *_disturbances(view)]
    alarms = list(_alarms(view))
    foot = list(_foot(view))
    left = view.height - len(head) - len(alarms) - len(foot) if view.height else 1_000
    if view.width >= WIDE:
        body: list[RenderableType] = [_side_by_side(view, left)]
    else:
        agents_rows = min(len(view.floor.agents or ()), max(FEWEST_ROWS, left * 2 // 5 - 2))
        queues, drawn = queue_table(view.floor, view.now_ms, view.words, view.width, left - agents_rows - 2)
        agents = agent_table(view.floor, view.now_ms, view.words, view.width, left - drawn)
        body = [queues, agents]
    return Group(*head, *alarms, *body, *foot)


def _side_by_side(view: View, lines: int) -> Table:
    both = Table.grid(expand=True, padding=(0, 2))
    wide = view.width * 2 // 3
    both.add_column(width=wide)
    both.add_column(ratio=1)
    queues, _ = queue_table(view.floor, view.now_ms, view.words, wide, lines)
    both.add_row(queues, agent_table(view.floor, view.now_ms, view.words, view.width - wide - 2, lines))
    return both


def _line(parts: Iterable[Text]) -> Text:
    return Text("  ", no_wrap=True, overflow="ellipsis").join(part for part in parts if part.plain)


def _headline(view: View) -> Text:
    floor, words = view.floor, view.words
    return _line(
        [
            Text(f"{floor.city} {clock(view.now_ms, floor.tz, with_seconds=True)}", style="bold"),
            *([_crisis(view)] if floor.crisis_until else []),
            _service(view, words.say("service_level")),
            _abandonment(view),
            view.link,
        ]
    )


def _crisis(view: View) -> Text:
    until = moment(view.floor.crisis_until, view.now_ms, view.floor.tz)
    return Text(f" {view.words.say('crisis', until=until)} ", style="bold white on red")


def _disturbances(view: View) -> Iterator[Text]:
    """One line for each thing that is out of order: until when it is thought to last, else until when it stands."""
    floor = view.floor
    for each in floor.disturbances[:MOST_ALARMS]:
        until = moment(each.expected_end_at or each.until, view.now_ms, floor.tz)
        told = view.words.say("disturbance", message=each.message_sv, topics=", ".join(each.topics), until=until)
        yield Text(f"~ {told}", style="bold magenta", no_wrap=True, overflow="ellipsis")


def _service(view: View, name: str) -> Text:
    today, recent = (_share_of(figure, view.words) for figure in (view.floor.live_today, view.floor.live_15_min))
    named = {period: view.words.say(period) for period in ("today", "last_15_min")}
    return Text.assemble(
        f"{name}: ", today, (f" {named['today']} · ", "dim"), recent, (f" {named['last_15_min']}", "dim")
    )


def _share_of(figure: ServiceFigure | None, words: Words) -> Text:
    if figure is None:
        return Text(words.say("unknown"), style="dim")
    style = "" if figure.service_level is None else "bold green" if figure.service_level >= GOAL else "bold yellow"
    return Text(share(figure.service_level), style=style)


def _abandonment(view: View) -> Text:
    today, recent = view.floor.live_today, view.floor.live_15_min
    shares = [share(figure.abandonment if figure else None) for figure in (today, recent)]
    return Text(f"{view.words.say('abandonment')}: {' · '.join(shares)}")


def _second_line(view: View) -> Text:
    floor, words = view.floor, view.words
    today = floor.live_today
    parts: list[Text] = []
    if floor.strategy is not None:
        named = words.say("strategy", version=floor.strategy.version, hash=floor.strategy.hash[:6])
        parts.append(Text(named, style="dim"))
    if today is not None:
        measured = today.answered + today.abandoned - today.abandoned_short
        parts.append(Text(words.say("of_measured", within=today.answered_within, measured=measured), style="dim"))
    if floor.counted_from:
        at = moment(floor.counted_from, view.now_ms, floor.tz)
        parts.append(Text(words.say("counted_from", at=at), style="yellow"))
    if floor.goal is not None and floor.goal.resolved is not None:
        parts.append(Text(f"{words.say('goal')} {share(floor.goal.resolved)}"))
    if floor.fairness is not None:
        style = "" if floor.fairness >= LEAST_FAIR else "yellow"
        parts.append(Text(words.say("fairness", index=f"{floor.fairness:.2f}"), style=style))
    parts.append(Text(words.say("stop"), style="dim"))
    return _line(parts)


def _alarms(view: View) -> Iterator[Text]:
    alarms = view.floor.alarms
    if not alarms:
        yield Text(f"✓ {view.words.say('no_alarms')}", style="green")
        return
    order = {"duty_exhausted": 0, "no_one_possible": 1, "not_responding": 2, "overdue": 3}
    room = min(MOST_ALARMS, max(2, view.height // 6)) if view.height else len(alarms)
    shown = sorted(alarms, key=lambda alarm: (order[alarm.kind], alarm.since))
    for alarm in shown[:room]:
        style = "bold white on red" if alarm.kind == "no_one_possible" else "bold red"
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
    )
    age = lasted((view.now_ms - alarm.since) / 1000)
    return f"{age} {told}, {words.say('since', at=moment(alarm.since, view.now_ms, floor.tz))}"


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
    if sum(text.cell_len + 2 for text in texts) <= view.width:
        texts = [_line(texts)] if texts else []
    for text in texts:
        text.no_wrap, text.overflow = True, "ellipsis"
        yield text
