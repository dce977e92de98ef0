"""Deciding about contacts, the first time and again: facts in, a decision with its record out.

Reads the calendars and orders of the moment; changes nothing.
"""

from collections.abc import Callable, Mapping

import msgspec
import structlog

from channels.languages import spoken
from router.clock import Clock, elapsed_s
from router.model import OpenContact
from router.opening import Opening
from router.records import Decided, DecisionRecord
from router.strategies import Strategies
from router.surroundings import OF_ITS_TOPIC
from router.telemetry import Metrics
from rules.city import City
from rules.compile import CompiledStrategy
from rules.decide import decide
from rules.facts import CALENDAR
from rules.limits import stricter
from rules.outcome import Decision, Trace
from rules.strategy import Capture, Rule
from rules.topics import Suggestion

Fact = str | int | bool | None
FAILED = "decision_failed"
"""Reason of a decision that is none: the strategy could not be asked."""
INCOMPLETE = "fields_missing"
"""Reason of a decision that waits for a person, who asks what the unit needs to know."""
ABANDON = "queue_abandon_pct"
MOVING = frozenset({"point", "queue_wait_s", ABANDON, "crisis"})
"""Facts of the moment: that they are others by now is no news about the contact; nor are calendars."""
URGENT = ("life", "P1", "P2", "P3", "P4")
LIFTING = "topic_set"
"""The one point at which a contact may turn out to need less protection: somebody has said what it is about."""
_log = structlog.get_logger(__name__)
_encode = msgspec.json.Encoder().encode
_record = msgspec.json.Decoder(DecisionRecord)


