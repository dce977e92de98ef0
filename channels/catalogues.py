"""A channel's sentences for residents, one Fluent catalogue a language in its own folder: `words/sv.ftl`, `en.ftl`.

Owns how they are read. Code holds keys and arguments, never sentences.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, get_args

from fluent.runtime import FluentBundle, FluentResource

Lang = Literal["sv", "en"]
LANGS: tuple[Lang, ...] = get_args(Lang)
LOCALES: Mapping[Lang, str] = {"sv": "sv-SE", "en": "en-GB"}


class Catalogue:
    """The sentences of one language."""

    def __init__(self, lang: Lang, text: str) -> None:
        self.lang: Lang = lang
        self._bundle = FluentBundle([LOCALES[lang]], use_isolating=False)
        self._bundle.add_resource(FluentResource(text))

    def say(self, key: str, **arguments: str | int) -> str:
        """The sentence with its arguments.

        Raises:
            LookupError: there is no such sentence, or an argument is missing.
        """
        pattern = self._bundle.get_message(key).value if self._bundle.has_message(key) else None
        if pattern is None:
            raise LookupError(key)
        said, errors = self._bundle.format_pattern(pattern, dict(arguments))
        if errors:
            raise LookupError(f"{key}: {errors[0]}")
        return str(said)

    def has(self, key: str) -> bool:
        """Whether there is such a sentence."""
        return self._bundle.has_message(key)


def catalogues_of(channel: Path) -> Mapping[Lang, Catalogue]:
    """Both languages of a channel's folder."""
    words = channel / "words"
    return {lang: Catalogue(lang, (words / f"{lang}.ftl").read_text(encoding="utf-8")) for lang in LANGS}
