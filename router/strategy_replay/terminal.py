"""The report in a terminal, readable at a glance: the verdict, the shares, who is handed more, which rules did it."""

from collections.abc import Iterable, Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from router.strategy_replay import telling
from router.strategy_replay.naming import Names
from router.strategy_replay.words import Words
from rules.city import City
from rules.replay.report import Report
from rules.replay.tallying import Sides

MOST_ROWS = 8


def in_words(found: Report, words: Words, cities: tuple[City, City]) -> RenderableType:
    """The whole report; of long tables the rows that changed."""
    return Group(*_blocks(found, words, Names(words, cities), cities[0].info.tz))


def _blocks(found: Report, words: Words, names: Names, tz: str) -> Iterator[RenderableType]:
    yield Text(words.say("title", draft=found.draft.version), style="bold")
    yield Text(telling.subtitle(found, words))
    yield Text(telling.history(found, words, tz))
    first, *others = telling.verdict(found, words)
    yield Text(first, style="bold green" if found.ok else "bold red")
    yield from (Text(line, style="dim") for line in others)
    yield Text(telling.headline(found, words))
    yield _table(
        (words.say("can"), words.say("before"), words.say("after"), words.say("change"), words.say("interval"), "n"),
        (telling.change_row(key, change, words) for key, change in telling.measures(found)),
    )
    yield from (Text(line, style="dim") for line in list(telling.about_shares(found, words))[2:])
    yield _table(
        tuple(words.say(key) for key in ("guard", "value", "limit", "state", "what")),
        (telling.guard_row(guard, names, words) for guard in found.guards),
    )
    if found.groups:
        yield _groups(found, words, names)
    moving = [unit for unit in found.units if unit.before != unit.after]
    if moving:
        yield _sides(words.say("units"), moving[:MOST_ROWS], words, names)
    for field, parts in found.by.items():
        changed = [part for part in parts if part.changed != 0][:MOST_ROWS]
        if changed:
            heads = ("contacts", "changed", "strict_before", "strict_after", "change", "registered_after")
            yield _table(
                (words.say(field), *map(words.say, heads)),
                (telling.part_row(field, part, names, words) for part in changed),
            )
    if found.floor:
        yield Text(telling.floor_why(found.floor, words), style="dim")
        heads = (words.say("floor"), words.say("before"), words.say("after"))
        yield _table(heads, telling.floor_rows(found.floor, words))
    yield from (Text(line) for line in telling.gaps(found, names, words))


def _groups(found: Report, words: Words, names: Names) -> Table:
    rows = (
        (
            group.rule,
            f"{group.tier} {group.title}".strip(),
            words.say(f"how_{group.how}"),
            words.number(group.contacts),
            words.number(group.moved),
            "\n".join(f"{names.way(old)} → {names.way(new)} {words.number(n)}" for old, new, n in group.ways[:3])
            or names.fields(group.fields),
        )
        for group in found.groups[:MOST_ROWS]
    )
    return _table((words.say("rule"), "", *map(words.say, ("how", "changed", "moved", "ways"))), rows)


def _sides(title: str, rows: Iterable[Sides], words: Words, names: Names) -> Table:
    return _table(
        (title, words.say("before"), words.say("after"), words.say("change")),
        (
            (names.unit(row.name), *map(words.number, (row.before, row.after)), words.signed(row.after - row.before, 0))
            for row in rows
        ),
    )


def _table(heads: Iterable[str], rows: Iterable[telling.Row]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for number, head in enumerate(heads):
        table.add_column(head, justify="left" if not number else "default", overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    return table
