"""Which of our two languages a mail is written in, by its commonest words. Pure; a guess never outweighs words."""

import re

from channels.email.mail import Mail
from channels.email.words import Lang

READ_CHARACTERS = 2_000
SURE = 5
"""So many English words and not one Swedish: somebody who wants to be spoken to in English."""
_WORD = re.compile(r"[a-zåäöé]+")
_SWEDISH = frozenset(
    {"och", "att", "det", "är", "jag", "på", "för", "inte", "med", "som", "har", "till", "kan", "ni", "när"}
    | {"hej", "min", "den", "ska", "vill", "om", "från"}
)
_ENGLISH = frozenset(
    {"the", "and", "is", "to", "of", "i", "you", "for", "not", "with", "have", "can", "my", "when", "hello"}
    | {"dear", "this", "from", "please", "are"}
)
"""The commonest words that the other language does not have."""


def language_of(mail: Mail) -> Lang:
    """Of an answer: that of the words where they tell, that of the header otherwise, Swedish in doubt."""
    swedish, english = _counted(mail)
    if swedish == english:
        return "en" if mail.language.startswith("en") else "sv"
    return "en" if english > swedish else "sv"


def told_language(mail: Mail) -> str:
    """As a fact: English where the words leave no doubt, otherwise unknown; programs write the header, not people."""
    swedish, english = _counted(mail)
    return "en" if english >= SURE and not swedish else ""


def _counted(mail: Mail) -> tuple[int, int]:
    words = _WORD.findall(f"{mail.subject} {mail.new_words[:READ_CHARACTERS]}".lower())
    return sum(word in _SWEDISH for word in words), sum(word in _ENGLISH for word in words)
