"""The leader's look at the floor, once a second: everything that a supervisor sees of it, as one document.

Reads the store only for what the journal does not tell: names and reasons of agents who have changed.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator, Mapping

import msgspec

from router.agent_figures import Census, Hand, HandTimes, Named, take_census
from router.alarms import AlarmBoard, alarms_of
from router.errors import Unavailable
from router.escalations import Escalations, late_by_rules
from router.floor import FloorState
from router.floor_figures import AgentList, DisturbanceFigure, FloorFigures, ServiceFigure, Strategy, service_figure
from router.floor_ruling import FloorRuling, alarms_of_rules
from router.journal import LIVE, Entry, HandoverTerms, LateHandover
from router.measures.service_level import Key, ServiceCounts, sum_counts
from router.opening import Opening
from router.queue_figures import Counts, QueueMeter
from router.ringing import Ringing
from router.service_counting import ServiceCounting
from router.standing import Standing
from router.store.redis_store import Store
from router.strategies import Strategies
from rules.city import City

FAIRNESS_MS = 30_000
"""How often fairness is worked out anew: it looks back an hour."""
MOST_READ = 500
"""Agents read anew in one look; more are read in the next ones."""
_NOBODY = Named("", "")
read_terms = msgspec.json.Decoder(HandoverTerms).decode


class FloorWatch:
    """Measures the floor that this router leads; a listener of the tail, after the dispatcher."""

    def __init__(
        self,
        store: Store,
        city: City,
        opening: Opening,
        counting: ServiceCounting,
        standing: Standing,
        strategies: Strategies,
    ) -> None:
        self._store = store
        self._city = city
        self._opening = opening
        self._counting = counting
        self._standing = standing
        self._strategies = strategies
        self._queues = QueueMeter(city.queues, opening)
        self._ruling = FloorRuling(store, strategies, opening)
        self._alarms = AlarmBoard()
        self._ringing = Ringing()
        self._escalations = Escalations()
        self._floor: FloorState | None = None
        self._times = HandTimes()
        self._named: dict[str, Named] = {}
        self._changed: set[str] = set()
        self._fairness: tuple[int, float | None] = (0, None)

    def follow(self, entry: Entry, floor: FloorState) -> None:
        """Take in one entry, after the floor has."""
        if floor is not self._floor:
            return
        self._times.follow(entry, floor.seats)
        for _ in self._alarms.follow(entry):
            pass  # what it raises stands in the next figures
        self._ringing.follow(entry)
        self._escalations.follow(entry)
        if entry.command == "put_agent":
            self._changed.add(entry.data.agent)
        self._changed.update(moved.id for moved in entry.transitions if moved.machine == "presence")

    async def look(self, floor: FloorState, before: FloorFigures) -> tuple[FloorFigures, AgentList]:
        """The figures of this moment; `before` are the last ones that anybody published.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        if floor is not self._floor:
            await self._take_over(floor, before)
        await self._read_changed()
        self._measure_fairness(floor, self._store.clock.now_ms())
        await asyncio.sleep(0)  # two shorter stops of the loop instead of one
        now = self._store.clock.now_ms()
        census = take_census(floor, self._times, self._name, now)
        figures = self._figures(floor, census, now)
        await self._ruling.look(figures.queues, now)
        return figures, AgentList(now, census.agents)

    def _figures(self, floor: FloorState, census: Census, now: int) -> FloorFigures:
        meter, standing = self._counting.meter, self._standing.last
        counts = Counts(meter.today(now), meter.recent(now)) if meter is not None else Counts(None, None)
        queues = self._queues.measure(floor, census.crews, counts, now)
        floor_rules = self._ruling.figures(now)
        of_rules, duties = [*alarms_of_rules(floor_rules), *self._escalations.alarms()], self._ringing.figures()
        alarms = alarms_of(queues, census.agents, self._alarms.standing(), of_rules, duties)
        for _ in self._alarms.see(alarms, now):
            pass  # the desktops of every router hear of it from the figures
        strategy = self._strategies.for_everybody(now)
        orders = self._opening.orders.standing(now)
        return FloorFigures(
            at=now,
            city=self._city.name,
            tz=self._city.info.tz,
            strategy=Strategy(strategy.version, strategy.hash),
            crisis_until=next((order.until for order in orders if order.kind == "crisis"), 0),
            orders=orders,
            disturbances=tuple(self._disturbances(now)),
            duties=duties,
            escalations=self._escalations.figures(),
            queues=queues,
            live_today=_live(counts.today),
            live_15_min=_live(counts.recent),
            counted_from=self._counting.counted_from,
            agent_counts=census.counts,
            agent_states=census.states,
            alarms=tuple(alarms),
            callbacks=standing.callbacks,
            handovers=standing.handovers,
            notices_late=standing.notices_late,
            fairness=self._fairness[1],
            goal=standing.goal,
            floor_rules=floor_rules,
        )

    def _disturbances(self, now: int) -> Iterator[DisturbanceFigure]:
        for order in self._opening.orders.disturbances(now):
            told = order.disturbance
            if told is not None:
                yield DisturbanceFigure(
                    told.id, told.topics, told.message_sv, order.at, order.until, told.expected_end_at
                )

    def _measure_fairness(self, floor: FloorState, now: int) -> None:
        if now >= self._fairness[0] + FAIRNESS_MS:
            index = floor.fairness(now)
            self._fairness = now, None if index is None else round(index, 3)

    def _name(self, agent: str) -> Named:
        return self._named.get(agent, _NOBODY)

    # Reading -----------------------------------------------------------------------------------------------------

    async def _take_over(self, floor: FloorState, before: FloorFigures) -> None:
        """A floor that was loaded anew: whose work is how old, who is called what, which alarms stand."""
        self._times = HandTimes()
        self._fairness = 0, None
        self._queues.carry_on(before.queues)
        self._ringing.carry_on(before.duties)
        for _ in self._alarms.see(before.alarms, before.at):
            pass
        self._floor = floor
        self._escalations.load([found async for found in self._late()])
        self._named = {agent.id: Named(agent.name, agent.reason) for agent in await self._store.agents_all()}
        self._changed.clear()
        held = [(agent, dict(seat.work)) for agent, seat in floor.seats.items() if seat.work]
        contacts = list({thing.partition(".")[0] for _, work in held for thing in work})
        rows = await self._store.read_fields(contacts, "leg_since")
        since = {contact: int(row[0] or 0) for contact, row in zip(contacts, rows, strict=True)}
        now = self._store.clock.now_ms()
        for agent, work in held:
            for thing, (_, _, kind) in work.items():
                self._times.load(agent, thing, Hand(kind, _begun(since, thing, kind) or now))

    async def _late(self) -> AsyncIterator[tuple[str, str, int, LateHandover]]:
        """Open handovers past the time that their state promises, as the rules in service see them."""
        contacts = await self._store.handovers.with_deadlines()
        rows = await self._store.read_fields(
            contacts, "handover", "handover_state", "handover_overdue", "terms", "duty"
        )
        now = self._store.clock.now_ms()
        for contact, row in zip(contacts, rows, strict=True):
            handover, state, overdue, terms, duty = ((part or b"").decode() for part in row)
            if not terms or duty or not int(overdue or 0):
                continue
            agreed = read_terms(terms)
            late = late_by_rules(self._strategies, int(overdue), agreed, now)
            since = agreed.accept_by if state == "offered" else agreed.contact_by or agreed.finish_by
            if late is not None and 0 < since <= now:
                yield contact, handover, since, late

    async def _read_changed(self) -> None:
        for agent in [self._changed.pop() for _ in range(min(MOST_READ, len(self._changed)))]:
            with contextlib.suppress(Unavailable):
                found = await self._store.agent(agent)
                if found is not None:
                    self._named[agent] = Named(found.name, found.reason)


def _begun(since: Mapping[str, int], thing: str, kind: str) -> int:
    """When the owner's leg began; of offers and legs beside it nothing is kept."""
    return since.get(thing, 0) if kind in {"leg", "wrap", "interrupted"} else 0


def _live(counts: Mapping[Key, ServiceCounts] | None) -> ServiceFigure | None:
    if counts is None:
        return None
    return service_figure(sum_counts(part for (_, medium), part in counts.items() if medium in LIVE))
