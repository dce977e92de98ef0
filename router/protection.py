"""Protection levels of personal data, and which of two counts. Pure."""

from collections.abc import Iterable

LEVELS = ("none", "marked", "protected_registration", "assumed_identity")
"""From least to strictest."""


def strictest(levels: Iterable[str]) -> str:
    """The strictest of these, `none` of none."""
    return max(levels, key=LEVELS.index, default="none")


def stricter(given: str, known: str | None) -> str:
    """The stricter of two: once protected, a quiet channel does not lift it."""
    return strictest((given, known or "none"))
