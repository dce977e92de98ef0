"""Handovers that are late again, as handover rules escalate them; over when the unit takes its step. Pure."""

from collections.abc import Iterable, Iterator

from router.floor_figures import Alarm, EscalationFigure
from router.journal import Entry, HandoverTerms, LateHandover
from router.strategies import Strategies
from rules.handover_rules import Late, escalation_of

OVER = frozenset({"accept", "return", "finish", "withdraw"})
MOST = 100
"""Escalations that are listed, the longest first; the alarms count all of them."""


class Escalations:
    """What handover rules have said of handovers that are still late."""

    def __init__(self) -> None:
        self._by_contact: dict[str, EscalationFigure] = {}

    def load(self, late: Iterable[tuple[str, str, int, LateHandover]]) -> None:
        """Begin anew with what the store holds: contact, handover, since when, and what the rules say of it."""
        self._by_contact = {contact: _figure(contact, handover, since, told) for contact, handover, since, told in late}

    def figures(self) -> tuple[EscalationFigure, ...]:
        """The longest first."""
        return tuple(self._sorted()[:MOST])

    def _sorted(self) -> list[EscalationFigure]:
        return sorted(self._by_contact.values(), key=lambda each: (each.since, each.contact_id))

    def follow(self, entry: Entry) -> None:
        """Take in one entry."""
        data = entry.data
        events = {moved.event for moved in entry.transitions if moved.machine == "handover"}
        if events & OVER:
            self._by_contact.pop(data.contact, None)
        elif "mark_overdue" in events and data.late is not None:
            known = self._by_contact.get(data.contact)
            since = known.since if known else entry.at
            self._by_contact[data.contact] = _figure(data.contact, data.handover, since, data.late)

    def alarms(self) -> Iterator[Alarm]:
        """One for each unit and word of the strategy, however many handovers are late."""
        found: dict[tuple[str, str], list[EscalationFigure]] = {}
        for each in self._sorted():
            for code in each.alarms:
                found.setdefault((each.unit, code), []).append(each)
        for (unit, code), late in found.items():
            first = late[0]
            yield Alarm(
                "handover_rule", first.since, contact_id=first.contact_id, contacts=len(late), code=code, unit=unit
            )


def late_by_rules(strategies: Strategies, overdue: int, agreed: HandoverTerms, now_ms: int) -> LateHandover | None:
    """What the handover rules in service say of a unit that has missed so many promised times; None is nothing."""
    rules = strategies.for_everybody(now_ms).strategy.handover_rules
    found = escalation_of(rules, Late(overdue, agreed.topic, agreed.unit))
    if not found.rules:
        return None
    return LateHandover(agreed.unit, overdue, found.escalate, found.alarms, found.priority)


def _figure(contact: str, handover: str, since: int, late: LateHandover) -> EscalationFigure:
    return EscalationFigure(
        contact, handover, late.unit, since, late.overdue, late.escalate, tuple(late.alarms), late.priority
    )
