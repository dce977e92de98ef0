"""Duty chains that ring, as the journal tells: begun, asked on, exhausted, taken. Pure."""

from collections.abc import Iterable

import msgspec

from router.floor_figures import DutyFigure
from router.journal import Entry

EXHAUSTED = "duty_exhausted"


class Ringing:
    """The handovers that somebody is being called for."""

    def __init__(self) -> None:
        self._by_contact: dict[str, DutyFigure] = {}

    def carry_on(self, before: Iterable[DutyFigure]) -> None:
        """What was published last stands until the journal says otherwise."""
        for each in before:
            self._by_contact.setdefault(each.contact_id, each)

    def figures(self) -> tuple[DutyFigure, ...]:
        """The longest first."""
        return tuple(sorted(self._by_contact.values(), key=lambda each: each.since))

    def follow(self, entry: Entry) -> None:
        """Take in one entry."""
        data = entry.data
        events = [moved.event for moved in entry.transitions if moved.machine == "handover"]
        if not events:
            return
        known = self._by_contact.get(data.contact)
        if not data.duty:
            if {"accept", "return", "finish", "withdraw"} & set(events):
                self._by_contact.pop(data.contact, None)
        elif "mark_overdue" in events and known is not None:
            exhausted_at = known.exhausted_at or entry.at
            self._by_contact[data.contact] = msgspec.structs.replace(known, exhausted_at=exhausted_at)
        elif "mark_overdue" in events:
            self._by_contact[data.contact] = DutyFigure(
                data.contact, data.duty, entry.at, data.to, exhausted_at=entry.at
            )
        else:
            self._rung(entry, known if "ring" in events else None)

    def _rung(self, entry: Entry, known: DutyFigure | None) -> None:
        data = entry.data
        to = data.to or (data.terms.unit if data.terms else "")
        since, rings = (known.since, known.rings + 1) if known else (entry.at, 1)
        self._by_contact[data.contact] = DutyFigure(data.contact, data.duty, since, to, rings)