class Decisions:
    """Asks the strategy version that decides about a contact: the one in service when it came, ever after the same."""

    def __init__(
        self, city: City, opening: Opening, clock: Clock, metrics: Metrics, strategies: Strategies | None = None
    ) -> None:
        self._city = city
        self._strategies = strategies or Strategies(city)
        self._opening = opening
        self._clock = clock
        self._metrics = metrics
        self.abandon_pct: Callable[[str], int | None] = lambda _: None
        """Set by who has the floor's figures: per cent who gave up waiting in a queue lately."""

    def decide(self, facts: Mapping[str, Fact], key: str = "") -> Decided:
        """Ask the strategy in service about a new contact; `key` is the person's, or the contact's own.

        If it fails, a person looks at the contact.
        """
        return self._ask(self._strategies.for_new(facts, key, self._clock.now_ms()), facts)

    async def prepare(self, contact: OpenContact) -> None:
        """Have the version at hand that decided about a contact; called before anything is decided about it again."""
        if contact.decision:
            version_hash = standing(contact).trace.strategy_hash
            if self._strategies.of(version_hash) is None:
                await self._strategies.fetch(version_hash, self._clock.now_ms())

    def _ask_again(self, last: Decision, facts: Mapping[str, Fact]) -> Decided:
        """Ask the version that decided before; if it can't be had, the one in service, and the record says so."""
        version_hash = last.trace.strategy_hash
        compiled = self._strategies.of(version_hash)
        if compiled is not None:
            return self._ask(compiled, facts)
        self._metrics.strategies_gone.inc()
        return self._ask(self._strategies.for_everybody(self._clock.now_ms()), facts, instead_of=version_hash)

    def _ask(self, compiled: CompiledStrategy, facts: Mapping[str, Fact], instead_of: str = "") -> Decided:
        started = elapsed_s()
        try:
            decision = decide(compiled, facts)
        except Exception as error:  # noqa: BLE001 # whatever breaks in deciding, the contact goes to a person
            _log.error("decision_failed", error=type(error).__name__)
            decision = self.fallback(FAILED, compiled)
        self._metrics.decide_seconds.observe(elapsed_s() - started)
        return _decided(decision, facts, instead_of)

    def _version_of(self, decision: Decision) -> CompiledStrategy:
        return self._strategies.of(decision.trace.strategy_hash) or self._strategies.folder

    def again(self, contact: OpenContact, point: str, changes: Mapping[str, Fact] | None = None) -> Decided:
        """The decision at a later point: the facts of the last one, as they have become.

        Nothing that was hidden shows again because time has passed.
        """
        now = self._clock.now_ms()
        last = _record.decode(contact.decision.encode())
        facts = {**last.facts, "channel": contact.channel, "medium": contact.medium, "identity": contact.identity}
        if contact.topic != (facts.get("topic") or ""):
            facts |= {"topic": contact.topic or None, "topic_confidence": 100, **dict.fromkeys(OF_ITS_TOPIC)}
        if facts.get("place_unit") not in self._city.units:
            facts.pop("place_unit", None)
        if contact.protection != "none":
            facts["protection"] = contact.protection
        facts |= {
            **self._city.calendar_facts(now),
            "crisis": self._opening.orders.crisis(now) or None,
            ABANDON: self.abandon_pct(self._city.strategy.strategy.meta.default_queue),
            **({"handover_overdue": contact.handover_overdue} if contact.handovers else {}),
            **(changes or {}),
            "point": point,
        }
        decided = self._ask_again(last.decision, facts)
        return decided if point == LIFTING else guarded(decided, last.decision)

    def known(self, contact: OpenContact) -> Decided:
        """What the strategy makes of the facts as they were last known, whatever people have done with it since."""
        last = _record.decode(contact.decision.encode())
        decided = self._ask_again(last.decision, last.facts)
        return decided if last.facts.get("point") == LIFTING else guarded(decided, last.decision)

    def for_a_person(
        self, contact: OpenContact, point: str, reason: str, changes: Mapping[str, Fact] | None = None
    ) -> Decided:
        """A decision for a contact that needs a person now.

        What the strategy would send elsewhere waits for an agent, as protected and restricted as it was decided.
        """
        decided = self.again(contact, point, changes)
        if decided.decision.kind == "queue":
            return decided
        queue = self._version_of(decided.decision).strategy.meta.default_queue
        decision = msgspec.structs.replace(decided.decision, kind="queue", queue=queue, unit="", reason=reason)
        return Decided(decision, with_decision(decided.record, decision))

    def in_hand(self, decided: Decided) -> Decided:
        """The decision about a contact that an agent has taken already: it is with a person, whatever it says."""
        if decided.decision.kind == "queue":
            return decided
        queue = self._version_of(decided.decision).strategy.meta.default_queue
        decision = msgspec.structs.replace(
            decided.decision, kind="queue", queue=queue, unit="", reason="taken_elsewhere"
        )
        return Decided(decision, with_decision(decided.record, decision))

    def complete(self, decided: Decided, known: frozenset[str], queue: str = "") -> Decided:
        """The decision as it may be carried out by itself: what lacks fields that its unit needs waits for a person.

        It waits in `queue`, or where the rules would have it wait; the record names what is missing.
        """
        missing = self.lacking(decided.decision, known) if decided.decision.kind == "hand_over" else ()
        if not missing:
            return decided
        queue = queue or self._queue_instead(decided.decision)
        decision = msgspec.structs.replace(
            decided.decision, kind="queue", queue=queue, unit="", reason=INCOMPLETE, missing_fields=missing
        )
        return Decided(decision, with_decision(decided.record, decision))

    def lacking(self, decision: Decision, known: frozenset[str]) -> tuple[str, ...]:
        """The fields without which no unit is handed the contact by itself.

        Danger waits for no field, and what safety or law hands over only for those that they themselves ask for.
        """
        if not decision.require_fields or decision.emergency or decision.duty:
            return ()
        law = [rule.then.hand_over for rule in self._hit_rules(decision) if rule.protected and rule.then.hand_over]
        is_law = decision.kind == "hand_over" and any(each.goes for each in law)
        asked = {field for each in law for field in each.require_fields} if is_law else {*decision.require_fields}
        return tuple(field for field in decision.require_fields if field in asked and field not in known)

    def _queue_instead(self, decision: Decision) -> str:
        """The first queue that the rules name, else the one that the decision falls back to, else the default one."""
        named = (rule.then.queue for rule in self._hit_rules(decision) if rule.then.queue)
        default = self._version_of(decision).strategy.meta.default_queue
        return next(named, decision.fallback if decision.fallback in self._city.queues else default)

    def law_of(self, decision: Decision) -> frozenset[str]:
        """The rules of safety and law that made this decision."""
        return frozenset(rule.id for rule in self._hit_rules(decision) if rule.protected)

    def _hit_rules(self, decision: Decision) -> list[Rule]:
        hits = frozenset(decision.trace.hits)
        return [rule for rule in self._version_of(decision).rules if rule.id in hits]

    def fallback(self, reason: str, compiled: CompiledStrategy | None = None) -> Decision:
        """The generalist queue, with the reason why."""
        compiled = compiled or self._strategies.folder
        queue = compiled.strategy.meta.default_queue
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
            trace=Trace(compiled.version, compiled.hash),
        )


