"""The queues as a table, the worst first; quiet ones in one line. Pure drawing."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from router.floor_figures import FloorDocument, QueueFigure, ServiceFigure
from router.floor_view.moments import lasted, moment, share
from router.floor_view.trouble import by_trouble, is_below_goal, trouble_of
from router.floor_view.words import Words

ROOMY = 100
"""From so many columns on the queue's state has a column of its own."""
STYLES = ("", "yellow", "bold yellow", "bold red")
RIGHT = frozenset({"waiting", "oldest", "overdue", "due_soon", "able"})


def queue_table(floor: FloorDocument, now_ms: int, words: Words, width: int, lines: int) -> tuple[RenderableType, int]:
    """The table, and how many lines it takes; what has no room is told as a number."""
    rows = by_trouble((row for row in floor.queues if _is_shown(row, now_ms)), now_ms)
    quiet = _quiet(floor, rows, words)
    room = max(1, lines - 2)
    shown = rows if len(rows) <= room else rows[: room - 1]
    table = Table(box=None, expand=True, padding=(0, 1, 0, 0), pad_edge=False)
    names = (
        "trouble",
        "queue",
        "medium",
        "waiting",
        "oldest",
        "overdue",
        "wait",
        "able",
        "level",
        "lost_share",
        "state",
    )
    kept = names if width >= ROOMY else names[:-2]
    for name in kept:
        title = "" if name == "trouble" else words.say(name)
        ratio = 1 if name == "queue" else None
        table.add_column(title, justify="right" if name in RIGHT else "left", no_wrap=True, ratio=ratio)
    for row in shown:
        table.add_row(*_cells(row, floor, now_ms, words, is_roomy=width >= ROOMY))
    parts: list[RenderableType] = [table] if rows else []
    if len(shown) < len(rows):
        parts.append(Text(words.say("more", count=len(rows) - len(shown)), style="dim"))
    parts.append(quiet)
    return Group(*parts), (1 + len(shown) if rows else 0) + (len(shown) < len(rows)) + 1


def _is_shown(row: QueueFigure, now_ms: int) -> bool:
    return bool(row.waiting or trouble_of(row, now_ms) or row.state in {"closing", "diverted"})


def _quiet(floor: FloorDocument, shown: list[QueueFigure], words: Words) -> Text:
    busy = {row.queue for row in shown}
    names = {row.queue: row.name_sv or row.queue for row in floor.queues if row.queue not in busy}
    told = words.say("quiet", count=len(names), names=", ".join(names.values())) if shown else words.say("all_quiet")
    return Text(told if names else "", style="dim", no_wrap=True, overflow="ellipsis")


def _cells(row: QueueFigure, floor: FloorDocument, now_ms: int, words: Words, *, is_roomy: bool) -> list[Text]:
    trouble = trouble_of(row, now_ms)
    state = _state(row, floor, now_ms, words)
    name = Text(row.name_sv or row.queue, style="bold" if trouble else "")
    if not is_roomy and row.state != "open":
        name.append(f" ({state})", style="yellow")
    cells = [
        Text(words.say(f"trouble_{trouble}"), style=STYLES[trouble]),
        name,
        Text(words.code("medium", row.medium)),
        Text(str(row.waiting) if row.waiting else "", style="bold"),
        _oldest(row, now_ms),
        _overdue(row),
        Text(words.code("band", row.band) if row.band else "", style="bold red" if row.band == "nobody" else ""),
        Text(f"{row.able}/{row.idle}" if row.waiting else ""),
        _level(row),
    ]
    if is_roomy:
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


def _level(row: QueueFigure) -> Text:
    style = "yellow" if is_below_goal(row.last_15_min) else ""
    recent, today = _shown(row.last_15_min), _shown(row.today)
    return Text(f"{recent}/{today}", style=style) if recent != "-" or today != "-" else Text("")


def _shown(figure: ServiceFigure | None) -> str:
    return share(figure.service_level if figure is not None else None)


def _state(row: QueueFigure, floor: FloorDocument, now_ms: int, words: Words) -> str:
    until = moment(row.until, now_ms, floor.tz) if row.until else ""
    if row.state == "closed" and until:
        return words.say("state_closed_until", until=until)
    if row.state == "diverted":
        names = {each.queue: each.name_sv for each in floor.queues}
        return words.say("state_diverted", to=names.get(row.to) or row.to)
    return words.say(f"state_{row.state}", until=until).strip()
