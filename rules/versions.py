"""A strategy as text: read, compiled against a city, written in its canonical form. Pure.

Everything besides the strategy (queues, units, topics, calendars) is the city's and does not vary by version.
"""

import msgspec

from rules.city import FILES, STRATEGY, City, compiled_strategy, load_strategy
from rules.compile import CompiledStrategy
from rules.strategy import Strategy
from rules.tables import Place, only, toml_tables

MOST_CHARACTERS = 400_000
"""Ten times the example city's strategy, and far from what would make reading it slow."""


def read_strategy(text: str) -> Strategy:
    """The strategy in the text of a `strategy.toml`.

    Raises:
        StrategyError: it is too long, no TOML, or not a strategy; the place and what was expected are named.
    """
    if len(text) > MOST_CHARACTERS:
        raise Place(STRATEGY).mistake("", f"expected at most {MOST_CHARACTERS} characters, got {len(text)}")
    content = toml_tables(STRATEGY, text)
    only(content, FILES[STRATEGY], STRATEGY)
    try:
        strategy = load_strategy(content)
    except (msgspec.ValidationError, TypeError, AttributeError) as error:
        raise Place(STRATEGY).mistake("", f"expected the tables of a strategy: {error}") from error
    if "\\u0000" in canonical(strategy):
        raise Place(STRATEGY).mistake("", "expected no U+0000")
    return strategy


def compile_text(city: City, text: str) -> CompiledStrategy:
    """The strategy in this text, ready to decide for this city.

    Raises:
        StrategyError: it can't be read, or names what the city does not have.
    """
    return compiled_strategy(read_strategy(text), city.topics, city.names)


def with_strategy(city: City, compiled: CompiledStrategy) -> City:
    """The city as it would be with another strategy."""
    return msgspec.structs.replace(city, strategy=compiled)


def canonical(strategy: Strategy) -> str:
    """The strategy as data, written in the one way that equal strategies are."""
    return msgspec.json.encode(strategy, order="deterministic").decode()
