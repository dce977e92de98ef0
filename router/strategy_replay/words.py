"""The words of the report, from one catalogue file: Swedish and English. No sentence stands in code."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Literal, get_args

Language = Literal["sv", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
NARROW_SPACE = "\u202f"
"""Between thousands, and never a line break."""
MINUS = "\u2212"
DASH = "\u2013"


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Every word by language and key."""
    return tomllib.loads((Path(__file__).parent / "words.toml").read_text(encoding="utf-8"))


class Words:
    """The words and figures of one language."""

    def __init__(self, language: Language) -> None:
        self.language: Language = language
        self._words = catalogue()[language]

    def say(self, key: str, **facts: str | int) -> str:
        """The word, filled in.

        Raises:
            KeyError: the catalogue has no such word.
        """
        return self._words[key].format(**facts)

    def code(self, group: str, code: str) -> str:
        """The word for a code of the service; a code that is not in the catalogue is shown as it is."""
        return self._words.get(f"{group}_{code}", code)

    def number(self, value: float | None, digits: int = 0) -> str:
        """A figure as the language writes it; a dash for none."""
        if value is None:
            return DASH
        text = f"{abs(value):,.{digits}f}"
        if self.language == "sv":
            text = text.replace(",", NARROW_SPACE).replace(".", ",")
        return f"{MINUS}{text}" if round(value, digits) < 0 else text

    def share(self, value: float | None, digits: int = 1) -> str:
        """A share in per cent."""
        return DASH if value is None else f"{self.number(100 * value, digits)} %"

    def signed(self, value: float | None, digits: int = 1) -> str:
        """A change with its sign."""
        if value is None:
            return DASH
        return f"+{self.number(value, digits)}" if round(value, digits) > 0 else self.number(value, digits)
