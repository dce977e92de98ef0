"""The planner: where the city is, what each topic would add to what is resolved here, what it costs, in which order.

Owns the arithmetic of a plan. Pure; proposes no topic without a mandate, and nothing that safety or law hands over.
"""

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

import msgspec

from router.errors import InputError
from rules.city import City
from rules.plan_crew import CrewNeed, Workload, crew_need
from rules.plan_figures import PlanFigures
from rules.plan_flows import Flow, Flows, planned_contacts
from rules.plan_here import Here, Way
from rules.plan_rule import RuleSketch, Sketcher
from rules.plan_today import TopicToday, topics_today
from rules.plan_yield import Yield, Yields
from rules.replay.intervals import Day, Sample, change

Measure = Literal["resolved", "strict"]
"""By each topic's own criterion, or only what is finished during the contact."""
StepKind = Literal["take_over", "deepen"]
LeftReason = Literal[
    "here", "registered", "not_taken", "safety_or_law", "protected", "no_mandate", "shallow", "elsewhere", "direct"
]
"""Met here and not resolved · registered, not completely · could come here, beyond the goal · must stay, and why."""
CLOSE = 1e-9
ALIKE = 9
"""Digits of points an hour that count; of steps worth the same the larger comes first, for fewer agreements to make."""


class Shares(msgspec.Struct, frozen=True):
    """Shares of everything that is known to reach the municipality."""

    resolved: float
    strict: float


class Interval(msgspec.Struct, frozen=True):
    """How sure the shares are, from the days of a history (95 %); what goes straight to units is taken as counted."""

    low: float
    """Of the share today."""
    high: float
    points_low: float
    """Of what the plan adds."""
    points_high: float
    sample: Sample


class Step(msgspec.Struct, frozen=True):
    """Taking over one topic, or going further with one that is met here already."""

    topic: str
    owner: str
    """The unit whose topic it is, who must agree."""
    kind: StepKind
    taken: bool
    """Whether the plan needs it to reach the goal; the others are left to choose from."""
    points: float
    """What it adds, in percentage points of the measure that was asked for."""
    points_strict: float
    contacts: float
    """A year, that come here instead of being handed over."""
    deepened: float
    """A year, that are met here already and resolved besides."""
    hours: float
    """A year, of handling."""
    points_per_100_hours: float | None
    """None: it costs nothing."""
    agents_added: int
    """At the same time in the busiest hour, on top of the steps before it: it comes whole or not at all."""
    agents: int
    """After it."""
    shares: Shares
    """After it."""
    queue: str
    require: dict[str, int]
    """Skills that whoever meets the contacts needs."""
    from_: tuple[Way, ...] = msgspec.field(name="from", default=())
    """Who has it now, and by which rule."""
    mandate: str = ""
    rule: RuleSketch | None = None
    """What to change; None where no rule need change, only what the agents may do."""


class Left(msgspec.Struct, frozen=True):
    """What is still not resolved here after the plan, and why."""

    topic: str
    reason: LeftReason
    contacts: float
    points: float


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """The whole plan."""

    city: str
    strategy_version: str
    strategy_hash: str
    source: str
    measure: Measure
    goal: float
    """A share, 0 to 1."""
    reached: bool
    best: Shares
    """With every step there is."""
    contacts: float
    """A year, eligible, through the servicecenter."""
    direct: float
    """A year, straight to a unit; 0 when nobody has counted them, see `is_reach_known`."""
    is_reach_known: bool
    excluded: dict[str, float]
    today: Shares
    after: Shares
    interval: Interval | None
    """Of the measure, from the days of the history; None for planned figures, which have no sample."""
    crew_today: CrewNeed
    crew_after: CrewNeed
    hours: float
    topics: tuple[TopicToday, ...]
    steps: tuple[Step, ...]
    """Those that are taken, in order, then the others."""
    left: tuple[Left, ...]


class _Offer(NamedTuple):
    """One topic's gain and cost, before it has a place in the plan."""

    topic: str
    gain: Yield
    contacts: float
    deepened: float
    workload: Workload

    def worth(self, measure: Measure) -> float:
        """Points an hour, in any unit: what steps are ordered by."""
        hours = self.workload.hours
        return self.gain.of(measure) / hours if hours else float("inf")


