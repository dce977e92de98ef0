"""`servicecenter rules cases`: the examples beside the rules, run and read; and a new one from a contact's facts."""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import get_args

import msgspec

from router.commands.rules_explain import completed, moment_at
from router.config import Config
from router.errors import StrategyError
from rules.calendars import local_stamp
from rules.case_book import CaseBook, CaseRead, Coverage, Wanted, case_book
from rules.cases import difference_told
from rules.city import City, load_city
from rules.given import given_facts
from rules.new_case import case_text, new_case
from rules.strategy import Case, FactValue, Tier
from rules.toml_text import cell_text
from rules.words import DEFAULT_LANG, LANGS, Lang, Words, sentence, words_of
from rules.words.facts import FactWords
from rules.words.names import Names
from rules.words.outcomes import OutcomeWords

TITLED_BY = ("channel", "topic", "language", "severity")
"""Facts that a new case is named after, where they are known."""


class NewCase(msgspec.Struct, frozen=True):
    """The answer of `--new --json`."""

    case: Case
    toml: str


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `rules cases`."""
    parser.add_argument("path", nargs="?", default="", metavar="FOLDER", help="the city's; default the configured one")
    parser.add_argument("--rule", default="", metavar="ID", help="only cases that this rule speaks in or that name it")
    parser.add_argument(
        "--tier", default="", choices=("", *get_args(Tier)), help="only cases decided by, or naming, it"
    )
    parser.add_argument("--failed", action="store_true", help="only cases that do not hold")
    parser.add_argument(
        "--new", nargs="+", default=[], metavar="FACT=VALUE", help="print a case of these facts, as decided today"
    )
    parser.add_argument("--at", default="", metavar="'YYYY-MM-DD HH:MM'", help="local time of --new; default now")
    parser.add_argument("--title", default="", help="title of --new; default what its facts say")
    parser.add_argument("--lang", default=DEFAULT_LANG, choices=LANGS, help="language of the sentences")
    parser.set_defaults(command=cases)


def cases(arguments: argparse.Namespace, config: Config) -> int:
    """Print the cases and what rules lack one, or a new case; status 1 when a case shown does not hold."""
    city = load_city(arguments.path or config.city_path)
    if arguments.new:
        sys.stdout.write(_new(arguments, city))
        return 0
    for option in ("at", "title"):
        if getattr(arguments, option):
            raise StrategyError("only with --new", field=f"--{option}")
    book = case_book(city, Wanted(arguments.rule, arguments.tier, arguments.failed))
    if arguments.json:
        sys.stdout.write(msgspec.json.encode(book).decode() + "\n")
    else:
        sys.stdout.write("\n".join(_Told(city, arguments.lang).lines(book)) + "\n")
    return 0 if book.ok else 1


def _new(arguments: argparse.Namespace, city: City) -> str:
    facts = completed(given_facts(city, arguments.new))
    at = local_stamp(moment_at(city, arguments.at), city.info.tz)
    title = arguments.title or _title(city, facts, at, arguments.lang)
    if any(case.title == title for case in city.strategy.strategy.cases):
        raise StrategyError(f'there is a case "{title}" already: give another --title', field="--title")
    made = new_case(city, title, facts, at)
    text = case_text(made)
    return msgspec.json.encode(NewCase(made, text)).decode() + "\n" if arguments.json else text


def _title(city: City, facts: Mapping[str, FactValue], at: str, lang: Lang) -> str:
    """What the contact is, in a few words, and when."""
    words = FactWords(Names(city, words_of(lang)))
    said = [words.value(fact, facts[fact]) for fact in TITLED_BY if facts.get(fact) is not None]
    return sentence(", ".join([*said, at]))


class _Told:
    """The book in one language."""

    def __init__(self, city: City, lang: Lang) -> None:
        self._words: Words = words_of(lang)
        names = Names(city, self._words)
        self._outcomes = OutcomeWords(names, FactWords(names))
        self._lang = lang

    def lines(self, book: CaseBook) -> Iterator[str]:
        """Each case, then how many hold, then the rules with too few."""
        for case in book.cases:
            yield from self._case(case)
        holding = sum(case.ok for case in book.cases)
        yield self._words.say(
            "cases-sum",
            city=book.city,
            version=book.strategy_version,
            hash=book.strategy_hash,
            shown=len(book.cases),
            total=book.total,
            holding=holding,
        )
        yield from self._coverage("cases-none", [each for each in book.thin if not each.hits])
        yield from self._coverage("cases-thin", [each for each in book.thin if each.hits])
        yield from self._coverage("cases-once", book.once)

    def _case(self, case: CaseRead) -> Iterator[str]:
        say = self._words.say
        verdict = say("cases-holds") if case.ok else say("cases-fails")
        yield f"{case.number:4}  {verdict}  {case.title}"
        at = [f"--at '{case.at}'"] if case.at else []
        facts = [f"{name}={_as_word(value)}" for name, value in case.facts.items()]
        yield self._row("cases-facts", " ".join([*facts, *at]) or say("cases-no-facts"))
        yield self._row("cases-expected", ", ".join(cell_text(*cell) for cell in case.expected.items()))
        came = {"way": self._outcomes.way(case.decision), "rules": ", ".join(case.decision.trace.hits)}
        by = say("cases-by", rule=case.decided_by) if case.decided_by else say("cases-by-nobody")
        yield self._row("cases-came", say("cases-outcome", by=by, **came))
        yield from (self._row("cases-differs", difference_told(self._words, each)) for each in case.differences)

    def _row(self, key: str, text: str) -> str:
        return f"      {self._words.say(key)}: {text}"

    def _coverage(self, key: str, rules: Sequence[Coverage]) -> Iterator[str]:
        if rules:
            yield self._words.say(key, n=len(rules), rules=", ".join(each.rule for each in rules))


def _as_word(value: FactValue) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
