"""Sweep: plain contacts about every topic, by every channel, at every moment, with what is decided for each.

What a theme finds here it shows with one of them; nothing is decided twice.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

from rules.city import City
from rules.columns import TOPIC
from rules.contributions import decider
from rules.decide import Decision, decide
from rules.proof.boxes import UndecidedError, meet
from rules.proof.findings import Example
from rules.proof.moments import Moment
from rules.proof.space import Space
from rules.strategy import FactValue

CHANNELS: tuple[tuple[str, str], ...] = (
    ("phone", "voice"),
    ("chat", "messaging"),
    ("visit", "in_person"),
    ("email", "written"),
    ("web", "written"),
)
"""Channels and their media."""
CRITICAL = frozenset({"p1_possible", "concern"})
"""Flags of topics that somebody must be there for at every hour."""
LIVE = frozenset({"voice", "messaging", "in_person"})


class Decided(NamedTuple):
    """A contact, the moment it comes, and what is decided."""

    facts: Mapping[str, FactValue]
    moment: Moment
    decision: Decision

    @property
    def topic(self) -> str:
        """Its topic; empty when unknown."""
        return str(self.facts.get(TOPIC) or "")

    @property
    def medium(self) -> str:
        """Its medium."""
        return str(self.facts.get("medium") or "")

    @property
    def example(self) -> Example:
        """As it is shown."""
        return Example({fact: value for fact, value in self.facts.items() if value is not None}, self.moment.at)


class Sweep:
    """The contacts of a city that a proof looks at one by one."""

    def __init__(self, city: City, space: Space) -> None:
        self._city = city
        self._space = space
        self.moments = space.moments

    @cached_property
    def plain(self) -> tuple[Decided, ...]:
        """Every topic and none, by every channel at every moment; the critical ones as a danger too."""
        book = self._city.topics.topics
        kinds = [(None, None), *((topic.code, None) for topic in book)]
        kinds += [(topic.code, "P1") for topic in book if CRITICAL & {*topic.flags}]
        return tuple(
            self.decided({"channel": channel, "medium": medium, TOPIC: topic, "severity": severity}, moment)
            for topic, severity in kinds
            for channel, medium in CHANNELS
            for moment in self._space.moments
        )

    @cached_property
    def witnesses(self) -> tuple[Decided, ...]:
        """One contact for each row of each rule that can be reached, by every medium, at every moment."""
        return tuple(
            self.decided({"channel": channel, "medium": medium, **facts}, moment)
            for facts in self._facts_of_rows()
            for channel, medium in CHANNELS[:-1]
            for moment in self._space.moments
            if facts.get("medium", medium) == medium
        )

    @property
    def all(self) -> Iterator[Decided]:
        """Both."""
        yield from self.plain
        yield from self.witnesses

    def decided_by(self, each: Decided) -> str:
        """The rule that says where the contact goes; empty when none does."""
        hits = {*each.decision.trace.hits}
        return decider([rule for rule in self._space.rules if rule.id in hits], each.decision)

    def of_both(self, one: int, other: int) -> Iterator[Decided]:
        """Contacts that hit two rules before anybody stops them, at every moment."""
        space = self._space
        first, last = sorted((one, other))
        if space.rules[first].then.stop and first != last:
            return
        for here in space.of_rule[first]:
            for there in space.of_rule[last]:
                both = here.true and there.true and meet(here.true, there.true)
                try:
                    box = both and space.free(both, [each for each in space.before(last) if each.rule != first])
                except UndecidedError:
                    continue
                if box:
                    facts, _ = space.contact(box, {*space.named(one, other), "medium"})
                    yield from (self.decided(facts, moment) for moment in self.moments)

    def decided(self, facts: Mapping[str, FactValue], moment: Moment) -> Decided:
        """What is decided for these facts at a moment."""
        return Decided(facts, moment, decide(self._city.strategy, {**moment.states, **facts}))

    def _facts_of_rows(self) -> Iterator[Mapping[str, FactValue]]:
        for lane in self._space.lanes:
            try:
                box = lane.true and self._space.free(lane.true, self._space.before(lane.rule))
            except UndecidedError:
                continue
            if box:
                yield self._space.contact(box, self._space.named(lane.rule))[0]
