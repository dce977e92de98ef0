"""What is different between two strategies: rules, cases and other tables added, removed, moved or changed, by cell.

Compares what is written, not what it does: that is a simulation's question. Pure.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import cast

import msgspec

from rules.strategy import Strategy

Value = str | int | float | bool | list[object] | None
NAMES: Mapping[str, str] = {
    "rules": "rule",
    "cases": "case",
    "floor_rules": "floor_rule",
    "handover_rules": "handover_rule",
}
"""Field of a strategy -> the table in its file."""


class CellChange(msgspec.Struct, frozen=True):
    """One cell that says something else; None is a cell that is not there."""

    cell: str
    before: Value
    after: Value


class Named(msgspec.Struct, frozen=True):
    """A table that is in one of the two only, or that stands elsewhere."""

    table: str
    """rule, case, floor_rule."""
    id: str
    title: str = ""


class TableChange(msgspec.Struct, frozen=True):
    """A table that is in both, with the cells that differ."""

    table: str
    id: str
    title: str
    cells: tuple[CellChange, ...]


class StrategyDiff(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that differs, in the order of the newer one."""

    meta: tuple[CellChange, ...] = ()
    added: tuple[Named, ...] = ()
    removed: tuple[Named, ...] = ()
    moved: tuple[Named, ...] = ()
    """Rules that stand before others than they did, inside their tier: the first one to say where wins."""
    changed: tuple[TableChange, ...] = ()

    @property
    def is_same(self) -> bool:
        """Whether the two say the same."""
        return not (self.meta or self.added or self.removed or self.moved or self.changed)


def compare(before: Strategy, after: Strategy) -> StrategyDiff:
    """What `after` says otherwise than `before`."""
    old, new = _tables(before), _tables(after)
    return StrategyDiff(
        meta=_cells(_flat(msgspec.to_builtins(before.meta)), _flat(msgspec.to_builtins(after.meta))),
        added=tuple(_named(key, new[key]) for key in new if key not in old),
        removed=tuple(_named(key, old[key]) for key in old if key not in new),
        moved=tuple(_moved(before, after)),
        changed=tuple(
            TableChange(key[0], key[1], _title(new[key]), cells)
            for key in new
            if key in old and (cells := _cells(_flat(old[key]), _flat(new[key])))
        ),
    )


Key = tuple[str, str]
Table = Mapping[str, object]


def _tables(strategy: Strategy) -> dict[Key, Table]:
    """Every table of the strategy but its meta, by kind and id."""
    written = cast("dict[str, object]", msgspec.to_builtins(strategy))
    return {
        (NAMES.get(field, field), str(table.get("id") or table.get("title") or number)): table
        for field, tables in written.items()
        if isinstance(tables, list | tuple)
        for number, table in enumerate(cast("Iterable[Table]", tables), 1)
    }


def _named(key: Key, table: Table) -> Named:
    return Named(*key, _title(table))


def _title(table: Table) -> str:
    return str(table.get("title", ""))


def _moved(before: Strategy, after: Strategy) -> Iterator[Named]:
    """Rules outside the longest part that kept its order, tier by tier."""
    for tier in dict.fromkeys(rule.tier for rule in after.rules):
        places = {rule.id: number for number, rule in enumerate(before.rules) if rule.tier == tier}
        both = [rule for rule in after.rules if rule.tier == tier and rule.id in places]
        kept = _longest_rising([places[rule.id] for rule in both])
        yield from (Named("rule", rule.id, rule.title) for rule in both if places[rule.id] not in kept)


def _longest_rising(numbers: list[int]) -> set[int]:
    """The numbers of a longest rising part of the row."""
    best: list[list[int]] = []
    for number in numbers:
        before = max((row for row in best if row[-1] < number), key=len, default=list[int]())
        best.append([*before, number])
    return set(max(best, key=len, default=list[int]()))


def _flat(table: object, path: str = "") -> dict[str, Value]:
    """Cell by its path, such as `when[0].topic`; a list of plain values is one cell."""
    if isinstance(table, Mapping):
        inside = cast("Table", table).items()
        pairs = [(f"{path}.{key}" if path else str(key), value) for key, value in inside]
    elif isinstance(table, list | tuple) and any(isinstance(each, Mapping) for each in cast("list[object]", table)):
        pairs = [(f"{path}[{number}]", value) for number, value in enumerate(cast("list[object]", table))]
    else:
        return {path: cast("Value", list(cast("list[object]", table)) if isinstance(table, tuple) else table)}
    return {cell: value for where, inner in pairs for cell, value in _flat(inner, where).items()}


def _cells(old: Mapping[str, Value], new: Mapping[str, Value]) -> tuple[CellChange, ...]:
    changes = (CellChange(cell, old.get(cell), new.get(cell)) for cell in {**old, **new})
    return tuple(each for each in changes if not _is_equal(each.before, each.after))


def _is_equal(before: Value, after: Value) -> bool:
    """True is not 1, and a list without anything in it is a cell that is not there."""
    return (before == after and type(before) is type(after)) or (not before and not after and _lists(before, after))


def _lists(before: Value, after: Value) -> bool:
    return all(value is None or isinstance(value, list) for value in (before, after))
