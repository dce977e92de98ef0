"""Here and elsewhere: what is met here, what is handed over to whom by which rule, and what must stay with them.

Owns what a plan may never propose: what safety or law hands over, what is protected, what there is no mandate for.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import msgspec

from router.measures.goal import COMPLETE
from rules.case_book import decided_by
from rules.city import City
from rules.decide import Decision
from rules.plan_figures import DEPTHS, NEEDED_DEPTH, PlanFigures
from rules.plan_flows import Flow
from rules.strategy import PROTECTED_TIERS

Stays = Literal["", "safety_or_law", "protected", "registered", "no_mandate", "shallow", "elsewhere"]
"""Why contacts may not come here; empty when they may."""
WRITTEN = "written"
NEVER = frozenset({"concern"})
"""Flags of topics that are nobody's here, whatever a file says."""


class Way(msgspec.Struct, frozen=True):
    """Contacts that somebody else has, a year."""

    kind: Literal["unit", "queue"]
    """Handed over to a unit, or in a queue of somebody else's agents."""
    to: str
    rule: str
    contacts: float
    stays: Stays


class Here:
    """What is ours, what may be, and what may not."""

    def __init__(self, city: City, figures: PlanFigures) -> None:
        self._city, self._figures = city, figures
        self._elsewhere = frozenset(figures.work.elsewhere)
        self._tiers = {rule.id: rule.tier for rule in city.strategy.rules}
        self._deciders: dict[int, tuple[Decision, str]] = {}

    def is_here(self, decision: Decision) -> bool:
        """Whether somebody here, or the strategy itself, may finish it."""
        return decision.kind == "answer" or (decision.kind == "queue" and decision.queue not in self._elsewhere)

    def is_registered(self, topic: str) -> bool:
        """Whether the topic is resolved when it is registered completely."""
        found = self._city.topics.get(topic)
        return found is not None and found.criterion == COMPLETE

    def registers(self, flow: Flow) -> bool:
        """Whether it goes to a unit as a complete registration: an agent in between would only copy it.

        A call that is connected on is not one.
        """
        channel = self._figures.channels.get(flow.channel)
        is_spoken = channel is not None and channel.medium != WRITTEN
        return flow.decision.kind == "hand_over" and self.is_registered(flow.topic) and not is_spoken

    def mandate(self, topic: str) -> str:
        """How far the servicecenter may go with a topic."""
        found = self._figures.topics.get(topic)
        return found.mandate if found else "none"

    def blocked(self, topic: str) -> Stays:
        """Why nothing may be proposed about a topic, whoever has it; empty when something may."""
        found = self._city.topics.get(topic)
        if found is None or self.mandate(topic) == "none":
            return "no_mandate"
        if NEVER.intersection(found.flags):
            return "protected"
        depth = DEPTHS.index(self._figures.topics[topic].mandate)
        return "shallow" if depth < DEPTHS.index(NEEDED_DEPTH[found.criterion]) else ""

    def stays(self, flow: Flow) -> Stays:
        """Why contacts that are not met here must stay where they go; empty when they may come here."""
        decision = flow.decision
        if self._tiers.get(self.decider(decision)) in PROTECTED_TIERS:
            return "safety_or_law"
        if decision.restricted or decision.mask or decision.emergency:
            return "protected"
        if decision.kind != "hand_over":
            return "elsewhere"
        return "registered" if self.registers(flow) else self.blocked(flow.topic)

    def decider(self, decision: Decision) -> str:
        """The rule that says where; equal decisions are one object, so each is asked once."""
        found = self._deciders.get(id(decision))
        if found is None:
            found = self._deciders[id(decision)] = (decision, decided_by(self._city, decision))
        return found[1]

    def ways(self, flows: Iterable[Flow], years: float, *, only_takeable: bool = False) -> Iterator[Way]:
        """Who else has these contacts, most first."""
        found: dict[tuple[Literal["unit", "queue"], str, str, Stays], float] = {}
        for flow in flows:
            if not self.is_here(flow.decision):
                decision = flow.decision
                kind = "unit" if decision.kind == "hand_over" else "queue"
                key = (kind, decision.unit or decision.queue, self.decider(decision), self.stays(flow))
                found[key] = found.get(key, 0.0) + flow.contacts / years
        for (kind, to, rule, stays), contacts in sorted(found.items(), key=lambda item: (-item[1], item[0])):
            if not (only_takeable and stays):
                yield Way(kind, to, rule, contacts, stays)

    def met_at(self, flows: Sequence[Flow]) -> tuple[str, dict[str, int]]:
        """The queue where most of these contacts are met here, and the skills that it takes."""
        met = [flow for flow in flows if flow.decision.kind == "queue" and self.is_here(flow.decision)]
        most = max(met, key=lambda flow: flow.contacts, default=None)
        return ("", {}) if most is None else (most.decision.queue, self._city.requirement(most.decision))
