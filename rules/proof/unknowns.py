"""Unknowns: safety and law rules whose word on missing facts makes them hit everybody, or nobody."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from rules.cells import Known, Truth, read_row
from rules.compile import CompiledRow
from rules.facts import FACT_BOOK
from rules.proof.findings import Example, Found
from rules.proof.moments import Moment
from rules.proof.space import Space
from rules.proof.sweep import CHANNELS
from rules.strategy import WORDS, FactValue

FIRST = "received"
"""The decision point at which nobody has spoken with the person yet."""
ALWAYS: Mapping[str, str | int | bool] = {
    "point": FIRST,
    "identity": "none",
    "attachments": 0,
    "anonymous": False,
    "has_location": False,
    "sensitive_detected": False,
    "topic_confidence": 0,
}
"""What is known of every contact, besides its channel, as it is for most."""


def odd_on_unknown(space: Space) -> Iterator[Found]:
    """Protected rules that hit although nothing is known, and rows that ask for what can't be known yet."""
    for number, rule in enumerate(space.rules):
        if not rule.protected:
            continue
        rows = [row for row in space.compiled.rows if row.rule == number]
        if rule.effect == "hit" and (example := _hits_on_nothing(rows, space.moments)):
            yield Found("hits_on_nothing", rule.id, {"rule": rule.id}, example)
        late = [fact for row in rows for fact in _known_too_late(row)]
        if rule.effect == "skip" and late and all(_known_too_late(row) for row in rows):
            facts: dict[str, FactValue] = {"point": FIRST, "medium": "voice"}
            example = Example(facts, space.moments[0].at)
            yield Found("known_too_late", rule.id, {"rule": rule.id, "facts": ", ".join(sorted({*late}))}, example)


def _hits_on_nothing(rows: list[CompiledRow], moments: Sequence[Moment]) -> Example | None:
    """A contact of which only what is always known is known, and that a row does not exclude: missing facts hit."""
    named = {word for row in rows for cell in row.cells if cell.fact == "channel" for word in cell.wanted}
    channels = [*CHANNELS, *((channel, medium) for channel in sorted(named) for medium in sorted(WORDS["medium"]))]
    for moment, (channel, medium) in product(moments, channels):
        facts: dict[str, FactValue] = {**ALWAYS, "channel": channel, "medium": medium}
        known: dict[str, Known] = {**moment.states, **ALWAYS, "channel": channel, "medium": medium}
        if any(read_row(row.cells, known) is Truth.UNKNOWN for row in rows):
            return Example(facts, moment.at)
    return None


def _known_too_late(row: CompiledRow) -> list[str]:
    """Facts that only a conversation tells, asked for when the contact comes in."""
    at_first = any(cell.fact == "point" and cell.wanted == frozenset({FIRST}) for cell in row.cells)
    return [
        cell.fact
        for cell in row.cells
        if at_first and cell.fact in FACT_BOOK and FACT_BOOK[cell.fact].source == "agent" and not cell.accepts_unknown
    ]
