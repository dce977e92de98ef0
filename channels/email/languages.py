"""Which of our two languages a mail is answered in. Pure; a guess never outweighs words."""

from channels.email.mail import Mail
from channels.email.words import Lang
from channels.languages import READ_CHARACTERS, counted, language_in


def language_of(mail: Mail) -> Lang:
    """Of an answer: that of the words where they tell, that of the header otherwise, Swedish in doubt."""
    found = counted(_words(mail))
    if found["sv"] == found["en"]:
        return "en" if mail.language.startswith("en") else "sv"
    return "en" if found["en"] > found["sv"] else "sv"


def told_language(mail: Mail) -> str:
    """As a fact: where the words leave no doubt, otherwise unknown; programs write the header, not people."""
    return language_in(_words(mail))


def _words(mail: Mail) -> str:
    return f"{mail.subject} {mail.new_words[:READ_CHARACTERS]}"
