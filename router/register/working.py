"""The rows that a batch of entries reads and changes, held in memory between loading and writing.

It knows which rows changed and what a contact counted for before; it knows nothing of SQL or of what entries mean.
"""

from collections.abc import Callable
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec

from router.measures.goal import OBSERVED
from router.register.rows import (
    AccessRow,
    ActivationMoveRow,
    AgentRow,
    AgentStateRow,
    CaseRow,
    ContactRow,
    DecisionRow,
    EventRow,
    GoalRow,
    HandoverRow,
    LegRow,
    MessageRow,
    OfferRow,
    OutcomeRow,
    PersonContactRow,
    PersonLinkRow,
    ThingRow,
)

_keys = msgspec.json.Decoder(list[str])
HOUR_MS = 3_600_000

Row = TypeVar("Row", bound=msgspec.Struct)
Tally = dict[tuple[int, str, str, str, str], int]


class Shelf(Generic[Row]):
    """The rows of one table by key, and those of them that must be written."""

    def __init__(self, make: Callable[[str], Row]) -> None:
        self.rows: dict[str, Row] = {}
        self.changed: dict[str, Row] = {}
        self._make = make

    def change(self, key: str) -> Row:
        """The row under `key`, made when there is none, to be written at the end of the batch."""
        row = self.changed.get(key)
        if row is None:
            row = self.rows.get(key)
            if row is None:
                row = self.rows[key] = self._make(key)
            self.changed[key] = row
        return row


class Before(NamedTuple):
    """What a contact stood for when the batch began."""

    tally: Tally
    persons: dict[str, PersonContactRow]


class WorkingSet:
    """One batch's rows."""

    def __init__(self) -> None:
        self.contacts = Shelf(ContactRow)
        self.legs = Shelf(LegRow)
        self.offers = Shelf(OfferRow)
        self.cases = Shelf(CaseRow)
        self.handovers = Shelf(HandoverRow)
        self.callbacks = Shelf(ThingRow)
        self.closure_notices = Shelf(ThingRow)
        self.sendings = Shelf(ThingRow)
        self.agents = Shelf(AgentRow)
        self.outcomes: dict[str, list[OutcomeRow]] = {}
        """By contact; loaded for every contact that has any."""
        self.new_outcomes: set[str] = set()
        """Contacts whose outcomes must be written anew."""
        self.agent_states: dict[tuple[str, int], AgentStateRow] = {}
        self.decisions: dict[tuple[str, int], DecisionRow] = {}
        self.messages: dict[int, MessageRow] = {}
        self.access_records: list[AccessRow] = []
        self.activation_moves: list[ActivationMoveRow] = []
        self.events: list[EventRow] = []
        self.person_links: dict[tuple[str, str], PersonLinkRow] = {}
        self.before: dict[str, Before] = {}

    def shelves(self) -> dict[str, Shelf[Any]]:
        """The shelves by machine, for the two loops that load and write them."""
        return {
            "contact": self.contacts,
            "leg": self.legs,
            "offer": self.offers,
            "case": self.cases,
            "handover": self.handovers,
            "callback": self.callbacks,
            "closure_notice": self.closure_notices,
            "sending": self.sendings,
            "agent": self.agents,
        }

    def contact(self, contact_id: str) -> ContactRow:
        """The contact's row to change; what it counted for is kept at the first call."""
        row = self.contacts.change(contact_id)
        if contact_id not in self.before:
            self.before[contact_id] = Before(tally(row, self.outcomes.get(contact_id, [])), persons(row))
        return row

    def counted(self) -> list[GoalRow]:
        """How the batch changes the goal's counts."""
        changes: Tally = {}
        for contact_id, before in self.before.items():
            after = tally(self.contacts.rows[contact_id], self.outcomes.get(contact_id, []))
            if after == before.tally:
                continue
            for key, count in after.items():
                changes[key] = changes.get(key, 0) + count
            for key, count in before.tally.items():
                changes[key] = changes.get(key, 0) - count
        return [GoalRow(*key, count) for key, count in changes.items() if count]

    def person_changes(self) -> tuple[list[PersonContactRow], list[PersonContactRow]]:
        """Rows of `person_contacts` to write, and to remove."""
        put: list[PersonContactRow] = []
        gone: list[PersonContactRow] = []
        for contact_id, before in self.before.items():
            row = self.contacts.rows[contact_id]
            after = persons(row)
            put += [new for key, new in after.items() if before.persons.get(key) != new]
            gone += [old for key, old in before.persons.items() if key not in after]
        return put, gone


def level2(topic: str) -> str:
    """The group and topic of a code, without what is finer."""
    return ".".join(topic.split(".", 2)[:2])


def tally(row: ContactRow, outcomes: list[OutcomeRow]) -> Tally:
    """What a contact counts for: itself by state, and each of its matters by resolution."""
    hour = row.received_at - row.received_at % HOUR_MS
    if row.is_observed:
        return {(hour, "contact", row.channel, "", OBSERVED): 1}
    if not row.rev:
        return {}
    counts: Tally = {(hour, "contact", row.channel, "", row.state): 1}
    matters = [(outcome.topic, outcome.resolution) for outcome in outcomes]
    if not matters and row.state in {"abandoned", "cancelled"}:
        matters = [(row.topic, row.state)]
    for topic, resolution in matters:
        key = (hour, "matter", row.channel, topic, resolution)
        counts[key] = counts.get(key, 0) + 1
    return counts


def persons(row: ContactRow) -> dict[str, PersonContactRow]:
    """The contact's rows in `person_contacts`, by key; contacts that were only observed have none."""
    if row.is_observed or row.person_keys == "[]":
        return {}
    keys, topic = _keys.decode(row.person_keys), level2(row.topic)
    return {key: PersonContactRow(key, row.received_at, row.id, topic, row.open_promises > 0) for key in keys}
