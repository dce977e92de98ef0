"""What the service writes to residents of a chat, one Fluent catalogue a language; the widget has words of its own."""

from functools import cache
from pathlib import Path

from fluent.runtime import FluentBundle, FluentResource

from channels.chat.settings import Lang

LOCALES: dict[Lang, str] = {"sv": "sv-SE", "en": "en-GB"}


class MissingWordError(LookupError):
    """No such sentence in this language, or one of its arguments is missing."""


@cache
def _bundle(lang: Lang) -> FluentBundle:
    bundle = FluentBundle([LOCALES[lang]], use_isolating=False)
    text = (Path(__file__).parent / f"{lang}.ftl").read_text(encoding="utf-8")
    bundle.add_resource(FluentResource(text))
    return bundle


def say(lang: Lang, key: str, **arguments: str | int) -> str:
    """The sentence with its arguments.

    Raises:
        MissingWordError: there is no such sentence, or an argument is missing.
    """
    bundle = _bundle(lang)
    pattern = bundle.get_message(key).value if bundle.has_message(key) else None
    if pattern is None:
        raise MissingWordError(key)
    said, errors = bundle.format_pattern(pattern, dict(arguments))
    if errors:
        raise MissingWordError(f"{key}: {errors[0]}")
    return str(said)