def guarded(decided: Decided, last: Decision) -> Decided:
    """The decision, at least as restricted, masked and limited as the last one, with the skills that opened that."""
    new = decided.decision
    limit = stricter(last.limit, new.limit)
    forbid = tuple(dict.fromkeys((*new.capture.forbid, *last.capture.forbid)))
    is_as_closed = (new.restricted or not last.restricted) and (new.mask or not last.mask)
    if is_as_closed and (limit, forbid) == (new.limit, new.capture.forbid):
        return decided
    more: dict[str, object] = {"mask": new.mask or last.mask, "limit": limit}
    more["capture"] = Capture(forbid, tuple([word for word in new.capture.allow if word not in forbid]))
    if last.restricted and not new.restricted:
        skills = {**last.require, **new.require}
        require = {skill: max(last.require.get(skill, 0), level) for skill, level in skills.items()}
        keep = tuple(dict.fromkeys((*new.keep, *last.keep, *sorted(last.require))))
        more |= {"restricted": True, "require": require, "keep": keep, "route": last.route}
    decision = msgspec.structs.replace(new, **more)
    return Decided(decision, with_decision(decided.record, decision))


def facts_in_words(contact: OpenContact, found: Suggestion, attachments: int) -> Mapping[str, Fact]:
    """What further words change: they make a matter more urgent or more sensitive, never less."""
    known = facts_of(contact)
    changes: dict[str, Fact] = {}
    severity = known.get("severity")
    if found.severity and (severity not in URGENT or URGENT.index(found.severity) < URGENT.index(str(severity))):
        changes["severity"] = found.severity
    if found.sensitive:
        changes["sensitive_detected"] = True
    if attachments:
        changes["attachments"] = int(known.get("attachments") or 0) + attachments
    return changes


def language_of(contact: OpenContact, words: str) -> Mapping[str, Fact]:
    """What further words change of the language: who goes on in Finnish is met in Finnish."""
    known = facts_of(contact).get("language")
    found = spoken(words, str(known or ""))
    return {"language": found} if found != (known or "") else {}


def has_news(contact: OpenContact, record: bytes) -> bool:
    """Whether anything is known of the contact now that was not when it was last decided about."""
    return _lasting(_record.decode(contact.decision.encode())) != _lasting(_record.decode(record))


def _lasting(record: DecisionRecord) -> Mapping[str, Fact]:
    return {
        fact: value
        for fact, value in record.facts.items()
        if fact not in MOVING and not fact.startswith(f"{CALENDAR}.")
    }


def facts_of(contact: OpenContact) -> Mapping[str, Fact]:
    """What was known when the contact was last decided about."""
    return _record.decode(contact.decision.encode()).facts if contact.decision else {}


def said_of(contact: OpenContact) -> Decision | None:
    """What was decided about the contact last; None when nothing was."""
    return _record.decode(contact.decision.encode()).decision if contact.decision else None


def standing(contact: OpenContact) -> Decision:
    """The decision that put the contact where it is."""
    return _record.decode(contact.decision.encode()).decision


def with_decision(record: bytes, decision: Decision) -> bytes:
    """The record with another decision from the same facts."""
    return _encode(msgspec.structs.replace(_record.decode(record), decision=decision))


def _decided(decision: Decision, facts: Mapping[str, Fact], instead_of: str = "") -> Decided:
    known = {name: value for name, value in facts.items() if value is not None}
    return Decided(decision, _encode(DecisionRecord(decision, known, instead_of)))
