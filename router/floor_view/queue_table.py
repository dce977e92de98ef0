"""The queues as a table, the worst first; where there is room the quiet ones as well, dimmed. Pure drawing."""

from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from router.floor_figures import FloorDocument, QueueFigure, ServiceFigure
from router.floor_view.moments import lasted, moment, share
from router.floor_view.trouble import by_trouble, is_below_goal, is_unstaffed, trouble_of
from router.floor_view.words import Words
from router.journal import LIVE

VERY_ROOMY = 110
"""From so many columns on a share stands with what it is made of."""
SHORT_STATE, LONG_STATE = 17, 26
STYLES = ("", "yellow", "bold yellow", "bold red")
RIGHT = frozenset({"waiting", "oldest", "overdue", "idle", "level_15_min", "level_today", "lost_share"})
COLUMNS: tuple[str, ...] = (
    "trouble", "queue", "medium", "waiting", "oldest", "overdue", "wait", "idle", "level_15_min", "level_today",
    "lost_share", "state",
)  # fmt: skip
FIRST_TO_GO = {"lost_share": 22, "level_today": 18, "overdue": 16, "level_15_min": 14, "idle": 10}
"""Columns that go, whole, where they leave less than so much for the names: half a number is a wrong number."""
Cells = dict[str, Text]


def queue_table(floor: FloorDocument, now_ms: int, words: Words, width: int, lines: int) -> tuple[RenderableType, int]:
    """The table, and how many lines it takes; what has no room is told as a number."""
    rows = by_trouble((row for row in floor.queues if _is_shown(row, now_ms)), now_ms)
    room = max(1, lines - 2)
    shown = rows if len(rows) <= room else rows[: room - 1]
    quiet = _quiet(floor, rows)[: max(0, room - len(shown))] if len(shown) == len(rows) else []
    cells = [_cells(row, floor, now_ms, words, width) for row in (*shown, *quiet)]
    table, names = _table(words, cells, width)
    for row, texts in zip((*shown, *quiet), cells, strict=True):
        table.add_row(*(texts[name] for name in names), style="dim" if row in quiet else "")
    parts: list[RenderableType] = [table] if shown or quiet else []
    if len(shown) < len(rows):
        parts.append(Text(words.say("more", count=len(rows) - len(shown)), style="bold yellow"))
    parts.append(_rest(floor, (*rows, *quiet), words))
    return Group(*parts), len(shown) + len(quiet) + bool(shown or quiet) + len(parts) - bool(shown or quiet)


def wanted_width(floor: FloorDocument, now_ms: int, words: Words, width: int) -> int:
    """How many columns the table takes where nothing has to make room."""
    rows = [row for row in floor.queues if _is_shown(row, now_ms) or row.medium == "voice"]
    widths = _widths(words, [_cells(row, floor, now_ms, words, width) for row in rows], COLUMNS)
    return sum(widths.values()) + len(widths)


def _widths(words: Words, cells: Sequence[Cells], names: Iterable[str]) -> dict[str, int]:
    return {name: max([cell_len(_title(words, name)), *(row[name].cell_len for row in cells)]) for name in names}


def _title(words: Words, name: str) -> str:
    return "" if name == "trouble" else words.say(name)


def _table(words: Words, cells: Sequence[Cells], width: int) -> tuple[Table, list[str]]:
    """Columns as wide as what stands in them, and which ones: where the names have too little room, some go."""
    names: list[str] = list(COLUMNS)
    widths = _widths(words, cells, names)
    widths["state"] = min(widths["state"], _state_room(width))
    for name, least in FIRST_TO_GO.items():
        left = width - len(names) - sum(widths[each] for each in names if each != "queue")
        if left >= min(widths["queue"], least):
            break
        names.remove(name)
    left = width - len(names) - sum(widths[each] for each in names if each != "queue")
    widths["queue"] = max(1, min(widths["queue"], left))
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False)
    for name in names:
        justify = "right" if name in RIGHT else "left"
        table.add_column(
            Text(_title(words, name), style="dim"),
            justify=justify,
            no_wrap=True,
            overflow="ellipsis",
            width=widths[name],
        )
    return table, names


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


def _cells(row: QueueFigure, floor: FloorDocument, now_ms: int, words: Words, width: int) -> Cells:
    trouble = trouble_of(row, now_ms)
    band = row.band if row.medium in LIVE else None
    lost = row.today.abandonment if row.today is not None else None
    return {
        "trouble": Text(words.say(f"trouble_{trouble}"), style=STYLES[trouble]),
        "queue": Text(row.name_sv or row.queue, style="bold" if trouble else ""),
        "medium": Text(words.code("medium", row.medium)),
        "waiting": Text(str(row.waiting) if row.waiting else "", style="bold"),
        "oldest": _oldest(row, now_ms, words),
        "overdue": _overdue(row),
        "wait": Text(words.code("band", band) if band else "", style="bold red" if band == "nobody" else ""),
        "idle": _idle(row),
        "level_15_min": Text(_level(row.last_15_min), style="yellow" if is_below_goal(row.last_15_min) else ""),
        "level_today": Text(_level(row.today) if width < VERY_ROOMY else _level_with_counts(row.today)),
        "lost_share": Text("" if lost is None else share(lost)),
        "state": Text(_state(row, floor, now_ms, words, _state_room(width)), style="yellow"),
    }


def _idle(row: QueueFigure) -> Text:
    """How many of those who may take it, or the queue's plain work, have nothing in hand."""
    is_hopeless = row.waiting > 0 and not row.able
    style = "bold red" if is_hopeless or is_unstaffed(row) else "" if row.waiting else "dim"
    return Text(f"{row.idle}/{row.able}" if row.waiting or row.medium in LIVE else "", style=style)


def _oldest(row: QueueFigure, now_ms: int, words: Words) -> Text:
    """Live work: how long the first has waited. Written: in how long the first is due, or how late it is."""
    if row.oldest_at:
        return Text(lasted((now_ms - row.oldest_at) / 1000))
    if row.next_due_at:
        left_s = (row.next_due_at - now_ms) / 1000
        told = words.say("due_in" if left_s >= 0 else "late_by", time=lasted(abs(left_s)))
        return Text(told, style="red" if left_s < 0 else "dim")
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


def _state_room(width: int) -> int:
    return SHORT_STATE if width < VERY_ROOMY else LONG_STATE


def _state(row: QueueFigure, floor: FloorDocument, now_ms: int, words: Words, room: int) -> str:
    """What is unusual about the queue's door; nothing while it is open. A time is told whole or not at all."""
    if is_unstaffed(row):
        return words.say("state_unstaffed")
    until = moment(row.until, now_ms, floor.tz) if row.until else ""
    match row.state:
        case "open":
            return ""
        case "closed":
            told = words.say("state_closed_until", until=until) if until else ""
            return told if told and len(told) <= room else words.say("state_closed")
        case "diverted":
            names = {each.queue: each.name_sv for each in floor.queues}
            return words.say("state_diverted", to=names.get(row.to) or row.to)
        case _:
            return words.say(f"state_{row.state}", until=until).strip()
