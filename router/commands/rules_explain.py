"""`servicecenter rules explain`: why a contact with these facts goes where it goes, in sentences."""

import argparse
import sys

import msgspec

from channels.registry import CHANNELS
from router.clock import SystemClock
from router.config import Config
from router.errors import StrategyError
from rules.calendars import local_ms
from rules.city import City, load_city
from rules.explain import Explanation, explain
from rules.given import given_facts
from rules.strategy import FactValue
from rules.words import DEFAULT_LANG, LANGS
from rules.words.telling import Told, as_text, tell

FIRST_YEAR, LAST_YEAR = "1971", "2199"
"""Outside them no calendar is kept."""


class Explained(msgspec.Struct, frozen=True):
    """The answer of `--json`."""

    explanation: Explanation
    told: Told


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `rules explain`."""
    parser.add_argument("facts", nargs="*", metavar="FACT=VALUE", help="such as channel=phone topic=VAT.LÄC")
    parser.add_argument("--city", default="", metavar="FOLDER", help="the city's folder; default the configured one")
    parser.add_argument("--at", default="", metavar="'YYYY-MM-DD HH:MM'", help="local time; default now")
    parser.add_argument("--lang", default=DEFAULT_LANG, choices=LANGS, help="language of the sentences")
    parser.set_defaults(command=explain_facts)


def explain_facts(arguments: argparse.Namespace, config: Config) -> int:
    """Print the explanation."""
    city = load_city(arguments.city or config.city_path)
    at_ms = moment_at(city, arguments.at)
    facts = {**city.calendar_facts(at_ms), **completed(given_facts(city, arguments.facts))}
    explanation = explain(city.strategy, facts, at_ms=at_ms)
    told = tell(explanation, city, arguments.lang)
    if arguments.json:
        sys.stdout.write(msgspec.json.encode(Explained(explanation, told)).decode() + "\n")
    else:
        sys.stdout.write(as_text(told))
    return 0


def completed(given: dict[str, FactValue]) -> dict[str, FactValue]:
    """The facts with what intake would add: the point, the channel's medium, and that somebody has named the topic."""
    facts: dict[str, FactValue] = {"point": "received", **given}
    channel = CHANNELS.get(str(given.get("channel")))
    if channel:
        facts.setdefault("medium", channel.medium)
    if given.get("topic"):
        facts.setdefault("topic_confidence", 100)
    return facts


def moment_at(city: City, at: str) -> int:
    """The moment of a local time; now when there is none.

    Raises:
        StrategyError: it is no time, or one that no calendar is kept for.
    """
    if not at:
        return SystemClock().now_ms()
    if not FIRST_YEAR <= at[:4] <= LAST_YEAR:
        raise StrategyError(
            f'expected local time such as "2026-02-06 18:40", {FIRST_YEAR} to {LAST_YEAR}, got "{at}"', field="at"
        )
    return local_ms(at, city.info.tz)
