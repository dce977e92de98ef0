"""Reads scenes: TOML to the nouns of `scene`, checked against each other. Plays nothing.

Every mistake names file, table, cell, what was expected and the nearest valid word.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeVar, cast

import msgspec

from channels.registry import CHANNELS
from router.simulation.happenings import WORDS
from router.simulation.moments import Clocks, length_ms
from router.simulation.scene import (
    ZONE,
    AgentTable,
    Event,
    Expected,
    Final,
    QueueTable,
    Scene,
    SkillTable,
    Step,
    TopicTable,
    UnitTable,
    Value,
)
from router.simulation.scene_limits import (
    check_agent,
    check_choice,
    check_count,
    check_event,
    check_final,
    check_length,
    check_lengths,
    check_seen,
    check_step,
    problems,
)
from router.simulation.verbs import ANY, KINDS, REFUSED, SUBJECTS, WHEN, Kind, Verb
from rules.cells import nearest
from rules.tables import Place, Table, as_struct, only, raw_tables, read_file

Named = TypeVar("Named", bound=msgspec.Struct)
Typed = TypeVar("Typed")
TOLERANCE = "2s"
"""How far from its time something may be seen, unless the scene says otherwise."""
TABLES = (
    "title",
    "why",
    "at",
    "until",
    "exact",
    "queue",
    "unit",
    "skill",
    "topic",
    "agent",
    "event",
    "expect",
    "never",
    "finally",
)


_TYPED: Mapping[Kind, tuple[type[Value], str]] = {
    "yes": (bool, "true or false"),
    "whole": (int, "a whole number"),
    "levels": (dict[str, int], "skills with levels, as in { finska = 3 }"),
    "names": (tuple[str, ...], "a list of words"),
}
"""Cells of one kind, and how that kind is told."""


def read_scene(path: Path) -> Scene:
    """The scene in a file.

    Raises:
        StrategyError: something in it is wrong; the text says where and what was expected.
    """
    content = read_file(path.parent, path.name)
    only(content, TABLES, path.name)
    return _Reader(path.name, content).scene()


class _Reader:
    """Reads one file, table by table; later tables may name what earlier ones made."""

    def __init__(self, file: str, content: Table) -> None:
        self.file = file
        self.content = content
        self.clocks = Clocks(ZONE)
        self.start_ms = self._moment(Place(file), "at", self._line("at"), None)
        self.queues = self._tables("queue", QueueTable) or (QueueTable("main"),)
        self.units = self._tables("unit", UnitTable)
        for table in (*self.queues, *self.units):
            check_lengths(Place(file, f"{'queue' if isinstance(table, QueueTable) else 'unit'} {table.id}"), table)
        self.agents = self._tables("agent", AgentTable)
        for agent in self.agents:
            check_agent(Place(file, f"agent {agent.name}"), agent)
        self.names: dict[str, set[str]] = {
            "agent": {agent.name for agent in self.agents},
            "queue": {queue.id for queue in self.queues},
            "unit": {unit.id for unit in self.units},
            "contact": set(),
        }
        self.supervisors: set[str] = set()
        self.topics = self._tables("topic", TopicTable)
        self.names["topic"] = {topic.id for topic in self.topics}
        for topic in self.topics:
            self._check_topic(topic)

    def scene(self) -> Scene:
        """The whole of it."""
        events = tuple(self._events())
        last = max([self.start_ms, *(each.at_ms for each in events)])
        expected, never = (tuple(self._expected(name)) for name in ("expect", "never"))
        until = self.content.get("until")
        seen = max([last, *(each.at_ms for each in expected)])
        ends = self._moment(Place(self.file), "until", until, self.start_ms) if until else seen + 5_000
        check_length(Place(self.file), self.start_ms, ends, seen, self.clocks)
        return Scene(
            file=self.file,
            title=str(self._line("title")),
            why=str(self.content.get("why", "")),
            starts_ms=self.start_ms,
            ends_ms=ends,
            exact=frozenset(self._exact()),
            queues=self.queues,
            units=self.units,
            skills=self._tables("skill", SkillTable),
            topics=self.topics,
            agents=self.agents,
            events=events,
            expected=expected,
            never=never,
            final=tuple(self._finals()),
        )

    def _check_topic(self, topic: TopicTable) -> None:
        place = Place(self.file, f"topic {topic.id}")
        for key, kind in (("queue", "queue"), ("handed_to", "unit")):
            if name := getattr(topic, key):
                place.check(key, f"a {kind} of this scene", name, self.names[kind])
        for key in ("ahead", "target", "prefer_last"):
            self._length(place, key, getattr(topic, key))
        for step in topic.route:
            check_step(place, step, self.names["unit"])

    # The parts -----------------------------------------------------------------------------------------------------

    def _line(self, name: str) -> object:
        if name not in self.content:
            raise Place(self.file).mistake(name, "expected this line at the top of the file")
        return self.content[name]

    def _tables(self, name: str, kind: type[Named]) -> tuple[Named, ...]:
        found: dict[str, Named] = {}
        for number, table in enumerate(self._raw(name), 1):
            title = str(table.get("id") or table.get("name") or number)
            place = Place(self.file, f"{name} {title}")
            if title in found:
                raise place.mistake("", "expected a name of its own, this one is taken")
            found[title] = as_struct(place, table, kind)
        return tuple(found.values())

    def _raw(self, name: str) -> list[Table]:
        tables = raw_tables(self.content, name)
        if self.content.get(name, []) != tables:
            raise Place(self.file).mistake(name, f"expected tables [[{name}]]")
        return tables

    def _exact(self) -> Iterator[str]:
        words = self.content.get("exact", ["offer", "exit", "alarm"])
        for word in cast("list[object]", words) if isinstance(words, list) else [words]:
            Place(self.file).check("exact", "something that happens", str(word), WORDS)
            yield str(word)

    def _finals(self) -> Iterator[Final]:
        for number, table in enumerate(self._raw("finally"), 1):
            place = Place(self.file, f"finally {number}")
            final = as_struct(place, table, Final)
            for kind in ("contact", "agent"):
                if name := getattr(final, kind):
                    place.check(kind, f"a {kind} of this scene", name, self.names[kind])
            check_final(place, final, self.names)
            if bool(final.contact) == bool(final.agent):
                raise place.mistake("", "expected either a contact or an agent")
            yield final

    # Events --------------------------------------------------------------------------------------------------------

    def _events(self) -> Iterator[Event]:
        now = self.start_ms
        for number, table in enumerate(self._raw("event"), 1):
            place = Place(self.file, f"event {number}")
            subject, verb_name, verb = self._verb(place, table)
            known = {subject, verb_name, *verb.also, *WHEN, REFUSED}
            for key in table:
                place.check(key, f"a cell of {subject} {verb_name}", key, known)
            for key in verb.needs:
                if key not in table:
                    raise place.mistake(key, f"expected, because somebody {verb_name}")
            now = self._when(place, table, now)
            who = self._who(place, subject, verb_name, table[subject])
            cells = {k: self._cell(place, k, KINDS[k], v, now) for k, v in table.items() if k in {*verb.also, REFUSED}}
            what = self._cell(place, verb_name, verb.takes, table[verb_name], now)
            if subject == "supervisor":
                self.supervisors.add(who)
            check_event(place, subject, verb_name, who, {**cells, verb_name: what}, self.names)
            if verb_name == "arrives":
                place.check("arrives", "a channel", str(what), CHANNELS)
                yield from self._arrivals(Event(place.table, now, subject, who, verb_name, what, cells))
            else:
                yield Event(place.table, now, subject, who, verb_name, what, cells)

    def _arrivals(self, first: Event) -> Iterator[Event]:
        """One contact, or, with `count`, so many, a second or `every` apart, named with a number each."""
        count = cast("int", first.cells.get("count", 1))
        check_count(Place(self.file, first.place), count, len(self.names["contact"]))
        for number in range(1, count + 1):
            name = first.who if count == 1 else f"{first.who}-{number}"
            if name in self.names["contact"]:
                raise Place(self.file, first.place).mistake("contact", f'expected a new name, "{name}" is taken')
            self.names["contact"].add(name)
            later = cast("int", first.cells.get("every", 1_000)) * (number - 1)
            cells = dict(first.cells)
            if "received" in cells:
                cells["received"] = cast("int", cells["received"]) + later
            yield msgspec.structs.replace(first, who=name, at_ms=first.at_ms + later, cells=cells)

    def _verb(self, place: Place, table: Table) -> tuple[str, str, Verb]:
        subjects = [word for word in SUBJECTS if word in table]
        for subject in subjects:
            for word, verb in SUBJECTS[subject].items():
                if word in table:
                    return subject, word, verb
        if not subjects:
            raise place.mistake("", f"expected one of {', '.join(SUBJECTS)}: who does it")
        words = SUBJECTS[subjects[0]]
        other = next((key for key in table if key not in {*subjects, *WHEN, *KINDS}), "")
        near = nearest(other, words) if other else ""
        raise place.mistake(other, f"expected what the {subjects[0]} does: {', '.join(words)}{near}")

    def _who(self, place: Place, subject: str, verb: str, name: object) -> str:
        known = self.names.get(subject)
        if known is not None and verb != "arrives" and name not in known:
            place.check(subject, f"a {subject} of this scene", str(name), known)
        return str(name)

    def _when(self, place: Place, table: Table, now: int) -> int:
        if "at" in table and "after" in table:
            raise place.mistake("at", "expected either `at` or `after`")
        if "after" in table:
            return now + self._length(place, "after", table["after"])
        if "at" not in table:
            return now
        at = self._moment(place, "at", table["at"], now)
        if at < now:
            raise place.mistake("at", f"expected a time after {self.clocks.text(now)}: events stand in their order")
        return at

    def _cell(self, place: Place, key: str, kind: Kind, value: object, now: int) -> Value:
        if kind in _TYPED:
            return self._typed(place, key, value, *_TYPED[kind])
        match kind:
            case "moment":
                return self._moment(place, key, value, now)
            case "length":
                return self._length(place, key, value)
            case "steps":
                return tuple(self._steps(place, value))
            case "refusal":
                return ANY if value is True else check_choice(place, key, str(value), problems())
            case _:
                if kind in self.names:
                    place.check(key, f"a {kind} of this scene", str(value), self.names[kind])
                return str(value)

    def _steps(self, place: Place, value: object) -> Iterator[Step]:
        for number, part in enumerate(cast("list[object]", value) if isinstance(value, list) else [value], 1):
            inner = Place(self.file, f"{place.table}, step {number} of its route")
            if not isinstance(part, dict):
                raise inner.mistake("", "expected a table such as { after = '2 min', level = -1 }")
            step = as_struct(inner, cast("Table", part), Step)
            check_step(inner, step, self.names["unit"])
            yield step

    @staticmethod
    def _typed(place: Place, key: str, value: object, kind: type[Typed], what: str) -> Typed:
        try:
            return msgspec.convert(value, kind)
        except msgspec.ValidationError:
            raise place.mistake(key, f"expected {what}, got {value!r}") from None

    def _moment(self, place: Place, key: str, value: object, since: int | None) -> int:
        try:
            return self.clocks.moment(str(value), since)
        except ValueError as error:
            raise place.mistake(key, str(error)) from None

    @staticmethod
    def _length(place: Place, key: str, value: object) -> int:
        try:
            return length_ms(str(value))
        except ValueError as error:
            raise place.mistake(key, str(error)) from None

    # What is to be seen ----------------------------------------------------------------------------------------------

    def _expected(self, name: str) -> Iterator[Expected]:
        now = self.start_ms
        for number, table in enumerate(self._raw(name), 1):
            place = Place(self.file, f"{name} {number}")
            word = next((key for key in table if key in WORDS), "")
            if not word:
                other = next(iter(table), "")
                near = nearest(other, WORDS)
                raise place.mistake(other, f"expected something that happens: {', '.join(WORDS)}{near}")
            cells = {key: str(value) for key, value in table.items() if key not in {"at", "within"}}
            check_seen(place, word, cells)
            for key, value in cells.items():
                if key != word:
                    place.check(key, f"a cell of {word}", key, WORDS[word].cells)
                kind = WORDS[word].kinds.get(key, "")
                if kind in self.names:
                    also = self.supervisors if key == "by" else ()
                    place.check(key, f"a {kind} of this scene", value, {*self.names[kind], *also})
            at = self._moment(place, "at", table["at"], now) if "at" in table else 0
            now = max(now, at)
            within = self._length(place, "within", table.get("within", TOLERANCE))
            yield Expected(place.table, word, cells, at, within)
