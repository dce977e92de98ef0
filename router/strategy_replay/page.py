"""The report as one HTML page: nothing outside it, no script, made to be printed and shown to a board.

Every chart is followed by a table with its figures. All text is escaped here; charts escape their own.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from html import escape
from pathlib import Path

from router.strategy_replay import charts, telling
from router.strategy_replay.naming import Names
from router.strategy_replay.words import DASH, Words
from rules.city import City
from rules.replay.intervals import Change
from rules.replay.report import Report
from rules.replay.tallying import Part, Sides

MOST_BARS = 14
MOST_ROWS = 25
MOST_DAYS = 60
FIELDS = ("topic", "channel", "district", "language")
PART_HEADS = ("contacts", "changed", "strict_before", "strict_after", "change", "registered_after")
SIDE_HEADS = ("before", "after", "change")


def page(found: Report, words: Words, cities: tuple[City, City]) -> str:
    """The whole page."""
    return "".join(_Page(found, words, cities).html())


class _Page:
    """Writes one report, section by section."""

    def __init__(self, found: Report, words: Words, cities: tuple[City, City]) -> None:
        self._found = found
        self._words = words
        self._say = words.say
        self._names = Names(words, cities)
        self._tz = cities[0].info.tz
        self._charts = 0

    def html(self) -> Iterator[str]:
        """From the first tag to the last."""
        title = escape(self._say("title", draft=self._found.draft.version))
        style = (Path(__file__).parent / "page.css").read_text(encoding="utf-8")
        yield f'<!DOCTYPE html>\n<html lang="{self._words.language}">\n<head>\n<meta charset="utf-8">\n'
        yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        yield f"<title>{title}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n"
        for section in (self._top, self._shares, self._guards, self._rules, self._units, self._floor, self._days):
            yield from section()
        for field in FIELDS:
            yield from self._by(field)
        yield from self._review()
        yield from self._about()
        yield f"<footer>{escape(self._say('made_by', seed=self._found.seed))}</footer>\n</main>\n</body>\n</html>\n"

    # Sections ------------------------------------------------------------------------------------------------------

    def _top(self) -> Iterator[str]:
        found = self._found
        yield _p(telling.subtitle(found, self._words), "quiet")
        yield _p(telling.history(found, self._words, self._tz), "quiet")
        first, *others = telling.verdict(found, self._words)
        state = "verdict" if found.ok else "verdict bad"
        yield f'<div class="{state}">{escape(first)}{"".join(_p(line) for line in others)}</div>\n'
        yield _p(telling.headline(found, self._words))
        yield '<ul class="figures">'
        for key, change in telling.measures(found):
            yield self._figure(key, change)
        yield "</ul>\n"

    def _figure(self, key: str, change: Change) -> str:
        points = self._say("points_long", value=self._words.signed(change.points, 2))
        shares = f"{self._words.share(change.share_before)} → {self._words.share(change.share_after)}"
        interval = f"{self._words.signed(change.points_low, 2)} … {self._words.signed(change.points_high, 2)}"
        told = escape(f"{points} ({self._say('interval')} {interval})")
        return f"<li>{escape(self._say(key))}<b>{escape(shares)}</b><span>{told}</span></li>"

    def _shares(self) -> Iterator[str]:
        yield _h2(self._say("can"))
        rows = [
            charts.ShareRow(self._say(key), before, after)
            for key, change in telling.measures(self._found)
            if (before := self._interval(change, after=False)) and (after := self._interval(change, after=True))
        ]
        if rows:
            yield self._chart(lambda n, name: charts.shares(n, name, rows, self._say("goal_line")), self._say("can"))
        heads = (self._say("what"), *map(self._say, ("before", "after", "change", "interval", "contacts")))
        yield _table(heads, (telling.change_row(key, each, self._words) for key, each in telling.measures(self._found)))
        yield from (_p(line) for line in telling.about_shares(self._found, self._words))
        yield _h3(self._say("kinds"))
        kinds = ((self._say(f"kind_{row.name}"), *self._before_after(row)) for row in self._found.kinds)
        yield _table((self._say("what"), *map(self._say, SIDE_HEADS)), kinds)

    def _interval(self, change: Change, *, after: bool) -> charts.Interval | None:
        value = change.share_after if after else change.share_before
        low = change.after_low if after else change.before_low
        high = change.after_high if after else change.before_high
        if value is None or low is None or high is None:
            return None
        return charts.Interval(value, low, high, self._words.share(value))

    def _guards(self) -> Iterator[str]:
        yield _h2(self._say("guards"))
        rows = [telling.guard_row(guard, self._names, self._words) for guard in self._found.guards]
        marks = [{True: "yes", False: "no", None: ""}[guard.ok] for guard in self._found.guards]
        heads = tuple(map(self._say, ("guard", "value", "limit", "state", "what")))
        yield _table(heads, rows, words=(3, 4), marks=[{3: mark} for mark in marks])

    def _rules(self) -> Iterator[str]:
        yield _h2(self._say("groups"))
        if not self._found.groups:
            yield _p(self._say("headline_same"))
            return
        yield _p(self._say("groups_why"))
        rows: list[telling.Row] = []
        for group in self._found.groups:
            ways = "; ".join(f"{self._names.way(a)} → {self._names.way(b)} ({n})" for a, b, n in group.ways)
            rows.append(
                (
                    f"{group.rule} {group.title}".strip(),
                    self._say(f"how_{group.how}"),
                    self._words.number(group.contacts),
                    self._words.number(group.moved),
                    ways or DASH,
                    self._names.fields(group.fields),
                )
            )
        heads = tuple(map(self._say, ("rule", "how", "changed", "moved", "ways", "differs")))
        yield _table(heads, rows, words=(1, 4, 5))

    def _units(self) -> Iterator[str]:
        units = self._found.units
        yield _h2(self._say("units"))
        if not units:
            yield _p(DASH)
            return
        pairs = [
            charts.Pair(self._names.unit(u.name), u.before, u.after, *map(self._words.number, (u.before, u.after)))
            for u in units[:MOST_BARS]
        ]
        yield self._chart(lambda n, name: charts.bars(n, name, pairs), self._say("units"))
        yield self._sides("unit", units)
        if self._found.transfers:
            yield _h3(self._say("transfers"))
            yield self._sides("unit", self._found.transfers)

    def _floor(self) -> Iterator[str]:
        floor = self._found.floor
        yield _h2(self._say("floor"))
        if floor is None:
            yield _p(self._say("floor_none"))
            return
        yield _p(telling.floor_why(floor, self._words))
        waits = ("mean_wait_s", "p95_wait_s")
        pairs = [self._seconds(name) for name in waits]
        yield self._chart(lambda n, name: charts.bars(n, name, pairs), self._say("floor"))
        heads = tuple(map(self._say, ("what", "before", "after")))
        yield _table(heads, telling.floor_rows(floor, self._words))
        after = {queue.queue: queue for queue in floor.after.queues}
        before = {queue.queue: queue for queue in floor.before.queues}
        rows: list[telling.Row] = []
        for name in dict.fromkeys((*before, *after)):
            row = [self._names.queue(name)]
            for side in (before.get(name), after.get(name)):
                row += [
                    self._words.number(side.live if side else 0),
                    self._words.share(side.service_level if side else None),
                    self._words.share(side.abandonment if side else None),
                ]
            rows.append(tuple(row))
        yield _h3(self._say("queues"))
        level = self._say("floor_service_level", within=floor.within_s)
        columns = (self._say("floor_live"), level, self._say("floor_abandonment"))
        heads = [f"{self._say(side)}: {column}" for side in ("before", "after") for column in columns]
        yield _table((self._say("queue"), *heads), rows)

    def _seconds(self, name: str) -> charts.Pair:
        floor = self._found.floor
        values: list[float] = [getattr(side, name) or 0.0 for side in (floor.before, floor.after)] if floor else [0, 0]
        before, after = values
        return charts.Pair(
            self._say(f"floor_{name}"), before, after, *(self._words.number(value, 1) for value in values)
        )

    def _days(self) -> Iterator[str]:
        days = self._found.days
        if len(days) <= 1:
            return
        yield _h2(self._say("days"))
        yield _p(self._say("days_why"))
        weeks = telling.together(days, _week if len(days) > MOST_DAYS else _same)
        points = [(each.day, each.before, each.after) for each in weeks]
        yield self._chart(lambda n, name: charts.days(n, name, points), self._say("days"))
        rows = (
            (
                each.day,
                self._words.number(each.contacts),
                *map(self._words.share, (each.before, each.after)),
                self._say("points", value=self._words.signed(100 * (each.after - each.before))),
            )
            for each in telling.together(days, _month if len(days) > MOST_ROWS else _same)
        )
        yield _table(tuple(map(self._say, ("day", "contacts", "strict_before", "strict_after", "change"))), rows)

    def _by(self, field: str) -> Iterator[str]:
        parts = self._found.by.get(field, [])
        yield _h2(self._say(f"by_{field}"))
        if not any(part.name for part in parts):
            yield _p(self._say("not_known_field"))
            return
        moving = sorted((part for part in parts if part.points), key=lambda part: part.points or 0)
        if moving:
            chosen = moving if len(moving) <= MOST_BARS else [*moving[: MOST_BARS // 2], *moving[-MOST_BARS // 2 :]]
            rows = [self._moved(field, part) for part in reversed(chosen)]
            yield self._chart(lambda n, name: charts.changes(n, name, rows), self._say(f"by_{field}"), is_pair=False)
        shown, hidden = telling.shown_parts(parts, MOST_ROWS)
        heads = (self._say(field), *map(self._say, PART_HEADS))
        yield _table(heads, (telling.part_row(field, part, self._names, self._words) for part in shown))
        if hidden:
            yield _p(self._say("more_rows", rows=self._words.number(hidden)), "quiet")
        yield _p(self._say("small_groups"), "quiet")

    def _moved(self, field: str, part: Part) -> tuple[str, float, str]:
        text = self._say("points", value=self._words.signed(part.points))
        return self._names.part(field, part.name), part.points or 0.0, text

    def _review(self) -> Iterator[str]:
        chosen = self._found.review
        if not chosen:
            return
        yield _h2(self._say("review", count=len(chosen)))
        yield _p(self._say("review_why", seed=self._found.seed))
        heads = tuple(map(self._say, ("rule", "contact", "hour", "facts", "ways", "differs", "hits")))
        rows = [telling.review_row(each, self._names, self._tz) for each in chosen]
        yield _table(heads, rows, words=range(1, 7), style="small")

    def _about(self) -> Iterator[str]:
        yield _h2(self._say("gaps"))
        yield from (_p(line) for line in telling.gaps(self._found, self._names, self._words))
        yield _h2(self._say("assumed"))
        yield from (_p(line) for line in telling.assumed(self._words))

    # Pieces --------------------------------------------------------------------------------------------------------

    def _chart(self, draw: charts.Draw, name: str, *, is_pair: bool = True) -> str:
        self._charts += 1
        legend = charts.legend(self._say("before"), self._say("after")) if is_pair else ""
        drawn = draw(f"chart-{self._charts}", self._say("chart_of", name=name))
        return f"<figure>{legend}{drawn}</figure>\n"

    def _sides(self, head: str, rows: Iterable[Sides]) -> str:
        told = ((self._names.unit(row.name), *self._before_after(row)) for row in rows)
        return _table((self._say(head), *map(self._say, SIDE_HEADS)), told)

    def _before_after(self, row: Sides) -> tuple[str, str, str]:
        number = self._words.number
        return number(row.before), number(row.after), self._words.signed(row.after - row.before, 0)


def _same(day: str) -> str:
    return day


def _month(day: str) -> str:
    return day[:7]


def _week(day: str) -> str:
    """The Monday of its week."""
    read = date.fromisoformat(day)
    return (read - timedelta(days=read.weekday())).isoformat()


def _h2(text: str) -> str:
    return f"<h2>{escape(text)}</h2>\n"


def _h3(text: str) -> str:
    return f"<h3>{escape(text)}</h3>\n"


def _p(text: str, style: str = "") -> str:
    named = f' class="{style}"' if style else ""
    return f"<p{named}>{escape(text)}</p>\n"


def _table(
    heads: Sequence[str],
    rows: Iterable[telling.Row],
    *,
    words: Iterable[int] = (),
    marks: Sequence[dict[int, str]] = (),
    style: str = "",
) -> str:
    """A table; columns of words stand to the left, figures to the right."""
    left = set(words)

    def classed(column: int, mark: str = "") -> str:
        names = " ".join(name for name in ("words" if column in left else "", mark) if name)
        return f' class="{names}"' if names else ""

    head = "".join(f'<th scope="col"{classed(column)}>{escape(text)}</th>' for column, text in enumerate(heads))
    body: list[str] = []
    for number, (first, *others) in enumerate(rows):
        mark = marks[number] if number < len(marks) else {}
        cells = "".join(
            f"<td{classed(column, mark.get(column, ''))}>{escape(text)}</td>" for column, text in enumerate(others, 1)
        )
        body.append(f'<tr><th scope="row">{escape(first)}</th>{cells}</tr>')
    named = f' class="{style}"' if style else ""
    return (
        f'<div class="wide"><table{named}><thead><tr>{head}</tr></thead><tbody>{"".join(body)}</tbody></table></div>\n'
    )
