"""The crew a plan needs: hours a year, and agents at the same time in the busiest hour, which come whole.

Live work is Erlang's (`router.measures.staffing`), written work is spread over the busiest day. Pure arithmetic.
"""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from router.measures.staffing import Goal, Offered, staff
from rules.plan_figures import ChannelFigures, PlanFigures, Work
from rules.plan_flows import Flow
from rules.plan_here import WRITTEN, Here

HOUR_S = 3_600


class CrewNeed(msgspec.Struct, frozen=True):
    """Agents for the busiest hour of the busiest day."""

    agents: int
    """At work at the same time: for live work, and for written work beside it."""
    live: int
    written: int
    scheduled: int
    """On the schedule, so that so many are at work."""
    hours: float
    """Of handling, a year."""
    service_level: float | None
    """That the live agents give then; None without live work."""


class Workload(NamedTuple):
    """A year's work: live contacts with the seconds that they take, and written seconds."""

    live: float = 0.0
    live_s: float = 0.0
    """An agent's seconds; with two chats in hand a second of a chat is half a one."""
    written_s: float = 0.0

    def __add__(self, other: object) -> "Workload":
        """Both together."""
        if not isinstance(other, Workload):
            return self
        return Workload(self.live + other.live, self.live_s + other.live_s, self.written_s + other.written_s)

    @property
    def hours(self) -> float:
        """Of handling."""
        return (self.live_s + self.written_s) / HOUR_S

    @classmethod
    def of(cls, flows: Iterable[Flow], here: Here, figures: PlanFigures, years: float) -> "Workload":
        """What agents here have in hand; what the strategy answers by itself takes nobody."""
        met = (flow for flow in flows if flow.decision.kind == "queue" and here.is_here(flow.decision))
        return cls.moved(met, figures, years)

    @classmethod
    def moved(cls, flows: Iterable[Flow], figures: PlanFigures, years: float) -> "Workload":
        """The whole handling of these contacts."""
        works = (_work(flow, flow.contacts / years, None, figures) for flow in flows)
        return sum(works, cls())

    @classmethod
    def deepening(cls, shares: Sequence[tuple[Flow, float]], figures: PlanFigures, years: float) -> "Workload":
        """What it takes more to resolve so large a share of contacts that are met anyway."""
        works = (
            _work(flow, flow.contacts * share / years, _deepening_s(flow, figures), figures)._replace(live=0.0)
            for flow, share in shares
            if flow.decision.kind == "queue"
        )
        return sum(works, cls())


def crew_need(workload: Workload, work: Work) -> CrewNeed:
    """The smallest crew that keeps what is promised in the busiest hour."""
    per_day = work.busiest_day / work.working_days
    written = math.ceil(workload.written_s * per_day / (work.open_h * HOUR_S * work.occupancy / 100) - 1e-9)
    live, level = 0, None
    if workload.live:
        offered = Offered(
            arrivals_per_s=workload.live * per_day * work.busiest_hour / 100 / HOUR_S,
            handling_s=workload.live_s / workload.live,
            patience_s=work.patience_s,
        )
        crew = staff(offered, Goal(work.service_level / 100, work.within_s, work.occupancy / 100))
        live, level = crew.agents, crew.expected.service_level
    agents = live + written
    return CrewNeed(
        agents=agents,
        live=live,
        written=written,
        scheduled=math.ceil(agents / (1 - work.shrinkage / 100) - 1e-9),
        hours=workload.hours,
        service_level=level,
    )


def _work(flow: Flow, contacts: float, seconds: float | None, figures: PlanFigures) -> Workload:
    channel = figures.channels.get(flow.channel) or _usual_channel(figures)
    each = (channel.handling_s if seconds is None else seconds) / channel.at_once
    if channel.medium == WRITTEN:
        return Workload(written_s=contacts * each)
    return Workload(live=contacts, live_s=contacts * each)


def _deepening_s(flow: Flow, figures: PlanFigures) -> float:
    topic = figures.topics.get(flow.topic)
    return figures.work.deepening_s if topic is None or topic.deepening_s is None else topic.deepening_s


def _usual_channel(figures: PlanFigures) -> ChannelFigures:
    """A channel that the file does not know takes what most contacts take."""
    return max(figures.channels.values(), key=lambda channel: channel.share)
