"""Names: what a city's things are called in a sentence, and how times, numbers and lists are said.

Owns the step from code to name. A code that the city does not have (any more) is shown in quotes, and so is a Swedish
name among English words. Places keep their own names.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from rules.calendars import zone
from rules.city import City
from rules.organisation import EMERGENCY_NUMBER
from rules.words import Words

MINUTE_S, HOUR_S = 60, 3_600


class Named(Protocol):
    """Something of the city's that has a name."""

    @property
    def name_sv(self) -> str:
        """In Swedish; every one has it."""
        ...

    @property
    def name_en(self) -> str:
        """In English; empty when the city has not given it."""
        ...


class Names:
    """A city's names in one language."""

    def __init__(self, city: City, words: Words) -> None:
        self.city = city
        self.words = words

    def topic(self, code: str) -> str:
        """What a topic is called, in quotes: it may hold commas."""
        topic = self.city.topics.get(code)
        if topic is None:
            return self.words.quoted(code)
        return self.words.quoted(topic.sv if self.words.lang == "sv" else topic.en)

    def queue(self, queue: str) -> str:
        """What a queue is called."""
        found = self.city.queues.get(queue)
        return self.own(found) if found else self.words.quoted(queue)

    def unit(self, unit: str) -> str:
        """What a unit is called; words that mean a topic's own unit are said as such."""
        found = self.city.units.get(unit)
        if found:
            return self.own(found)
        return self.words.word("way", "emergency_number" if unit == EMERGENCY_NUMBER else unit)

    def place(self, way: str) -> str:
        """A queue, a unit or the emergency number, whichever it is."""
        return self.words.say("way-queue", name=self.queue(way)) if way in self.city.queues else self.unit(way)

    def calendar(self, calendar: str) -> str:
        """What a calendar is called."""
        found = self.city.calendars.get(calendar)
        return self.own(found) if found else self.words.quoted(calendar)

    def team(self, team: str) -> str:
        """What a team is called."""
        found = self.city.teams.get(team)
        return self.own(found) if found else self.words.quoted(team)

    def area(self, kind: str, area: str) -> str:
        """What a district or a maintenance area is called."""
        found = next((each for each in self.city.places.features if (each.kind, each.id) == (kind, area)), None)
        return self.plain(found.name_sv) if found else self.words.quoted(area)

    def holder(self, holder: str) -> str:
        """Who has a place: a unit, somebody to whom people are referred, or another."""
        if holder in self.city.units:
            return self.unit(holder)
        return self.referral(holder) if holder in self.city.referrals else self.words.word("holder", holder)

    def referral(self, referral: str) -> str:
        """Who else is right, by name."""
        found = self.city.referrals.get(referral)
        if found is None:
            return self.words.quoted(referral)
        return self.own(found)

    def skill(self, skill: str) -> str:
        """What a skill is called."""
        found = self.city.skills.get(skill)
        return self.own(found) if found else self.words.quoted(skill)

    def skills(self, required: dict[str, int]) -> str:
        """Required skills with their levels."""
        say = self.words.say
        parts = [say("skill-level", skill=self.skill(skill), level=level) for skill, level in sorted(required.items())]
        return self.words.together(parts)

    def own(self, named: Named) -> str:
        """What the city calls something; in English the Swedish name in quotes where there is no English one."""
        if self.words.lang == "sv":
            return self.plain(named.name_sv)
        return self.plain(named.name_en) if named.name_en else self.words.quoted(named.name_sv)

    def plain(self, name: str) -> str:
        """A name as it is, in quotes where its commas would be read as a list."""
        return self.words.quoted(name) if "," in name else name

    def duration(self, seconds: int) -> str:
        """A time in the largest unit that says it exactly."""
        if seconds >= HOUR_S and seconds % HOUR_S == 0:
            return self.words.say("hours", n=seconds // HOUR_S)
        if seconds >= MINUTE_S and seconds % MINUTE_S == 0:
            return self.words.say("minutes", n=seconds // MINUTE_S)
        return self.words.say("seconds", n=seconds)

    def about(self, milliseconds: int) -> str:
        """A measured time, as exactly as people want it."""
        seconds = round(milliseconds / 1_000)
        unit = HOUR_S if seconds >= 2 * HOUR_S else MINUTE_S if seconds >= 2 * MINUTE_S else 1
        return self.duration(round(seconds / unit) * unit)

    def moment(self, at_ms: int) -> str:
        """A moment on the city's own clock."""
        at = datetime.fromtimestamp(at_ms / 1_000, zone(self.city.info.tz))
        return self.words.say("moment", at=at, hour=f"{at:%H}", minute=f"{at:%M}")

    def few(self, parts: Sequence[str], most: int) -> str:
        """The first of many, and how many more there are."""
        if len(parts) <= most:
            return self.words.together(parts)
        return self.words.say("list-more", start=", ".join(parts[:most]), n=len(parts) - most)
