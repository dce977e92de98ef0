"""The words of the floor view, from one catalogue file: Swedish and English. No sentence stands in code."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Literal, get_args

Language = Literal["sv", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Every word by language and key."""
    return tomllib.loads((Path(__file__).parent / "words.toml").read_text(encoding="utf-8"))


class Words:
    """The words of one language."""

    def __init__(self, language: Language) -> None:
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
