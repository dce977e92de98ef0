"""What the words of a scene may hold beyond their kind: closed lists of words, levels, the length and size of a scene.

Reads nothing; the reader asks for each part, and every mistake names its place.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import cast, get_args

import msgspec

from channels.registry import CHANNELS
from router.errors import ServicecenterError
from router.lifecycle import MACHINES
from router.simulation.moments import Clocks, length_ms
from router.simulation.scene import AgentTable, Final, QueueTable, Step, UnitTable, Value
from router.simulation.verbs import CHOICES, REFUSED
from rules.strategy import ExitWay
from rules.tables import Place

MOST_CONTACTS = 2_000
LONGEST_MS = 40 * 86_400_000
LEVELS = range(1, 6)
LENGTHS = frozenset(
    ("target", "wrap_up", "cool_down", "max_wait", "entry_stops", "serve_until", "accept_within", "finish_within")
)
WAYS = ("phone", "email")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}")
SEEN: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("exit", "exit"): get_args(ExitWay),
    ("alarm", "alarm"): ("no_one_possible", "not_responding", "unit_overdue"),
    ("presence", "presence"): ("available", "away", "draining", "offline"),
    ("order", "order"): ("queue_open", "queue_closed", "queue_diverted", "hours", "crisis"),
    ("offer", "reason"): ("longest_idle", "thrift", "ring", "preferred", "nobody_else", "interrupts", "spared"),
}
"""The only words of some cells of what is seen."""


def _slugs(kind: type[ServicecenterError]) -> set[str]:
    return {kind.slug}.union(*(_slugs(each) for each in kind.__subclasses__()))


def problems() -> set[str]:
    """Every problem that a command may be refused with."""
    return _slugs(ServicecenterError)


def _states(machine: str) -> list[str]:
    return [state for state in MACHINES[machine] if state]


def check_count(place: Place, count: int, so_far: int) -> None:
    """At least one, and not more than a scene can play."""
    if count < 1:
        raise place.mistake("count", "expected at least 1")
    if so_far + count > MOST_CONTACTS:
        raise place.mistake("count", f"expected at most {MOST_CONTACTS} contacts in a scene, got {so_far + count}")


def check_choice(place: Place, cell: str, word: str, words: Collection[str]) -> str:
    """Refuse a word that is none of a closed list; the list is told."""
    place.check(cell, f"one of {', '.join(sorted(words))}", word, words)
    return word


def check_lengths(place: Place, table: QueueTable | UnitTable) -> None:
    """Every cell that holds a length of time is one."""
    for cell, text in _lengths(table):
        try:
            length_ms(text)
        except ValueError as error:
            raise place.mistake(cell, str(error)) from None


def _lengths(table: QueueTable | UnitTable) -> Iterator[tuple[str, str]]:
    for cell in LENGTHS & {field.name for field in msgspec.structs.fields(table)}:
        yield cell, getattr(table, cell)
    if isinstance(table, QueueTable):
        for cell in ("answer_within", "exit_after"):
            by_medium: dict[str, str] = getattr(table, cell)
            yield from ((cell, text) for text in by_medium.values())
        yield from (("overflow", each.after) for each in table.overflow)


def check_step(place: Place, step: Step, units: Collection[str]) -> None:
    """When it comes, and to which unit it leads."""
    try:
        length_ms(step.after)
    except ValueError as error:
        raise place.mistake("after", str(error)) from None
    if step.unit or step.exit == "unit":
        place.check("unit", "a unit of this scene", step.unit, units)


def check_agent(place: Place, agent: AgentTable) -> None:
    """A name that a router takes, channels that there are, levels from 1 to 5."""
    if not NAME.fullmatch(agent.name):
        raise place.mistake("name", "expected a name of letters a to z, digits, - and _, as agents have ids")
    for channel, most in agent.channels.items():
        place.check("channels", "a channel", channel, CHANNELS)
        if most < 0:
            raise place.mistake("channels", f"expected how many at once, got {most}")
    check_levels(place, "skills", agent.skills)


def check_levels(place: Place, cell: str, skills: Mapping[str, int]) -> None:
    """A skill has a level from 1 to 5."""
    for skill, level in skills.items():
        if level not in LEVELS:
            raise place.mistake(cell, f"expected a level from 1 to 5 for {skill}, got {level}")


def check_event(
    place: Place, subject: str, verb: str, who: str, cells: Mapping[str, Value], names: Mapping[str, Collection[str]]
) -> None:
    """Words of closed lists, unless they are meant to be refused; levels; no supervisor who is an agent too."""
    if subject == "supervisor" and who in names["agent"]:
        raise place.mistake(subject, f'expected a name that no agent has, got "{who}"')
    for cell, value in cells.items():
        words = CHOICES.get((verb, cell))
        if words and REFUSED not in cells:
            check_choice(place, cell, str(value), words)
        if cell == "reach":
            for way in cast("tuple[str, ...]", value):
                check_choice(place, cell, way, WAYS)
        if isinstance(value, dict) and REFUSED not in cells:
            check_levels(place, cell, value)


def check_seen(place: Place, word: str, cells: Mapping[str, str]) -> None:
    """What can be seen at all."""
    for cell, value in cells.items():
        if words := SEEN.get((word, cell)):
            check_choice(place, cell, value, words)


def check_final(place: Place, final: Final, names: Mapping[str, Collection[str]]) -> None:
    """States and names that there are."""
    if final.state:
        check_choice(place, "state", final.state, _states("contact"))
    if final.presence:
        check_choice(place, "presence", final.presence, _states("presence"))
    if final.held_by:
        place.check("held_by", "an agent of this scene, or nobody", final.held_by, {*names["agent"], "nobody"})
    if final.queue:
        place.check("queue", "a queue of this scene", final.queue, names["queue"])


def check_length(place: Place, starts_ms: int, ends_ms: int, seen_ms: int, clocks: Clocks) -> None:
    """A scene ends after all that it names, and soon enough to be played."""
    if ends_ms < seen_ms:
        raise place.mistake("until", f"expected a time after {clocks.text(seen_ms)}, the last one of the scene")
    if ends_ms - starts_ms > LONGEST_MS:
        raise place.mistake("until", f"expected at most {LONGEST_MS // 86_400_000} days from beginning to end")
