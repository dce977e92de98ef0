"""What the calendars of two cities say at a moment, and which local day it is; each stretch is worked out once."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from rules.calendars import CHUNK_MS, SIGHT_CHUNKS, Calendar, zone
from rules.city import City
from rules.strategy import CALENDAR

SLOT_MS = 900_000
SIGHT_MS = (SIGHT_CHUNKS - 1) * CHUNK_MS


class Moments:
    """The calendar facts of the baseline's and the draft's city, numbered by what they say."""

    def __init__(self, baseline: City, draft: City) -> None:
        own = dict(baseline.calendars)
        others = {name: _shared(each, own.get(name)) for name, each in draft.calendars.items()}
        self._tz = zone(baseline.info.tz)
        self._names = (tuple(own), tuple(others))
        self._calendars: list[Calendar] = list({id(each): each for each in (*own.values(), *others.values())}.values())
        place = {id(each): number for number, each in enumerate(self._calendars)}
        self._picks = tuple([place[id(each)] for each in side.values()] for side in (own, others))
        self._slots: dict[int, tuple[int, str]] = {}
        self._numbers: dict[tuple[bool, ...], int] = {}
        self.facts: list[tuple[Mapping[str, str], Mapping[str, str]]] = []
        """By number: the calendar facts of both cities."""
        self._spans = [_Span(0, 0, False)] * len(self._calendars)
        self._from, self._until, self._number = 0, 0, -1

    def look(self, at_ms: int) -> tuple[int, str]:
        """The number of the calendars' states, and the local day."""
        slot = at_ms // SLOT_MS
        found = self._slots.get(slot)
        if found is not None:
            return found
        begin = slot * SLOT_MS
        day = datetime.fromtimestamp(begin / 1000, self._tz).date().isoformat()
        number = self._stretch(begin)
        if self._until < begin + SLOT_MS:
            # Something opens or closes inside these fifteen minutes: each moment is looked at by itself.
            return self._stretch(at_ms), day
        self._slots[slot] = (number, day)
        return number, day

    def look_through(self, from_ms: int, to_ms: int) -> None:
        """Number every state that the calendars have in this period, whether or not anybody comes in it."""
        at_ms = from_ms
        while at_ms < to_ms:
            _ = self._stretch(at_ms)
            at_ms = max(self._until, at_ms + 1)

    def _stretch(self, at_ms: int) -> int:
        """The states at a moment, with how long they hold."""
        if not self._from <= at_ms < self._until:
            spans = self._spans
            for number, calendar in enumerate(self._calendars):
                if not spans[number].begin <= at_ms < spans[number].end:
                    spans[number] = _span(calendar, at_ms)
            self._from = max((span.begin for span in spans), default=at_ms)
            self._until = min((span.end for span in spans), default=at_ms)
            states = tuple(span.is_open for span in spans)
            self._number = self._numbers.setdefault(states, len(self._numbers))
            if self._number == len(self.facts):
                self.facts.append((self._said(0, states), self._said(1, states)))
        return self._number

    def _said(self, side: int, states: tuple[bool, ...]) -> Mapping[str, str]:
        pairs = zip(self._names[side], self._picks[side], strict=True)
        return {f"{CALENDAR}.{name}": "open" if states[pick] else "closed" for name, pick in pairs}


class _Span(NamedTuple):
    """A stretch (epoch ms) in which a calendar neither opens nor closes."""

    begin: int
    end: int
    is_open: bool


def _span(calendar: Calendar, at_ms: int) -> _Span:
    """From this moment until the calendar next opens or closes."""
    if not calendar.is_open(at_ms):
        return _Span(at_ms, calendar.next_open(at_ms), False)
    closes = calendar.closes_at(at_ms)
    # No end in sight: a calendar looks a year ahead.
    return _Span(at_ms, at_ms + SIGHT_MS if closes is None else closes, True)


def _shared(calendar: Calendar, other: Calendar | None) -> Calendar:
    """The other one where both have the same hours."""
    if other is None or _hours(calendar) != _hours(other):
        return calendar
    return other


def _hours(calendar: Calendar) -> tuple[object, ...]:
    return (calendar.weekly, str(calendar.tz), calendar.holiday_minutes, dict(calendar.exceptions))
