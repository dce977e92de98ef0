"""What residents read in mails of the service's own, one Fluent catalogue a language. Code holds keys, no sentences."""

from functools import cache
from pathlib import Path
from typing import Literal

from fluent.runtime import FluentBundle, FluentResource

Lang = Literal["sv", "en"]
_LOCALES: dict[Lang, str] = {"sv": "sv-SE", "en": "en-GB"}


@cache
def _bundle(lang: Lang) -> FluentBundle:
    bundle = FluentBundle([_LOCALES[lang]], use_isolating=False)
    bundle.add_resource(FluentResource((Path(__file__).parent / f"{lang}.ftl").read_text(encoding="utf-8")))
    return bundle


def say(lang: Lang, key: str, **arguments: str | int) -> str:
    """A sentence with its arguments.

    Raises:
        LookupError: there is no such sentence, or an argument is missing.
    """
    pattern = _bundle(lang).get_message(key).value
    if pattern is None:
        raise LookupError(key)
    said, errors = _bundle(lang).format_pattern(pattern, dict(arguments))
    if errors:
        raise LookupError(key, errors[0])
    return str(said)
