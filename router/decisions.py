"""Deciding about contacts, the first time and again: facts in, a decision with its record out.

Reads the calendars and orders of the moment; changes nothing.
"""

from collections.abc import Mapping

import msgspec
import structlog

from router.clock import Clock, elapsed_s
from router.model import OpenContact
from router.opening import Opening
from router.records import Decided, DecisionRecord
from router.telemetry import Metrics
from rules.city import City
from rules.decide import decide
from rules.outcome import Decision, Trace
from rules.strategy import PROTECTED_TIERS

Fact = str | int | bool | None
_log = structlog.get_logger(__name__)
_encode = msgspec.json.Encoder().encode
_record = msgspec.json.Decoder(DecisionRecord)


class Decisions:
    """Asks the city's strategy."""

    def __init__(self, city: City, opening: Opening, clock: Clock, metrics: Metrics) -> None:
        self._city = city
        self._opening = opening
        self._clock = clock
        self._metrics = metrics
        self._law = frozenset(rule.id for rule in city.strategy.strategy.rules if rule.tier in PROTECTED_TIERS)

    def decide(self, facts: Mapping[str, Fact]) -> Decided:
        """Ask the strategy; if it fails, a person looks at the contact."""
        started = elapsed_s()
        try:
            decision = decide(self._city.strategy, facts)
        except Exception as error:  # noqa: BLE001 # whatever breaks in deciding, the contact goes to a person
            _log.error("decision_failed", error=type(error).__name__)
            decision = self.fallback("decision_failed")
        self._metrics.decide_seconds.observe(elapsed_s() - started)
        return _decided(decision, facts)

    def again(self, contact: OpenContact, point: str, changes: Mapping[str, Fact] | None = None) -> Decided:
        """The decision at a later point: the facts of the last one, as they have become."""
        now = self._clock.now_ms()
        facts = dict(_record.decode(contact.decision.encode()).facts)
        if contact.topic != (facts.get("topic") or ""):
            facts |= {"topic": contact.topic or None, "topic_confidence": 100}
        facts |= {
            **self._city.calendar_facts(now),
            "crisis": self._opening.orders.crisis(now) or None,
            **(changes or {}),
            "point": point,
        }
        return self.decide(facts)

    def for_a_person(self, contact: OpenContact, point: str, reason: str) -> Decided:
        """A decision for a contact that needs a person now.

        What the strategy would send elsewhere waits for an agent, as protected and restricted as it was decided.
        """
        decided = self.again(contact, point)
        if decided.decision.kind == "queue":
            return decided
        queue = self._city.strategy.strategy.meta.default_queue
        decision = msgspec.structs.replace(decided.decision, kind="queue", queue=queue, unit="", reason=reason)
        return _decided(decision, _record.decode(decided.record).facts)

    def in_hand(self, decided: Decided) -> Decided:
        """The decision about a contact that an agent has taken already: it is with a person, whatever it says."""
        if decided.decision.kind == "queue":
            return decided
        queue = self._city.strategy.strategy.meta.default_queue
        decision = msgspec.structs.replace(
            decided.decision, kind="queue", queue=queue, unit="", reason="taken_elsewhere"
        )
        return _decided(decision, _record.decode(decided.record).facts)

    def law_of(self, decision: Decision) -> frozenset[str]:
        """The rules of safety and law that made this decision."""
        return self._law.intersection(decision.trace.hits)

    def fallback(self, reason: str) -> Decision:
        """The generalist queue, with the reason why."""
        queue = self._city.strategy.strategy.meta.default_queue
        return Decision(
            kind="queue",
            queue=queue,
            require={},
            keep=(),
            route=(),
            emergency=False,
            head_start_s=0,
            unit="",
            reason=reason,
            restricted=False,
            mask=False,
            offers=(),
            notices=(),
            suggestions=(),
            warm_transfer="",
            fallback=queue,
            trace=Trace(self._city.strategy.version, self._city.strategy.hash),
        )


def standing(contact: OpenContact) -> Decision:
    """The decision that put the contact where it is."""
    return _record.decode(contact.decision.encode()).decision


def with_decision(record: bytes, decision: Decision) -> bytes:
    """The record with another decision from the same facts."""
    return _encode(msgspec.structs.replace(_record.decode(record), decision=decision))


def _decided(decision: Decision, facts: Mapping[str, Fact]) -> Decided:
    known = {name: value for name, value in facts.items() if value is not None}
    return Decided(decision, _encode(DecisionRecord(decision, known)))
