"""Which language words are written in, by its commonest words. Pure; knows three, and says nothing when in doubt."""

import re

READ_CHARACTERS = 2_000
SURE = {"en": 5, "fi": 3}
"""So many of its commonest words leave no doubt; Finnish ones outweigh the Swedish frame of a form."""
_WORD = re.compile(r"[a-zåäöé]+")
COMMON = {
    "sv": frozenset(
        {"och", "att", "det", "är", "jag", "på", "för", "inte", "med", "som", "har", "till", "kan", "ni", "när"}
        | {"hej", "min", "den", "ska", "vill", "om", "från"}
    ),
    "en": frozenset(
        {"the", "and", "is", "to", "of", "i", "you", "for", "not", "with", "have", "can", "my", "when", "hello"}
        | {"dear", "this", "from", "please", "are"}
    ),
    "fi": frozenset(
        {"hei", "minä", "minun", "minulla", "olen", "olemme", "että", "mutta", "koska", "kuinka", "miten", "milloin"}
        | {"missä", "mitä", "mistä", "onko", "ovat", "voin", "voiko", "voitko", "haluan", "haluaisin", "teidän"}
        | {"kiitos", "hyvää", "päivää", "tämä", "kun", "myös", "tai"}
    ),
}
"""The commonest words that the other languages do not have."""


def counted(text: str) -> dict[str, int]:
    """How many of each language's commonest words begin these."""
    words = _WORD.findall(text[:READ_CHARACTERS].lower())
    return {language: sum(word in common for word in words) for language, common in COMMON.items()}


def language_in(text: str) -> str:
    """`fi` or `en` where the words leave no doubt, otherwise ''; Swedish is what everybody is taken to write."""
    found = counted(text)
    if found["fi"] >= SURE["fi"] and found["fi"] > found["sv"] + found["en"]:
        return "fi"
    return "en" if found["en"] >= SURE["en"] and not found["sv"] and not found["fi"] else ""


def spoken(text: str, told: str) -> str:
    """The language of whoever gets in touch: what their words leave no doubt of, before what a page was shown in.

    A page of ours speaks Swedish or English to whoever opens it; any other language was told by somebody who knew.
    """
    return (language_in(text) or told) if told in {"", "sv", "en"} else told
