"""Supposing: what would have followed had one fact been another, or been known.

Asks the strategy itself, once for each value that its rules tell apart. Never used to decide.
"""

from collections.abc import Iterator, Sequence

import msgspec

from rules.cells import Cell, Span, closed_words, kind_of
from rules.columns import TOPIC, axis_of
from rules.compile import CompiledStrategy
from rules.contributions import decider
from rules.decide import Decision, Facts, Trace, decide, known_facts
from rules.facts import MOST, FactValue

ANOTHER = "*"
"""A word that no rule names, where any word is possible."""
MOVES = frozenset({"kind", "queue", "unit"})
"""Parts of a decision that say where."""
WEIGHT = ("kind", "queue", "unit", "emergency", "restricted", "mask", "require", "team", "priority")
"""Parts of a decision that a reader wants to hear of first."""
WEIGHTY = frozenset({"emergency", "restricted", "mask", "require", "offers"})
"""Besides the place, a change of one of these is worth telling; smaller ones are told when there is no larger."""
IN_ORDER = (
    "voice",
    "messaging",
    "in_person",
    "written",
    "none",
    "shared",
    "likely",
    "verified",
    "life",
    "marked",
    "protected_registration",
)
"""Words that people name in another order than that of the alphabet; the others follow."""
SAID_BY = {
    "offers": ("offers", "suppress"),
    "notices": ("notices", "limit"),
    "head_start_s": ("head_start_s", "priority"),
    "duty": ("hand_over",),
    "require_fields": ("hand_over",),
    "forbid_fields": ("hand_over",),
}
"""Parts of an outcome that change a part of a decision of another name."""
UNTOLD = frozenset({"trace", "reason", "keep", "can_call_back", "warm_within_s", "missing_fields"})
"""Parts that follow from others, or that only the record needs."""
_PARTS = tuple(field.name for field in msgspec.structs.fields(Decision) if field.name not in UNTOLD)
_NO_TRACE = Trace("", "")


class Alternative(msgspec.Struct, frozen=True):
    """One fact as it was not, and the decision that had followed."""

    fact: str
    values: tuple[FactValue, ...]
    """Values with the same consequence; for numbers the spans stand beside."""
    spans: tuple[Span, ...]
    was_unknown: bool
    begins: tuple[str, ...]
    """Rules that had hit, and did not."""
    ends: tuple[str, ...]
    """Rules that hit, and had not."""
    decided_by: str
    """The rule that had said where; empty when none had."""
    by: tuple[str, ...]
    """The rules that had made the difference: who had said where, or else those of `begins` that say what changes."""
    decision: Decision
    changes: tuple[str, ...]
    """Parts of the decision that had been others, weightiest first."""

    @property
    def moves(self) -> bool:
        """Whether the contact had gone somewhere else."""
        return bool(MOVES & {*self.changes})


def alternatives(compiled: CompiledStrategy, facts: Facts, decision: Decision) -> tuple[Alternative, ...]:
    """Everything that one other fact would have changed, the weightiest first; what changes nothing is left out."""
    known = known_facts(facts, compiled.topics)
    found = [
        each
        for fact in asked_facts(compiled)
        for each in _of_fact(compiled, facts, decision, fact, was_unknown=fact not in known)
    ]
    return tuple(sorted(found, key=lambda each: (_weight(each.changes), each.fact)))


def asked_facts(compiled: CompiledStrategy) -> list[str]:
    """Every fact that some rule asks about; a topic's flags are asked with the topic."""
    return sorted({axis_of(cell.fact) for row in compiled.rows for cell in row.cells})


def changed_parts(before: Decision, after: Decision) -> tuple[str, ...]:
    """The parts of two decisions that differ, weightiest first."""
    parts = [name for name in _PARTS if getattr(before, name) != getattr(after, name)]
    return tuple(sorted(parts, key=lambda name: _weight([name])))


def _weight(changes: Sequence[str]) -> int:
    return min((WEIGHT.index(part) if part in WEIGHT else len(WEIGHT) for part in changes), default=len(WEIGHT))


def _of_fact(
    compiled: CompiledStrategy, facts: Facts, decision: Decision, fact: str, *, was_unknown: bool
) -> Iterator[Alternative]:
    alike: dict[bytes, Alternative] = {}
    for value, span in values_of(compiled, fact):
        other = decide(compiled, {**facts, fact: value})
        changes = changed_parts(decision, other)
        if not changes:
            continue
        key = msgspec.json.encode(msgspec.structs.replace(other, trace=_NO_TRACE), order="deterministic")
        before = alike.get(key)
        if before is None:
            before = _alternative(compiled, decision, other, changes, (fact, was_unknown))
        spans = _joined(before.spans, span) if span else before.spans
        alike[key] = msgspec.structs.replace(before, values=(*before.values, value), spans=spans)
    yield from alike.values()


def _alternative(
    compiled: CompiledStrategy, decision: Decision, other: Decision, changes: tuple[str, ...], fact: tuple[str, bool]
) -> Alternative:
    hits = [rule for rule in compiled.rules if rule.id in other.trace.hits]
    decided_by = decider(hits, other)
    begins = [rule for rule in hits if rule.id not in decision.trace.hits]
    told = [part for part in changes if part in WEIGHTY] or changes
    parts = [name for part in told for name in SAID_BY.get(part, (part,))]
    by = [rule.id for rule in begins if any(getattr(rule.then, part, None) for part in parts)]
    return Alternative(
        fact=fact[0],
        values=(),
        spans=(),
        was_unknown=fact[1],
        begins=tuple(rule.id for rule in begins),
        ends=tuple(rule for rule in decision.trace.hits if rule not in other.trace.hits),
        decided_by=decided_by,
        by=((decided_by,) if decided_by else ()) if MOVES & {*changes} else tuple(by),
        decision=other,
        changes=changes,
    )


def _joined(spans: tuple[Span, ...], span: Span) -> tuple[Span, ...]:
    """The spans with one more, which grows the last where it goes on from there."""
    if spans and spans[-1][1] is not None and span[0] == spans[-1][1] + 1:
        return (*spans[:-1], (spans[-1][0], span[1]))
    return (*spans, span)


def values_of(compiled: CompiledStrategy, fact: str) -> list[tuple[FactValue, Span | None]]:
    """One value for each way in which the rules tell the fact's values apart."""
    if fact == TOPIC:
        return [(code, None) for code in compiled.topics.codes()]
    cells = [cell for row in compiled.rows for cell in row.cells if cell.fact == fact]
    match kind_of(fact):
        case "switch":
            return [(True, None), (False, None)]
        case "number":
            return [(low or 0, (low, high)) for low, high in _spans(cells) if (low or 0) <= MOST.get(fact, low or 0)]
        case _:
            named = {word for cell in cells for word in cell.wanted | cell.refused}
            words = closed_words(fact) or {*named, ANOTHER}
            return [(word, None) for word in sorted(words, key=_in_order)]


def _in_order(word: str) -> tuple[bool, int, str]:
    return word == ANOTHER, IN_ORDER.index(word) if word in IN_ORDER else len(IN_ORDER), word


def _spans(cells: Sequence[Cell]) -> list[Span]:
    """The stretches of numbers from 0 on that no cell splits."""
    edges = {low for cell in cells for low, _ in cell.spans if low is not None}
    edges |= {high + 1 for cell in cells for _, high in cell.spans if high is not None}
    starts = sorted({0, *(edge for edge in edges if edge > 0)})
    ends = [start - 1 for start in starts[1:]]
    return [*zip(starts, ends, strict=False), (starts[-1], None)]
