"""Checking a city: its cases, and what `rules.lint` finds in a strategy that loads, in words.

Errors must be mended before the strategy may be used; warnings are for people to judge.
"""

from pathlib import Path

import msgspec

from router.errors import StrategyError
from rules.cases import CaseResult, difference_told, run_cases
from rules.city import City, load_city
from rules.lint import lint
from rules.proof.crew import Member
from rules.proof.findings import Example, Found, Level
from rules.words import DEFAULT_LANG, Lang, Words, words_of


class Finding(msgspec.Struct, frozen=True):
    """One thing to mend or to judge."""

    level: Level
    code: str
    rule: str
    """The rule that it is about; empty when it is about none."""
    text: str
    example: Example | None = None
    """A contact that shows it; None when no contact can."""


class Report(msgspec.Struct, frozen=True):
    """What a check of a city's folder found."""

    path: str
    city: str = ""
    strategy_version: str = ""
    strategy_hash: str = ""
    rules: int = 0
    topics: int = 0
    cases: tuple[CaseResult, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the city may be used."""
        return not any(finding.level == "error" for finding in self.findings)


def check_city(path: Path | str, lang: Lang = DEFAULT_LANG, crew: tuple[Member, ...] = ()) -> Report:
    """Load the folder and look for what no single table shows; never raises for mistakes in it."""
    try:
        return check_loaded(load_city(path), str(path), lang, crew)
    except StrategyError as error:
        not_loaded = Found("not_loaded", str(error.params.get("rule", "")), {"problem": error.detail})
        return Report(str(path), findings=(in_words(words_of(lang), not_loaded),))


def check_loaded(city: City, path: str = "", lang: Lang = DEFAULT_LANG, crew: tuple[Member, ...] = ()) -> Report:
    """Look for what no single table of a city shows.

    Raises:
        StrategyError: something in it can't be read.
    """
    cases = tuple(run_cases(city))
    return Report(
        path=path,
        city=city.name,
        strategy_version=city.strategy.version,
        strategy_hash=city.strategy.hash,
        rules=len(city.strategy.rules),
        topics=len(city.topics.topics),
        cases=cases,
        findings=tuple(in_words(words_of(lang), each) for each in lint(city, cases, crew)),
    )


def in_words(words: Words, found: Found) -> Finding:
    """What is found, with the sentence that says it."""
    arguments = dict(found.arguments)
    if found.differences:
        arguments["differences"] = "; ".join(difference_told(words, each) for each in found.differences)
    text = words.say(f"finding-{found.code}", **arguments)
    return Finding(found.level, found.code, found.rule, text, found.example)
