"""Facts as they come and as they never should, drawn with a seed over what the example city knows."""

from random import Random

from rules.cells import closed_words, kind_of
from rules.decide import FactValue
from rules.strategy import FACTS
from tests.rules.word_families import city

LANGUAGES = ("sv", "fi", "en", "ar", "so", "xx", "kanariefågel")
OPEN_WORDS = ("phone", "chat", "email", "web", "app", "socialnamnden", "hearing", "vulnerable", "child_alone")
ODD: tuple[FactValue, ...] = ("", "telepathy", "P1 ", -1, 2**70, True, False, None, "\0", "{ $x }", "å" * 3_000)
NUMBERS = (0, 1, 2, 3, 49, 50, 74, 75, 100, 301, 10_000)


def seeded(seed: int) -> Random:
    """Chance that comes out the same each time."""
    return Random(seed)  # noqa: S311 # examples, no secrets


def any_facts(random: Random, *, is_hostile: bool = True) -> dict[str, FactValue]:
    """Some facts: mostly sensible, some missing, and with `is_hostile` some that nobody should ever give."""
    calendars = [f"calendar.{name}" for name in city().calendars]
    facts: dict[str, FactValue] = {}
    for fact in (*FACTS, *calendars):
        draw = random.random()
        if draw < 0.4:
            continue
        facts[fact] = random.choice(ODD) if is_hostile and draw > 0.93 else _sensible(random, fact)
    return facts


def _sensible(random: Random, fact: str) -> FactValue:
    match kind_of(fact):
        case "number":
            return random.choice(NUMBERS)
        case "switch":
            return random.choice((True, False))
        case "flags":
            return None
        case _:
            words = city().topics.codes() if fact == "topic" else sorted(closed_words(fact))
            return random.choice(words or (LANGUAGES if fact == "language" else OPEN_WORDS))