def plan(city: City, figures: PlanFigures, flows: Flows, *, goal: float = 0.8, measure: Measure = "resolved") -> Plan:
    """The steps with the most points an agent hour, until the goal is reached or there are no more.

    Raises:
        InputError: a goal that is no share, or nothing to plan for.
    """
    if not 0 < goal <= 1:
        raise InputError("expected a share above 0, at most 100 per cent", field="--goal")
    if not any(flow.contacts for flow in flows.flows):
        raise InputError("expected contacts to plan for, got none", field="HISTORY")
    return _Planning(city, figures, flows, goal, measure).plan()


class _Planning:
    def __init__(self, city: City, figures: PlanFigures, flows: Flows, goal: float, measure: Measure) -> None:
        self._city, self._figures, self._flows = city, figures, flows
        self._goal = goal
        self._measure: Measure = measure
        self._here = Here(city, figures)
        self._yields = Yields(figures, flows.flows, self._here)
        self._direct = sum(flows.direct.values())
        self._whole = sum(flow.contacts for flow in flows.flows) + self._direct
        self._by_topic: dict[str, list[Flow]] = {}
        for flow in flows.flows:
            self._by_topic.setdefault(flow.topic, []).append(flow)
        self._today = sum((self._yields.today(flow) * flow.contacts for flow in flows.flows), Yield())
        self._sketcher = Sketcher(city, frozenset(figures.work.elsewhere))

    def plan(self) -> Plan:
        offers = sorted(
            filter(None, (self._offer(code, flows) for code, flows in self._by_topic.items())),
            key=lambda offer: (-round(offer.worth(self._measure), ALIKE), -offer.gain.of(self._measure), offer.topic),
        )
        taken = self._enough(offers)
        chosen = frozenset(offer.topic for offer in taken)
        crew = Workload.of(self._flows.flows, self._here, self._figures, self._flows.years)
        steps = tuple(self._steps(offers, len(taken), crew))
        today, after = self._shares(()), self._shares(taken)
        return Plan(
            city=self._city.name,
            strategy_version=self._city.strategy.version,
            strategy_hash=self._city.strategy.hash,
            source=self._flows.source,
            measure=self._measure,
            goal=self._goal,
            reached=self._of(after) >= self._goal - CLOSE,
            best=self._shares(offers),
            contacts=self._yearly(self._whole - self._direct),
            direct=self._yearly(self._direct),
            is_reach_known=bool(self._flows.direct),
            excluded={name: self._yearly(count) for name, count in self._flows.excluded.items()},
            today=today,
            after=after,
            interval=self._interval(chosen),
            crew_today=crew_need(crew, self._figures.work),
            crew_after=crew_need(sum((offer.workload for offer in taken), crew), self._figures.work),
            hours=sum(offer.workload.hours for offer in taken),
            topics=topics_today(self._city, self._flows, self._here, self._yields),
            steps=steps,
            left=tuple(self._left(chosen)),
        )

    def _offer(self, topic: str, flows: Sequence[Flow]) -> _Offer | None:
        """What the topic would add; None when it may not be proposed, or adds nothing."""
        if self._here.blocked(topic):
            return None
        gains = [self._yields.after(flow) - self._yields.today(flow) for flow in flows]
        gain = sum((each * flow.contacts for each, flow in zip(gains, flows, strict=True)), Yield())
        if gain.of(self._measure) <= CLOSE:
            return None
        moving = [flow for flow in flows if self._here.stays(flow) == "" and flow.decision.kind == "hand_over"]
        deepened = sum(
            max(each) * flow.contacts
            for each, flow in zip(gains, flows, strict=True)
            if self._here.is_here(flow.decision)
        )
        extra = Workload.deepening(
            [(flow, max(each)) for each, flow in zip(gains, flows, strict=True) if self._here.is_here(flow.decision)],
            self._figures,
            self._flows.years,
        )
        workload = Workload.moved(moving, self._figures, self._flows.years) + extra
        return _Offer(topic, gain, sum(flow.contacts for flow in moving), deepened, workload)

    def _enough(self, offers: Sequence[_Offer]) -> list[_Offer]:
        """The first of the offers that together reach the goal, or all."""
        taken: list[_Offer] = []
        share = self._of(self._shares(()))
        for offer in offers:
            if share >= self._goal - CLOSE:
                break
            taken.append(offer)
            share += offer.gain.of(self._measure) / self._whole
        return taken

    def _steps(self, offers: Sequence[_Offer], taken: int, crew: Workload) -> Iterable[Step]:
        before = crew_need(crew, self._figures.work).agents
        for number, offer in enumerate(offers):
            crew += offer.workload
            agents = crew_need(crew, self._figures.work).agents
            yield self._step(offer, number < taken, (before, agents), self._shares(offers[: number + 1]))
            before = agents

    def _step(self, offer: _Offer, taken: bool, agents: tuple[int, int], shares: Shares) -> Step:
        topic = self._city.topics.get(offer.topic)
        ways = tuple(self._here.ways(self._by_topic[offer.topic], self._flows.years, only_takeable=True))
        contacts = list(planned_contacts(self._city, self._figures, topic)) if topic else []
        rule = self._sketcher.sketch(offer.topic, [way.rule for way in ways if way.rule], contacts)
        queue, require = (rule.queue, rule.require) if rule else self._here.met_at(self._by_topic[offer.topic])
        hours, points = offer.workload.hours, 100 * offer.gain.of(self._measure) / self._whole
        return Step(
            topic=offer.topic,
            owner=topic.unit if topic else "",
            kind="take_over" if offer.contacts else "deepen",
            taken=taken,
            points=points,
            points_strict=100 * offer.gain.strict / self._whole,
            contacts=self._yearly(offer.contacts),
            deepened=self._yearly(offer.deepened),
            hours=hours,
            points_per_100_hours=100 * points / hours if hours else None,
            agents_added=agents[1] - agents[0],
            agents=agents[1],
            shares=shares,
            queue=queue,
            require=require,
            from_=ways,
            mandate=self._here.mandate(offer.topic),
            rule=rule,
        )

    def _shares(self, offers: Iterable[_Offer]) -> Shares:
        """With these steps: topics do not overlap, so what they add adds up."""
        found = sum((offer.gain for offer in offers), self._today)
        return Shares(found.resolved / self._whole, found.strict / self._whole)

    def _yield(self, flow: Flow, chosen: frozenset[str]) -> Yield:
        return self._yields.after(flow) if flow.topic in chosen else self._yields.today(flow)

    def _interval(self, chosen: frozenset[str]) -> Interval | None:
        days: dict[str, list[float]] = {}
        for flow in self._flows.flows:
            if not flow.day:
                return None
            ours, theirs = (self._yield(flow, each).of(self._measure) for each in (frozenset[str](), chosen))
            day = days.setdefault(flow.day, [0.0] * 4)
            for place, part in enumerate((1.0, ours, theirs, abs(theirs - ours))):
                day[place] += flow.contacts * part
        found = change({name: Day(*day) for name, day in days.items()})
        reach = 1 - self._direct / self._whole
        ends = (found.before_low, found.before_high, found.points_low, found.points_high)
        return Interval(*(reach * (end or 0.0) for end in ends), sample=found.sample)

    def _left(self, chosen: frozenset[str]) -> Iterable[Left]:
        """Everything that is not resolved after the plan, once, largest first."""
        found: dict[tuple[str, LeftReason], float] = {}
        for flow in self._flows.flows:
            missing = (1 - self._yield(flow, chosen).of(self._measure)) * flow.contacts
            key = (flow.topic, self._why_left(flow, chosen))
            found[key] = found.get(key, 0.0) + missing
        for topic, count in self._flows.direct.items():
            found[topic, "direct"] = count
        rows = [
            Left(topic, reason, self._yearly(count), 100 * count / self._whole)
            for (topic, reason), count in found.items()
            if count > CLOSE
        ]
        return sorted(rows, key=lambda row: (-row.points, row.topic, row.reason))

    def _why_left(self, flow: Flow, chosen: frozenset[str]) -> LeftReason:
        if self._here.is_here(flow.decision):
            return "here"
        stays = self._here.stays(flow)
        if stays:
            return stays
        return "here" if flow.topic in chosen else "not_taken"

    def _of(self, shares: Shares) -> float:
        return shares.strict if self._measure == "strict" else shares.resolved

    def _yearly(self, count: float) -> float:
        return count / self._flows.years
