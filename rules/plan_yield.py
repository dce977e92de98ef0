"""Yields: what part of a flow is resolved here, today and with the mandate that could be had.

Owns which rate holds: what became of the contacts where that is known, the topic's own measured rate, the planned one,
or the mean of all others. Every yield is a share, strict and by the topic's criterion.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from router.measures.goal import is_resolved, is_resolved_strict
from rules.plan_figures import PlanFigures
from rules.plan_flows import Flow
from rules.plan_here import Here
from rules.replay.outcomes import FEWEST_MATTERS

RateSource = Literal["measured", "planned", "borrowed"]


class Yield(NamedTuple):
    """Shares, or contacts, that are resolved: by the topic's criterion, and strictly."""

    resolved: float = 0.0
    strict: float = 0.0

    def of(self, measure: str) -> float:
        """The one that is asked for."""
        return self.strict if measure == "strict" else self.resolved

    def __add__(self, other: object) -> "Yield":
        """Both together."""
        return Yield(self.resolved + other.resolved, self.strict + other.strict) if isinstance(other, Yield) else self

    def __sub__(self, other: "Yield") -> "Yield":
        """What the one is more."""
        return Yield(self.resolved - other.resolved, self.strict - other.strict)

    def __mul__(self, times: object) -> "Yield":
        """So many times."""
        return Yield(self.resolved * times, self.strict * times) if isinstance(times, int | float) else self


class Yields:
    """The yields of all flows of a plan."""

    def __init__(self, figures: PlanFigures, flows: Sequence[Flow], here: Here) -> None:
        self._figures, self._here = figures, here
        self._measured = _measured(flows, here)
        self._borrowed = self._mean(flows)
        self._rates: dict[str, tuple[Yield, RateSource]] = {}

    def rate(self, topic: str) -> tuple[Yield, RateSource]:
        """What is resolved of the contacts about a topic that are met here."""
        found = self._rates.get(topic)
        if found is None:
            found = self._rates[topic] = self._found(topic)
        return found

    def _found(self, topic: str) -> tuple[Yield, RateSource]:
        if topic in self._measured:
            return self._measured[topic], "measured"
        planned = self._planned(topic)
        return (planned, "planned") if planned else (self._borrowed, "borrowed")

    def today(self, flow: Flow) -> Yield:
        """As the city works today."""
        if flow.resolution:
            return _known(flow)
        rate = self.rate(flow.topic)[0]
        if self._here.is_here(flow.decision):
            return rate
        return Yield(rate.resolved) if self._here.registers(flow) else Yield()

    def after(self, flow: Flow) -> Yield:
        """With the mandate that could be had, where the flow is here or may come here; never less than today."""
        today = self.today(flow)
        if not self._here.is_here(flow.decision) and self._here.stays(flow):
            return today
        could = self._possible(flow.topic)
        if flow.resolution:
            could = self._pulled_up(flow, could)
        return Yield(max(today.resolved, could.resolved), max(today.strict, could.strict))

    def _possible(self, topic: str) -> Yield:
        rate = self.rate(topic)[0]
        figures = self._figures.topics.get(topic)
        if figures is None or figures.possible is None:
            return rate
        share = figures.possible / 100
        strict = rate.strict if self._here.is_registered(topic) else share
        return Yield(max(rate.resolved, share), max(rate.strict, strict))

    def _pulled_up(self, flow: Flow, could: Yield) -> Yield:
        """Of known outcomes those that failed are resolved as often as the whole comes up to what is possible."""
        if not self._here.is_here(flow.decision):
            return could
        known, rate = _known(flow), self.rate(flow.topic)[0]
        return Yield(*(_lifted(*each) for each in zip(known, rate, could, strict=True)))

    def _planned(self, topic: str) -> Yield | None:
        figures = self._figures.topics.get(topic)
        if figures is None or figures.first_contact is None:
            return None
        share = figures.first_contact / 100
        return Yield(share, 0.0 if self._here.is_registered(topic) else share)

    def _mean(self, flows: Sequence[Flow]) -> Yield:
        """The mean of what is met here and has a rate: a topic nobody has told of is like the others."""
        sums, count = Yield(), 0.0
        for flow in flows:
            rate = self._measured.get(flow.topic) or self._planned(flow.topic)
            if rate and self._here.is_here(flow.decision):
                sums, count = sums + rate * flow.contacts, count + flow.contacts
        return sums * (1 / count) if count else Yield()


def _known(flow: Flow) -> Yield:
    return Yield(
        float(is_resolved(flow.topic, flow.resolution)), float(is_resolved_strict(flow.topic, flow.resolution))
    )


def _lifted(known: float, rate: float, could: float) -> float:
    """What is resolved stays so; of the rest so many that the whole comes to what could be."""
    return known if known or rate >= could or rate >= 1 else (could - rate) / (1 - rate)


def _measured(flows: Sequence[Flow], here: Here) -> dict[str, Yield]:
    """The rate of each topic of which enough outcomes here are known."""
    counts: dict[str, list[float]] = {}
    for flow in flows:
        if flow.resolution and here.is_here(flow.decision):
            known, found = _known(flow), counts.setdefault(flow.topic, [0.0, 0.0, 0.0])
            for place, part in enumerate((1.0, *known)):
                found[place] += flow.contacts * part
    return {
        topic: Yield(resolved / whole, strict / whole)
        for topic, (whole, resolved, strict) in counts.items()
        if whole >= FEWEST_MATTERS
    }
