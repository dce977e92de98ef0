"""The agents as a table: what each does and for how long, the ones to look at first. Pure drawing."""

from collections.abc import Iterator

from rich.console import Group, JustifyMethod, RenderableType
from rich.table import Table
from rich.text import Text

from router.floor_figures import AgentFigure, AgentState, FloorDocument, InHand
from router.floor_view.headline import flowing
from router.floor_view.moments import lasted
from router.floor_view.trouble import is_long
from router.floor_view.words import Words

STYLES: dict[AgentState, str] = {
    "lost": "bold red",
    "not_responding": "bold red",
    "wrapping_up": "magenta",
    "live": "cyan",
    "draining": "yellow",
    "away": "yellow",
    "written": "blue",
    "offered": "white",
    "idle": "green",
    "offline": "dim",
}
ORDER: tuple[AgentState, ...] = tuple(STYLES)
COUNTED: tuple[AgentState, ...] = (
    "idle", "lost", "not_responding", "wrapping_up", "live", "draining", "away", "written", "offered",
)  # fmt: skip
"""In the summary: who is free first, then the most urgent."""
SUMMARY_LINES = 2
COLUMNS: tuple[tuple[int | None, JustifyMethod], ...] = (
    (None, "left"),
    (None, "left"),
    (None, "right"),
    (None, "left"),
    (1, "left"),
)
"""Share of the width, and side, of state, name, time, mark and details."""


def agent_table(floor: FloorDocument, now_ms: int, words: Words, width: int, lines: int) -> RenderableType:
    """How many do what, then the agents one by one."""
    agents = sorted(
        floor.agents or (), key=lambda each: (not is_long(each, now_ms), ORDER.index(each.state), each.since)
    )
    summary = flowing(_summary(floor, words), width, SUMMARY_LINES)
    room = max(1, lines - len(summary))
    shown = agents if len(agents) <= room else agents[: room - 1]
    table = Table(box=None, show_header=False, expand=True, padding=(0, 1, 0, 0), pad_edge=False)
    for ratio, justify in COLUMNS:
        table.add_column(no_wrap=True, ratio=ratio, overflow="ellipsis", justify=justify)
    for agent in shown:
        table.add_row(*_cells(agent, now_ms, words))
    parts: list[RenderableType] = [*summary, *([table] if shown else [])]
    hidden = sum(floor.agent_states.values()) - len(shown)
    if hidden > 0:
        parts.append(Text(words.say("more", count=hidden), style="dim"))
    return Group(*parts)


def _summary(floor: FloorDocument, words: Words) -> Iterator[Text]:
    """How many do what: who is free first, then the most urgent."""
    yield Text(words.say("agents"), style="bold")
    if not any(map(floor.agent_states.get, COUNTED)):
        yield Text(words.say("nobody_here"), style="dim")
    for state in COUNTED:
        count = floor.agent_states.get(state, 0)
        if count:
            yield Text(f"{count} {words.code('agent', state)}", style=STYLES[state])


def _cells(agent: AgentFigure, now_ms: int, words: Words) -> tuple[Text, ...]:
    is_marked = is_long(agent, now_ms)
    style = STYLES[agent.state]
    return (
        Text(words.code("agent", agent.state), style=style),
        Text(agent.name, style="bold" if is_marked else ""),
        Text(lasted((now_ms - agent.since) / 1000), style="bold red" if is_marked else ""),
        Text(words.say("long") if is_marked else "", style="bold red"),
        _details(agent, now_ms, words),
    )


def _details(agent: AgentFigure, now_ms: int, words: Words) -> Text:
    parts = [_in_hand(held, now_ms, words) for held in agent.in_hand]
    if agent.presence == "draining" and agent.state != "draining":
        parts.append(words.code("agent", "draining"))
    if agent.reason and agent.presence in {"away", "draining", "offline"}:
        parts.append(words.code("reason", agent.reason))
    if agent.form != "both":
        parts.append(words.code("form", agent.form))
    if agent.state == "idle":
        parts.append(", ".join(agent.skills))
    return Text(" · ".join(part for part in parts if part), style="dim")


def _in_hand(held: InHand, now_ms: int, words: Words) -> str:
    """What it is and for how long; of wrap-up the whole handling, since its own time stands in the row already."""
    named = words.code("medium", held.medium)
    if held.kind == "wrap" and not held.leg_id:
        return words.say("handled", medium=named, time=lasted(held.handling_s))
    since_s = held.handling_s if held.kind in {"leg", "wrap"} else (now_ms - held.since) / 1000
    return f"{named} {words.code('kind', held.kind)} {lasted(since_s)}".replace("  ", " ")
