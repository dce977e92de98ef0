"""A conversation as a text to send or keep. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from channels.base import Said
from channels.chat.settings import Lang
from channels.chat.words import say


def written(said: Sequence[Said], lang: Lang, city: str, zone: str) -> tuple[str, str]:
    """Its title and its text, with times as clocks in the city show them."""
    lines = [say(lang, "transcript-head", city=city), ""]
    lines += (line for each in said for line in _lines(each, lang, city, ZoneInfo(zone)))
    return say(lang, "transcript-title", city=city), "\n".join(lines)


def _lines(said: Said, lang: Lang, city: str, zone: ZoneInfo) -> Iterator[str]:
    who = say(lang, said.by, city=city)
    for text in [said.text, *(say(lang, "transcript-file", name=each.name) for each in said.attachments)]:
        if not text:
            continue
        if said.at:
            at = datetime.fromtimestamp(said.at / 1000, zone).strftime("%Y-%m-%d %H:%M")
            yield say(lang, "transcript-line", at=at, who=who, text=text)
        else:
            yield say(lang, "transcript-line-undated", who=who, text=text)
