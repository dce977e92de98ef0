"""The rule that a plan asks for: what must stand before the rule that hands a topic over, tried before it is shown.

Owns the sketch as data; `rules.words` gives it its sentences. Never changes a strategy: its owner does.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import msgspec

from rules.cases import run_cases
from rules.cells import Truth, read_row
from rules.city import City
from rules.columns import TOPIC, TOPIC_FLAG
from rules.compile import CompiledStrategy, compile_strategy, rule_rows
from rules.decide import known_facts
from rules.outcome import Receivers
from rules.plan_flows import PlannedContact, decided
from rules.strategy import Outcome, Row, Rule, Tier

PREFIX = "T-"
"""Of the id of a sketch, before the topic's code."""
MOST_RULES = 8
"""Rules looked past, one by one, to see where a topic's contacts would be met."""


class RuleSketch(msgspec.Struct, frozen=True):
    """A rule by which a topic's contacts are met here instead of being handed over."""

    id: str
    tier: Tier
    before: str
    """The rule of the strategy before which it must stand."""
    when: tuple[Row, ...]
    queue: str
    require: dict[str, int]
    holds: bool
    """Whether the strategy, with it, meets the planned contacts and no other way of theirs changes."""
    cases: tuple[str, ...] = ()
    """Cases of the strategy that state the way of today: they must be decided anew with it."""

    @property
    def then(self) -> dict[str, object]:
        """What it says, as a strategy writes it."""
        return {"queue": self.queue, **({"require": self.require} if self.require else {})}


@dataclass(frozen=True)
class Sketcher:
    """Sketches rules for one city."""

    city: City
    elsewhere: frozenset[str]

    @cached_property
    def _receivers(self) -> Receivers:
        return Receivers(self.city.names.units, {**self.city.names.chains})

    def sketch(self, topic: str, rules: Sequence[str], contacts: Sequence[PlannedContact]) -> RuleSketch | None:
        """The rule that keeps what these rules hand over; None when no planned contact is handed over by them."""
        first = next((rule for rule in self.city.strategy.rules if rule.id in rules), None)
        taken = [each for each in contacts if self._is_handed_over(each, rules)]
        if first is None or not taken:
            return None
        queue, require = self._met_at(taken[0], rules)
        when = tuple(self._rows([rule for rule in self.city.strategy.rules if rule.id in rules], topic, taken))
        made = RuleSketch(f"{PREFIX}{topic}", first.tier, first.id, when, queue, require, holds=False)
        amended = self._amended(made)
        return msgspec.structs.replace(
            made, holds=self._holds(made, amended, taken, contacts), cases=self._broken(amended)
        )

    def _is_handed_over(self, contact: PlannedContact, rules: Sequence[str]) -> bool:
        decision = decided(self.city.strategy, contact)
        return decision.kind == "hand_over" and any(rule in decision.trace.hits for rule in rules)

    def _met_at(self, contact: PlannedContact, rules: Sequence[str]) -> tuple[str, dict[str, int]]:
        """Where such a contact is met when nobody hands it over, and what is asked of who meets it."""
        left_out = {*rules}
        for _ in range(MOST_RULES):
            decision = decided(self._compiled([r for r in self._all if r.id not in left_out]), contact)
            if decision.kind == "queue" and decision.queue not in self.elsewhere:
                return decision.queue, decision.require
            left_out |= {rule.id for rule in self._all if rule.id in decision.trace.hits and rule.then.goes_somewhere}
        return self.city.strategy.strategy.meta.default_queue, {}

    def _rows(self, rules: Iterable[Rule], topic: str, taken: Sequence[PlannedContact]) -> Iterable[Row]:
        """The rows by which the contacts are handed over now, narrowed to the topic."""
        for rule in rules:
            for row, cells in zip(rule.when, rule_rows(rule, self.city.topics), strict=False):
                if any(read_row(cells, known_facts(each.facts, self.city.topics)) is Truth.TRUE for each in taken):
                    yield {
                        TOPIC: topic,
                        **{fact: cell for fact, cell in row.items() if fact not in {TOPIC, TOPIC_FLAG}},
                    }

    def _amended(self, sketch: RuleSketch) -> CompiledStrategy:
        new = Rule(sketch.id, sketch.tier, Outcome(queue=sketch.queue, require=sketch.require), when=sketch.when)
        place = next(number for number, rule in enumerate(self._all) if rule.id == sketch.before)
        return self._compiled([*self._all[:place], new, *self._all[place:]])

    def _broken(self, amended: CompiledStrategy) -> tuple[str, ...]:
        """Cases that hold today and would not."""
        today, then = run_cases(self.city), run_cases(msgspec.structs.replace(self.city, strategy=amended))
        return tuple(old.title for old, new in zip(today, then, strict=True) if old.ok and not new.ok)

    def _holds(
        self,
        sketch: RuleSketch,
        amended: CompiledStrategy,
        taken: Sequence[PlannedContact],
        contacts: Iterable[PlannedContact],
    ) -> bool:
        for each in contacts:
            before, after = decided(self.city.strategy, each), decided(amended, each)
            if each in taken:
                if (after.kind, after.queue) != ("queue", sketch.queue):
                    return False
            elif (before.kind, before.queue, before.unit) != (after.kind, after.queue, after.unit):
                return False
        return True

    @property
    def _all(self) -> tuple[Rule, ...]:
        return self.city.strategy.strategy.rules

    def _compiled(self, rules: Sequence[Rule]) -> CompiledStrategy:
        strategy = msgspec.structs.replace(self.city.strategy.strategy, rules=tuple(rules))
        return compile_strategy(strategy, self.city.topics, self._receivers)


def sketch_cells(sketch: RuleSketch, titles: Mapping[str, str]) -> dict[str, object]:
    """The `[[rule]]` cell by cell, with the sentences that a rule must have."""
    return {"id": sketch.id, "tier": sketch.tier, **titles, "when": sketch.when, "then": sketch.then}
