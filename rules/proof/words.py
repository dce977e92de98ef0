"""Words in cells that no contact brings: places that are not on the map, and names that look like a known one."""

import re
from collections.abc import Collection, Iterator, Mapping

from rules.cells import nearest_word
from rules.city import City
from rules.proof.findings import Example, Found
from rules.proof.space import Lane, Space

CHANNELS = frozenset(
    {"phone", "chat", "email", "web", "app", "sms", "social", "visit", "letter", "bot", "digital_mail"}
)
"""Channels that are usual; another one is no mistake unless it looks like one of these."""
LANGUAGES: Mapping[str, str] = {
    "svenska": "sv",
    "swedish": "sv",
    "finska": "fi",
    "finnish": "fi",
    "engelska": "en",
    "english": "en",
    "arabiska": "ar",
    "arabic": "ar",
    "somaliska": "so",
    "somali": "so",
}
PRIVATE = "privat"
"""An owner that nobody is referred to."""
ALIKE = 0.75
"""How like a known word another must be to be taken for a slip of the pen."""
Words = Mapping[str, Collection[str]]
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]+)*")


def unknown_words(city: City, space: Space) -> Iterator[Found]:
    """Each word of a cell that nothing in the city's files can be, with the nearest that can."""
    seen: set[tuple[int, str, str]] = set()
    mapped = _on_the_map(city)
    guessed = {"channel": CHANNELS, "authority": {unit.authority for unit in city.units.values() if unit.authority}}
    for lane, row in zip(space.lanes, space.compiled.rows, strict=True):
        for cell in row.cells:
            for word in sorted(cell.wanted | cell.refused):
                meant = _meant(cell.fact, word, mapped, guessed)
                if meant is None or (row.rule, cell.fact, word) in seen:
                    continue
                seen.add((row.rule, cell.fact, word))
                hint = f'; did you mean "{meant}"?' if meant else ""
                arguments = {"rule": space.rules[row.rule].id, "fact": cell.fact, "word": word, "hint": hint}
                yield Found("unknown_word", arguments["rule"], {**arguments}, _missed(space, lane, cell.fact, meant))


def _missed(space: Space, lane: Lane, fact: str, meant: str) -> Example:
    """A contact that was probably meant, and that the row does not hit."""
    shown = space.example(lane.true or {}, space.named(lane.rule))
    facts = {name: value for name, value in shown.facts.items() if name != fact}
    return Example({**facts, fact: meant} if meant else facts, shown.at)


def _on_the_map(city: City) -> Words:
    """What a look-up on the map can give; nothing where a city has no map."""
    if not city.places.features:
        return {}
    owners = {*city.units, *city.referrals, PRIVATE}
    return {
        "owner": owners,
        "road_authority": owners,
        "place_unit": {*city.units},
        "district": {each.id for each in city.places.features if each.kind == "district"},
        "maintenance_area": {each.id for each in city.places.features if each.kind == "maintenance_area"},
    }


def _meant(fact: str, word: str, mapped: Words, guessed: Words) -> str | None:
    """None for a word that may come; else the one that was probably meant, empty where none is like it."""
    if fact in mapped and word not in mapped[fact]:
        return nearest_word(word, mapped[fact])
    if fact in guessed and word not in guessed[fact]:
        return nearest_word(word, guessed[fact], ALIKE) or None
    if fact == "language" and not _LANGUAGE.fullmatch(word):
        return LANGUAGES.get(word.lower(), "")
    return None
