"""The words and figures of the report in one language. The sentences stand in `rules/words`, none in code."""

from rules.words import LANGS, Lang, words_of

LANGUAGES: tuple[Lang, ...] = LANGS
FAMILY = "replay"
NARROW_SPACE = "\u202f"
"""Between thousands, and never a line break."""
MINUS = "\u2212"
DASH = "\u2013"


class Words:
    """The words and figures of one language."""

    def __init__(self, language: Lang) -> None:
        self.language: Lang = language
        self._words = words_of(language)

    def say(self, key: str, **facts: str | int) -> str:
        """The sentence, filled in; figures are written by who says it.

        Raises:
            MissingWordError: the catalogue has no such sentence.
        """
        return self._words.say(f"{FAMILY}-{key}", **{name: str(value) for name, value in facts.items()})

    def code(self, group: str, code: str) -> str:
        """The word for a code of the service; a code that is not in the catalogue is shown as it is."""
        key = f"{FAMILY}-{group}_{code}"
        return self._words.say(key) if self._words.has(key) else code

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
