"""Facts in words: what was known, what was not, and facts as they were not.

Owns how each fact is said. The keys are `known-`, `name-` and `if-` with the fact's name, `value-` with its word.
"""

from collections.abc import Iterator, Mapping, Sequence

from rules.cells import Span
from rules.strategy import CALENDAR, FACTS, FactValue
from rules.supposing import ANOTHER, Alternative
from rules.words import sentence
from rules.words.names import MINUTE_S, Names

FEW_TOPICS = 3
FEW_POINTS = 2
UNSAID = {("topic_confidence", 100)}
"""What goes without saying: somebody has named the topic."""
_PAIR = {"medium": "channel"}
"""Facts that are said only when the other one is not known."""
HOLDERS = frozenset({"owner", "road_authority", "place_unit", "authority"})
"""Facts that name somebody rather than something."""
_REACHED = frozenset({"preference", "declined_channel"})


class FactWords:
    """How facts are said in one language about one city."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._words = names.words

    def known(self, facts: Mapping[str, FactValue], asked: Sequence[str]) -> list[str]:
        """Everything that was known, one sentence a fact; of the calendars those that the rules ask about."""
        said = [
            self._known(fact, facts[fact])
            for fact in FACTS
            if facts.get(fact) is not None and _PAIR.get(fact) not in facts and (fact, facts[fact]) not in UNSAID
        ]
        said += self._calendars(facts, asked)
        return said or [self._words.say("known-nothing")]

    def _known(self, fact: str, value: FactValue) -> str:
        if not self._words.has(f"known-{fact}"):
            return sentence(
                self._words.say("known-other", fact=self._words.quoted(fact), value=self.value(fact, value))
            )
        return sentence(self._say(f"known-{fact}", self.value(fact, value), state_of(value), value))

    def _say(self, key: str, value: str, state: str, raw: FactValue) -> str:
        number = raw if isinstance(raw, int) else 0
        return self._words.say(key, value=value, state=state, n=int(number))

    def _calendars(self, facts: Mapping[str, FactValue], asked: Sequence[str]) -> Iterator[str]:
        for state in ("open", "closed"):
            named = [fact for fact in facts if fact.startswith(f"{CALENDAR}.") and (fact in asked or not asked)]
            calendars = [self._names.calendar(_calendar(fact)) for fact in named if facts[fact] == state]
            if calendars:
                yield self._words.say(f"known-{state}", calendars=self._words.together(calendars))

    def name(self, fact: str) -> str:
        """What is not known, as a part of a sentence."""
        if fact.startswith(f"{CALENDAR}."):
            return self._words.say("name-calendar", calendar=self._names.calendar(_calendar(fact)))
        key = f"name-{fact}"
        return self._words.say(key) if self._words.has(key) else self._words.say("name-other", fact=fact)

    def supposing(self, other: Alternative) -> str:
        """The fact as it was not: `if the topic had been ...`."""
        fact, values = other.fact, other.values
        first = values[0]
        if fact.startswith(f"{CALENDAR}."):
            calendar = self._names.calendar(_calendar(fact))
            return self._words.say("if-calendar", state=str(first), calendar=calendar)
        value = self._spans(fact, other.spans) if other.spans else self._either(fact, values)
        state = state_of(first) if len(values) == 1 else "several"
        if not self._words.has(f"if-{fact}"):
            return self._words.say("if-other", fact=fact, value=value)
        return self._say(f"if-{fact}", value, state, first)

    def _either(self, fact: str, values: Sequence[FactValue]) -> str:
        parts = [self.value(fact, value) for value in values]
        if fact == "topic" and len(parts) > FEW_TOPICS:
            rest = len(parts) - FEW_TOPICS
            return self._words.say("more-topic-values", names=", ".join(parts[:FEW_TOPICS]), n=rest)
        if fact == "point" and len(parts) > FEW_POINTS:
            names, rest = self._words.together(parts[:FEW_POINTS], "or"), len(parts) - FEW_POINTS
            return self._words.say("more-point-values", names=names, n=rest)
        return self._words.together(parts, "or")

    def value(self, fact: str, value: FactValue) -> str:
        """One value of a fact."""
        if isinstance(value, int):
            return self._number(fact, int(value))
        word = str(value)
        if word == ANOTHER:
            return self._words.say("another-holder" if fact in HOLDERS else "another")
        return self._word(fact, word)

    def _word(self, fact: str, word: str) -> str:
        match fact:
            case "topic":
                return self._names.topic(word)
            case "language":
                return self._words.language_name(word)
            case "owner" | "road_authority" | "place_unit":
                return self._names.holder(word)
            case "district" | "maintenance_area":
                return self._names.area(fact, word)
            case _:
                return self._words.word("reach" if fact in _REACHED else f"value-{fact}", word)

    def _number(self, fact: str, number: int) -> str:
        return self._names.duration(number) if fact.endswith("_s") and number >= 0 else str(number)

    def _spans(self, fact: str, spans: Sequence[Span]) -> str:
        return self._words.together([self._span(fact, low or 0, high) for low, high in spans], "or")

    def _span(self, fact: str, low: int, high: int | None) -> str:
        if high is None and fact.endswith("_s") and low % MINUTE_S == 1:
            return self._words.say("span-over", low=self._number(fact, low - 1))
        if high is None:
            return self._words.say("span-from", low=self._number(fact, low))
        if low == high:
            return self._number(fact, low)
        if low == 0:
            return self._words.say("span-to", high=self._number(fact, high))
        return self._words.say("span-between", low=self._number(fact, low), high=self._number(fact, high))


def state_of(value: FactValue) -> str:
    """A value as the catalogue's choices know it."""
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _calendar(fact: str) -> str:
    return fact.partition(".")[2]
