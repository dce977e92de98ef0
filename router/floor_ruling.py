"""Floor rules at work: the leader lets them start and stop by its figures; every router knows from the journal.

A rule that holds is a standing order given by the strategy, so it survives restarts and changes of the leader.
"""

from collections.abc import Iterable, Iterator

import msgspec

from router.floor_figures import Alarm, FloorRuleFigure, QueueFigure
from router.journal import LIVE
from router.opening import Opening
from router.orders import Order
from router.store.redis_store import Store
from router.strategies import Strategies
from rules.cells import Known
from rules.floor_rules import (
    CompiledFloorRule,
    Figures,
    Holding,
    Restraint,
    compile_floor_rules,
    next_holding,
    restraint_of,
)
from rules.strategy import FloorRule

GIVER = "strategy"


class FloorRuling:
    """The floor rules of the strategy in service for everybody; one that is no more ends what it began."""

    def __init__(self, store: Store, strategies: Strategies, opening: Opening) -> None:
        self._store = store
        self._strategies = strategies
        self._opening = opening
        self._read: tuple[str, tuple[CompiledFloorRule, ...]] = ("", ())
        """The rules with their rows read, and of which version they are."""

    async def look(self, rows: Iterable[QueueFigure], now_ms: int) -> None:
        """Start and stop what the figures say; what the store did not take is tried again in a second."""
        before, compiled = holding(self._opening, now_ms), self._compiled(now_ms)
        if not (compiled or before):
            return
        after = next_holding(compiled, self._facts(rows, now_ms), before, now_ms)
        rules = rules_of(self._strategies, now_ms)
        for each in after.keys() - before.keys():
            await self._give(each, rules.get(each.rule), until=0)
        for each in before.keys() - after.keys():
            await self._give(each, rules.get(each.rule), until=now_ms)

    def _compiled(self, now_ms: int) -> tuple[CompiledFloorRule, ...]:
        strategy = self._strategies.for_everybody(now_ms)
        if self._read[0] != strategy.hash:
            self._read = strategy.hash, compile_floor_rules(strategy.strategy.floor_rules)
        return self._read[1]

    async def _give(self, each: Holding, rule: FloorRule | None, until: int) -> None:
        order = Order("floor_rule", each.queue, until=until, name=each.rule, reason=rule.title if rule else each.rule)
        if rule is not None and not until:
            then = rule.then
            order = msgspec.structs.replace(
                order, is_citywide=rule.scope == "city", announce=then.announce, banner=then.banner
            )
        await self._store.orders.set_order(order, GIVER)

    def _facts(self, rows: Iterable[QueueFigure], now_ms: int) -> Figures:
        calendars = self._strategies.city.calendar_facts(now_ms)
        city: dict[str, Known] = {"crisis": self._opening.orders.crisis(now_ms), **calendars}
        return {queue: {**city, **facts} for queue, facts in facts_by_queue(rows, now_ms).items()}

    def figures(self, now_ms: int) -> tuple[FloorRuleFigure, ...]:
        """The rules that hold, for people to see, oldest first."""
        found = sorted(holding(self._opening, now_ms).items(), key=lambda pair: (pair[1], pair[0]))
        rules = rules_of(self._strategies, now_ms)
        return tuple(_figure(rules[each.rule], each, since) for each, since in found if each.rule in rules)


def rules_of(strategies: Strategies, now_ms: int) -> dict[str, FloorRule]:
    """The floor rules in service, by id."""
    return {rule.id: rule for rule in strategies.for_everybody(now_ms).strategy.floor_rules}


def holding(opening: Opening, now_ms: int) -> dict[Holding, int]:
    """The rules that hold and since when (epoch ms), as the journal has told."""
    return {Holding(order.name, order.queue): order.at for order in opening.orders.floor_rules(now_ms)}


def restraint(strategies: Strategies, opening: Opening, now_ms: int) -> Restraint:
    """What the rules that hold do to the floor."""
    return restraint_of(rules_of(strategies, now_ms), list(holding(opening, now_ms)))


def alarms_of_rules(figures: Iterable[FloorRuleFigure]) -> Iterator[Alarm]:
    """The alarms that rules raise while they hold."""
    for figure in figures:
        if figure.alarm:
            yield Alarm("floor_rule", figure.since, figure.queue, code=figure.alarm)


def _figure(rule: FloorRule, each: Holding, since: int) -> FloorRuleFigure:
    then = rule.then
    return FloorRuleFigure(
        rule=rule.id,
        title=rule.title,
        queue=each.queue,
        since=since,
        scope=rule.scope,
        hold_media=then.hold_media,
        reserve=then.reserve,
        announce=then.announce,
        banner=then.banner,
        alarm=then.alarm,
    )


def facts_by_queue(rows: Iterable[QueueFigure], now_ms: int) -> dict[str, dict[str, Known]]:
    """Each queue's floor facts, its live media together: the worst of them; what was not measured is left out."""
    found: dict[str, dict[str, Known]] = {}
    for row in rows:
        facts = found.setdefault(row.queue, {"queue": row.queue, "no_one_possible": 0})
        _add(facts, "no_one_possible", row.no_one_possible)
        if row.medium not in LIVE:
            continue
        _add(facts, "waiting", row.waiting)
        waited = (now_ms - row.oldest_at) // 1000 if row.waiting and row.oldest_at else 0
        _worst(facts, "oldest_wait_s", waited)
        wait_s = row.wait_estimate_s if row.waiting else 0
        if wait_s is not None:
            _worst(facts, "wait_estimate_s", wait_s)
        if row.waiting:
            _worst(facts, "idle_agents", row.idle)
        if row.last_15_min is not None and row.last_15_min.abandonment is not None:
            _worst(facts, "abandon_15m_pct", round(row.last_15_min.abandonment * 100))
    return found


def _add(facts: dict[str, Known], name: str, value: int) -> None:
    before = facts.get(name, 0)
    facts[name] = value + before if isinstance(before, int) else value


def _worst(facts: dict[str, Known], name: str, value: int) -> None:
    before = facts.get(name)
    facts[name] = max(value, before) if isinstance(before, int) else value
