"""A count that shares nothing with the replay but its definitions: plain loops, one contact after the other."""

import json
from collections import Counter
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from rules.city import City
from rules.decide import Decision, FactValue, interpret
from rules.replay.report import Report
from rules.replay.tallying import Part, Sides

STOCKHOLM = ZoneInfo("Europe/Stockholm")
FIELDS = ("channel", "topic", "district", "language")
FEW = 5
NOT_OURS = {"KOM.SÖK", "INT.SUP"}


class Row(NamedTuple):
    """One contact that counts."""

    groups: tuple[str, ...]
    day: str
    changed: bool
    strict: tuple[bool, bool]
    registered: tuple[bool, bool]


class Plain:
    """Counts one contact after the other."""

    def __init__(self, baseline: City, draft: City) -> None:
        self.cities = (baseline, draft)
        self.contacts = self.changed = self.moved = self.observed = 0
        self.rows: list[Row] = []
        self.excluded: Counter[str] = Counter()
        self.units: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
        self.transfers: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
        self.kinds: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
        self.by_rule: Counter[tuple[str, str]] = Counter()
        self.moved_by_rule: Counter[str] = Counter()
        self._known: dict[str, Decision] = {}

    def add(self, at_ms: int, facts: dict[str, FactValue], endings: list[str]) -> None:
        """One contact."""
        both = [self._decided(city, {**facts, **city.calendar_facts(at_ms)}) for city in self.cities]
        before, after = both
        self.contacts += 1
        for number, decision in enumerate(both):
            self.kinds[number][decision.kind] += 1
            if decision.kind == "hand_over":
                self.units[number][decision.unit] += 1
            if decision.kind == "queue" and decision.warm_transfer:
                self.transfers[number][decision.warm_transfer] += 1
        is_changed = any(
            getattr(before, name) != getattr(after, name) for name in before.__struct_fields__ if name != "trace"
        )
        is_moved = (before.kind, before.queue, before.unit) != (after.kind, after.queue, after.unit)
        self.changed += is_changed
        self.moved += is_moved
        if is_changed:
            found = self._first_parting(list(before.trace.hits), list(after.trace.hits))
            self.by_rule[found] += 1
            self.moved_by_rule[found[0]] += is_moved
        self._count(at_ms, facts, endings, both, is_changed=is_changed)

    def _decided(self, city: City, facts: dict[str, FactValue]) -> Decision:
        key = city.strategy.hash + json.dumps(facts, sort_keys=True)
        if key not in self._known:
            self._known[key] = interpret(city.strategy.strategy, city.topics, facts, city.strategy.receivers)
        return self._known[key]

    def _count(
        self, at_ms: int, facts: dict[str, FactValue], endings: list[str], both: list[Decision], *, is_changed: bool
    ) -> None:
        topic = str(facts.get("topic") or "")
        if topic in NOT_OURS or (endings and all(ending == "spam" for ending in endings)):
            self.excluded[topic if topic in NOT_OURS else "spam"] += 1
            return
        described = self.cities[0].topics.get(topic)
        is_registered = described is not None and described.criterion == "registered_complete"
        here = [decision.kind in {"queue", "answer"} for decision in both]
        self.rows.append(
            Row(
                tuple(str(facts.get(name) or "") for name in FIELDS),
                datetime.fromtimestamp(at_ms / 1000, STOCKHOLM).strftime("%Y-%m-%d"),
                is_changed,
                (here[0], here[1]),
                (here[0] or is_registered, here[1] or is_registered),
            )
        )

    def _first_parting(self, old: list[str], new: list[str]) -> tuple[str, str]:
        """The first rule by which two traces part, and how it differs."""
        texts = [{rule.id: rule for rule in city.strategy.strategy.rules} for city in self.cities]
        while old or new:
            ours, theirs = (old.pop(0) if old else ""), (new.pop(0) if new else "")
            if ours == theirs:
                if texts[0][ours] != texts[1][ours]:
                    return ours, "changed"
                continue
            rule = theirs if theirs and theirs not in old else ours or theirs
            if rule not in texts[0]:
                return rule, "added"
            if rule not in texts[1]:
                return rule, "removed"
            return rule, "reached" if texts[0][rule] == texts[1][rule] else "changed"
        return "-", "city"


def same(plain: Plain, found: Report) -> None:
    """Every figure that decisions alone give is the same."""
    rows = plain.rows
    assert (found.history.contacts, found.history.observed) == (plain.contacts, plain.observed)
    assert (found.changed, found.moved) == (plain.changed, plain.moved)
    assert (found.history.eligible, found.history.excluded) == (len(rows), dict(plain.excluded))
    for change, shares in ((found.can.strict, [row.strict for row in rows]),
                           (found.can.registered, [row.registered for row in rows])):  # fmt: skip
        assert [change.before, change.after] == [sum(share[side] for share in shares) for side in (0, 1)]
        assert change.share_before == sum(share[0] for share in shares) / len(rows)
    assert _sides(found.units) == tuple(map(dict, plain.units))
    assert _sides(found.transfers) == tuple(map(dict, plain.transfers))
    assert _sides(found.kinds) == tuple(map(dict, plain.kinds))
    assert {(each.rule, each.how): each.contacts for each in found.groups} == dict(plain.by_rule)
    assert {each.rule: each.moved for each in found.groups if each.moved} == +plain.moved_by_rule
    days = {day.day: (day.contacts, round(day.contacts * day.before), round(day.contacts * day.after))
            for day in found.days}  # fmt: skip
    assert days == {
        day: (len(of), sum(row.strict[0] for row in of), sum(row.strict[1] for row in of))
        for day in {row.day for row in rows}
        if (of := [row for row in rows if row.day == day])
    }
    for place, field in enumerate(FIELDS):
        _same_parts(rows, place, found.by[field])


def _sides(rows: list[Sides]) -> tuple[dict[str, int], dict[str, int]]:
    return {row.name: row.before for row in rows if row.before}, {row.name: row.after for row in rows if row.after}


def _same_parts(rows: list[Row], place: int, found: list[Part]) -> None:
    """The groups of one field; nobody's person is known here, so that each contact is a person."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.groups[place], []).append(row)
    ordered = sorted(groups, key=lambda name: (len(groups[name]), name))
    small = [name for name in ordered if len(groups[name]) < FEW]
    large = [name for name in ordered if len(groups[name]) >= FEW]
    while small and large and (len(small) < 2 or sum(len(groups[name]) for name in small) < FEW):
        small.append(large.pop(0))
    together = [row for name in small for row in groups[name]]
    expected = {name: groups[name] for name in large} | ({"other": together} if len(together) >= FEW else {})
    assert {part.name: part.contacts for part in found} == {name: len(of) for name, of in expected.items()}
    hiding = {name for name, of in expected.items() if 0 < sum(row.changed for row in of) < FEW}
    seen = [part for part in found if part.changed is None and part.name not in hiding]
    assert len(seen) <= (len(hiding) == 1)
    for part in found:
        of = expected[part.name]
        assert part.before == sum(row.strict[0] for row in of) / len(of)
        assert part.registered_before == sum(row.registered[0] for row in of) / len(of)
        if part.changed is None:
            assert (part.after, part.points, part.registered_after) == (None, None, None)
            continue
        assert part.name not in hiding
        assert part.changed == sum(row.changed for row in of)
        assert part.after == sum(row.strict[1] for row in of) / len(of)
        assert part.registered_after == sum(row.registered[1] for row in of) / len(of)
