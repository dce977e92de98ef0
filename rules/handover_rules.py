"""Handover rules: what follows when a unit has missed a promised time. Pure."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from rules.cells import Known, Truth, parse_row, read_row
from rules.facts import HANDOVER_FACTS
from rules.outcome import PRIORITIES
from rules.strategy import Escalated, HandoverRule, Priority


class Late(NamedTuple):
    """What is known of a handover that is late."""

    overdue: int
    """How many promised times it has missed, this one included."""
    topic: str
    unit: str


class Escalation(NamedTuple):
    """What the rules say together."""

    rules: tuple[str, ...] = ()
    escalate: Escalated = ""
    alarms: tuple[str, ...] = ()
    priority: Priority | Literal[""] = ""


def escalation_of(rules: Sequence[HandoverRule], late: Late) -> Escalation:
    """The rules that hit: the first escalation wins, alarms add up, the strictest priority wins."""
    known: dict[str, Known] = {"overdue": late.overdue, "unit": late.unit}
    if late.topic:
        known["topic"] = late.topic
    hit = [rule for rule in rules if read_row(parse_row(rule.when, HANDOVER_FACTS), known) is Truth.TRUE]
    escalated: list[Escalated] = [rule.then.escalate for rule in hit if rule.then.escalate]
    said = {rule.then.priority for rule in hit}
    priorities: list[Priority] = [priority for priority in PRIORITIES if priority in said]
    return Escalation(
        rules=tuple(rule.id for rule in hit),
        escalate=escalated[0] if escalated else "",
        alarms=tuple(dict.fromkeys(rule.then.alarm for rule in hit if rule.then.alarm)),
        priority=priorities[0] if priorities else "",
    )
