"""The queues as a table, the worst first; where there is room the quiet ones as well, dimmed. Pure drawing."""

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from router.floor_figures import FloorDocument, QueueFigure, ServiceFigure
from router.floor_view.moments import lasted, moment, share
from router.floor_view.trouble import by_trouble, is_below_goal, trouble_of
from router.floor_view.words import Words
from router.journal import LIVE

ROOMY = 76
"""From so many columns on abandonment and the queue's state have columns of their own."""
VERY_ROOMY = 110
NAME = 16
STYLES = ("", "yellow", "bold yellow", "bold red")
RIGHT = frozenset({"waiting", "oldest", "overdue", "idle", "level_15_min", "level_today", "lost_share"})
COLUMNS = (
    "trouble", "queue", "medium", "waiting", "oldest", "overdue", "wait", "idle", "level_15_min", "level_today",
)  # fmt: skip
MORE = ("lost_share", "state")


def queue_table(floor: FloorDocument, now_ms: int, words: Words, width: int, lines: int) -> tuple[RenderableType, int]:
    """The table, and how many lines it takes; what has no room is told as a number."""
    rows = by_trouble((row for row in floor.queues if _is_shown(row, now_ms)), now_ms)
    room = max(1, lines - 2)
    shown = rows if len(rows) <= room else rows[: room - 1]
    quiet = _quiet(floor, rows)[: max(0, room - len(shown))] if width >= ROOMY and len(shown) == len(rows) else []
    table = _table(words, width)
    for row in (*shown, *quiet):
        table.add_row(*_cells(row, floor, now_ms, words, width), style="dim" if row in quiet else "")
    parts: list[RenderableType] = [table] if shown or quiet else []
    if len(shown) < len(rows):
        parts.append(Text(words.say("more", count=len(rows) - len(shown)), style="bold yellow"))
    parts.append(_rest(floor, (*rows, *quiet), words))
    return Group(*parts), len(shown) + len(quiet) + bool(shown or quiet) + len(parts) - bool(shown or quiet)


def _table(words: Words, width: int) -> Table:
    table = Table(box=None, expand=True, padding=(0, 1, 0, 0), pad_edge=False, header_style="dim")
    for name in COLUMNS + (MORE if width >= ROOMY else ()):
        title = "" if name == "trouble" else words.say(name)
        is_name = name == "queue"
        table.add_column(
            title,
            justify="right" if name in RIGHT else "left",
            no_wrap=True,
            overflow="ellipsis" if is_name else "crop",
            ratio=1 if is_name else None,
            min_width=NAME if is_name else None,
        )
    return table


def _is_shown(row: QueueFigure, now_ms: int) -> bool:
    return bool(row.waiting or trouble_of(row, now_ms) or row.state in {"closing", "diverted"})


def _quiet(floor: FloorDocument, shown: list[QueueFigure]) -> list[QueueFigure]:
    """Calls, and whatever has had anybody today, the busiest first."""
    known = {(row.queue, row.medium) for row in shown}
    rows = [
        row for row in floor.queues if (row.queue, row.medium) not in known and (row.medium == "voice" or row.today)
    ]
    return sorted(rows, key=lambda row: -(row.today.offered if row.today else 0))


def _rest(floor: FloorDocument, drawn: Iterable[QueueFigure], words: Words) -> Text:
    """The queues without a row, by name."""
    busy = {row.queue for row in drawn}
    names = {row.queue: row.name_sv or row.queue for row in floor.queues if row.queue not in busy}
    told = words.say("quiet", count=len(names), names=", ".join(names.values())) if names else ""
    return Text(told, style="dim", no_wrap=True, overflow="ellipsis")


def _cells(row: QueueFigure, floor: FloorDocument, now_ms: int, words: Words, width: int) -> list[Text]:
    trouble = trouble_of(row, now_ms)
    state = _state(row, floor, now_ms, words)
    name = Text(row.name_sv or row.queue, style="bold" if trouble else "")
    if width < ROOMY and row.state != "open":
        name.append(f" ({state})", style="yellow")
    band = row.band if row.medium in LIVE else None
    low = "yellow" if is_below_goal(row.last_15_min) else ""
    cells = [
        Text(words.say(f"trouble_{trouble}"), style=STYLES[trouble]),
        name,
        Text(words.code("medium", row.medium)),
        Text(str(row.waiting) if row.waiting else "", style="bold"),
        _oldest(row, now_ms),
        _overdue(row),
        Text(words.code("band", band) if band else "", style="bold red" if band == "nobody" else ""),
        Text(f"{row.idle}/{row.able}" if row.waiting else "", style="bold red" if row.waiting and not row.able else ""),
        Text(_level(row.last_15_min), style=low),
        Text(_level(row.today) if width < VERY_ROOMY else _level_with_counts(row.today)),
    ]
    if width >= ROOMY:
        lost = row.today.abandonment if row.today is not None else None
        cells += [Text("" if lost is None else share(lost)), Text(state, style="" if row.state == "open" else "yellow")]
    return cells


def _oldest(row: QueueFigure, now_ms: int) -> Text:
    """Live work: how long the first has waited. Written: how long until it is due, with a minus past it."""
    if row.oldest_at:
        return Text(lasted((now_ms - row.oldest_at) / 1000))
    if row.next_due_at:
        left_s = (row.next_due_at - now_ms) / 1000
        return Text(lasted(left_s), style="red" if left_s < 0 else "dim")
    return Text("")


def _overdue(row: QueueFigure) -> Text:
    text = Text(str(row.overdue) if row.overdue else "", style="bold red")
    if row.due_soon:
        text.append(f"+{row.due_soon}", style="yellow")
    return text


def _level(figure: ServiceFigure | None) -> str:
    return share(figure.service_level) if figure is not None and figure.service_level is not None else ""


def _level_with_counts(figure: ServiceFigure | None) -> str:
    """The share and what it is made of."""
    if figure is None or figure.service_level is None:
        return ""
    measured = figure.answered + figure.abandoned - figure.abandoned_short
    return f"{share(figure.service_level)} {figure.answered_within}/{measured}"


def _state(row: QueueFigure, floor: FloorDocument, now_ms: int, words: Words) -> str:
    until = moment(row.until, now_ms, floor.tz) if row.until else ""
    if row.state == "closed" and until:
        return words.say("state_closed_until", until=until)
    if row.state == "diverted":
        names = {each.queue: each.name_sv for each in floor.queues}
        return words.say("state_diverted", to=names.get(row.to) or row.to)
    return words.say(f"state_{row.state}", until=until).strip()
