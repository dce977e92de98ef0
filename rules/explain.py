"""Explaining: how each rule read the facts, and which rules one cell kept from hitting. Never used to decide."""

import msgspec

from rules.cells import Truth
from rules.compile import CompiledStrategy
from rules.decide import Decision, Facts, decide, known_facts, read_row


class RuleReading(msgspec.Struct, frozen=True):
    """How one rule read the facts."""

    id: str
    truth: str
    blocking: tuple[str, ...] = ()
    """Facts of the row nearest to hitting that are false or unknown."""


def explain(compiled: CompiledStrategy, facts: Facts) -> Decision:
    """The decision with `trace.near` filled in."""
    decision = decide(compiled, facts)
    near = tuple(reading.id for reading in readings(compiled, facts) if len(reading.blocking) == 1)
    hits = set(decision.trace.hits)
    trace = msgspec.structs.replace(decision.trace, near=tuple(rule for rule in near if rule not in hits))
    return msgspec.structs.replace(decision, trace=trace)


def readings(compiled: CompiledStrategy, facts: Facts) -> list[RuleReading]:
    """Every rule's reading of the facts, in the order of the strategy."""
    known = known_facts(facts, compiled.topics)
    found: list[RuleReading] = []
    for index, rule in enumerate(compiled.rules):
        rows = [row.cells for row in compiled.rows if row.rule == index]
        truth = max(read_row(cells, known) for cells in rows)
        blocked = (tuple(cell.fact for cell in cells if cell.read(known) is not Truth.TRUE) for cells in rows)
        found.append(RuleReading(rule.id, truth.name.lower(), min(blocked, key=len)))
    return found
