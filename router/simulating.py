"""What a strategy would change, before it is published: the question, and a plain answer from recent contacts' facts.

A simulator decides nothing about publishing but whether its own guards hold.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Protocol

import msgspec

from router.reading import Reading
from router.records import DecisionRecord
from router.register import strategies as versions
from rules.compile import CompiledStrategy
from rules.decide import decide
from rules.outcome import Decision

MOST_CONTACTS = 10_000
SHOWN = 50
_record = msgspec.json.Decoder(DecisionRecord).decode


class Simulated(msgspec.Struct, frozen=True):
    """What a simulation says."""

    is_ok: bool
    """Whether its guards let the strategy be published."""
    body: msgspec.Raw
    """The report, JSON."""


class Simulator(Protocol):
    """Plays a strategy on what has been."""

    async def simulate(self, strategy: CompiledStrategy, against: CompiledStrategy) -> Simulated:
        """What would be different if `strategy` decided instead of `against`."""
        ...


class ChangedContact(msgspec.Struct, frozen=True):
    """One contact that would go elsewhere."""

    contact: str
    before: str
    after: str
    rules: tuple[str, ...]
    """Rules that hit in one of the two only."""


class PlainReport(msgspec.Struct, frozen=True, kw_only=True):
    """How the first decisions about the latest contacts would change."""

    method: str = "facts_of_recent_contacts"
    against: str
    contacts: int
    unreadable: int
    changed: int
    """Contacts that would go somewhere else."""
    otherwise: int
    """Contacts that would go to the same place under other conditions."""
    moves: dict[str, int]
    """From where to where -> contacts."""
    by_rule: dict[str, int]
    """Rule that hits in one of the two only -> contacts that go elsewhere."""
    kinds_before: dict[str, int]
    kinds_after: dict[str, int]
    examples: list[ChangedContact]


class PlainSimulator:
    """Asks both versions about the facts of recent contacts; no floor, no waiting."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    async def simulate(self, strategy: CompiledStrategy, against: CompiledStrategy) -> Simulated:
        """Compare over the latest contacts that the register has.

        Raises:
            RegisterUnavailable: the register does not answer.
        """
        rows = await self._reading.ask(versions.recent_decisions, MOST_CONTACTS)
        report = await asyncio.to_thread(compare, rows, strategy, against)
        return Simulated(is_ok=True, body=msgspec.Raw(msgspec.json.encode(report)))


def compare(rows: Sequence[tuple[str, str]], strategy: CompiledStrategy, against: CompiledStrategy) -> PlainReport:
    """Both decisions for each contact's recorded facts."""
    moves, by_rule = Counter[str](), Counter[str]()
    kinds = Counter[str](), Counter[str]()
    examples: list[ChangedContact] = []
    unreadable = otherwise = 0
    for contact, row in rows:
        try:
            facts = _record(row).facts
        except msgspec.DecodeError:
            unreadable += 1
            continue
        old, new = decide(against, facts), decide(strategy, facts)
        kinds[0][old.kind] += 1
        kinds[1][new.kind] += 1
        before, after = _where(old), _where(new)
        if before == after:
            otherwise += _conditions(old) != _conditions(new)
            continue
        rules = tuple(sorted(set(old.trace.hits) ^ set(new.trace.hits)))
        moves[f"{before} -> {after}"] += 1
        by_rule.update(rules)
        if len(examples) < SHOWN:
            examples.append(ChangedContact(contact, before, after, rules))
    return PlainReport(
        against=against.hash,
        contacts=len(rows) - unreadable,
        unreadable=unreadable,
        changed=moves.total(),
        otherwise=otherwise,
        moves=_largest_first(moves),
        by_rule=_largest_first(by_rule),
        kinds_before=_largest_first(kinds[0]),
        kinds_after=_largest_first(kinds[1]),
        examples=examples,
    )


def _where(decision: Decision) -> str:
    return f"{decision.kind} {decision.queue or decision.unit or decision.reason}".strip()


def _conditions(decision: Decision) -> Iterable[object]:
    return [
        getattr(decision, name) for name in decision.__struct_fields__ if name not in {"trace", "reason", "suggestions"}
    ]


def _largest_first(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
