"""Words: every sentence that people read about the strategy, one Fluent catalogue a language.

Owns the catalogues and how they are read. Code holds keys and arguments, never sentences; knows no rule and no city.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast, get_args

if TYPE_CHECKING:
    from babel import Locale

Lang = Literal["sv", "en"]
LANGS: tuple[Lang, ...] = get_args(Lang)
DEFAULT_LANG: Lang = "sv"
LOCALES: dict[Lang, str] = {"sv": "sv-SE", "en": "en-GB"}
MOST_CHARACTERS = 80
"""Of a word that the catalogue does not know and shows as it came."""
Argument = str | int | datetime


class MissingWordError(LookupError):
    """No such sentence in this language, or one of its arguments is missing."""


class Words:
    """The sentences of one language."""

    def __init__(self, lang: Lang, text: str) -> None:
        self.lang: Lang = lang
        # A tenth of a second to load, which whoever reads no sentences does without.
        from fluent.runtime import FluentBundle, FluentResource  # noqa: PLC0415 # see above

        # Isolation marks are for mixed directions of writing; there are none here, and people copy these sentences.
        self._bundle = FluentBundle([LOCALES[lang]], use_isolating=False)
        self._bundle.add_resource(FluentResource(text))

    def has(self, key: str) -> bool:
        """Whether there is such a sentence."""
        return self._bundle.has_message(key)

    def say(self, key: str, **arguments: Argument) -> str:
        """The sentence with its arguments.

        Raises:
            MissingWordError: there is no such sentence, or an argument is missing.
        """
        if not self.has(key):
            raise MissingWordError(key)
        pattern = self._bundle.get_message(key).value
        if pattern is None:
            raise MissingWordError(key)
        said, errors = self._bundle.format_pattern(pattern, dict(arguments))
        if errors:
            raise MissingWordError(f"{key}: {errors[0]}")
        return str(said)

    def word(self, family: str, code: str) -> str:
        """The word for a code of a family of keys; a code that has none is shown as it is, in quotes."""
        key = f"{family}-{code.replace(':', '-')}"
        return self.say(key) if self.has(key) else self.quoted(code)

    def quoted(self, text: str) -> str:
        """Something that is not ours, such as a name, as it is."""
        return self.say("quoted", text=shortened(text))

    def together(self, parts: Sequence[str], joint: Literal["and", "or"] = "and") -> str:
        """One, two or more words as one list; empty for none."""
        if len(parts) < 2:  # noqa: PLR2004 # one part needs no joint
            return "".join(parts)
        return self.say(f"list-{joint}", start=", ".join(parts[:-1]), last=parts[-1])

    def number(self, value: float, digits: int = 0) -> str:
        """A figure as the language writes it, with so many digits after the point; thousands never break a line."""
        from babel.numbers import format_decimal  # noqa: PLC0415 # loaded with the catalogue

        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        return format_decimal(round(value, digits) + 0.0, pattern, locale=self._locale())

    def language_name(self, code: str) -> str:
        """The name of a language by its code."""
        names = cast("dict[str, str]", self._locale().languages)
        return names.get(code) or self.quoted(code)

    def _locale(self) -> "Locale":
        from babel import Locale  # noqa: PLC0415 # loaded with the catalogue

        return Locale.parse(LOCALES[self.lang], sep="-")


def shortened(text: str) -> str:
    """The text on one line, cut where it would fill a page."""
    flat = " ".join(text.split())
    return flat if len(flat) <= MOST_CHARACTERS else flat[: MOST_CHARACTERS - 1] + "…"


def catalogue(lang: Lang) -> str:
    """The text of a language's catalogue."""
    return (Path(__file__).parent / f"{lang}.ftl").read_text(encoding="utf-8")


@cache
def words_of(lang: Lang) -> Words:
    """The sentences of a language, read once."""
    return Words(lang, catalogue(lang))


def sentence(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]
