"""Facts as people give them, `name=value`: read by the fact's kind, refused with the nearest valid word.

Pure; knows the city's topics and calendars. Never guesses a value.
"""

from collections.abc import Iterable, Sequence

from router.errors import StrategyError
from rules.cells import closed_words, kind_of, nearest
from rules.city import City
from rules.strategy import CALENDAR, FACTS, UNKNOWN, FactValue

YES, NO = frozenset({"true", "yes", "ja"}), frozenset({"false", "no", "nej"})
DERIVED = frozenset({"topic_flag"})
"""Facts that follow from others and can't be given."""
MOST_DIGITS = 12


def given_facts(city: City, words: Sequence[str]) -> dict[str, FactValue]:
    """The facts of `name=value` words; the value `unknown` leaves a fact unknown.

    Raises:
        StrategyError: a word can't be read; says what was expected and what may have been meant.
    """
    facts: dict[str, FactValue] = {}
    for word in words:
        fact, sign, value = word.partition("=")
        if not sign or not value:
            raise StrategyError(f'expected fact=value such as medium=voice, got "{word}"', field=fact or "fact")
        if fact in facts:
            raise StrategyError("is given twice", field=fact)
        facts[fact] = _value(city, fact, value)
    return facts


def _value(city: City, fact: str, value: str) -> FactValue:
    _check_name(city, fact)
    if value == UNKNOWN:
        return None
    match kind_of(fact):
        case "number":
            return _number(fact, value)
        case "switch":
            return _switch(fact, value)
        case _:
            return _word(city, fact, value)


def _check_name(city: City, fact: str) -> None:
    calendars = [f"{CALENDAR}.{name}" for name in city.calendars]
    names = [*(name for name in FACTS if name not in DERIVED), *calendars]
    if fact not in names:
        raise StrategyError(f"is no fact that can be given{nearest(fact, names)}", field=fact)


def _number(fact: str, value: str) -> int:
    if not (value.removeprefix("-").isdecimal() and len(value) <= MOST_DIGITS):
        raise StrategyError(f'expected a whole number, got "{value}"', field=fact)
    return int(value)


def _switch(fact: str, value: str) -> bool:
    if value not in YES | NO:
        raise StrategyError(f'expected yes or no, got "{value}"', field=fact)
    return value in YES


def _word(city: City, fact: str, value: str) -> str:
    words: Iterable[str] = city.topics.codes() if fact == "topic" else closed_words(fact)
    known = tuple(words)
    if known and value not in known:
        hint = nearest(value, known) or (f"; expected one of {', '.join(sorted(known))}" if fact != "topic" else "")
        raise StrategyError(f'"{value}" is not known{hint}', field=fact)
    return value
