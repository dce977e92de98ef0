"""`servicecenter rules check`: load the city, run its cases, lint its strategy."""

import argparse
import sys

import msgspec

from router.config import Config
from rules.check import Report, check_city


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `rules check`."""
    parser.add_argument("path", nargs="?", default="", help="the city's folder; default the configured one")
    parser.set_defaults(command=check)


def check(arguments: argparse.Namespace, config: Config) -> int:
    """Print what is wrong; status 1 when anything is."""
    report = check_city(arguments.path or config.city_path)
    if arguments.json:
        sys.stdout.write(msgspec.json.encode(report).decode() + "\n")
    else:
        sys.stdout.write(summary(report))
    return 0 if report.ok else 1


def summary(report: Report) -> str:
    """The report in a few lines: what was checked, then each finding."""
    passed = sum(case.ok for case in report.cases)
    held = f"{report.rules} rules, {report.topics} topics, {passed} of {len(report.cases)} cases hold"
    title = f"{report.city or report.path}: strategy {report.strategy_version} ({report.strategy_hash}), {held}"
    found = [f"{finding.level}: {finding.code}: {finding.text}" for finding in report.findings]
    lines = [title, *found]
    return "\n".join(lines) + "\n"
