"""Names in two languages: the city's own, and what a reader of English meets where there is none."""

from collections.abc import Callable
from pathlib import Path

import pytest

from router.strategy_replay import naming
from router.strategy_replay.words import Words as ReportWords
from rules.city import City, load_city
from rules.words import words_of
from rules.words.names import Names
from tests.rules.spoiled_city import EXAMPLE, copy_city, spoil

CITY = load_city(EXAMPLE)
NAMED: dict[str, tuple[str, str, Callable[[Names], str]]] = {
    "queues.toml": ("Allmänt", "General", lambda names: names.queue("generalist")),
    "units.toml": ("Gatuenheten", "Streets unit", lambda names: names.unit("gata")),
    "skills.toml": ("Finska", "Finnish", lambda names: names.skill("finska")),
    "calendars.toml": ("Dygnet runt", "Day and night", lambda names: names.calendar("always")),
    "city.toml": ("Servicecenter", "Servicecenter", lambda names: names.team("servicecenter")),
}
"""File -> Swedish name, English name, how it is asked for."""


def without_english(folder: Path, file: str, name: str) -> City:
    """The example city where something has no English name."""
    city = copy_city(folder)
    spoil(city, file, f'name_en = "{name}"\n', "")
    return load_city(city)


@pytest.mark.parametrize("file", NAMED)
def test_each_language_has_its_own_name(file: str) -> None:
    """Queues, units, skills, calendars and teams are named in the language that is asked for."""
    sv, en, name = NAMED[file]
    assert (name(Names(CITY, words_of("sv"))), name(Names(CITY, words_of("en")))) == (sv, en)


@pytest.mark.parametrize("file", NAMED)
def test_a_swedish_name_among_english_words_stands_in_quotes(file: str, tmp_path: Path) -> None:
    """Without an English name the Swedish one is shown, marked as not English; in Swedish nothing changes."""
    sv, en, name = NAMED[file]
    city = without_english(tmp_path, file, en)
    assert name(Names(city, words_of("en"))) == f"“{sv}”"
    assert name(Names(city, words_of("sv"))) == sv


def test_a_referral_follows_the_same_rule(tmp_path: Path) -> None:
    """Who else is right is named in quotes where the city has no English name for them."""
    city = without_english(tmp_path, "city.toml", "Police")
    assert Names(CITY, words_of("en")).referral("polisen") == "Police"
    assert Names(city, words_of("en")).referral("polisen") == "“Polisen”"


def test_a_replay_names_alike(tmp_path: Path) -> None:
    """The report of a replay calls queues and units what explanations do."""
    city = without_english(tmp_path, "units.toml", "Streets unit")
    for lang, unit, queue in (("sv", "Gatuenheten", "Allmänt"), ("en", "“Gatuenheten”", "General")):
        names = naming.Names(ReportWords("sv" if lang == "sv" else "en"), [city])
        assert (names.unit("gata"), names.queue("generalist")) == (unit, queue)


def test_everything_in_the_example_city_has_an_english_name() -> None:
    """A reader of English meets no Swedish name of a queue, unit, team, skill, calendar or referral there."""
    books = (CITY.queues, CITY.units, CITY.teams, CITY.skills, CITY.calendars, CITY.referrals)
    assert not [each.id for book in books for each in book.values() if not each.name_en]
