"""What codes of a city are called in a report: topics, units, queues, channels and the ways of decisions."""

from collections.abc import Iterable, Mapping

from router.strategy_replay.words import Words
from rules.city import City
from rules.organisation import Queue, Unit
from rules.replay.tallying import OTHER

MOST_LISTED = 12


class Names:
    """Names from both cities; a code that neither has is shown as it is."""

    def __init__(self, words: Words, cities: Iterable[City]) -> None:
        self._words = words
        is_swedish = words.language == "sv"
        self._topics: dict[str, str] = {}
        self._units: dict[str, str] = {}
        self._queues: dict[str, str] = {}
        for city in cities:
            self._topics |= {each.code: each.sv if is_swedish else each.en for each in city.topics.topics}
            self._units |= {unit.id: self._own(unit) for unit in city.units.values()}
            self._queues |= {queue.id: self._own(queue) for queue in city.queues.values()}

    def _own(self, named: Unit | Queue) -> str:
        """The Swedish name in quotes where there is no English one and English is asked."""
        if self._words.language == "sv":
            return named.name_sv
        return named.name_en or f"“{named.name_sv}”"

    def part(self, field: str, name: str) -> str:
        """One row of a breakdown."""
        if not name:
            return self._words.say("none_known")
        if name == OTHER:
            return self._words.say("other")
        match field:
            case "topic":
                return f"{name} {self._topics.get(name, '')}".strip()
            case "channel":
                return self._words.code("channel", name)
            case _:
                return name

    def unit(self, unit: str) -> str:
        """A unit."""
        return self._units.get(unit, unit)

    def queue(self, queue: str) -> str:
        """A queue."""
        return self._queues.get(queue, queue)

    def way(self, way: str) -> str:
        """Where a decision leads."""
        kind, _, name = way.partition(" ")
        named = {"queue": self.queue, "hand_over": self.unit}.get(kind, str)(name)
        return self._words.say(f"way_{kind}", name=named)

    def fields(self, fields: Iterable[str]) -> str:
        """The parts of a decision that differ."""
        return ", ".join(self._words.code("field", name) for name in fields)

    def counted(self, counts: Mapping[str, int]) -> str:
        """Names with their counts, the first of them."""
        listed = [f"{name or '-'} {self._words.number(count)}" for name, count in list(counts.items())[:MOST_LISTED]]
        return ", ".join([*listed, "…"] if len(counts) > MOST_LISTED else listed)
