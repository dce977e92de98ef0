"""The lines above the tables: the city at a glance, the most important first, and the orders that stand. Pure drawing.

A part that has no room is left out whole: half a figure is a wrong figure.
"""

from collections.abc import Iterable, Iterator

import msgspec
from rich.text import Text

from router.floor_figures import FloorDocument, ServiceFigure
from router.floor_view.moments import clock, lasted, moment, share
from router.floor_view.trouble import GOAL
from router.floor_view.words import Words
from router.journal import LIVE
from router.orders import Order

LEAST_FAIR = 0.8
MOST_LINES, MOST_ORDERS, ROOMY = 2, 3, 100


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


def flowing(parts: Iterable[Text], width: int, most_lines: int) -> list[Text]:
    """Parts one after the other over so many lines; what comes when these are full is left out."""
    lines: list[Text] = []
    for part in parts:
        if not part.plain:
            continue
        if lines and lines[-1].cell_len + 2 + part.cell_len <= width:
            lines[-1] = Text("  ").join((lines[-1], part))
        elif len(lines) < most_lines:
            lines.append(part)
    for line in lines:
        line.no_wrap, line.overflow = True, "ellipsis"
    return lines


def headlines(view: View) -> list[Text]:
    """The city, crisis, who waits, how it goes, and what there is room for beside."""
    floor, words = view.floor, view.words
    parts = [
        Text(f"{floor.city} {clock(view.now_ms, floor.tz, with_seconds=True)}", style="bold"),
        *([_crisis(view)] if floor.crisis_until else []),
        _waiting(view),
        _shares(view, "service_level"),
        _shares(view, "abandonment"),
        view.link,
        *_beside(view),
        Text(words.say("stop"), style="dim"),
    ]
    is_tight = bool(floor.crisis_until) and view.width < ROOMY
    return flowing(parts, view.width, MOST_LINES + is_tight)


def _crisis(view: View) -> Text:
    until = moment(view.floor.crisis_until, view.now_ms, view.floor.tz)
    return Text(f" {view.words.say('crisis', until=until)} ", style="bold white on red")


def _waiting(view: View) -> Text:
    """How many wait on the line, the oldest of them, and how many letters."""
    rows, words = view.floor.queues, view.words
    live = [row for row in rows if row.medium in LIVE]
    since = min((row.oldest_at for row in live if row.oldest_at), default=0)
    oldest = words.say("wait_oldest", time=lasted((view.now_ms - since) / 1000)) if since else ""
    counts = sum(row.waiting for row in live), sum(row.waiting for row in rows if row.medium not in LIVE)
    return Text(words.say("wait_now", live=counts[0], oldest=oldest, written=counts[1]), style="bold")


def _shares(view: View, name: str) -> Text:
    """A share today and in the last quarter."""
    words, is_level = view.words, name == "service_level"
    text = Text(f"{words.say(name)}: ")
    for mark, period, figure in (("", "today", view.floor.live_today), (" · ", "last_15_min", view.floor.live_15_min)):
        value = (figure.service_level if is_level else figure.abandonment) if figure is not None else None
        told = words.say("unknown") if figure is None and is_level else share(value)
        text.append(mark).append(told, style=_style(figure) if is_level else "")
        text.append(f" {words.say(period)}", style="dim")
    return text


def _style(figure: ServiceFigure | None) -> str:
    if figure is None or figure.service_level is None:
        return "dim"
    return "bold green" if figure.service_level >= GOAL else "bold yellow"


def _beside(view: View) -> Iterator[Text]:
    """What is good to know."""
    floor, words, today = view.floor, view.words, view.floor.live_today
    if floor.counted_from:
        at = moment(floor.counted_from, view.now_ms, floor.tz)
        yield Text(words.say("counted_from", at=at), style="yellow")
    if floor.goal is not None and floor.goal.resolved is not None:
        yield Text(f"{words.say('goal')} {share(floor.goal.resolved)}")
    if today is not None:
        measured = today.answered + today.abandoned - today.abandoned_short
        yield Text(words.say("of_measured", within=today.answered_within, measured=measured), style="dim")
    if floor.fairness is not None:
        style = "" if floor.fairness >= LEAST_FAIR else "yellow"
        yield Text(words.say("fairness", index=f"{floor.fairness:.2f}"), style=style)
    if floor.strategy is not None:
        named = words.say("strategy", version=floor.strategy.version, hash=floor.strategy.hash[:6])
        yield Text(named, style="dim")


def order_lines(view: View) -> Iterator[Text]:
    """What supervisors have ordered, by whom and why, the newest first; disturbances have lines of their own."""
    orders = [order for order in reversed(view.floor.orders) if order.kind != "disturbance"]
    room = MOST_ORDERS if view.height else len(orders)
    for order in orders[:room]:
        yield Text(f"» {_order_words(view, order)}", style="yellow", no_wrap=True, overflow="ellipsis")
    if len(orders) > room:
        yield Text(view.words.say("more", count=len(orders) - room), style="yellow")


def _order_words(view: View, order: Order) -> str:
    floor, words = view.floor, view.words
    names = {row.queue: row.name_sv or row.queue for row in floor.queues}
    told = words.say(
        f"order_{order.kind}",
        queue=names.get(order.queue, order.queue) or words.say("order_every_queue"),
        to=names.get(order.to, order.to),
        date=order.date,
        open=", ".join(order.open) or words.say("order_closed_day"),
    )
    if order.until and order.kind != "hours":
        told += words.say("order_until", until=moment(order.until, view.now_ms, floor.tz))
    return told + words.say("order_why", reason=order.reason, by=order.by.rpartition(":")[2])
