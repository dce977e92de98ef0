"""Masks and the plain reading agree on the city's own rules, mixed and changed at random, at every border of a cell."""

from random import Random

import msgspec
import pytest

from rules.cells import parse_row
from rules.compile import compile_strategy
from rules.decide import DecidedUnder, FactValue, decide, interpret
from rules.strategy import CellValue, Row, Rule, Strategy, Tier, UnknownEffect
from tests.rules.random_facts import any_facts, seeded
from tests.rules.word_families import city

EFFECTS: tuple[UnknownEffect | None, ...] = (None, "skip", "hit", "ask")
TIERS: tuple[Tier, ...] = ("A", "B", "C", "D", "E", "F", "G", "H")
NUMBERS: tuple[CellValue, ...] = (0, ">=1", "<1", "<=3", ">2", "1..3", "3..1", (0, ">=100"), ("<5", "unknown"))


def mixed(random: Random) -> Strategy:
    """A handful of the city's rules in new tiers, with rows of other rules and cells changed."""
    rules = city().strategy.strategy.rules
    some = tuple(_changed(random, each) for each in random.sample(rules, random.randint(1, 14)))
    return msgspec.structs.replace(city().strategy.strategy, rules=some, cases=())


def _changed(random: Random, rule: Rule) -> Rule:
    rows = [*rule.when, *random.choice(city().strategy.strategy.rules).when]
    when = tuple(_row(random, each) for each in random.sample(rows, random.randint(0, len(rows))))
    then = msgspec.structs.replace(rule.then, stop=random.random() < 0.2)
    return msgspec.structs.replace(
        rule, when=when, then=then, unknown=random.choice(EFFECTS), tier=random.choice(TIERS)
    )


def _row(random: Random, row: Row) -> Row:
    """The row with a cell left out, a number's range or a missing fact's word put in."""
    changed = {fact: value for fact, value in row.items() if random.random() < 0.85}
    if random.random() < 0.3:
        changed[random.choice(("loa", "repeats_7d", "topic_confidence"))] = random.choice(NUMBERS)
    for fact, value in changed.items():
        if fact != "calendar" and not isinstance(value, dict) and random.random() < 0.15:
            changed[fact] = (*value, "unknown") if isinstance(value, tuple) else (value, "unknown")
    return changed


def at_borders(random: Random, strategy: Strategy) -> dict[str, FactValue]:
    """Facts as they come, some of them just on, below or above what a cell asks for, some words that it names."""
    facts = any_facts(random)
    cells = [cell for rule in strategy.rules for row in rule.when for cell in parse_row(row)]
    for cell in random.sample(cells, min(len(cells), 4)):
        edges = [edge for span in cell.spans for edge in span if edge is not None]
        words = sorted(cell.wanted | cell.refused)
        if edges:
            facts[cell.fact] = random.choice(edges) + random.choice((-1, 0, 1))
        elif words and cell.fact != "topic_flag":
            facts[cell.fact] = random.choice(words)
    return facts


@pytest.mark.parametrize("seed", range(40))
def test_masks_decide_what_reading_every_cell_decides(seed: int) -> None:
    """Codes in groups, flags, ranges at their borders, calendars, moments, odd and missing facts: the same decision."""
    random = seeded(seed)
    topics, receivers = city().topics, city().strategy.receivers
    for _ in range(10):
        strategy = mixed(random)
        compiled = compile_strategy(strategy, topics, receivers)
        for _ in range(5):
            facts = at_borders(random, strategy)
            assert decide(compiled, facts) == interpret(strategy, topics, facts, receivers)


@pytest.mark.parametrize("seed", range(40))
def test_facts_under_several_states_are_decided_as_each_by_itself(seed: int) -> None:
    """Facts that are split into those that vary and those that stay, known or missing, give the same decisions."""
    random = seeded(seed)
    strategy = mixed(random)
    compiled = compile_strategy(strategy, city().topics, city().strategy.receivers)
    facts = at_borders(random, strategy)
    varying = random.sample(sorted(facts), len(facts) // 3)
    states = [{name: at_borders(random, strategy).get(name) for name in varying} for _ in range(8)]
    staying = {name: value for name, value in facts.items() if name not in varying}
    found = list(DecidedUnder(compiled, states).decide(staying))
    assert found == [decide(compiled, {**staying, **state}) for state in states]
