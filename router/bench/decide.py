"""Deciding: a strategy of 300 rules on six facts, beside the ZEN engine on the same table where that is installed."""

import importlib
import json
import random
from collections.abc import Callable, Sequence
from statistics import median
from typing import Protocol, cast

from router.bench.figures import Figure, against, at_most, told
from router.clock import elapsed_s
from rules.compile import CompiledStrategy, compile_strategy
from rules.decide import FactValue, decide
from rules.strategy import CellValue, Meta, Outcome, Row, Rule, Strategy, Tier
from rules.topics import Topic, TopicBook

LIMIT_US = 10
TIMES_PEER = 50
RULES = 300
TOPICS = tuple(Topic(f"G{n // 10}.T{n % 10}", "t", "t", "u") for n in range(80))
WORDS: dict[str, tuple[str, ...]] = {
    "medium": ("voice", "written", "messaging"),
    "severity": ("P1", "P2", "P3"),
    "language": ("sv", "fi", "en"),
}
NUMBERS: dict[str, tuple[CellValue, ...]] = {"loa": (">=2", "<3"), "repeats_7d": (">=1", "<1")}
TIERS: tuple[Tier, ...] = ("C", "D", "E", "F", "G")
FACTS = ("topic", *WORDS, *NUMBERS)
Facts = dict[str, FactValue]


class Peer(Protocol):
    """A decision of the ZEN engine."""

    def evaluate(self, facts: Facts) -> object:
        """What the table says."""
        ...


def random_rules(rng: random.Random) -> list[Rule]:
    """Rules on topic, medium, severity, language, loa and repeats."""
    rules: list[Rule] = []
    for number in range(RULES):
        row: Row = {"topic": rng.choice(TOPICS).code}
        row |= {fact: rng.choice(words) for fact, words in WORDS.items() if rng.random() < 0.5}  # noqa: PLR2004 # half of them
        row |= {fact: rng.choice(cells) for fact, cells in NUMBERS.items() if rng.random() < 0.3}  # noqa: PLR2004 # a third
        rules.append(Rule(f"R{number}", rng.choice(TIERS), Outcome(suggestions=(f"s{number}",)), when=(row,)))
    return rules


def random_facts(rng: random.Random) -> Facts:
    """Six known facts."""
    words: Facts = {fact: rng.choice(values) for fact, values in WORDS.items()}
    return {"topic": rng.choice(TOPICS).code, **words, "loa": rng.randint(0, 4), "repeats_7d": rng.randint(0, 2)}


def peer_table(rules: Sequence[Rule]) -> str:
    """The same rules as a decision table of the ZEN engine, collecting every hit."""
    inputs = [{"id": fact, "name": fact, "field": fact, "type": "expression"} for fact in FACTS]
    rows: list[dict[str, str]] = []
    for rule in rules:
        row = rule.when[0]
        cells = {fact: str(row[fact]) if fact in NUMBERS else f'"{row[fact]}"' for fact in row}
        rows.append({"_id": rule.id, **{fact: cells.get(fact, "") for fact in FACTS}, "hit": f'"{rule.id}"'})
    outputs = [{"id": "hit", "name": "hit", "field": "hit", "type": "expression"}]
    content = {"hitPolicy": "collect", "inputs": inputs, "outputs": outputs, "rules": rows}
    place = {"x": 0, "y": 0}
    nodes = [
        {"id": "in", "name": "in", "type": "inputNode", "position": place},
        {"id": "t", "name": "t", "type": "decisionTableNode", "content": content, "position": place},
        {"id": "out", "name": "out", "type": "outputNode", "position": place},
    ]
    edges = [{"id": "1", "sourceId": "in", "targetId": "t"}, {"id": "2", "sourceId": "t", "targetId": "out"}]
    return json.dumps({"nodes": nodes, "edges": edges})


def open_peer(rules: Sequence[Rule]) -> Peer | None:
    """The ZEN engine with these rules, or None where it is not installed."""
    try:
        zen = importlib.import_module("zen")
    except ImportError:
        return None
    return cast("Peer", zen.ZenEngine().create_decision(peer_table(rules)))


def bench_decide(*, is_quick: bool = False) -> list[Figure]:
    """Microseconds for one decision: of facts seen before, of facts never seen, of the peer."""
    rng = random.Random(3)  # noqa: S311 # repeatable facts, no secret
    rules = random_rules(rng)
    topics = TopicBook(TOPICS)
    compiled = compile_strategy(Strategy(Meta("bench", "generalist"), tuple(rules)), topics)
    facts = [random_facts(rng) for _ in range(200)]
    new = [random_facts(rng) for _ in range(2_000 if is_quick else 20_000)]
    cold_us = _us_each(lambda: _decide_all(compiled, new), len(new))
    _decide_all(compiled, facts)
    own_us = median(_us_each(lambda: _decide_all(compiled, facts), len(facts)) for _ in range(5 if is_quick else 50))
    figures = [
        at_most(f"decide, {RULES} rules, {len(FACTS)} facts", own_us, "us", LIMIT_US),
        told("decide, facts in a combination not seen before", cold_us, "us"),
    ]
    peer = open_peer(rules)
    if peer is None:
        return [*figures, Figure("decide, the ZEN engine on the same table", 0, "us", None, None, "peer not installed")]
    asked = facts[:50] if is_quick else facts
    peer_us = _us_each(lambda: [peer.evaluate(each) for each in asked], len(asked))
    name = "decide, the ZEN engine on the same table"
    return [
        *figures,
        told(name, peer_us, "us"),
        against(
            "decide, times as fast as the peer",
            peer_us / own_us,
            "x",
            peer=name,
            ratio=peer_us / own_us,
            limit=TIMES_PEER,
        ),
    ]


def _decide_all(compiled: CompiledStrategy, facts: Sequence[Facts]) -> None:
    for each in facts:
        decide(compiled, each)


def _us_each(work: Callable[[], object], count: int) -> float:
    began = elapsed_s()
    work()
    return (elapsed_s() - began) / count * 1e6
