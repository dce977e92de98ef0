"""The plan in a terminal: where the city is, the steps with what they give and cost, what is left, what to change.

Owns the layout. Every sentence is of the catalogue; every figure is the plan's.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from rules.city import City
from rules.plan_here import Way
from rules.plan_rule import sketch_cells
from rules.plan_today import TopicToday
from rules.planner import Left, Plan, Shares, Step
from rules.toml_text import table_text
from rules.words import Lang, Words, words_of
from rules.words.names import Names

MOST_TOPICS, MOST_LEFT = 12, 12
Row = tuple[str, ...]
T = TypeVar("T")
TODAY = ("topic", "contacts", "here", "resolved", "strict", "rate", "ways")
STEPS = ("step", "topic", "what", "points", "points_strict", "hours", "worth", "agents", "after", "skills")
LEFT = ("topic", "why", "contacts", "points")
"""Columns."""
BOTH: tuple[tuple[Lang, str], ...] = (("sv", ""), ("en", "_en"))
"""Each language with the ending of its cells."""


def in_words(plan: Plan, city: City, words: Words, *, everything: bool = False) -> RenderableType:
    """The whole plan; of long tables the first rows, unless everything is asked for."""
    return Group(*_Told(plan, city, words, everything).blocks())


class _Told:
    def __init__(self, plan: Plan, city: City, words: Words, everything: bool) -> None:
        self._plan, self._city, self._words, self._everything = plan, city, words, everything
        self._names = Names(city, words)

    def blocks(self) -> Iterator[RenderableType]:
        plan, say = self._plan, self._words.say
        yield Text(say("plan-title", city=plan.city, version=plan.strategy_version), style="bold")
        yield Text(say("plan-source", source=plan.source or say("plan-no-source"), contacts=self._n(plan.contacts)))
        yield Text(self._verdict(), style="bold green" if plan.reached else "bold red")
        yield from (Text(line) for line in self._about_today())
        yield self._heading("plan-topics")
        yield self._topics()
        yield self._heading("plan-steps")
        yield from self._steps()
        yield self._heading("plan-left")
        yield self._left()
        yield from self._rules()

    def _heading(self, key: str) -> Text:
        return Text("\n" + self._words.say(key), style="bold")

    # Where it is -------------------------------------------------------------------------------------------------

    def _verdict(self) -> str:
        plan, say = self._plan, self._words.say
        goal = self._share(plan.goal)
        before, after, best = (self._share(self._of(each)) for each in (plan.today, plan.after, plan.best))
        if plan.reached and not any(step.taken for step in plan.steps):
            return say("plan-reached-already", goal=goal, before=before)
        if plan.reached:
            taken = sum(step.taken for step in plan.steps)
            return say("plan-reached", goal=goal, before=before, after=after, n=taken)
        return say("plan-not-reached", goal=goal, before=before, after=best)

    def _about_today(self) -> Iterator[str]:
        plan, say = self._plan, self._words.say
        yield say("plan-measure-strict") if plan.measure == "strict" else say("plan-measure-resolved")
        before, after = plan.today, plan.after
        yield say(
            "plan-shares",
            resolved=self._share(before.resolved),
            resolved_after=self._share(after.resolved),
            strict=self._share(before.strict),
            strict_after=self._share(after.strict),
        )
        yield self._interval()
        if plan.is_reach_known:
            yield say("plan-reach", direct=self._n(plan.direct))
        else:
            yield say("plan-reach-unknown")
        if plan.excluded:
            yield say("plan-excluded", n=self._n(sum(plan.excluded.values())), reasons=", ".join(plan.excluded))
        old, new = plan.crew_today, plan.crew_after
        yield say("plan-crew", before=old.agents, after=new.agents, live=new.live, written=new.written)
        yield say("plan-schedule", before=old.scheduled, after=new.scheduled, hours=self._n(plan.hours))

    def _interval(self) -> str:
        found, say = self._plan.interval, self._words.say
        if found is None:
            return say("plan-no-interval")
        return say(
            "plan-interval",
            low=self._share(found.low),
            high=self._share(found.high),
            points_low=self._words.number(found.points_low, 1),
            points_high=self._words.number(found.points_high, 1),
            sample=found.sample,
        )

    def _topics(self) -> Table:
        shown = self._first(self._plan.topics, MOST_TOPICS)
        return self._table(TODAY, map(self._topic_row, shown))

    def _topic_row(self, row: TopicToday) -> Row:
        whole = row.contacts + row.direct
        rate = {"measured": "plan-rate-measured", "planned": "plan-rate-planned", "borrowed": "plan-rate-borrowed"}
        return (
            self._topic(row.topic),
            self._n(whole),
            self._share(row.here / whole),
            self._share(row.resolved / whole),
            self._share(row.strict / whole),
            self._words.say(rate[row.rate]),
            "\n".join([*map(self._way, row.ways), *self._direct(row)]),
        )

    def _direct(self, row: TopicToday) -> Iterator[str]:
        if row.direct:
            yield self._words.say("plan-direct", contacts=self._n(row.direct))

    def _way(self, way: Way) -> str:
        say = self._words.say
        place = self._names.unit(way.to) if way.kind == "unit" else self._names.place(way.to)
        rule = way.rule or say("plan-no-rule")
        stays = say(f"plan-stays-{way.stays}") if way.stays else say("plan-may-come")
        return say("plan-way", place=place, rule=rule, contacts=self._n(way.contacts), stays=stays)

    # The steps ---------------------------------------------------------------------------------------------------

    def _steps(self) -> Iterator[RenderableType]:
        taken = [step for step in self._plan.steps if step.taken]
        others = [step for step in self._plan.steps if not step.taken]
        if not self._plan.steps:
            yield Text(self._words.say("plan-no-steps"))
        elif taken:
            yield self._table(STEPS, (self._step_row(number, step) for number, step in enumerate(taken, 1)))
        if others:
            yield Text(self._words.say("plan-others", n=len(others), topics=", ".join(step.topic for step in others)))

    def _step_row(self, number: int, step: Step) -> Row:
        say = self._words.say
        what = say("plan-take_over") if step.kind == "take_over" else say("plan-deepen")
        worth = step.points_per_100_hours
        skills = self._names.skills(step.require) if step.require else say("plan-any-skill")
        added = f" (+{step.agents_added})" if step.agents_added else ""
        return (
            str(number),
            self._topic(step.topic),
            say(
                "plan-what", what=what, mandate=say(f"plan-mandate-{step.mandate}"), owner=self._names.unit(step.owner)
            ),
            self._words.number(step.points, 2),
            self._words.number(step.points_strict, 2),
            self._n(step.hours),
            say("plan-free") if worth is None else self._words.number(worth, 2),
            f"{step.agents}{added}",
            self._share(self._of(step.shares)),
            skills,
        )

    def _left(self) -> Table:
        return self._table(LEFT, map(self._left_row, self._first(self._plan.left, MOST_LEFT)))

    def _left_row(self, row: Left) -> Row:
        keys = {"here": "plan-left-here", "not_taken": "plan-left-not_taken", "direct": "plan-left-direct"}
        reason = self._words.say(keys.get(row.reason, f"plan-stays-{row.reason}"))
        return (self._topic(row.topic), reason, self._n(row.contacts), self._words.number(row.points, 2))

    # What to change ----------------------------------------------------------------------------------------------

    def _rules(self) -> Iterator[RenderableType]:
        say = self._words.say
        for step in self._plan.steps:
            rule = step.rule if step.taken else None
            if rule is None:
                continue
            yield self._heading("plan-rule")
            tried = say("plan-rule-holds") if rule.holds else say("plan-rule-fails")
            yield Text(say("plan-rule-where", before=rule.before, tried=tried), style="dim")
            if rule.cases:
                yield Text(say("plan-rule-cases", n=len(rule.cases), titles=self._titles(rule.cases)), style="dim")
            yield Text(table_text("rule", sketch_cells(rule, self._sentences(step))))

    def _titles(self, titles: Iterable[str]) -> str:
        return self._words.together([self._words.quoted(title) for title in titles])

    def _sentences(self, step: Step) -> dict[str, str]:
        """The sketch's title and reason, in both languages whatever the plan's own is."""
        topic, found = self._city.topics.get(step.topic), dict[str, str]()
        for lang, ending in BOTH:
            words = words_of(lang)
            names = Names(self._city, words)
            named = (topic.sv if lang == "sv" else topic.en) if topic else step.topic
            units = words.together(sorted({names.unit(way.to) for way in step.from_}))
            found |= {
                f"title{ending}": words.say("plan-rule-title", topic=named),
                f"why{ending}": words.say("plan-rule-why", units=units),
            }
        return found

    # Figures -----------------------------------------------------------------------------------------------------

    def _table(self, heads: Sequence[str], rows: Iterable[Row]) -> Table:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for head in heads:
            is_word = head in {"topic", "what", "why", "ways", "skills", "rate"}
            table.add_column(
                self._words.say(f"plan-head-{head}"), justify="left" if is_word else "right", overflow="fold"
            )
        for row in rows:
            table.add_row(*map(Text, row))
        return table

    def _topic(self, code: str) -> str:
        topic = self._city.topics.get(code)
        if topic is None:
            return code or self._words.say("plan-unknown-topic")
        return f"{code} {topic.sv if self._words.lang == 'sv' else topic.en}"

    def _of(self, shares: Shares) -> float:
        return shares.strict if self._plan.measure == "strict" else shares.resolved

    def _first(self, rows: Sequence[T], most: int) -> Sequence[T]:
        return rows if self._everything else rows[:most]

    def _share(self, value: float) -> str:
        return self._words.say("plan-per-cent", value=self._words.number(100 * value, 1))

    def _n(self, value: float) -> str:
        return self._words.number(value)
