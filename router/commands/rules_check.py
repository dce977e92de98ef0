"""`servicecenter rules check`: load the city, run its cases, lint its strategy."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec

from router.config import Config
from rules.check import Finding, Report, check_city
from rules.proof.crew import read_crew
from rules.proof.findings import Example
from rules.strategy import FactValue
from rules.words import DEFAULT_LANG, LANGS, Lang, words_of


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `rules check`."""
    parser.add_argument("path", nargs="?", default="", help="the city's folder; default the configured one")
    parser.add_argument("--lang", default=DEFAULT_LANG, choices=LANGS, help="language of the findings")
    parser.add_argument(
        "--agents",
        default="",
        metavar="FILE",
        help="TOML file with [[agent]] name and skills: what nobody can is found",
    )
    parser.set_defaults(command=check)


def check(arguments: argparse.Namespace, config: Config) -> int:
    """Print what is wrong; status 1 when anything must be mended."""
    crew = read_crew(Path(arguments.agents)) if arguments.agents else ()
    report = check_city(arguments.path or config.city_path, arguments.lang, crew)
    if arguments.json:
        sys.stdout.write(msgspec.json.encode(report).decode() + "\n")
    else:
        sys.stdout.write(summary(report, arguments.lang))
    return 0 if report.ok else 1


def summary(report: Report, lang: Lang) -> str:
    """The report in a few lines: what was checked, then each finding with its example."""
    title = words_of(lang).say(
        "check-title",
        city=report.city or report.path,
        version=report.strategy_version,
        hash=report.strategy_hash,
        rules=report.rules,
        topics=report.topics,
        passed=sum(case.ok for case in report.cases),
        cases=len(report.cases),
    )
    return "\n".join([title, *(line for finding in report.findings for line in _lines(finding, lang))]) + "\n"


def _lines(finding: Finding, lang: Lang) -> Iterator[str]:
    words = words_of(lang)
    level = words.say("check-level-error") if finding.level == "error" else words.say("check-level-warning")
    about = f" ({finding.rule})" if finding.rule else ""
    yield f"{level}: {finding.code}{about}: {finding.text}"
    if finding.example and (finding.example.facts or finding.example.at):
        yield "  " + words.say("check-example", facts=_as_given(finding.example))


def _as_given(example: Example) -> str:
    """The contact as `rules explain` takes it."""
    facts = [f"{fact}={_as_word(value)}" for fact, value in sorted(example.facts.items())]
    return " ".join([*facts, *([f"--at '{example.at}'"] if example.at else [])])


def _as_word(value: FactValue) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
